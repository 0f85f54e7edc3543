"""Random numbers on vectors of lanes: a counter and a key give a number, and nothing is kept in between.

Each lane has its own key, so that a lane's numbers depend neither on its neighbours nor on what was drawn
before.

References: Salmon, Moraes, Dror, Shaw (2011). Parallel random numbers: as easy as 1, 2, 3. SC11
(Philox4x32-10). Box, Muller (1958). A note on the generation of random normal deviates. Annals of
Mathematical Statistics 29, 610-611.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from chaosdata.kernels import elementary
from chaosdata.kernels.vector import Value, Vector

ROUNDS = 10
_MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
_WEYL = 0x9E3779B9, 0xBB67AE85
_WORD = 0xFFFFFFFF


def philox(v: Vector, counter: Sequence[Value], key: Sequence[Value]) -> list[Value]:
    """Four random words from four words of counter and two of key.

    Words are 64-bit integers; of the counter and the key the lower 32 bits count.
    """
    a, b, c, d = (_word(v, word) for word in counter)
    keys = [_word(v, word) for word in key]
    for round_ in range(ROUNDS):
        if round_:
            keys = [
                _word(v, v.integer_op("add", word, v.integers(weyl)))
                for word, weyl in zip(keys, _WEYL, strict=True)
            ]
        first = v.integer_op("mul", a, v.integers(_MULTIPLIERS[0]))
        second = v.integer_op("mul", c, v.integers(_MULTIPLIERS[1]))
        a = v.integer_op("xor", v.integer_op("xor", _high(v, second), b), keys[0])
        c = v.integer_op("xor", v.integer_op("xor", _high(v, first), d), keys[1])
        b, d = _word(v, second), _word(v, first)
    return [a, b, c, d]


def uniform(v: Vector, high: Value, low: Value) -> Value:
    """A number of (0, 1) from two random words: the middle of one of ``2**52`` equal intervals."""
    bits = v.integer_op("or", v.integer_op("shl", high, v.integers(20)), _shift(v, low, 12))
    one_to_two = v.from_bits(v.integer_op("or", bits, v.integers(1023 << 52)))
    return v.add(v.sub(one_to_two, v.constant(1.0)), v.constant(2.0**-53))  # both exact


def normal_pair(v: Vector, counter: Sequence[Value], key: Sequence[Value]) -> tuple[Value, Value]:
    """Two independent standard normal numbers, none beyond 8.6, by the method of Box and Muller."""
    words = philox(v, counter, key)
    radius = v.sqrt(v.mul(v.constant(-2.0), elementary.log(v, uniform(v, words[0], words[1]))))
    angle = v.mul(v.constant(2.0 * math.pi), uniform(v, words[2], words[3]))
    sine, cosine = elementary.sin_cos(v, angle)
    return v.mul(radius, cosine), v.mul(radius, sine)


def _word(v: Vector, x: Value) -> Value:
    return v.integer_op("and", x, v.integers(_WORD))


def _high(v: Vector, x: Value) -> Value:
    return _shift(v, x, 32)


def _shift(v: Vector, x: Value, bits: int) -> Value:
    return v.integer_op("lshr", x, v.integers(bits))
