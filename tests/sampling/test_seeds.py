"""Random streams: reproducible for ever, independent of each other."""

from __future__ import annotations

import itertools

import numpy as np

from chaosdata.sampling.seeds import trajectory_generator

STREAM = [0.3912848347882545, 0.9921396163829246, 0.2378360083139779]


def test_the_stream_is_what_it_always_was() -> None:
    # Literal values: a change of NumPy or of the key would change every dataset, and must not pass unseen.
    draws = trajectory_generator(2026, "Lorenz", 3, "train").random(3)
    assert draws.tolist() == STREAM


def test_uniform_draws_are_the_raw_bits_scaled() -> None:
    raw = trajectory_generator(1, "Rossler", 0, "test").bit_generator.random_raw(100)
    draws = trajectory_generator(1, "Rossler", 0, "test").random(100)
    assert np.array_equal(draws, (raw >> np.uint64(11)) * 2.0**-53)


def test_each_word_gives_another_stream() -> None:
    words = itertools.product((0, 1, 11), ("Lorenz", "Lorenz1", "Rossler"), (0, 1, 11), ("train", "test"))
    firsts = {trajectory_generator(*word).random() for word in words}
    assert len(firsts) == 3 * 3 * 3 * 2


def test_streams_do_not_resemble_each_other() -> None:
    draws = np.array([trajectory_generator(0, "Lorenz", index, "train").random(64) for index in range(64)])
    correlation = np.corrcoef(draws)[np.triu_indices(64, k=1)]
    assert abs(draws.mean() - 0.5) < 0.02
    assert np.max(np.abs(correlation)) < 0.6  # 2016 pairs of 64 draws: five standard deviations
