"""The decorators that make a system of a function: one for each kind."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from chaosdata.equations.checks import check
from chaosdata.equations.pickling import Origin
from chaosdata.equations.resizing import numbered
from chaosdata.equations.signature import match_signature, read_signature
from chaosdata.equations.system import Kind, System
from chaosdata.equations.values import checked_initial, checked_period
from chaosdata.errors import ArgumentError, DeclarationError

Variants = Mapping[str, Mapping[str, Any]]


def flow(
    *,
    initial: Iterable[float],
    period: float,
    reference: str,
    tags: Iterable[str] = (),
    angles: Iterable[str] = (),
    clocks: Mapping[str, str] = MappingProxyType({}),
    notes: str = "",
    variants: Variants | None = None,
) -> Callable[[Callable[..., Any]], System]:
    """Declare an ordinary differential equation dx/dt = f(x, t).

    The decorated function takes the components as positional arguments (before them ``t``, if the time
    enters) and the parameters as keyword-only arguments with defaults (numbers, or nested tuples of numbers),
    and returns one derivative for each component. Its docstring is the description. It may use
    ``+ - * / **`` and :mod:`chaosdata.equations.functions`. A function that takes ``*x`` declares a system of
    any size, with the components x1, x2, ... of the initial state (``angles={"x"}`` means all of them).

    Parameters
    ----------
    initial : (d,) a state on the attractor, or in the chaotic sea.
    period : dominant period, in the system's time unit.
    reference : "Authors (year). Title. Journal volume, pages."
    tags : words to select systems by.
    angles : components that count modulo 2 pi.
    clocks : components that count modulo a parameter: ``{"s": "tau"}``.
    notes : what a user must know: where values differ from the reference and why.
    variants : other published settings by name, each a mapping of parameters and of ``initial``, ``period``,
        ``notes`` and ``equations`` (another function of the same components) where they differ.

    Raises
    ------
    DeclarationError : at once, if the function or one of the facts is wrong.

    Examples
    --------
    >>> from chaosdata.equations import flow
    >>> @flow(initial=(0.1, 0.0), period=6.28, reference="Huygens (1673). Horologium Oscillatorium.")
    ... def Spring(x, v, *, k=1.0):
    ...     '''A mass on a spring.'''
    ...     return v, -k * x
    >>> Spring.equations()
    ['dx/dt = v', 'dv/dt = -k*x']
    """
    return _Facts("flow", initial, period, reference, tags, angles, notes, variants, clocks=clocks).declare


def map_(
    *,
    initial: Iterable[float],
    reference: str,
    period: float = 1.0,
    tags: Iterable[str] = (),
    angles: Iterable[str] = (),
    notes: str = "",
    inverse: Callable[..., Any] | None = None,
    variants: Variants | None = None,
) -> Callable[[Callable[..., Any]], System]:
    """Declare a map x' = f(x): the function returns the next state.

    Everything else is as in :func:`flow`; the time unit is one iteration.

    Parameters
    ----------
    inverse : function of the same components, and of those parameters that it needs, to the state before.

    Raises
    ------
    DeclarationError : also if ``inverse`` does not lead back to the initial state.

    Examples
    --------
    >>> from chaosdata.equations import map_
    >>> @map_(initial=(0.1, 0.3), reference="Henon (1976). Commun. Math. Phys. 50, 69-77.",
    ...       inverse=lambda x, y, *, a, b: (y / b, x - 1 + a * (y / b)**2))
    ... def Henon(x, y, *, a=1.4, b=0.3):
    ...     '''A fold and a contraction.'''
    ...     return 1 - a * x**2 + y, b * x
    >>> Henon.equations()
    ["x' = 1 - a*x**2 + y", "y' = b*x"]
    """
    return _Facts("map", initial, period, reference, tags, angles, notes, variants, inverse=inverse).declare


def delay(
    *,
    initial: Iterable[float],
    period: float,
    reference: str,
    tags: Iterable[str] = (),
    angles: Iterable[str] = (),
    notes: str = "",
    history: Callable[..., Any] | None = None,
    variants: Variants | None = None,
) -> Callable[[Callable[..., Any]], System]:
    """Declare a delay differential equation dx/dt = f(x(t), x(t - tau), ..., t).

    A delayed state is written ``x(t - tau)``, so ``t`` is the first argument. The delays are constant and
    positive: numbers and parameters, nothing else. Everything else is as in :func:`flow`.

    Parameters
    ----------
    history : function of the time (t <= 0), and of those parameters that it needs, to the state then. Without
        it the history is the constant ``initial``.

    Raises
    ------
    DeclarationError : also for a delay that is not positive or depends on the state.

    Examples
    --------
    >>> from chaosdata.equations import delay
    >>> @delay(initial=(0.5,), period=12.0, reference="Hutchinson (1948). Ann. N. Y. Acad. Sci. 50, 221-246.")
    ... def Hutchinson(t, x, *, r=1.8, tau=1.0):
    ...     '''Growth that is limited by the crowd of one generation ago.'''
    ...     return (r * x * (1 - x(t - tau)),)
    >>> Hutchinson.equations(), Hutchinson.delays
    (['dx/dt = r*x*(1 - x(t - tau))'], (1.0,))
    """
    return _Facts("delay", initial, period, reference, tags, angles, notes, variants, history=history).declare


def stochastic(
    *,
    initial: Iterable[float],
    period: float,
    reference: str,
    tags: Iterable[str] = (),
    angles: Iterable[str] = (),
    notes: str = "",
    variants: Variants | None = None,
) -> Callable[[Callable[..., Any]], System]:
    """Declare a stochastic equation dx_i = f_i(x, t) dt + g_i(x_i, t) dW_i, in the sense of Ito.

    The function returns two tuples, the drifts and the noise amplitudes. The noise is additive or diagonal:
    the amplitude of a component may depend on that component and the time. All else is as in :func:`flow`.

    Raises
    ------
    DeclarationError : also for noise that is not diagonal.

    Examples
    --------
    >>> from chaosdata.equations import stochastic
    >>> @stochastic(initial=(1.0,), period=1.0, reference="Kramers (1940). Physica 7, 284-304.")
    ... def DoubleWell(x, *, s=0.5):
    ...     '''A particle that noise drives from one well to the other.'''
    ...     return (x - x**3,), (s,)
    >>> DoubleWell.equations()
    ['dx = (x - x**3)*dt + s*dW_x']
    """
    return _Facts("stochastic", initial, period, reference, tags, angles, notes, variants).declare


@dataclass(frozen=True)
class _Facts:
    """What a decorator is told."""

    kind: Kind
    initial: Iterable[float]
    period: float
    reference: str
    tags: Iterable[str]
    angles: Iterable[str]
    notes: str
    variants: Variants | None
    inverse: Callable[..., Any] | None = None
    history: Callable[..., Any] | None = None
    clocks: Mapping[str, str] = field(default_factory=dict)

    def declare(self, function: Callable[..., Any]) -> System:
        """The system of a function."""
        name, where = function.__name__, Origin(function.__module__, function.__qualname__)
        facts = replace(self, initial=tuple(self.initial))
        system = facts.system(function, name, where)
        variants = {
            key: facts.variant(system, key, changes) for key, changes in (self.variants or {}).items()
        }
        return replace(system, variants=MappingProxyType(variants)) if variants else system

    def system(
        self,
        function: Callable[..., Any],
        name: str,
        origin: Origin,
        description: str = "",
        parameters: Mapping[str, Any] = MappingProxyType({}),
    ) -> System:
        """The system, checked at its own parameters or these, without its variants."""
        try:
            system = self._unchecked(function, name, origin, description)
            if parameters:
                system = system.with_parameters(**parameters)
            check(system)
        except (ArgumentError, DeclarationError) as error:
            raise DeclarationError(f"{name}: {str(error).removeprefix(f'{name}: ')}") from error.__cause__
        return system

    def variant(self, system: System, key: str, changes: Mapping[str, Any]) -> System:
        """A declared variant of the system that these facts gave."""
        own = {"initial", "period", "notes", "equations"}
        own |= {"map": {"inverse"}, "delay": {"history"}}.get(self.kind, set())
        facts = {name: value for name, value in changes.items() if name in own and name != "equations"}
        variant = replace(self, **facts).system(
            changes.get("equations", system.function),
            f"{system.name}.{key}",
            system.origin._replace(variant=key),
            system.description,
            {name: value for name, value in changes.items() if name not in own},
        )
        if (variant.components, variant.takes_time) != (system.components, system.takes_time):
            raise DeclarationError(
                f"{variant.name}: its equations take ({', '.join(variant.components)}): they must take the "
                f"components of {system.name}, {', '.join(system.components)}, and the time as those do"
            )
        return variant

    def _unchecked(self, function: Callable[..., Any], name: str, origin: Origin, description: str) -> System:
        signature = read_signature(function)
        initial = tuple(self.initial)
        components = signature.components or numbered(signature.family, len(initial))
        if not components:
            raise DeclarationError(f"initial is empty: it says how many components *{signature.family} has")
        description = inspect.cleandoc(function.__doc__ or "") or description
        if not description:
            raise DeclarationError("the docstring is missing: say in a sentence what the system models")
        if not self.reference.strip():
            raise DeclarationError(
                'reference is empty: write "Authors (year). Title. Journal volume, pages."'
            )
        angles = _words("angles", self.angles)
        if signature.family and angles == {signature.family}:
            angles = frozenset(components)
        unknown = sorted(angles - set(components))
        if unknown:
            raise DeclarationError(
                f"angle {unknown[0]!r} is not a component: they are {', '.join(components)}"
            )
        for component, parameter in self.clocks.items():
            if component not in components or component in angles:
                raise DeclarationError(f"clock {component!r} must be a component that is not an angle")
            if not isinstance(signature.parameters.get(parameter), float):
                raise DeclarationError(f"clock {component!r} counts modulo {parameter!r}, which is no number")
        if self.kind == "delay" and not signature.takes_time:
            raise DeclarationError("t must be the first argument: a delayed state is written x(t - tau)")
        if self.inverse is not None:
            match_signature("inverse", self.inverse, signature)
        if self.history is not None:
            match_signature("history", self.history, signature._replace(components=(), family=""))
        return System(
            name=name,
            kind=self.kind,
            components=components,
            parameters=MappingProxyType(signature.parameters),
            initial=checked_initial(initial, components),
            period=checked_period(self.period),
            reference=self.reference,
            description=description,
            notes=inspect.cleandoc(self.notes),
            tags=_words("tags", self.tags),
            angles=angles,
            clocks=MappingProxyType(dict(self.clocks)),
            takes_time=signature.takes_time,
            family=signature.family,
            origin=origin,
            function=function,
            inverse_function=self.inverse,
            history_function=self.history,
        )


def _words(what: str, words: Iterable[str]) -> frozenset[str]:
    if isinstance(words, str):
        raise DeclarationError(f"{what} must be a set of words, not one string: write {{{words!r}}}")
    return frozenset(words)
