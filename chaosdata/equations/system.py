"""A declared system: facts, equations, and the numbers that follow from them."""

from __future__ import annotations

import dataclasses
import importlib
import math
import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaosdata.equations.written import Written, latex, latex_name, symbol, text
from chaosdata.errors import ArgumentError, DeclarationError

if TYPE_CHECKING:
    from chaosdata.equations.graph import Graph

Value = float | tuple["Value", ...]


@dataclass(frozen=True, eq=False, repr=False)
class System:
    """A dynamical system, derived from one declared function.

    name : the field's usual name, which is also that of the Python object.
    kind : ``"flow"``: dx/dt = f(x, t).
    components : names of the d components of the state.
    parameters : values by name; an array parameter is a nested tuple.
    initial : (d,) a state on the attractor, or in the chaotic sea.
    period : dominant period, in the system's time unit.
    angles : components that count modulo 2 pi.
    autonomous : False where the time enters the equations.

    Two systems are equal if they have the same function, name, parameters, initial state and period.
    """

    name: str
    kind: Literal["flow"]
    components: tuple[str, ...]
    parameters: Mapping[str, Value]
    initial: tuple[float, ...]
    period: float
    reference: str
    description: str
    notes: str
    tags: frozenset[str]
    angles: frozenset[str]
    autonomous: bool
    function: Callable[..., Any]

    @property
    def dimension(self) -> int:
        """Number d of components."""
        return len(self.components)

    @property
    def observables(self) -> tuple[str, ...]:
        """The components, with each angle ``z`` replaced, in place, by ``cos(z)`` and ``sin(z)``."""
        names: list[str] = []
        for component in self.components:
            names += [f"cos({component})", f"sin({component})"] if component in self.angles else [component]
        return tuple(names)

    def equations(self, latex: bool = False) -> list[str]:
        """One equation a component, as it was written: ``["dx/dt = sigma*(y - x)", ...]``."""
        render, name = (_latex_equation, latex_name) if latex else (_text_equation, str)
        return [render(name(c), e) for c, e in zip(self.components, self.written(), strict=True)]

    def written(self) -> tuple[Any, ...]:
        """The right-hand sides as the expressions that were written, parameters as symbols."""
        return tuple(self.call(*self.symbols()))

    def symbols(self) -> tuple[list[Written], Written, dict[str, Any]]:
        """Components, time and parameters as light symbols, in the order that :meth:`call` takes."""
        parameters = {name: _symbols(name, value) for name, value in self.parameters.items()}
        return [symbol(c) for c in self.components], symbol("t"), parameters

    def call(self, state: Iterable[Any], t: Any, parameters: Mapping[str, Any]) -> Any:
        """The declared function on whatever stands for components, time and parameters."""
        return self.function(*(() if self.autonomous else (t,)), *state, **parameters)

    def rhs(self, state: ArrayLike, t: ArrayLike = 0.0) -> NDArray[Any]:
        """Right-hand side dx/dt.

        state : (..., d); t : scalar or (...), in the system's time unit. Returns (..., d), of the state's
        float type. Raises ArgumentError if the last axis is not d long.
        """
        x, time, shape = self._arguments(state, t)
        derivative = np.empty((*shape, self.dimension), x.dtype)
        for i, value in enumerate(self.call(np.moveaxis(x, -1, 0), time, self.parameters)):
            derivative[..., i] = value
        return derivative

    def jacobian(self, state: ArrayLike, t: ArrayLike = 0.0) -> NDArray[Any]:
        """Jacobian matrix of the right-hand side, from symbolic derivatives.

        state : (..., d); t : scalar or (...). Returns (..., d, d); the last axis is the component derived by.
        Raises ArgumentError if the last axis of the state is not d long.
        """
        from chaosdata.equations.trace import jacobian_function

        x, time, shape = self._arguments(state, t)
        d = self.dimension
        matrix = np.empty((*shape, d * d), x.dtype)
        for i, value in enumerate(jacobian_function(self)(time, *np.moveaxis(x, -1, 0))):
            matrix[..., i] = value
        return matrix.reshape(*shape, d, d)

    def divergence(self, state: ArrayLike, t: ArrayLike = 0.0) -> NDArray[Any]:
        """Trace of the Jacobian: the rate at which a volume of states grows.

        state : (..., d); t : scalar or (...). Returns (...).
        Raises ArgumentError if the last axis of the state is not d long.
        """
        from chaosdata.equations.trace import divergence_function

        x, time, shape = self._arguments(state, t)
        divergence = np.empty(shape, x.dtype)
        divergence[...] = divergence_function(self)(time, *np.moveaxis(x, -1, 0))
        return divergence

    def graph(self, divergence: bool = False) -> Graph:
        """The graph of elementary operations that kernels read, parameter values baked in.

        divergence : append the divergence as one more output.
        """
        from chaosdata.equations.trace import system_graph

        return system_graph(self, divergence)

    def with_parameters(self, **parameters: Any) -> System:
        """The same system with other parameter values.

        Raises ArgumentError for an unknown name and for a value of another shape or not finite.
        """
        return dataclasses.replace(self, parameters=self._updated(parameters))

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
        """The same equations under another name: other parameters, perhaps another start and period.

        Raises ArgumentError as :meth:`with_parameters` does, and for a wrong initial state or period.
        """
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
        return dataclasses.replace(self, **changes)

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, System) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"<{self.kind} {self.name}({', '.join(self.components)}){': ' if values else ''}{values}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # The declared function is hidden behind the System that replaced it, so it cannot be pickled by
        # reference. The System can: it is found again by name, and what differs from its declaration is sent.
        module, qualname = self.function.__module__, self.function.__qualname__
        try:
            declared = _find(module, qualname)
        except (ImportError, AttributeError) as error:
            raise pickle.PicklingError(
                f"{self.name} cannot be sent to another process: {module} has no {qualname}; "
                "declare it at the top level of a module"
            ) from error
        changes = {
            field.name: dict(value) if field.name == "parameters" else value
            for field in dataclasses.fields(self)
            if field.name != "function"
            and (value := getattr(self, field.name)) != getattr(declared, field.name)
        }
        return _restore, (module, qualname, changes)

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        function = self.function.__module__, self.function.__qualname__
        return (*function, self.name, tuple(self.parameters.items()), self.initial, self.period)

    def _arguments(self, state: ArrayLike, t: ArrayLike) -> tuple[NDArray[Any], Any, tuple[int, ...]]:
        x = np.asarray(state)
        if x.dtype.kind in "iu":
            x = x.astype(np.float64)
        if x.dtype.kind not in "fc":
            raise ArgumentError(f"{self.name}: the state must be numbers, not an array of {x.dtype}")
        if x.ndim == 0 or x.shape[-1] != self.dimension:
            raise ArgumentError(
                f"{self.name} has {self.dimension} components ({', '.join(self.components)}): "
                f"the state must have shape (..., {self.dimension}), not {x.shape}"
            )
        try:
            shape = np.broadcast_shapes(x.shape[:-1], np.shape(t))
        except ValueError:
            raise ArgumentError(
                f"{self.name}: the time of shape {np.shape(t)} does not fit a state of shape {x.shape}"
            ) from None
        return x, t if np.ndim(t) == 0 else np.asarray(t), shape

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
            if _shape(new) != _shape(updated[name]):
                raise ArgumentError(
                    f"{self.name}: parameter {name} has shape {_shape(updated[name])}, not {_shape(new)}"
                )
            updated[name] = new
        return MappingProxyType(updated)


