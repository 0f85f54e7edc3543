"""The Taylor polynomials of a step in double-double.

The powers of the time serve all components. The terms are summed in two parts, for the sake of accuracy and
of shorter chains of dependent instructions: each part has a bound of its own, found once a step.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaosdata.kernels.double_double import DoubleDouble, Pair
from chaosdata.kernels.double_double_series import PAIRS, PairJet
from chaosdata.kernels.double_double_sums import Sum
from chaosdata.kernels.vector import Value

_SPLIT = 9
"""Where the second part begins. The first begins with order 2: what comes before counts too much."""


def powers(w: DoubleDouble, h: Pair) -> list[Pair]:
    """``h, h^2, ... h^PAIRS``."""
    result = [h]
    for k in range(2, PAIRS + 1):
        result.append(w.mul(result[k // 2 - 1], result[k - k // 2 - 1]))
    return result


class Polynomials:
    """The polynomials of all components, their coefficients counted from ``base``.

    broadcast : one lane's, the one at ``base``, in all lanes.
    """

    def __init__(self, w: DoubleDouble, jet: PairJet, base: Value, *, broadcast: bool = False) -> None:
        self.w, self.jet, self.base, self.broadcast = w, jet, base, broadcast

    def bound(self, i: Value, time: Sequence[Pair]) -> None:
        """Keep what the parts of component ``i``, a register, do not exceed up to a time, of given powers."""
        v = self.w.plain
        sizes = [v.abs(self._load(place)) for place in self._places(i)[:PAIRS]]
        second = v.horner(sizes[_SPLIT:], time[0])
        first = v.horner([*sizes[2:_SPLIT], second], time[0])
        for place, bound, power in zip(self._bounds(i), (first, second), (2, _SPLIT), strict=True):
            v.store(v.mul(bound, time[power - 1]), place)

    def component(self, i: Value, time: Sequence[Pair]) -> Pair:
        """Component ``i`` at a time of given powers, which is not beyond that of :meth:`bound`."""
        w, places = self.w, self._places(i)
        first, second = (Sum(w, self._load(at)) for at in self._bounds(i))
        for k in range(2, PAIRS):
            total = first if k < _SPLIT else second
            total.add_product(self._pair(places[k]), time[k - 1])
        rest = w.plain.horner([self._load(at) for at in places[PAIRS:]], time[0])
        second.add_small(rest, time[PAIRS - 1])
        first.add(second.result())
        x, slope = self._pair(places[0]), self._pair(places[1])
        return w.normalised(w.add(x, w.fma(slope, time[0], first.result())))

    def _places(self, i: Value) -> list[Value]:
        """Where the coefficients of component ``i`` are."""
        v, jet, lanes = self.w.plain, self.jet, self.jet.memory.lanes
        series = v.offset(self.base, v.emit(f"mul i64 {i}, {lanes * (jet.order + 1)}"))
        return [v.offset(series, lanes * (jet.slot["x", 0] + k)) for k in range(jet.order + 1)]

    def _bounds(self, i: Value) -> list[Value]:
        v, lanes = self.w.plain, self.jet.memory.lanes
        pair = v.offset(self.base, v.emit(f"mul i64 {i}, {2 * lanes}"))
        return [v.offset(pair, lanes * (self.jet.bounds + part)) for part in range(2)]

    def _pair(self, place: Value) -> Pair:
        return Pair(self._load(place), self._load(self.w.offset(place, self.jet.distance)))

    def _load(self, place: Value) -> Value:
        v = self.w.plain
        return v.broadcast(v.load_scalar(place)) if self.broadcast else v.load(place, align=8)
