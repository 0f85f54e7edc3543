"""Equations are printed as they were written, and the text means what was written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaosdata.equations.functions import (
    acos,
    atan,
    atan2,
    exp,
    floor,
    heaviside,
    minimum,
    pi,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    where,
)
from chaosdata.equations.written import Written, latex, latex_name, symbol, text

x, y, a = symbol("x"), symbol("y"), symbol("alpha")


@pytest.mark.parametrize(
    ("expression", "expected_text", "expected_latex"),
    [
        (a * (y - x), "alpha*(y - x)", r"\alpha \left(y - x\right)"),
        (x - (y - a), "x - (y - alpha)", r"x - \left(y - \alpha\right)"),
        (x - (y + a) * 2, "x - (y + alpha)*2", r"x - \left(y + \alpha\right) \cdot 2"),
        (x / (y * a), "x/(y*alpha)", r"\frac{x}{y \alpha}"),
        (x / y / a, "x/y/alpha", r"\frac{\frac{x}{y}}{\alpha}"),
        (x * (y / a), "x*(y/alpha)", r"x \frac{y}{\alpha}"),
        (-x / y, "-x/y", r"-\frac{x}{y}"),
        ((-x) ** 2, "(-x)**2", r"\left(-x\right)^{2}"),
        (-(x**2), "-x**2", "-x^{2}"),
        ((x**2) ** y, "(x**2)**y", r"\left(x^{2}\right)^{y}"),
        (x ** (y**2), "x**(y**2)", "x^{y^{2}}"),
        (2**x, "2**x", "2^{x}"),
        (x**-1, "x**(-1)", "x^{-1}"),
        (x + -y, "x - y", "x - y"),
        (x - (-y), "x + y", "x + y"),
        (x * -y, "x*(-y)", r"x \left(-y\right)"),
        (-(x + y), "-(x + y)", r"-\left(x + y\right)"),
        (+x - 1.5, "x - 1.5", "x - 1.5"),
        (x - (-1.5), "x + 1.5", "x + 1.5"),
        (x + (-1.5), "x - 1.5", "x - 1.5"),
        (2 * 3.0 * x, "6*x", "6 x"),
        (1e-9 * x, "1e-09*x", r"1 \cdot 10^{-9} x"),
        (2 * pi * x, "2*pi*x", r"2 \pi x"),
        (sin(pi * x), "sin(pi*x)", r"\sin\left(\pi x\right)"),
        (sqrt(x + y) * exp(-x), "sqrt(x + y)*exp(-x)", r"\sqrt{x + y} \exp\left(-x\right)"),
        (sum([x, y]), "x + y", "x + y"),
        (1.5, "1.5", "1.5"),
        (abs(x - y), "abs(x - y)", r"\left|x - y\right|"),
        (sign(x) * y, "sign(x)*y", r"\operatorname{sign}\left(x\right) y"),
        (x - floor(2 * x), "x - floor(2*x)", r"x - \left\lfloor 2 x \right\rfloor"),
        (minimum(x, y, 0), "minimum(x, y, 0)", r"\min\left(x, y, 0\right)"),
        (heaviside(-x), "heaviside(-x)", r"\operatorname{H}\left(-x\right)"),
        (tan(x) * sinh(y), "tan(x)*sinh(y)", r"\tan\left(x\right) \sinh\left(y\right)"),
        (atan2(y, x), "atan2(y, x)", r"\operatorname{atan2}\left(y, x\right)"),
        (acos(x) + atan(y), "acos(x) + atan(y)", r"\arccos\left(x\right) + \arctan\left(y\right)"),
        (
            where(x >= y, x, -y),
            "where(x >= y, x, -y)",
            r"\begin{cases} x & \text{if } x \ge y \\ -y & \text{otherwise} \end{cases}",
        ),
        (
            2 * where(x > 1, 0, a) + 1,
            "2*where(x > 1, 0, alpha) + 1",
            r"2 \left(\begin{cases} 0 & \text{if } x > 1 \\ \alpha & \text{otherwise} \end{cases}\right) + 1",
        ),
        (
            where(x <= y, 0, 1) + 1,
            "where(x <= y, 0, 1) + 1",
            r"\left(\begin{cases} 0 & \text{if } x \le y \\ 1 & \text{otherwise} \end{cases}\right) + 1",
        ),
    ],
)
def test_text_and_latex(expression: Any, expected_text: str, expected_latex: str) -> None:
    assert text(expression) == expected_text
    assert latex(expression) == expected_latex


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"),
        ("x10", "x_{10}"),
        ("px", "p_{x}"),
        ("Vm2", "V_{m2}"),
        ("k_1_2", "k_{1,2}"),
        ("eps", r"\epsilon"),
        ("omega_0", r"\omega_{0}"),
        ("mu", r"\mu"),
        ("gain", r"\mathrm{gain}"),
    ],
)
def test_names_in_latex(name: str, expected: str) -> None:
    assert latex_name(name) == expected


def _trees() -> st.SearchStrategy[Any]:
    leaves = st.sampled_from(["x", "y", 2, 3, 0.5, -1.5])

    def grow(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.tuples(st.sampled_from("+-*/"), children, children) | st.tuples(st.just("neg"), children)

    return st.recursive(leaves, grow, max_leaves=12)


def _build(tree: Any, names: dict[str, Any]) -> Any:
    if isinstance(tree, tuple):
        parts = [_build(part, names) for part in tree[1:]]
        match tree[0]:
            case "+":
                return parts[0] + parts[1]
            case "-":
                return parts[0] - parts[1]
            case "*":
                return parts[0] * parts[1]
            case "/":
                return parts[0] / parts[1]
            case _:
                return -parts[0]
    return names[tree] if isinstance(tree, str) else tree


@given(_trees())
def test_the_text_read_by_python_has_the_value_of_the_expression(tree: Any) -> None:
    values = {"x": 1.37, "y": -0.61}
    try:
        expected = _build(tree, values)
        written = _build(tree, {"x": symbol("x"), "y": symbol("y")})
    except ZeroDivisionError:
        return
    assert isinstance(written, Written | int | float)
    assert eval(text(written), {}, values) == pytest.approx(expected, rel=1e-12, abs=1e-12)