def checked_value(value: Any) -> Value:
    """A parameter as a float or a nested tuple of floats; DeclarationError if it is anything else."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        entries = tuple(checked_value(entry) for entry in value)
        if not entries or len({_shape(entry) for entry in entries}) != 1:
            raise DeclarationError("must be a number or a rectangular nested tuple of numbers")
        return entries
    return _number(value)


def _number(value: Any) -> float:
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise DeclarationError(f"must be a number, not {value!r}")
    number = float(value)
    if not math.isfinite(number):
        raise DeclarationError(f"must be finite, not {number}")
    return number


def checked_initial(initial: Iterable[float], components: tuple[str, ...]) -> tuple[float, ...]:
    """The initial state as floats, one for each component."""
    values = tuple(initial)
    if len(values) != len(components):
        raise DeclarationError(
            f"initial has {len(values)} values for {len(components)} components ({', '.join(components)})"
        )
    checked: list[float] = []
    for component, value in zip(components, values, strict=True):
        try:
            checked.append(_number(value))
        except DeclarationError as error:
            raise DeclarationError(f"the initial value of {component} {error}") from None
    return tuple(checked)


def checked_period(period: float) -> float:
    """The period as a positive float."""
    try:
        value = _number(period)
    except DeclarationError as error:
        raise DeclarationError(f"period {error}") from None
    if value <= 0:
        raise DeclarationError(f"period must be positive, in the system's time unit, not {value}")
    return value


def _shape(value: Value) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, tuple) else ()


def _symbols(name: str, value: Value) -> Any:
    """A symbol; for an array parameter nested tuples of ``k_1_2``, counted from 1 as in papers."""
    if isinstance(value, tuple):
        return tuple(_symbols(f"{name}_{i}", entry) for i, entry in enumerate(value, start=1))
    return symbol(name)


def _text_equation(name: str, expression: Written | float) -> str:
    return f"d{name}/dt = {text(expression)}"


def _latex_equation(name: str, expression: Written | float) -> str:
    return f"\\frac{{d{name}}}{{dt}} = {latex(expression)}"


def _find(module: str, qualname: str) -> System:
    found: Any = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    if not isinstance(found, System):
        raise AttributeError(f"{module}.{qualname} is not a System")
    return found


def _restore(module: str, qualname: str, changes: dict[str, Any]) -> System:
    if "parameters" in changes:
        changes = changes | {"parameters": MappingProxyType(changes["parameters"])}
    return dataclasses.replace(_find(module, qualname), **changes)
