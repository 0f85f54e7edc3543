"""Equations of maps and delay equations, typed a second time, with the parameters usually published."""

from __future__ import annotations

MIRA = "(-0.2*y - 1.1*x + 4.2*x**2/(1 + x**2))"

MAPS: dict[str, tuple[dict[str, float], list[str]]] = {
    "Logistic": ({"r": 3.9}, ["r*x*(1 - x)"]),
    "Chebyshev": ({"a": 6.0}, ["32*x**6 - 48*x**4 + 18*x**2 - 1"]),
    "Ricker": ({"a": 3.3}, ["x*exp(a - x)"]),
    "Bogdanov": (
        {"eps": 0.0, "k": 1.2, "mu": 0.0},
        ["x + y + k*x*(x - 1)", "y + 1.2*x**2 - 1.2*x"],
    ),
    "KaplanYorke": (
        {"alpha": 0.2},
        ["2*x - 0.99999995*floor(2*x/0.99999995)", "alpha*y + cos(4*pi*x)"],
    ),
    "Tent": ({"mu": 0.95}, ["minimum(2*mu*x, 2*mu*(1 - x))"]),
    "DuffingMap": ({"a": 2.75, "b": 0.2}, ["y", "-b*x + a*y - y**3"]),
    "Gingerbreadman": ({}, ["1 - y + abs(x)", "x"]),
    "Zaslavskii": (
        {"eps": 5.0, "nu": 0.2, "r": 2.0},
        [
            "(x + nu*(1 + (1 - exp(-r))/r*y) + eps*nu*(1 - exp(-r))/r*cos(2*pi*x)) % 1",
            "exp(-r)*(y + eps*cos(2*pi*x))",
        ],
    ),
    "Chirikov": ({"k": 0.971635}, ["p + k*sin(x)", "x + p + k*sin(x)"]),
    "Gauss": ({"a": 4.9, "b": -0.5}, ["exp(-a*x**2) + b"]),
    "Henon": ({"a": 1.4, "b": 0.3}, ["1 - a*x**2 + y", "b*x"]),
    "Lozi": ({"a": 1.7, "b": 0.5}, ["1 - a*maximum(x, -x) + y", "b*x"]),
    "Baker": (
        {"a": 1.0},
        ["(2 - 1e-10)*x - floor((2 - 1e-10)*x)", "(y + where(x < 1/(2 - 1e-10), 0, 1))/2"],
    ),
    "Ikeda": (
        {"u": 0.9},
        [
            "1 + u*((x + 1j*y)*exp(1j*(0.4 - 6/(1 + x**2 + y**2)))).real",
            "u*((x + 1j*y)*exp(1j*(0.4 - 6/(1 + x**2 + y**2)))).imag",
        ],
    ),
    "Tinkerbell": (
        {"a": 0.9, "b": -0.6013, "c": 2.0, "d": 0.5},
        ["((x + 1j*y)**2).real + a*x + b*y", "((x + 1j*y)**2).imag + c*x + d*y"],
    ),
    "Circle": ({"omega": 0.333, "k": 5.7}, ["(theta + omega + k/(2*pi)*sin(2*pi*theta)) % 1"]),
    "MaynardSmith": ({"a": 0.87, "b": 0.75}, ["y", "a*y + b - x**2"]),
    "Pickover": (
        {"a": -1.4, "b": 1.6, "c": 1.0, "d": 0.7},
        ["sin(a*y) + c*cos(a*x)", "sin(b*x) + d*cos(b*y)"],
    ),
    "DeJong": (
        {"a": 1.641, "b": 1.902, "c": 0.316, "d": 1.525},
        ["sin(a*y) - cos(b*x)", "sin(c*x) - cos(d*y)"],
    ),
    "ZeraouliaSprott": ({"a": 4.0, "b": 0.8}, ["-a*x/(1 + y**2)", "x + b*y"]),
    "Bedhead": ({"a": -0.67, "b": 0.83}, ["y*sin(x*y/b) + cos(a*x - y)", "x + sin(y)/b"]),
    "Svensson": (
        {"a": 1.5, "b": -1.8, "c": 1.6, "d": 0.9},
        ["d*sin(a*x) - sin(b*y)", "c*cos(a*x) + cos(b*y)"],
    ),
    "GumowskiMira": (
        {"a": -1.1, "b": -0.2},
        [
            MIRA,
            f"-x - 1.1*{MIRA} + 4.2*(1 - 1/(1 + {MIRA}**2))",
        ],
    ),
    "Hopalong": (
        {"a": 3.1, "b": 2.5, "c": 4.2},
        ["y - 1 - sqrt(abs(b*x - 1 - c))*sign(x - 1)", "a - x - 1"],
    ),
}

# name: (equation in x and past, parameters, delay)
DELAYS: dict[str, tuple[str, dict[str, float], float]] = {
    "MackeyGlass": ("beta*past/(1 + past**n) - gamma*x", {"beta": 0.2, "gamma": 0.1, "n": 10}, 16.0),
    "IkedaDelay": ("-20*sin(past) - x", {}, 2.0),
    "SprottDelay": ("sin(past)", {}, 5.1),
    "VossDelay": ("-3.24*x - 10.44*past**3 - 13.95*past**2 - 3.63*past + 0.85", {}, 13.28),
    "ScrollDelay": ("-0.2*past + 0.2*tanh(10*past)", {}, 10.0),
    "PiecewiseCircuit": ("-past + 3*past/2.24 - (past/2.24)**3", {}, 4.9),
}
