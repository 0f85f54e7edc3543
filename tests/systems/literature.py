"""Equations and usual parameter values, typed from the literature independently of the declarations."""

HOPFIELD = [
    [0, -1, 0, 0, -1, -1],
    [0, 0, 0, -1, -1, -1],
    [-1, -1, 0, 0, -1, 0],
    [-1, -1, -1, 0, 0, 0],
    [-1, -1, 0, -1, 0, 0],
    [0, -1, -1, -1, 0, 0],
]

CALCIUM_RELEASE = "30*z**2/(0.6**2 + z**2)*y**2/(0.3**2 + y**2)*a**4/(0.1**4 + a**4)"
CALCIUM_PUMP = "6*z**2/(0.1**2 + z**2)"
GYRE = "(0.1*sin(z)*x**2 + (1 - 0.2*sin(z))*x)"

# name: (state, equations with the usual numbers put in)
EQUATIONS: dict[str, tuple[str, list[str]]] = {
    "Lorenz": ("x y z", ["10*y - 10*x", "28*x - x*z - y", "x*y - 8*z/3"]),
    "Rossler": ("x y z", ["-(y + z)", "x + y/5", "0.2 + x*z - 5.7*z"]),
    "HyperRossler": ("x y z w", ["-(y + z)", "x + y/4 + w", "3 + x*z", "-z/2 + w/20"]),
    "Chen": ("x y z", ["35*(y - x)", "-7*x - x*z + 28*y", "x*y - 3*z"]),
    "ShimizuMorioka": ("x y z", ["y", "x*(1 - z) - 0.85*y", "x*x - z/2"]),
    "YuWang": ("x y z", ["10*(y - x)", "40*x - 2*x*z", "exp(x*y) - 2.5*z"]),
    "Thomas": ("x y z", ["10*sin(y) - 1.85*x", "10*sin(z) - 1.85*y", "10*sin(x) - 1.85*z"]),
    "Halvorsen": (
        "x y z",
        ["-1.4*x - 4*y - 4*z - y*y", "-1.4*y - 4*z - 4*x - z*z", "-1.4*z - 4*x - 4*y - x*x"],
    ),
    "HenonHeiles": ("x y px py", ["px", "py", "-x - 2*x*y", "-y - x*x + y*y"]),
    "Duffing": ("x y z", ["y", "-y/10 + x - x**3 + 0.35*cos(z)", "1.4"]),
    "DoubleGyre": (
        "x y z",
        [
            f"-pi/10*sin(pi*{GYRE})*cos(pi*y)",
            f"pi/10*cos(pi*{GYRE})*sin(pi*y)*(0.2*sin(z)*x + 1 - 0.2*sin(z))",
            "0.62832",
        ],
    ),
    "CaTwoPlus": (
        "z y a",
        [
            f"2 + 2*0.65 - {CALCIUM_PUMP} + {CALCIUM_RELEASE} + y - 10*z",
            f"{CALCIUM_PUMP} - {CALCIUM_RELEASE} - y",
            "0.65*3 - 50*a/(0.3194 + a)*z**4/(1 + z**4) - 13*a",
        ],
    ),
    "JerkCircuit": ("x y z", ["y", "z", "-z - x - 1e-9*(exp(y/0.026) - 1)"]),
    "SprottB": ("x y z", ["y*z", "x - y", "1 - x*y"]),
    "Lorenz96": (
        " ".join(f"x{i}" for i in range(1, 41)),
        # dx_i/dt = (x_{i+1} - x_{i-2})*x_{i-1} - x_i + 8 around the circle
        [f"(x{i % 40 + 1} - x{(i - 3) % 40 + 1})*x{(i - 2) % 40 + 1} - x{i} + 8" for i in range(1, 41)],
    ),
    "Hopfield": (
        "x1 x2 x3 x4 x5 x6",
        [
            f"-x{i}/2.5 - 0.5 + (1 + tanh(10*({' + '.join(f'({k})*x{j}' for j, k in enumerate(row, 1))})))/2"
            for i, row in enumerate(HOPFIELD, 1)
        ],
    ),
}
