"""An expression kept as its author wrote it, for the printed equations and the checks of a declaration.

SymPy would reorder ``sigma*(y - x)``; a reader should see the equation of the paper. The same light objects
find what a declaration must not contain (comparisons, ``math.sin``, ...) without importing SymPy.
"""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

from chaosdata.errors import DeclarationError

SMOOTH = ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "sinh", "cosh", "atan", "acos", "atan2")
SUPPORTED = (*SMOOTH, "abs", "sign", "floor", "minimum", "maximum", "where", "heaviside")
_USE = f"use {', '.join(SUPPORTED)} of chaosdata.equations.functions, and ** for powers"

_BRANCH = "decides something; the equations must be one formula: use where(x > 0, a, b), minimum or maximum"

_OPEN, _SUM, _PRODUCT, _POWER, _ATOM = range(5)
_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega"
)
_LATEX_NAMES = {
    "atan": "\\arctan",
    "acos": "\\arccos",
    "atan2": "\\operatorname{atan2}",
    "sign": "\\operatorname{sign}",
    "minimum": "\\min",
    "maximum": "\\max",
    "heaviside": "\\operatorname{H}",
}
_LATEX_AROUND = {
    "sqrt": ("\\sqrt{", "}"),
    "abs": ("\\left|", "\\right|"),
    "floor": ("\\left\\lfloor ", " \\right\\rfloor"),
}
_GREEK_SHORT = {"eps": "epsilon", "lam": "lambda"}


class Written:
    """One node.

    ``head`` is ``+ - * / **``, ``neg``, ``symbol``, the name of a function, ``delayed`` (a component and its
    time) or ``differential``.
    """

    __slots__ = ("arguments", "head")

    def __init__(self, head: str, *arguments: Any) -> None:
        self.head = head
        self.arguments = arguments

    def __repr__(self) -> str:
        return text(self)

    def __add__(self, other: Any) -> Written:
        return _binary("+", self, other)

    def __radd__(self, other: Any) -> Written:
        # sum() starts from 0, which nobody wrote.
        return self if isinstance(other, int) and other == 0 else _binary("+", other, self)

    def __sub__(self, other: Any) -> Written:
        return _binary("-", self, other)

    def __rsub__(self, other: Any) -> Written:
        return _binary("-", other, self)

    def __mul__(self, other: Any) -> Written:
        return _binary("*", self, other)

    def __rmul__(self, other: Any) -> Written:
        return _binary("*", other, self)

    def __truediv__(self, other: Any) -> Written:
        return _binary("/", self, other)

    def __rtruediv__(self, other: Any) -> Written:
        return _binary("/", other, self)

    def __pow__(self, other: Any) -> Written:
        return _binary("**", self, other)

    def __rpow__(self, other: Any) -> Written:
        return _binary("**", other, self)

    def __neg__(self) -> Written:
        return Written("neg", self)

    def __pos__(self) -> Written:
        return self

    def __abs__(self) -> Written:
        return Written("abs", self)

    def __gt__(self, other: Any) -> Comparison:
        return Comparison(">", self, other)

    def __lt__(self, other: Any) -> Comparison:
        return Comparison("<", self, other)

    def __ge__(self, other: Any) -> Comparison:
        return Comparison(">=", self, other)

    def __le__(self, other: Any) -> Comparison:
        return Comparison("<=", self, other)

    def _refuse_branch(self, *_: Any) -> NoReturn:
        raise DeclarationError(f"the truth value of {self!r} (if, ==, and, or) {_BRANCH}")

    __bool__ = __eq__ = __ne__ = _refuse_branch
    __hash__ = None  # type: ignore[assignment]

    def _refuse_function(self, *_: Any) -> NoReturn:
        raise DeclarationError(f"math, int or float was called with {self!r}, which is a symbol here; {_USE}")

    __float__ = __int__ = __index__ = __complex__ = __round__ = __trunc__ = __floor__ = __ceil__ = (
        _refuse_function
    )

    def _refuse_operator(self, *_: Any) -> NoReturn:
        raise DeclarationError(
            f"//, % or divmod was used with {self!r}: write x - m*floor(x/m) for x modulo m"
        )

    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __rdivmod__ = _refuse_operator

    def __array_ufunc__(self, ufunc: Any, *_: Any, **__: Any) -> NoReturn:
        raise DeclarationError(f"NumPy's or SciPy's {ufunc.__name__} was called with {self!r}; {_USE}")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise DeclarationError(f"{self!r} was put into a NumPy array; keep components in tuples and {_USE}")

    def _sympy_(self) -> NoReturn:
        raise DeclarationError(f"a SymPy function was called with {self!r}; {_USE}")

    def _refuse_item(self, *_: Any) -> NoReturn:
        raise DeclarationError(f"{self!r} is one number: it cannot be indexed or iterated over")

    __getitem__ = __iter__ = __len__ = _refuse_item

    def __call__(self, *_: Any) -> Written:
        """Refused: only a Component of a delay system can be asked for an earlier time."""
        raise DeclarationError(
            f"{self!r} is called: only a component of a @delay system may be, as in x(t - tau)"
        )


