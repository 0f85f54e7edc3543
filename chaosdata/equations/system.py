"""A declared system: facts, equations, and the numbers that follow from them."""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.arguments import delayed_array, state_and_time
from chaosdata.equations.pickling import Origin, reduced
from chaosdata.equations.values import Value, checked_initial, checked_period, checked_value, shape
from chaosdata.equations.written import Written, component, symbol
from chaosdata.errors import ArgumentError, DeclarationError

if TYPE_CHECKING:
    from chaosdata.equations.graph import Graph
    from chaosdata.equations.recording import Recording

Kind = Literal["flow", "map", "delay", "stochastic"]


@dataclass(frozen=True, eq=False, repr=False)
class System:
    """A dynamical system, derived from one declared function.

    name : the field's usual name, which is also that of the Python object.
    kind : ``"flow"``: dx/dt = f(x, t); ``"map"``: x' = f(x, t); ``"delay"``: dx/dt = f(x, x(t - tau), t);
        ``"stochastic"``: dx_i = f_i(x, t) dt + g_i(x_i, t) dW_i, in the sense of Ito.
    components : names of the d components of the state.
    parameters : values by name; an array parameter is a nested tuple.
    initial : (d,) a state on the attractor, or in the chaotic sea.
    period : dominant period, in the system's time unit.
    angles : components that count modulo 2 pi.
    clocks : components that count modulo a parameter, say the time within a protocol: name to parameter.
    takes_time : whether the function's first argument is the time.
    family : ``"x"`` for a system of any size, declared with ``*x``; else empty.
    variants : declared variants by name.

    Two systems are equal if they have the same declared function, name, parameters, initial state and period.
    """

    name: str
    kind: Kind
    components: tuple[str, ...]
    parameters: Mapping[str, Value]
    initial: tuple[float, ...]
    period: float
    reference: str
    description: str
    notes: str
    tags: frozenset[str]
    angles: frozenset[str]
    takes_time: bool
    family: str
    origin: Origin
    function: Callable[..., Any]
    inverse_function: Callable[..., Any] | None = None
    history_function: Callable[..., Any] | None = None
    variants: Mapping[str, System] = field(default_factory=lambda: MappingProxyType({}))
    clocks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def dimension(self) -> int:
        """Number d of components."""
        return len(self.components)

    @property
    def autonomous(self) -> bool:
        """False where the time enters the equations."""
        return not (self.recording.timed if self.kind == "delay" else self.takes_time)

    @property
    def delays(self) -> tuple[float, ...]:
        """The k distinct delays, ascending; empty for every kind but ``"delay"``."""
        return self.recording.delays if self.kind == "delay" else ()

    @property
    def observables(self) -> tuple[str, ...]:
        """The components, with each angle ``z`` replaced, in place, by ``cos(z)`` and ``sin(z)``.

        A clock ``s`` modulo ``tau`` is replaced by ``cos(2*pi*s/tau)`` and ``sin(2*pi*s/tau)``.
        """
        names: list[str] = []
        for name in self.components:
            phase = f"2*pi*{name}/{self.clocks[name]}" if name in self.clocks else name
            names += [f"cos({phase})", f"sin({phase})"] if self.turn(name) else [name]
        return tuple(names)

    def turn(self, component: str) -> float:
        """By how much a component grows in a full turn: 2 pi for an angle; 0 for one that does not turn."""
        if component in self.clocks:
            value = self.parameters[self.clocks[component]]
            assert isinstance(value, float)
            return value
        return 2.0 * math.pi if component in self.angles else 0.0

    def equations(self, latex: bool = False) -> list[str]:
        """One equation a component, as it was written: ``["dx/dt = sigma*(y - x)", ...]``.

        A map reads ``x' = ...``, a stochastic equation ``dx = ...*dt + ...*dW_x``.
        """
        from chaosdata.equations.printed import printed

        return printed(self, latex)

    def written(self) -> tuple[Any, ...]:
        """The right-hand sides (drifts, next states) as they were written, parameters as symbols."""
        returned = self.call(*self.symbols())
        return tuple(returned[0] if self.kind == "stochastic" else returned)

    def written_diffusion(self) -> tuple[Any, ...]:
        """The noise amplitudes of a stochastic system as they were written."""
        self._only("stochastic", "diffusion")
        return tuple(self.call(*self.symbols())[1])

    def symbols(self) -> tuple[list[Written], Written, dict[str, Any]]:
        """Components, time and parameters as light symbols, in the order that :meth:`call` takes."""
        parameters = {name: _symbols(name, value) for name, value in self.parameters.items()}
        one = component if self.kind == "delay" else symbol
        return [one(name) for name in self.components], symbol("t"), parameters

    def call(self, state: Iterable[Any], t: Any, parameters: Mapping[str, Any]) -> Any:
        """The declared function on whatever stands for components, time and parameters."""
        return self.function(*((t,) if self.takes_time else ()), *state, **parameters)

    @cached_property
    def recording(self) -> Recording:
        """A delay system's function, run once on symbols."""
        from chaosdata.equations.recording import Recording

        return Recording(self)

    def rhs(self, state: ArrayLike, t: ArrayLike = 0.0, delayed: ArrayLike | None = None) -> NDArray[Any]:
        """Right-hand side: dx/dt, the next state of a map, the drift of a stochastic system.

        state : (..., d); t : scalar or (...), in the system's time unit; delayed : for a delay system only,
        (..., k, d), the state at each of its k delays ago, or (..., d) if k is 1. Returns (..., d), of the
        state's float type. Raises ArgumentError if the last axis is not d long.
        """
        x, time, lead = state_and_time(self, state, t)
        states = np.moveaxis(x, -1, 0)
        if self.kind == "delay":
            past, lead = delayed_array(self, delayed, x, lead)
            values = self.recording.on(
                states, time, self.parameters, lambda i, lag: past[..., self.delays.index(lag), i]
            )
        else:
            delayed_array(self, delayed, x, lead)
            values = self.call(states, time, self.parameters)
            values = values[0] if self.kind == "stochastic" else values
        return _stacked(values, lead, x.dtype)

    def diffusion(self, state: ArrayLike, t: ArrayLike = 0.0) -> NDArray[Any]:
        """Noise amplitudes g of a stochastic system, one for each component.

        state : (..., d); t : scalar or (...). Returns (..., d). Raises ArgumentError for another kind.
        """
        self._only("stochastic", "diffusion")
        x, time, lead = state_and_time(self, state, t)
        return _stacked(self.call(np.moveaxis(x, -1, 0), time, self.parameters)[1], lead, x.dtype)

    def inverse(self, state: ArrayLike, t: ArrayLike = 0.0) -> NDArray[Any]:
        """The state that a map takes to ``state``.

        state : (..., d); t : scalar or (...), the time of the state that is returned. Returns (..., d).
        Raises ArgumentError if the map declares no inverse.
        """
        if self.inverse_function is None:
            raise ArgumentError(f"{self.name} declares no inverse; a map does with @map_(inverse=...)")
        x, time, lead = state_and_time(self, state, t)
        before = (time,) if self.takes_time else ()
        values = self.inverse_function(
            *before, *np.moveaxis(x, -1, 0), **self._parameters_of(self.inverse_function)
        )
        return _stacked(values, lead, x.dtype)

    def history(self, t: ArrayLike) -> NDArray[Any]:
        """State of a delay system at times up to 0: the initial one, unless a history is declared.

        t : scalar or (...). Returns (..., d). Raises ArgumentError for another kind.
        """
        self._only("delay", "history")
        times = np.asarray(t, np.float64)
        if self.history_function is None:
            return np.broadcast_to(np.array(self.initial), (*times.shape, self.dimension)).copy()
        values = self.history_function(times, **self._parameters_of(self.history_function))
        return _stacked(values, times.shape, times.dtype)

    def jacobian(
        self, state: ArrayLike, t: ArrayLike = 0.0, delayed: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Jacobian matrix of the right-hand side: derivatives by the present state, by the chain rule.

        state : (..., d); t : scalar or (...); delayed as in :meth:`rhs`. Returns (..., d, d); the last axis
        is the component derived by. Raises ArgumentError if the last axis of the state is not d long.
        """
        from chaosdata.equations.derivative import jacobian

        return jacobian(self.graph(), *self._arguments(state, t, delayed))

    def divergence(
        self, state: ArrayLike, t: ArrayLike = 0.0, delayed: ArrayLike | None = None
    ) -> NDArray[Any]:
        """Trace of the Jacobian: the rate at which a volume of states grows.

        state : (..., d); t : scalar or (...); delayed as in :meth:`rhs`. Returns (...).
        Raises ArgumentError if the last axis of the state is not d long, and for a map.
        """
        from chaosdata.equations.derivative import divergence

        if self.kind == "map":
            raise ArgumentError(f"{self.name} is a map: only what moves in time has a divergence")
        return divergence(self.graph(), *self._arguments(state, t, delayed))

    def graph(self, divergence: bool = False) -> Graph:
        """The graph of elementary operations that kernels read, parameter values baked in.

        Its outputs are the right-hand sides, or a map's next state. Those of a stochastic system go on with
        the d noise amplitudes g_i and the d products g_i dg_i/dx_i.

        divergence : append the divergence as one more output; there is none for a map.
        """
        from chaosdata.equations.trace import system_graph

        return system_graph(self, divergence)

    def with_parameters(self, **parameters: Any) -> System:
        """The same system with other parameter values.

        Raises ArgumentError for an unknown name and for a value of another shape or not finite.
        """
        return self._changed(parameters=self._updated(parameters))

    def variant(
        self,
        name: str,
        /,
        *,
        initial: Iterable[float] | None = None,
        period: float | None = None,
        notes: str | None = None,
        **parameters: Any,
    ) -> System:
        """A declared variant by its name; or the same equations under a new name.

        With a new name: other parameters, perhaps another start and period. Raises ArgumentError as
        :meth:`with_parameters` does, for a wrong initial state or period, and for changes to a declared
        variant.
        """
        if name in self.variants:
            if parameters or (initial, period, notes) != (None, None, None):
                raise ArgumentError(
                    f"{self.name} declares the variant {name!r}: take another name, or change it with "
                    f"variant({name!r}).with_parameters(...)"
                )
            return self.variants[name]
        changes: dict[str, Any] = {"name": name, "parameters": self._updated(parameters)}
        try:
            if initial is not None:
                changes["initial"] = checked_initial(initial, self.components)
            if period is not None:
                changes["period"] = checked_period(period)
        except DeclarationError as error:
            raise ArgumentError(f"{self.name}: {error}") from None
        if notes is not None:
            changes["notes"] = notes
        return self._changed(**changes)

    def resized(self, n: int) -> System:
        """A system declared with ``*x``, with n components.

        The initial state repeats the declared one, moved by up to a thousandth of its size so that a
        symmetric state does not stay symmetric. Raises ArgumentError for a system of fixed size and for an n
        that its equations do not allow.
        """
        from chaosdata.equations.resizing import resized

        return resized(self, n)

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, System) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"<{self.kind} {self.name}({', '.join(self.components)}){': ' if values else ''}{values}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(self)

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        # The function too: a notebook declares the same name again with other equations.
        where = self.origin, self.function
        return *where, self.name, tuple(self.parameters.items()), self.initial, self.period

    def _only(self, kind: Kind, what: str) -> None:
        if self.kind != kind:
            raise ArgumentError(f"{self.name} is a {self.kind} system: only a {kind} system has a {what}")

    def _parameters_of(self, function: Callable[..., Any]) -> dict[str, Value]:
        """The parameters that a function beside the equations takes."""
        names = inspect.signature(function).parameters
        return {name: value for name, value in self.parameters.items() if name in names}

    def _arguments(
        self, state: ArrayLike, t: ArrayLike, delayed: ArrayLike | None
    ) -> tuple[NDArray[Any], Any, NDArray[Any], tuple[int, ...]]:
        """Checked state and time, the past values that the equations read (..., n), and the axes before."""
        from chaosdata.equations.trace import past_states

        x, time, lead = state_and_time(self, state, t)
        past, lead = delayed_array(self, delayed, x, lead)
        lagged = [past[..., self.delays.index(lag), i] for i, lag in past_states(self)]
        return x, time, np.stack(lagged, axis=-1) if lagged else np.zeros(0, x.dtype), lead

    def _changed(self, **changes: Any) -> System:
        system = dataclasses.replace(self, **changes)
        if self.kind == "delay":
            try:
                # Another parameter may have made a delay negative.
                system.recording  # noqa: B018
            except DeclarationError as error:
                raise ArgumentError(f"{self.name}: {error}") from None
        return system

    def _updated(self, parameters: Mapping[str, Any]) -> Mapping[str, Value]:
        updated = dict(self.parameters)
        for name, value in parameters.items():
            if name not in updated:
                has = f"it has {', '.join(updated)}" if updated else "it has none"
                raise ArgumentError(f"{self.name} has no parameter {name!r}; {has}")
            try:
                new = checked_value(value)
            except DeclarationError as error:
                raise ArgumentError(f"{self.name}: parameter {name} {error}") from None
            if shape(new) != shape(updated[name]):
                raise ArgumentError(
                    f"{self.name}: parameter {name} has shape {shape(updated[name])}, not {shape(new)}"
                )
            updated[name] = new
        return MappingProxyType(updated)


def _stacked(values: Iterable[Any], lead: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Values along a new last axis; each may be a number or an array that broadcasts to ``lead``."""
    listed = list(values)
    stacked = np.empty((*lead, len(listed)), dtype)
    for i, value in enumerate(listed):
        stacked[..., i] = value
    return stacked


def _symbols(name: str, value: Value) -> Any:
    """A symbol; for an array parameter nested tuples of ``k_1_2``, counted from 1 as in papers."""
    if isinstance(value, tuple):
        return tuple(_symbols(f"{name}_{i}", entry) for i, entry in enumerate(value, start=1))
    return symbol(name)
