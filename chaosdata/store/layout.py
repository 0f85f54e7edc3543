"""Chunk and shard sizes.

Every inner chunk costs 0.2 to 0.4 ms whatever its size, so a chunk holds about half a megabyte; a shard is
one file of about 32 MB. A shard is a fixed block of whole trajectories (cut in time only where one trajectory
alone is larger), and every split begins on a shard boundary, so that a split is a set of whole files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import gcd, isqrt, log

from chaosdata.errors import ArgumentError

CHUNK_BYTES = 1 << 19
SHARD_BYTES = 1 << 25


@dataclass(frozen=True)
class Layout:
    """Sizes of the blocks of ``state``.

    shard_trajectories : trajectories in one shard; the last shard of the array may hold fewer.
    chunk, shard : ``(trajectory, time, component)``; ``chunk`` divides ``shard``.
    """

    shard_trajectories: int
    chunk: tuple[int, int, int]
    shard: tuple[int, int, int]


def layout(
    counts: Mapping[str, int],
    samples: int,
    components: int,
    itemsize: int,
    *,
    chunk_bytes: int = CHUNK_BYTES,
    shard_bytes: int = SHARD_BYTES,
) -> Layout:
    """The blocks of a ``state`` array.

    Parameters
    ----------
    counts : trajectories of each split, in storage order; zeros are allowed, their sum is not zero.
    samples, components : lengths of the other two axes.
    itemsize : bytes of one value.
    chunk_bytes, shard_bytes : the sizes aimed at.

    Raises
    ------
    ArgumentError
        A size is not positive.
    """
    total = sum(counts.values())
    if min(counts.values(), default=0) < 0 or min(total, samples, components, itemsize) < 1:
        raise ArgumentError(
            f"A group needs at least one trajectory, sample and component, and no negative count; "
            f"got counts {dict(counts)}, {samples} samples, {components} components."
        )
    row = samples * components * itemsize
    boundary = _boundary(counts)
    trajectories = _shard_trajectories(boundary, total, row, chunk_bytes, shard_bytes)
    if row > chunk_bytes:  # long trajectories are cut in time
        pieces = -(-row // chunk_bytes)
        steps = -(-samples // pieces)
        pieces = -(-samples // steps)
        in_a_file = min(pieces, max(1, shard_bytes // (trajectories * steps * components * itemsize)))
        return Layout(trajectories, (1, steps, components), (trajectories, steps * in_a_file, components))
    chunk = _closest_divisor(trajectories, chunk_bytes / row)
    return Layout(trajectories, (chunk, samples, components), (trajectories, samples, components))


def shard_trajectories(counts: Mapping[str, int], samples: int, components: int, itemsize: int) -> int:
    """Trajectories in one shard, see :func:`layout`."""
    return layout(counts, samples, components, itemsize).shard_trajectories


def _boundary(counts: Mapping[str, int]) -> int:
    """What a shard must divide for splits to begin on shard boundaries; 0 when there is one split."""
    sizes = [count for count in counts.values() if count]
    return gcd(*list(accumulate(sizes))[:-1])


def _shard_trajectories(boundary: int, total: int, row: int, chunk_bytes: int, shard_bytes: int) -> int:
    largest = max(1, shard_bytes // row)
    if boundary:
        return max(divisor for divisor in _divisors(boundary) if divisor <= largest)
    chunk = max(1, chunk_bytes // row)
    if total <= chunk:
        return total
    return chunk * max(1, min(largest // chunk, -(-total // chunk)))


def _closest_divisor(number: int, target: float) -> int:
    """The divisor whose ratio to ``target`` is nearest to one; of two that tie, the smaller."""
    return min(_divisors(number), key=lambda divisor: (abs(log(divisor / target)), divisor))


def _divisors(number: int) -> list[int]:
    small = [divisor for divisor in range(1, isqrt(number) + 1) if number % divisor == 0]
    return sorted({*small, *(number // divisor for divisor in small)})
