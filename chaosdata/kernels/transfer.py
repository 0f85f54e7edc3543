"""What carries tangent vectors from the start of a step to its end, and when they are orthonormalised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaosdata.kernels.centre import Centre
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.orthogonal import dot, folded, function, load_row, reduced, row
from chaosdata.kernels.vector import Value, Vector

_STEPS = 4.0  # between orthonormalisations; the lanes of a group mostly count them together
_SPREAD = 2.0**32  # of squares of lengths: the shortest vector has 16 bits less than the longest
_ONE_SIDED = 4.0  # one half of a step that many times as long as the other: only that one was looked at


@dataclass(frozen=True)
class Transfer:
    """The vectors after a step, from independent solutions that are known at both its ends.

    vectors : slot of the tangent vectors. start, end : of the solutions there. weight : of one over the
    squares of those at the start, once they are orthogonal. steps, spread : how many there were since the
    vectors were orthonormal, and how far the squares of their lengths may have come apart. due : 1 in lanes
    where they must be made so again, 0 elsewhere.
    """

    centre: Centre
    dimension: int
    vectors: int
    start: int
    end: int
    weight: int
    steps: int
    spread: int
    due: int

    @classmethod
    def reserve(cls, centre: Centre, memory: Memory, dimension: int, vectors: int) -> Transfer:
        """Slots in the work array."""
        slots = (dimension * dimension, dimension * dimension, dimension, 1, 1, 1)
        return cls(centre, dimension, vectors, *map(memory.reserve, slots))

    def function(self) -> str:
        """``transfer(work)``: carry the vectors to the end of the step, in the lanes that took one.

        When the solutions at the start are made orthogonal, and those at the end follow by the same
        combinations, a vector u becomes ``sum_j (s_j.u)/(s_j.s_j) e_j``. That takes no pivots, whatever the
        solutions are.
        """
        v, d = Vector(), self.dimension
        taken = v.compare("ogt", v.load(v.at("%w", self.centre.memory.step)), v.constant(0.0))
        with v.loop("solutions", 0, d) as j:
            own = row(v, j, d)
            rows = {slot: load_row(v, own, slot, d) for slot in (self.start, self.end)}
            rows = reduced(v, d, j, rows, self.weight)
            for slot, x in rows.items():
                for i in range(d):
                    v.store(x[i], v.at(own, slot + i))
            square = dot(v, rows[self.start], rows[self.start])
            v.store(v.div(v.constant(1.0), square), v.at(row(v, j, 1), self.weight))
        with v.loop("vectors", 0, d) as m:
            own = row(v, m, d)
            u = load_row(v, own, self.vectors, d)

            def add(j: Value, sums: Sequence[Value], names: Sequence[str]) -> None:
                solution = row(v, j, d)
                along = dot(v, load_row(v, solution, self.start, d), u)
                along = v.mul(along, v.load(v.at(row(v, j, 1), self.weight)))
                for x, total, name in zip(load_row(v, solution, self.end, d), sums, names, strict=True):
                    v.fma(along, x, total, name=name)

            for i, total in enumerate(folded(v, str(d), [v.constant(0.0)] * d, add)):
                v.store(v.select(taken, total, u[i]), v.at(own, self.vectors + i))
        self._note_due(v, taken)
        return function("transfer", v)

    def _note_due(self, v: Vector, taken: Value) -> None:
        """Decide from the lane's own steps whether its vectors must be made orthonormal.

        What one half of the step did to the solutions, the other half does about once more.
        """
        weights = load_row(v, "%w", self.weight, self.dimension)
        least = most = weights[0]
        for weight in weights[1:]:
            least, most = v.minimum(least, weight), v.maximum(most, weight)
        one, zero = v.constant(1.0), v.constant(0.0)
        steps = v.add(v.load(v.at("%w", self.steps)), one)
        before = v.maximum(one, v.load(v.at("%w", self.spread)))
        ratio = v.div(most, least)
        spread = v.mul(before, v.mul(ratio, ratio))
        back = v.mul(v.load(v.at("%w", self.centre.back)), v.constant(_ONE_SIDED))
        due = v.compare("oge", steps, v.constant(_STEPS))
        due = v.either(due, v.compare("uge", spread, v.constant(_SPREAD)))
        due = v.either(due, v.compare("olt", back, v.load(v.at("%w", self.centre.memory.step))))
        due = v.either(due, v.compare("oeq", v.load(v.at("%w", self.centre.last)), one))
        v.store(v.select(v.both(due, taken), one, zero), v.at("%w", self.due))
        for value, fresh, slot in ((steps, zero, self.steps), (spread, one, self.spread)):
            kept = v.select(due, fresh, value)
            v.store(v.select(taken, kept, v.load(v.at("%w", slot))), v.at("%w", slot))
