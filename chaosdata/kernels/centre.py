"""Steps of tangent dynamics in two halves: to the middle of the step, and from there to its end.

The tangent vectors obey a linear equation, so their Taylor series about the middle serve as well backwards as
forwards: one set of series spans nearly twice the time that it would from the start of the step on. Only the
state, which is cheap beside all its tangent vectors, has series about both the start and the middle.

The first half must be chosen before the series about the middle are known. Where they turn out not to reach
back so far, the lane returns to the start of the step, and its next step has no first half.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaosdata.kernels.memory import Memory
from chaosdata.kernels.vector import Value, Vector

# The first half is the lesser of two guesses at what the series about the middle will allow: a fraction of
# what those about the last middle did, and of what those of the state at the start of the step do, since
# poles of the solution may come nearer by as much as the lane moves. Step by step a lane trusts both a little
# more, until it had to return.
_OF_THE_LAST = 0.7
_OF_THE_START = 0.58
_MORE = 0.003
_MOST = 1.3
_TOO_FAR = 1.05  # of what the middle allows: the error is about twice as large there


@dataclass(frozen=True)
class Centre:
    """The slots of what a step in two halves keeps, and the code that its halves share.

    reach : the longest that the next first half may be. trust : a factor of the guesses at it. back : the
    length of this one. before : state, time and its rounding error at the start of the step.
    """

    memory: Memory
    dimension: int
    reach: int
    trust: int
    back: int
    before: int

    @classmethod
    def reserve(cls, memory: Memory, dimension: int) -> Centre:
        """Slots in the work array."""
        return cls(memory, dimension, *map(memory.reserve, (1, 1, 1, dimension + 2)))

    def step_function(self) -> str:
        """``step(work, log2_tolerance) -> i64``: keep the start of the step, and take both its halves."""
        v = Vector()
        for now, kept in self._kept():
            v.store(v.load(v.at("%w", now)), v.at("%w", kept))
        for k in (0, 1):
            v.store(v.constant(0.0), v.at("%w", self.memory.tangent_ratio + k))
        body = "\n".join(v.lines)
        return (
            f"define i64 @step(ptr noalias %w, double %log2_tolerance) {{\nentry:\n{body}\n"
            "call i64 @half_step(ptr %w, double %log2_tolerance, i1 true)\n"
            "%going = call i64 @half_step(ptr %w, double %log2_tolerance, i1 false)\nret i64 %going\n}\n"
        )

    def _kept(self) -> list[tuple[int, int]]:
        sources = [self.memory.state + i for i in range(self.dimension)]
        sources += [self.memory.end, self.memory.end_low]
        return [(source, self.before + n) for n, source in enumerate(sources)]

    def limit(self, v: Vector, h: Value, remaining: Value, running: Value) -> tuple[Value, Value]:
        """The size of the half, and the running lanes whose first half was too long.

        The first half takes at most half of what remains, since trajectories end with the second.
        """
        none = v.constant(0.0)

        def by_half(first: Value, second: Value) -> Value:
            return v.emit(f"select i1 %first, {v.type} {first}, {v.type} {second}")

        reach, trust, back = (v.at("%w", slot) for slot in (self.reach, self.trust, self.back))
        allowed, trusted, one = v.load(reach), v.load(trust), v.constant(1.0)
        guess = v.minimum(v.mul(v.mul(v.constant(_OF_THE_START), trusted), h), allowed)
        first = v.minimum(guess, v.mul(v.constant(0.5), remaining))
        went = by_half(none, v.load(v.at("%w", self.memory.step)))
        v.store(went, back)
        late = v.both(running, v.compare("ogt", went, v.mul(v.constant(_TOO_FAR), h)))
        grown = v.minimum(v.add(v.maximum(one, trusted), v.constant(_MORE)), v.constant(_MOST))
        grown = v.select(late, one, grown)
        renewed = v.select(late, none, v.mul(v.mul(v.constant(_OF_THE_LAST), grown), h))
        for pointer, old, new in ((reach, allowed, renewed), (trust, trusted, grown)):
            v.store(by_half(old, v.select(running, new, old)), pointer)
        return by_half(first, h), late

    def return_late(self, v: Vector, late: Value, onward: Value) -> Value:
        """Take the late lanes back to the start of the step; who goes on."""
        some, none = v.label("late"), v.label("in_time")
        v.line(f"br i1 {v.any(late)}, label %{some}, label %{none}")
        v.begin(some, jump=False)
        for now, kept in self._kept():
            x, old = v.load(v.at("%w", now)), v.load(v.at("%w", kept))
            v.store(v.select(late, old, x), v.at("%w", now))
        v.begin(none)
        return v.either(onward, late)
