"""What carries tangent vectors from the start of a step to its end."""

from __future__ import annotations

from dataclasses import dataclass

from chaosdata.kernels.centre import Centre
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.orthogonal import dot, function, load_row, reduced, row
from chaosdata.kernels.vector import Value, Vector


@dataclass(frozen=True)
class Transfer:
    """The vectors after a step, from independent solutions that are known at both its ends.

    vectors : slot of the tangent vectors. start, end : of the solutions there. weight : of one over the
    squares of those at the start, once they are orthogonal.
    """

    centre: Centre
    dimension: int
    vectors: int
    start: int
    end: int
    weight: int

    @classmethod
    def reserve(cls, centre: Centre, memory: Memory, dimension: int, vectors: int) -> Transfer:
        """Slots in the work array."""
        slots = (dimension * dimension, dimension * dimension, dimension)
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

            def add(j: Value, sums: list[Value]) -> list[Value]:
                solution = row(v, j, d)
                along = dot(v, load_row(v, solution, self.start, d), u)
                along = v.mul(along, v.load(v.at(row(v, j, 1), self.weight)))
                ends = load_row(v, solution, self.end, d)
                return [v.fma(along, x, total) for x, total in zip(ends, sums, strict=True)]

            for i, total in enumerate(v.fold(0, str(d), 1, [v.constant(0.0)] * d, add)):
                v.store(v.select(taken, total, u[i]), v.at(own, self.vectors + i))
        return function("transfer", v)
