"""Taylor coefficients in memory, a block of orders at a time: what all series have in common.

The convolution ``sum_j a_j b_(k-j)`` of a product is the whole cost of a series. Of the orders
``k0 .. k0+BLOCK-1`` the part that needs finished orders only is a banded product, in which every coefficient
that is loaded serves BLOCK multiply-adds (:mod:`~chaosdata.kernels.finished`); only the few terms left are
done order by order. One loop over the blocks keeps the code small enough for the instruction cache.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from chaosdata.equations.graph import Graph, Operand
from chaosdata.kernels.vector import Value, Vector

BLOCK = 4
"""Orders computed together. Part of what fixes the bits."""

_REGISTERS = 32  # of the CPU

Key = tuple[str, int]
"""A sequence of Taylor coefficients: ("x", component), ("u", operation), ("t", 0), ("d", delayed state), and
("k x", i) for k*x_k."""


@dataclass(frozen=True)
class Index:
    """An order of the series: ``number`` itself, or ``k0 + number`` with ``k0`` the loop's current block."""

    number: int
    moving: bool = False

    def __add__(self, n: int) -> Index:
        return Index(self.number + n, self.moving)


def key_of(operand: Operand) -> Key:
    """The sequence that an operand's coefficients form."""
    kinds = {"state": "x", "result": "u", "time": "t", "constant": "c", "delayed": "d"}
    return kinds[operand.kind], operand.index


def scaled(key: Key) -> Key:
    """The sequence k*a_k."""
    return f"k {key[0]}", key[1]


class Blocks(ABC):
    """Emits series for a graph: coefficients by key and order, in registers while a block of code lasts."""

    def __init__(self, v: Vector, graph: Graph, order: int, dimension: int) -> None:
        if order % BLOCK:
            raise ValueError(f"The order must be a multiple of {BLOCK}, not {order}.")
        self.v, self.graph, self.order, self.dimension = v, graph, order, dimension
        self.slot: dict[Key, int] = {}
        self.k0 = ""  # the current block, while its loop is emitted
        self._register: dict[tuple[Key, Index], Value] = {}

    @abstractmethod
    def base(self, key: Key, *, moving: bool) -> Value:
        """The pointer from which a sequence's slot counts, moved by ``k0`` orders where ``moving``."""

    @abstractmethod
    def operand(self, operand: Operand, index: Index) -> Value | None:
        """The coefficient of an operand; None where it is zero."""

    @abstractmethod
    def finished_parts(self) -> None:
        """Emit the partial sums of every product for the current block."""

    @abstractmethod
    def operations(self, index: Index) -> None:
        """Emit one order of every operation."""

    def pointer(self, key: Key, index: Index) -> Value:
        """Where a coefficient is kept."""
        return self.v.at(self.base(key, moving=index.moving), self.slot[key] + index.number)

    def coefficient(self, key: Key, index: Index) -> Value:
        """A coefficient, from its register if this block of code computed it."""
        if (key, index) in self._register:
            return self._register[key, index]
        return self.v.load(self.pointer(key, index))

    def knows(self, key: Key) -> bool:
        """Whether a sequence is computed."""
        return key in self.slot or (key, Index(0)) in self._register

    def put(self, key: Key, index: Index, value: Value, *, rate: Value | None = None) -> None:
        """Keep a coefficient: in memory if a product reads the sequence, in its register in any case.

        ``rate`` is ``k`` times the coefficient of order k, where it is known.
        """
        self._register[key, index] = value
        if key in self.slot and self.writes(key, index):
            self.v.store(value, self.pointer(key, index))

    def writes(self, _key: Key, _index: Index) -> bool:
        """Whether a coefficient goes to memory as soon as it is known."""
        return True

    def cut(self) -> None:
        """Start a new block of code; what is not in memory stays in its register."""
        self.v.cut()
        self._register = {f: x for f, x in self._register.items() if not self.writes(*f)}

    def next_order(self, index: Index) -> None:
        """Come to an order; what the last one computed stays in registers while there are enough."""
        fresh = {
            (key, i): x
            for (key, i), x in self._register.items()
            if key in self.slot and i.moving == index.moving and i.number >= index.number - 1
        }
        self.cut()
        if len(fresh) <= _REGISTERS:
            self._register |= fresh

    def all_orders(self) -> None:
        """Every order of the series, from the coefficients of order 0."""
        self.look_ahead(Index(0))
        for k in range(BLOCK):
            if k:
                self.next_order(Index(k))
            self._order(Index(k))
        self.blocks(BLOCK, self.order)

    def blocks(self, first: int, stop: int) -> None:
        """The orders ``first .. stop-1``, both multiples of BLOCK, by one loop over blocks."""
        v = self.v
        with v.loop("blocks", first, stop, BLOCK) as self.k0:
            doubles = v.emit(f"mul i64 {self.k0}, {v.lanes}")
            self.enter_block(doubles)
            self._register = {}
            self.finished_parts()
            for r in range(BLOCK):
                index = Index(r, moving=True)
                self.next_order(index)
                self._order(index)
        self._register = {}

    @abstractmethod
    def enter_block(self, doubles: Value) -> None:
        """Move the base pointers to the block that begins ``doubles`` doubles after order 0."""

    def _order(self, index: Index) -> None:
        """One order of every operation, then the next order of the state: x_(k+1) = f_k/(k+1)."""
        self.operations(index)
        for i, output in enumerate(self.graph.outputs[: self.dimension]):
            rate = self.operand(output, index)
            if rate is None:
                rate = self.v.constant(0.0)
            value = rate if index == Index(0) else self.v.mul(rate, self.reciprocal(index + 1))
            self.put(("x", i), index + 1, value, rate=rate)
        self.look_ahead(index + 1)

    def look_ahead(self, index: Index) -> None:  # noqa: B027
        """Emit what the state of this order gives before any operation of the same order."""

    def linear(self, n: int, index: Index, constant: float = 0.0) -> Value | None:
        """One order of a linear operation; ``constant`` belongs to order 0."""
        operation, v = self.graph.operations[n], self.v
        total = v.constant(constant) if constant and index == Index(0) else None
        terms = zip(operation.coefficients, operation.operands, strict=True)
        for c, operand in sorted(terms, key=lambda term: abs(term[0]) != 1):
            x = self.operand(operand, index)
            if x is None:
                continue
            if total is None:
                total = x if c == 1 else v.neg(x) if c == -1 else v.mul(v.constant(c), x)
            elif c == 1:
                total = v.add(total, x)
            else:
                total = v.sub(total, x) if c == -1 else v.fma(v.constant(c), x, total)
        return total

    def number(self, index: Index) -> Value:
        """The order itself."""
        return self._table("@orders", index, float(index.number))

    def reciprocal(self, index: Index) -> Value:
        """One over the order."""
        return self._table("@reciprocals", index, 1.0 / max(index.number, 1))

    def _table(self, table: str, index: Index, value: float) -> Value:
        if not index.moving:
            return self.v.constant(value)
        row = self.v.offset(table, self.k0)
        return self.v.broadcast(self.v.load_scalar(self.v.offset(row, index.number)))