class Component(Written):
    """A component of a delay system: calling it with an earlier time gives the delayed state."""

    __slots__ = ()

    def __call__(self, *time: Any) -> Written:
        """The component at an earlier time."""
        if len(time) != 1 or not isinstance(time[0], Written):
            raise DeclarationError(f"{self!r}(...) needs one time: write {self!r}(t - tau)")
        return Written("delayed", self, time[0])


class Comparison:
    """``left sign right`` for a sign of ``> < >= <=``: the condition of ``where``, and nothing else."""

    __slots__ = ("left", "right", "sign")

    def __init__(self, sign: str, left: Any, right: Any) -> None:
        self.sign, self.left, self.right = sign, *(_checked(side) for side in (left, right))

    def __repr__(self) -> str:
        return _Text().comparison(self)

    def _refuse_branch(self, *_: Any) -> NoReturn:
        raise DeclarationError(f"the comparison {self!r} (if, min, max, and, or, 0 < x < 1) {_BRANCH}")

    __bool__ = __eq__ = __ne__ = __and__ = __or__ = __invert__ = _refuse_branch
    __hash__ = None  # type: ignore[assignment]

    def _refuse_arithmetic(self, *_: Any) -> NoReturn:
        raise DeclarationError(f"{self!r} is used as a number: write where({self!r}, 1, 0)")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = (
        _refuse_arithmetic
    )
    __neg__ = __pos__ = __abs__ = __pow__ = __rpow__ = __float__ = __int__ = _refuse_arithmetic


def symbol(name: str) -> Written:
    """A component, a parameter or the time."""
    return Written("symbol", name)


def component(name: str) -> Component:
    """A component of a delay system."""
    return Component("symbol", name)


def text(expression: Any) -> str:
    """The expression in Python's notation, in the order in which it was written."""
    return _Text().render(expression)[0]


def latex(expression: Any) -> str:
    """The expression in LaTeX, in the order in which it was written."""
    return _Latex().render(expression)[0]


def latex_name(name: str) -> str:
    """LaTeX of a name: ``sigma`` a Greek letter, ``x1`` and ``k_1_2`` with subscripts."""
    letter, _, subscript = name.partition("_")
    letter = _GREEK_SHORT.get(letter, letter)
    match = re.fullmatch(r"([A-Za-z])([a-z]?\d+|[a-z])", letter)
    if match and not subscript and not _GREEK.fullmatch(letter):
        letter, subscript = match.groups()
    if _GREEK.fullmatch(letter):
        letter = "\\" + letter
    elif len(letter) > 1:
        letter = f"\\mathrm{{{letter}}}"
    return letter + (f"_{{{subscript.replace('_', ',')}}}" if subscript else "")


def applied(function: str, *arguments: Any) -> Written:
    """The node of a supported function; the first argument of ``where`` is a Comparison."""
    first = arguments[:1] if isinstance(arguments[0], Comparison) and function == "where" else ()
    return Written(function, *first, *(_checked(argument) for argument in arguments[len(first) :]))


def _binary(head: str, left: Any, right: Any) -> Written:
    return Written(head, _checked(left), _checked(right))


def _checked(operand: Any) -> Any:
    if isinstance(operand, Comparison):
        operand._refuse_arithmetic()
    if not isinstance(operand, Written | int | float):
        raise DeclarationError(
            f"{type(operand).__name__} appears in a formula; components, parameters and plain numbers may"
        )
    return operand


