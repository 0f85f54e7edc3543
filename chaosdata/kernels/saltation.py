"""What a switch does to tangent vectors and volumes.

Where the right-hand side jumps from f- to f+ on the surface u = 0, neighbours cross at other times. A tangent
vector becomes

    v + (f+ - f-) (grad u . v) / (du/dt)-,

and a volume grows by the factor (du/dt)+ / (du/dt)-. Where the right-hand side has only a kink, both change
by nothing but rounding. A flow that begins to slide folds a direction away: (du/dt)+ is zero.

Reference: di Bernardo, Budd, Champneys, Kowalczyk (2008). Piecewise-smooth Dynamical Systems. Springer,
section 2.5.
"""

from __future__ import annotations

from collections.abc import Sequence

from chaosdata.kernels import elementary
from chaosdata.kernels.blocks import Blocks, Index
from chaosdata.kernels.series import Jet
from chaosdata.kernels.surfaces import Surface
from chaosdata.kernels.vector import LANES, Value, Vector

VANISHED = 2.0**-40
"""Of a length or a volume before a step: what is left of a direction that a flow folds away."""

NO_VOLUME = -1e100
"""For the logarithm of zero, in a quadrature that must stay finite."""


def surface_functions(jet: Jet, dimension: int) -> str:
    """``leave_surface(work, h)`` and ``enter_surface(work)``; nothing for a smooth right-hand side."""
    if jet.switches is None:
        return ""
    return _leave_function(jet, jet.switches.pieces) + _enter_function(jet, jet.switches.pieces, dimension)


def _leave_function(jet: Jet, pieces: Sequence[Surface]) -> str:
    """Keep the derivatives at the end of the step, for the lanes that switch there."""
    v = Vector()
    anywhere = _anywhere(v, pieces)
    targets = [(jet.slot[piece.key], piece.rate) for piece in pieces]
    targets += [(jet.slot["x", i], jet.memory.speed + i) for i in range(jet.dimension)]
    for series, slot in targets:
        terms = []
        for k in range(1, jet.order + 1):
            c = v.load(v.offset("%w", LANES * (series + k)))
            terms.append(c if k == 1 else v.mul(c, v.constant(float(k))))
        old = v.load(v.offset("%w", LANES * slot))
        v.store(v.select(anywhere, v.horner(terms, "%h"), old), v.offset("%w", LANES * slot))
        v.cut()
    return _function("leave_surface", v, f", {v.type} %h")


def _enter_function(jet: Jet, pieces: Sequence[Surface], dimension: int) -> str:
    """Add the logarithm of the change of volume to the first quadrature, the divergence."""
    v = Vector()
    if dimension < jet.dimension:
        total = v.constant(0.0)
        for piece in reversed(pieces):
            after = v.load(v.offset("%w", LANES * (jet.slot[piece.key] + 1)))
            ratio = v.div(after, v.load(v.offset("%w", LANES * piece.rate)))
            change = elementary.log(v, v.abs(ratio))
            if piece.slide is not None:
                gone = v.compare("olt", v.abs(ratio), v.constant(VANISHED))
                change = v.select(gone, v.constant(NO_VOLUME), change)
            total = v.select(_left(v, piece), change, total)
        for slot in (jet.slot["x", dimension], jet.memory.state + dimension):
            pointer = v.offset("%w", LANES * slot)
            v.store(v.add(v.load(pointer), total), pointer)
    return _function("enter_surface", v)


def saltate(series: Blocks, jet: Jet) -> list[Value]:
    """The tangent vector beyond the surface, in the lanes that switched at the end of the last step.

    Its components must have been put into ``series`` as order 0; that of every operation is put there too.
    """
    v = series.v
    assert jet.switches is not None
    series.operations(Index(0))
    weight = v.constant(0.0)
    pieces = jet.switches.pieces
    for piece in reversed(pieces):
        if piece.key[0] != "t" and series.knows(piece.key):
            along = series.coefficient(piece.key, Index(0))
            part = v.div(along, v.load(v.offset("%w", LANES * piece.rate)))
            weight = v.select(_left(v, piece), part, weight)
    anywhere = _anywhere(v, pieces)
    result = []
    for i in range(series.dimension):
        x = series.coefficient(("x", i), Index(0))
        before = v.load(v.offset("%w", LANES * (jet.memory.speed + i)))
        after = v.load(v.offset("%w", LANES * (jet.slot["x", i] + 1)))
        result.append(v.select(anywhere, v.fma(weight, v.sub(after, before), x), x))
    return result


def _left(v: Vector, piece: Surface) -> Value:
    return v.compare("oeq", v.load(v.offset("%w", LANES * piece.left)), v.constant(1.0))


def _anywhere(v: Vector, pieces: Sequence[Surface]) -> Value:
    mask = "zeroinitializer"
    for piece in pieces:
        mask = v.either(mask, _left(v, piece))
    return mask


def _function(name: str, v: Vector, arguments: str = "") -> str:
    body = "\n".join(v.lines)
    return (
        f"define internal void @{name}(ptr noalias %w{arguments}) noinline {{\nentry:\n{body}\nret void\n}}\n"
    )
