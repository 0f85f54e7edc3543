"""Four variables and, as a rule, two unstable directions: relatives of the Lorenz, Chen and Lu systems."""

from chaosdata.equations import flow


@flow(
    initial=(9.271308, 9.752247, 23.919155, -16.696759),
    period=0.7757,
    reference="Bao, Liu (2008). A hyperchaotic attractor coined from the chaotic Lu system. Chin. Phys. "
    "Lett. 25, 2396-2399.",
    tags={"hyperchaotic", "dissipative"},
)
def HyperBao(x, y, z, w, *, a=36.0, b=3.0, c=20.0, d=0.1, e=21.0):
    """The Lu system with a fourth variable that a product feeds and that is returned to the first.

    One of many ways to open a second unstable direction with a single feedback.
    """
    return (
        a * (y - x) + w,
        c * y - x * z,
        x * y - b * z,
        e * x + d * y * z,
    )


@flow(
    initial=(-10.691274, -15.541159, 18.388272, -14.904494),
    period=0.828,
    reference="Cai, Huang (2007). A new finance chaotic attractor. Int. J. Nonlinear Sci. 3, 213-220.",
    tags={"hyperchaotic", "dissipative"},
    notes="The reference is the one that collections give, and doubtful: it is on another flow, of three "
    "variables.",
)
def HyperCai(x, y, z, w, *, a=27.5, b=3.0, c=19.3, d=2.9, e=3.3):
    """A Lorenz-like flow with a square in place of a product, and a slow linear feedback.

    The second unstable direction is weak beside the first, which tests estimators of whole spectra.
    """
    return (
        a * (y - x),
        b * x + c * y - x * z + w,
        -d * z + y**2,
        -e * x,
    )


@flow(
    initial=(13.765449, 20.203792, 32.081798, -51.189321),
    period=1.29,
    reference="Jia (2007). Hyperchaos generated from the Lorenz chaotic system and its control. Phys. Lett. "
    "A 366, 217-222.",
    tags={"hyperchaotic", "dissipative"},
    notes="The equations of HyperLorenz with d = 1.3 and the names of b and c exchanged; both are kept "
    "under the names that are in use. c is 8/3 instead of the rounded 2.667.",
)
def HyperJha(x, y, z, w, *, a=10.0, b=28.0, c=8 / 3, d=1.3):
    """The Lorenz system with a fourth variable that grows by itself and is held back by a product.

    Its two unstable directions are of comparable strength.
    """
    return (
        a * (y - x) + w,
        b * x - y - x * z,
        x * y - c * z,
        d * w - x * z,
    )


@flow(
    initial=(-9.186074, -0.674457, 16.440537, -145.024385),
    period=1.28,
    reference="Jia (2007). Hyperchaos generated from the Lorenz chaotic system and its control. Phys. Lett. "
    "A 366, 217-222.",
    tags={"hyperchaotic", "dissipative"},
    notes="b is 8/3 instead of the rounded 2.667.",
)
def HyperLorenz(x, y, z, w, *, a=10.0, b=8 / 3, c=28.0, d=1.1):
    """The Lorenz system at its classical parameters, with one more variable in its first equation.

    The nearest hyperchaotic relative of the best-known strange attractor.
    """
    return (
        a * (y - x) + w,
        c * x - y - x * z,
        x * y - b * z,
        d * w - x * z,
    )


@flow(
    initial=(8.113486, 10.556644, 18.445907, -28.381517),
    period=1.82,
    reference="Chen, Lu, Lu, Yu (2006). Generating hyperchaotic Lu attractor via state feedback control. "
    "Physica A 364, 103-110.",
    tags={"hyperchaotic", "dissipative"},
    notes="d = 1, inside the paper's hyperchaotic range -0.35 < d <= 1.3. Collections have its upper end: "
    "see the variant published.",
    variants={
        "published": {
            "d": 1.3,
            "notes": "As published in collections, with d = 1.3. Hyperchaos is then a long transient: "
            "sooner or later, after hundreds to thousands of periods, every orbit escapes to infinity.",
        }
    },
)
def HyperLu(x, y, z, w, *, a=36.0, b=3.0, c=20.0, d=1.0):
    """The Lu system with a feedback variable that is driven by a product.

    Its two unstable directions are lost, and then all bounds, as the gain of the feedback is raised.
    """
    return (
        a * (y - x) + w,
        c * y - x * z,
        x * y - b * z,
        d * w + x * z,
    )


