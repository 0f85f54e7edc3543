"""The modified Gram-Schmidt process for vectors that are functions, kept as a present value and series.

A vector is the present value of ``d`` components and a ring of ``rows`` series, one for each cell and
component. The inner product needs the values at the beginnings of cells only, so the process runs on these;
the other coefficients of all vectors then follow in one pass, a row at a time, which stays in the first-level
cache.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaosdata.kernels import elementary
from chaosdata.kernels.memory import Memory
from chaosdata.kernels.vector import LANES, Value, Vector

_TOGETHER = 16  # coefficients kept in registers


@dataclass(frozen=True)
class FunctionSpace:
    """``count`` vectors of ``dimension`` components with series of ``order``; slots of the work array.

    vectors : present values. growth : sums of the logarithms of lengths. factors : what the process
    multiplies by, (vector, earlier vector), on the diagonal the reciprocal lengths. buffer : one row of
    every vector.
    """

    count: int
    dimension: int
    order: int
    vectors: int
    growth: int
    factors: int
    buffer: int

    @classmethod
    def reserve(cls, count: int, dimension: int, order: int, memory: Memory) -> FunctionSpace:
        """The space, with its slots reserved."""
        return cls(
            count,
            dimension,
            order,
            vectors=memory.reserve(count * dimension),
            growth=memory.reserve(count),
            factors=memory.reserve(count * count),
            buffer=memory.reserve(count * _TOGETHER),
        )

    def functions(self, vector_word: int) -> str:
        """``orthonormalise(work, ring, words, tangents)``, and what it calls.

        vector_word : the word that holds the distance from one vector's ring to the next, in doubles.
        """
        return (
            self._orthonormalise(vector_word)
            + self._inner()
            + self._add_multiple()
            + self._scale()
            + self._other_coefficients()
        )

    def _orthonormalise(self, vector_word: int) -> str:
        v, d = Vector(), self.dimension
        stride = v.emit(f"load i64, ptr {v.offset('%words', vector_word)}, align 8")
        rows = v.emit(f"udiv i64 {stride}, {LANES * (self.order + 1)}")
        cells = v.emit(f"udiv i64 {rows}, {d}")
        weight = v.div(v.constant(1.0), v.broadcast(v.emit(f"uitofp i64 {cells} to double")))

        def vector(index: Value) -> str:
            """The pointers to a vector's present value and ring."""
            present = v.offset(v.at("%w", self.vectors), v.emit(f"mul i64 {index}, {d * LANES}"))
            return f"ptr {present}, ptr {v.offset('%tangents', v.emit(f'mul i64 {index}, {stride}'))}"

        def product(a: str, b: str) -> Value:
            return v.emit(f"call {v.type} @inner({a}, {b}, {v.type} {weight}, i64 {rows})")

        with v.loop("vectors", 0, self.count) as j:
            this = vector(j)
            some, none = v.label("some"), v.label("none")
            v.line(f"br i1 {v.emit(f'icmp eq i64 {j}, 0')}, label %{none}, label %{some}")
            v.begin(some, jump=False)
            with v.loop("earlier", 0, j) as i:
                minus = v.neg(product(vector(i), this))
                v.line(f"call void @add_multiple({this}, {vector(i)}, {v.type} {minus}, i64 {rows})")
                v.store(minus, self._factor(v, j, i))
            v.begin(none)
            length = v.sqrt(product(this, this))
            inverse = v.div(v.constant(1.0), length)
            v.line(f"call void @scale({this}, {v.type} {inverse}, i64 {rows})")
            v.store(inverse, self._factor(v, j, j))
            total = v.offset(v.at("%w", self.growth), v.emit(f"mul i64 {j}, {LANES}"))
            v.store(v.add(v.load(total), elementary.log(v, length)), total)
        v.line(f"call void @other_coefficients(ptr %w, ptr %tangents, i64 {stride}, i64 {rows})")
        v.line("ret i64 0")
        arguments = "ptr noalias %w, ptr noalias %ring, ptr noalias %words, ptr noalias %tangents"
        return _function("define i64 @orthonormalise", arguments, v)

    def _factor(self, v: Vector, j: Value, i: Value) -> Value:
        """Where the factor of vector ``i`` in vector ``j`` is kept."""
        index = v.emit(f"add i64 {v.emit(f'mul i64 {j}, {self.count}')}, {i}")
        return v.offset(v.at("%w", self.factors), v.emit(f"mul i64 {index}, {LANES}"))

    def _inner(self) -> str:
        """``inner(a, ring of a, b, ring of b, weight, rows)``: the inner product of two vectors."""
        v = Vector()
        v.begin("ready")
        v.begin("loop")
        row = v.phi("i64", [("0", "ready"), ("%following", "loop")])
        before = v.phi(v.type, [(v.constant(0.0), "ready"), ("%total", "loop")])
        doubles = v.emit(f"mul i64 {row}, {LANES * (self.order + 1)}")
        x, y = (v.load(v.offset(ring, doubles)) for ring in ("%aring", "%bring"))
        total = v.fma(x, y, before, name="%total")
        v.line(f"%following = add i64 {row}, 1")
        v.line("%more = icmp ult i64 %following, %rows")
        v.line("br i1 %more, label %loop, label %end")
        v.begin("end", jump=False)
        result = v.mul(total, "%weight")
        for i in range(self.dimension):
            result = v.fma(v.load(v.at("%a", i)), v.load(v.at("%b", i)), result)
        v.line(f"ret {v.type} {result}")
        arguments = f"ptr %a, ptr %aring, ptr %b, ptr %bring, {v.type} %weight, i64 %rows"
        return _function(f"define internal {v.type} @inner", arguments, v)

    def _add_multiple(self) -> str:
        """``add_multiple(a, ring of a, b, ring of b, factor, rows)``: values of a plus a multiple of b's."""
        v = Vector()
        for i in range(self.dimension):
            target = v.at("%a", i)
            v.store(v.fma("%factor", v.load(v.at("%b", i)), v.load(target)), target)
        with v.loop("rows", 0, "%rows") as row:
            doubles = v.emit(f"mul i64 {row}, {LANES * (self.order + 1)}")
            target = v.offset("%aring", doubles)
            v.store(v.fma("%factor", v.load(v.offset("%bring", doubles)), v.load(target)), target)
        v.line("ret void")
        arguments = f"ptr %a, ptr %aring, ptr %b, ptr %bring, {v.type} %factor, i64 %rows"
        return _function("define internal void @add_multiple", arguments, v)

    def _scale(self) -> str:
        """``scale(a, ring of a, factor, rows)``: values times a number."""
        v = Vector()
        for i in range(self.dimension):
            v.store(v.mul("%factor", v.load(v.at("%a", i))), v.at("%a", i))
        with v.loop("rows", 0, "%rows") as row:
            target = v.offset("%aring", v.emit(f"mul i64 {row}, {LANES * (self.order + 1)}"))
            v.store(v.mul("%factor", v.load(target)), target)
        v.line("ret void")
        return _function("define internal void @scale", f"ptr %a, ptr %aring, {v.type} %factor, i64 %rows", v)

    def _other_coefficients(self) -> str:
        """``other_coefficients(work, tangents, stride, rows)``: orders 1 to N follow their values."""
        v = Vector()
        with v.loop("rows", 0, "%rows") as row:
            v.line(f"%row_doubles = mul i64 {row}, {LANES * (self.order + 1)}")
            v.line("%row = getelementptr double, ptr %tangents, i64 %row_doubles")
            for first in range(1, self.order + 1, _TOGETHER):
                orders = range(first, min(first + _TOGETHER, self.order + 1))
                with v.loop("vectors", 0, self.count) as j:
                    self._follow(v, j, orders)
        v.line("ret void")
        arguments = "ptr noalias %w, ptr noalias %tangents, i64 %stride, i64 %rows"
        return _function("define internal void @other_coefficients", arguments, v)

    def _follow(self, v: Vector, j: Value, orders: range) -> None:
        """Some coefficients of vector ``j`` in a row, those of the earlier vectors being in the buffer."""
        series = v.offset("%row", v.emit(f"mul i64 {j}, %stride"))
        given = [v.load(v.at(series, k)) for k in orders]
        ready, reduce, reduced = v.label("ready"), v.label("reduce"), v.label("reduced")
        v.begin(ready)
        v.line(f"br i1 {v.emit(f'icmp eq i64 {j}, 0')}, label %{reduced}, label %{reduce}")
        v.begin(reduce, jump=False)
        following, names = f"%next_{reduce}", [f"%x{k}_{reduce}" for k in orders]
        i = v.phi("i64", [("0", ready), (following, reduce)])
        before = [v.phi(v.type, [(x, ready), (name, reduce)]) for x, name in zip(given, names, strict=True)]
        factor = v.load(self._factor(v, j, i))
        other = self._buffered(v, i)
        for k, (x, name) in enumerate(zip(before, names, strict=True)):
            v.fma(factor, v.load(v.at(other, k)), x, name=name)
        v.line(f"{following} = add i64 {i}, 1")
        v.line(f"br i1 {v.emit(f'icmp ult i64 {following}, {j}')}, label %{reduce}, label %{reduced}")
        v.begin(reduced, jump=False)
        after = [v.phi(v.type, [(x, ready), (name, reduce)]) for x, name in zip(given, names, strict=True)]
        inverse, own = v.load(self._factor(v, j, j)), self._buffered(v, j)
        for k, x in enumerate(after):
            y = v.mul(inverse, x)
            v.store(y, v.at(own, k))
            v.store(y, v.at(series, orders[k]))

    def _buffered(self, v: Vector, index: Value) -> Value:
        return v.offset(v.at("%w", self.buffer), v.emit(f"mul i64 {index}, {_TOGETHER * LANES}"))


def _function(head: str, arguments: str, v: Vector) -> str:
    body = "\n".join(v.lines)
    return f"{head}({arguments}) noinline {{\nentry:\n{body}\n}}\n"