class _Text:
    """Python notation; ``render`` gives the text and how tightly its outermost operator binds."""

    def render(self, node: Any) -> tuple[str, int]:
        if not isinstance(node, Written):
            return self.number(node)
        if node.head == "symbol":
            return self.name(node.arguments[0]), _ATOM
        if node.head == "differential":
            return "d" + self.name(node.arguments[0]), _ATOM
        if node.head == "delayed":
            state, time = node.arguments
            return self.render(state)[0] + self.parentheses(self.render(time)[0]), _ATOM
        if node.head == "neg":
            return self.negative(node.arguments[0])
        if node.head in ("+", "-"):
            return self.sum(node.head, *node.arguments)
        if node.head == "*":
            return self.product(*node.arguments)
        if node.head == "/":
            return self.quotient(*node.arguments)
        if node.head == "**":
            return self.power(*node.arguments)
        return self.function(node.head, *node.arguments)

    def at_least(self, node: Any, binding: int) -> str:
        """The node, in parentheses where its operator binds less tightly than asked."""
        rendered, own = self.render(node)
        return rendered if own >= binding else self.parentheses(rendered)

    def number(self, value: Any) -> tuple[str, int]:
        multiple = value / math.pi
        if isinstance(value, float) and multiple and multiple == int(multiple):
            sign, count = ("-" if multiple < 0 else ""), abs(int(multiple))
            rendered = self.name("pi") if count == 1 else self.times(str(count), self.name("pi"))
            return sign + rendered, (_ATOM if multiple == 1 else _PRODUCT)
        short = str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
        return short, (_ATOM if value >= 0 else _PRODUCT)

    def negative(self, node: Any) -> tuple[str, int]:
        rendered = self.at_least(node, _PRODUCT)
        return "-" + (self.parentheses(rendered) if rendered.startswith("-") else rendered), _PRODUCT

    def sum(self, sign: str, left: Any, right: Any) -> tuple[str, int]:
        first = self.at_least(left, _SUM)
        second = self.at_least(right, _SUM if sign == "+" else _PRODUCT)
        if second.startswith("-"):
            sign, second = ("-", second[1:]) if sign == "+" else ("+", second[1:])
        return f"{first} {sign} {second}", _SUM

    def product(self, left: Any, right: Any) -> tuple[str, int]:
        return self.times(self.at_least(left, _PRODUCT), self.factor(right)), _PRODUCT

    def factor(self, node: Any) -> str:
        """A right factor: a quotient keeps its parentheses, and so does anything with a sign."""
        quotient = isinstance(node, Written) and node.head == "/"
        rendered = self.at_least(node, _POWER if quotient else _PRODUCT)
        return self.parentheses(rendered) if rendered.startswith("-") else rendered

    def power(self, base: Any, exponent: Any) -> tuple[str, int]:
        return f"{self.at_least(base, _ATOM)}**{self.at_least(exponent, _ATOM)}", _POWER

    def quotient(self, left: Any, right: Any) -> tuple[str, int]:
        return f"{self.at_least(left, _PRODUCT)}/{self.at_least(right, _POWER)}", _PRODUCT

    def function(self, name: str, *arguments: Any) -> tuple[str, int]:
        return f"{name}({', '.join(self.argument(argument) for argument in arguments)})", _ATOM

    def argument(self, node: Any) -> str:
        return self.comparison(node) if isinstance(node, Comparison) else self.render(node)[0]

    def comparison(self, node: Comparison) -> str:
        return f"{self.render(node.left)[0]} {self.sign(node.sign)} {self.render(node.right)[0]}"

    def sign(self, sign: str) -> str:
        return sign

    def name(self, name: str) -> str:
        return name

    def times(self, left: str, right: str) -> str:
        return f"{left}*{right}"

    def parentheses(self, rendered: str) -> str:
        return f"({rendered})"


class _Latex(_Text):
    def factor(self, node: Any) -> str:
        rendered = self.at_least(node, _PRODUCT)
        return self.parentheses(rendered) if rendered.startswith("-") else rendered

    def power(self, base: Any, exponent: Any) -> tuple[str, int]:
        return f"{self.at_least(base, _ATOM)}^{{{self.render(exponent)[0]}}}", _POWER

    def quotient(self, left: Any, right: Any) -> tuple[str, int]:
        top, sign = self.render(left)[0], ""
        if top.startswith("-") and self.render(left)[1] >= _PRODUCT:
            top, sign = top[1:], "-"
        return f"{sign}\\frac{{{top}}}{{{self.render(right)[0]}}}", _PRODUCT

    def function(self, name: str, *arguments: Any) -> tuple[str, int]:
        inner = [self.argument(argument) for argument in arguments]
        if name in _LATEX_AROUND:
            before, after = _LATEX_AROUND[name]
            return before + inner[0] + after, _ATOM
        if name == "where":
            condition, first, second = inner
            lines = f"{first} & \\text{{if }} {condition} \\\\ {second} & \\text{{otherwise}}"
            # Its brace is open to the right: as a factor or a summand it needs parentheses.
            return f"\\begin{{cases}} {lines} \\end{{cases}}", _OPEN
        latex_function = _LATEX_NAMES.get(name, f"\\{name}")
        return latex_function + self.parentheses(", ".join(inner)), _ATOM

    def sign(self, sign: str) -> str:
        return {">=": "\\ge", "<=": "\\le"}.get(sign, sign)

    def number(self, value: Any) -> tuple[str, int]:
        rendered, binding = super().number(value)
        mantissa, e, exponent = rendered.partition("e")
        if not e:
            return rendered, binding
        return f"{mantissa} \\cdot 10^{{{int(exponent)}}}", _PRODUCT

    def name(self, name: str) -> str:
        return latex_name(name)

    def times(self, left: str, right: str) -> str:
        return f"{left} \\cdot {right}" if right[0].isdigit() else f"{left} {right}"

    def parentheses(self, rendered: str) -> str:
        return f"\\left({rendered}\\right)"