@flow(
    initial=(8.408636, 4.672102, 27.910325, -1.263009),
    period=0.844,
    reference="Pang, Liu (2011). A new hyperchaotic system from the Lu system and its control. J. Comput. "
    "Appl. Math. 235, 2775-2789.",
    tags={"hyperchaotic", "dissipative"},
)
def HyperPang(x, y, z, w, *, a=36.0, b=3.0, c=20.0, d=2.0):
    """The Lu system with a linear feedback through a fourth variable.

    No product is added: a linear loop is enough for a second unstable direction.
    """
    return (
        a * (y - x),
        c * y - x * z + w,
        x * y - b * z,
        -d * (x + y),
    )


@flow(
    initial=(11.250901, -3.647078, 50.169879, -168.248518),
    period=0.223,
    reference="Qi, van Wyk, van Wyk, Chen (2008). On a new hyperchaotic system. Phys. Lett. A 372, 124-136.",
    tags={"hyperchaotic", "dissipative"},
    notes="Rare excursions take w to forty times its standard deviation.",
)
def HyperQi(x, y, z, w, *, a=50.0, b=24.0, c=13.0, d=8.0, e=33.0, f=30.0):
    """Four variables coupled by four products, with unusually large exponents.

    Proposed for encryption; its rare bursts make it a hard case for step control.
    """
    return (
        a * (y - x) + y * z,
        b * (x + y) - x * z,
        -c * z - e * w + x * y,
        -d * w + f * z + x * y,
    )


@flow(
    initial=(0.168249, 0.168541, 37.040338, -15.290274),
    period=0.932,
    reference="Wang, Liu (2006). Hyperchaos evolved from the Liu chaotic system. Chin. Phys. 15, 963-968.",
    tags={"hyperchaotic", "dissipative"},
    notes="Collections cite a later paper on a flow of three variables.",
)
def HyperWang(x, y, z, w, *, a=10.0, b=40.0, c=2.5, d=10.6, e=4.0):
    """The Liu system, a Lorenz-like flow with a square, joined by a slow integrator.

    Its second exponent is small, so that long runs are needed to tell hyperchaos from chaos.
    """
    return (
        a * (y - x),
        b * x - x * z + w,
        -c * z + e * x**2,
        -d * x,
    )


@flow(
    initial=(-2.691083, -4.086683, -2.980166, 19.11183),
    period=0.5739,
    reference="Letellier, Rossler (2007). Hyperchaos. Scholarpedia 2(8), 1936.",
    tags={"hyperchaotic", "dissipative"},
)
def HyperXu(x, y, z, w, *, a=10.0, b=40.0, c=2.5, d=2.0, e=16.0):
    """A Lorenz-like flow with three products and a damped fourth variable.

    One of the examples by which hyperchaos is introduced.
    """
    return (
        a * (y - x) + w,
        b * x + e * x * z,
        -c * z - x * y,
        x * z - d * y,
    )


@flow(
    initial=(-6.576621, -4.617145, 17.796515, 0.807236),
    period=0.652,
    reference="Yan (2005). Controlling hyperchaos in the new hyperchaotic Chen system. Appl. Math. Comput. "
    "168, 1239-1250.",
    tags={"dissipative"},
    notes="Announced as hyperchaotic; at these parameters only one exponent is positive.",
)
def HyperYan(x, y, z, w, *, a=37.0, b=3.0, c=26.0, d=38.0):
    """The Chen system with a strongly damped fourth variable and further products.

    Chaotic with a single unstable direction, despite its name.
    """
    return (
        a * (y - x),
        (c - a) * x - x * z + c * y,
        -b * z + x * y - y * z + x * z - w,
        -d * w + y * z - x * z,
    )


@flow(
    initial=(3.534464, 4.828525, 25.049176, 17.118520),
    period=3.02,
    reference="Yang, Liu (2009). A hyperchaotic system from a chaotic system with one saddle and two stable "
    "node-foci. J. Math. Anal. Appl. 360, 293-306.",
    tags={"hyperchaotic", "dissipative"},
    notes="The feedback of the second variable of the reference is left out, as in collections.",
)
def HyperYangChen(x, y, z, w, *, a=30.0, b=3.0, c=35.0, d=8.0):
    """A Lorenz-like flow without damping in its second equation, and a linear feedback through a fourth.

    Its two positive exponents are small beside the contraction, so that the attractor is thin.
    """
    return (
        a * (y - x),
        c * x - x * z + w,
        x * y - b * z,
        -d * x,
    )
