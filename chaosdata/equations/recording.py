"""Expressions as they were written, put to work: which nodes there are, and their values on anything.

A delay system is evaluated through its recorded expressions, because the state that ``x(t - tau)`` asks for
must be known before the declared function can be called with numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chaosdata.equations import functions
from chaosdata.equations.written import Comparison, Written
from chaosdata.errors import DeclarationError

if TYPE_CHECKING:
    from chaosdata.equations.system import System

_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def nodes(expressions: Iterable[Any]) -> Iterator[Written]:
    """Every node of the expressions, each once; those inside the time of a delayed state are left out."""
    seen: set[int] = set()
    pending = list(expressions)
    while pending:
        node = pending.pop()
        if isinstance(node, Comparison):
            pending += [node.left, node.right]
        elif isinstance(node, Written) and id(node) not in seen:
            seen.add(id(node))
            yield node
            if node.head != "delayed":
                pending += node.arguments


def substitute(expressions: Iterable[Any], values: Mapping[int, Any]) -> list[Any]:
    """The expressions on whatever ``values`` holds for their leaves, by the ``id`` of the node.

    A node that occurs twice is computed once.
    """
    known = dict(values)

    def value(node: Any) -> Any:
        if isinstance(node, Comparison):
            return _OPERATORS[node.sign](value(node.left), value(node.right))
        if not isinstance(node, Written):
            return node
        if id(node) not in known:
            compute = _OPERATORS.get(node.head) or getattr(functions, node.head)
            known[id(node)] = compute(*(value(argument) for argument in node.arguments))
        return known[id(node)]

    return [value(expression) for expression in expressions]


class Recording:
    """A delay system's function, run once on symbols.

    ``lags`` maps the ``id`` of each delayed node to the index of its component and its delay; ``delays`` are
    the distinct delays, ascending; ``timed`` says whether the time enters beside the delays.
    Raises DeclarationError for a delay that is not a positive number of the parameters.
    """

    def __init__(self, system: System) -> None:
        self.components, self.time, self.parameters = system.symbols()
        self.outputs = tuple(system.call(self.components, self.time, self.parameters))
        numbers = dict(_pairs(self.parameters, system.parameters))
        index = {id(component): i for i, component in enumerate(self.components)}
        self.lags: dict[int, tuple[int, float]] = {}
        self.timed = False
        for node in nodes(self.outputs):
            self.timed |= node is self.time
            if node.head == "delayed":
                component, time = node.arguments
                delay = float(self._lag(node, time, numbers))
                if not 0 < delay < float("inf"):
                    raise DeclarationError(f"the delay of {node!r} must be positive and finite, not {delay}")
                self.lags[id(node)] = index[id(component)], delay
        self.delays = tuple(sorted({delay for _, delay in self.lags.values()}))

    def on(
        self,
        state: Iterable[Any],
        time: Any,
        parameters: Mapping[str, Any],
        past: Callable[[int, float], Any],
    ) -> list[Any]:
        """The right-hand sides for these values; ``past(i, delay)`` is component ``i`` that long ago."""
        values = {id(symbol): value for symbol, value in zip(self.components, state, strict=True)}
        values |= {id(self.time): time} | dict(_pairs(self.parameters, parameters))
        values |= {node: past(i, delay) for node, (i, delay) in self.lags.items()}
        return substitute(self.outputs, values)

    def _lag(self, node: Written, time: Any, numbers: Mapping[int, float]) -> Any:
        """How far ``time`` lies back: what is subtracted from ``t`` in it."""
        if time is self.time:
            return 0.0
        if not (isinstance(time, Written) and time.head in ("+", "-")):
            raise DeclarationError(f"{node!r}: write a delayed state as x(t - tau), with t itself first")
        earlier, shift = time.arguments
        if any(
            leaf.head == "delayed" or (leaf.head == "symbol" and id(leaf) not in numbers)
            for leaf in nodes([shift])
        ):
            raise DeclarationError(
                f"the delay of {node!r} depends on the state or the time: it must be constant"
            )
        lag, (change,) = self._lag(node, earlier, numbers), substitute([shift], numbers)
        return lag + change if time.head == "-" else lag - change


def _pairs(symbols: Any, values: Any) -> Iterator[tuple[int, Any]]:
    """The ``id`` of each parameter's symbol with its value, entry by entry for array parameters."""
    if isinstance(symbols, Mapping):
        for name, symbol in symbols.items():
            yield from _pairs(symbol, values[name])
    elif isinstance(symbols, tuple):
        for symbol, value in zip(symbols, values, strict=True):
            yield from _pairs(symbol, value)
    else:
        yield id(symbols), values
