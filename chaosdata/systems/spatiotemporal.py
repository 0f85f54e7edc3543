"""Chaos in space and time."""

from chaosdata.equations import flow

_FAST = 4  # fast sites beside each slow one


@flow(
    initial=(
        6.316,
        8.868,
        3.573,
        -2.213,
        -0.533,
        -4.028,
        0.552,
        4.064,
        0.231,
        0.519,
        0.181,
        0.226,
        -0.444,
        0.524,
        0.493,
        0.118,
        -0.012,
        0.122,
        0.503,
        0.45,
        0.15,
        0.182,
        0.123,
        -0.208,
        -0.129,
        -0.122,
        0.002,
        -0.123,
        -0.119,
        -0.082,
        0.046,
        -0.489,
        0.026,
        0.03,
        0.067,
        0.008,
        -0.008,
        0.377,
        0.247,
        -0.058,
    ),
    period=2.1,
    reference="Lorenz (1996). Predictability: a problem partly solved. Seminar on Predictability, Vol. 1. "
    "ECMWF, Reading.",
    tags={"climate", "spatiotemporal", "dissipative"},
    notes="The slow sites come first, then the fast ones in their order around the circle, four beside each "
    "slow one: x1 to x8 and x9 to x40 here; resized(n) takes multiples of five. The spectrum is broad, and "
    "the period that of its peak.",
)
def Lorenz96TwoScale(*x, b=10.0, c=10.0, f=10.0, h=1.0):
    """Weather at slow sites around a circle of latitude, each coupled to fast, small convection beside it.

    The usual test of parameterisations, which ask what of the fast scale a model of the slow one must know.
    """
    n = len(x) // (1 + _FAST)
    slow, fast = x[:n], x[n:]
    if len(fast) != _FAST * n:
        raise ValueError(f"the number of components must be a multiple of {1 + _FAST}")
    m = len(fast)
    sums = [sum(fast[_FAST * k : _FAST * (k + 1)]) for k in range(n)]
    return (
        *(
            (slow[(k + 1) % n] - slow[k - 2]) * slow[k - 1] - slow[k] + f - h * c / b * sums[k]
            for k in range(n)
        ),
        *(
            c * b * (fast[j - 1] - fast[(j + 2) % m]) * fast[(j + 1) % m]
            - c * fast[j]
            + h * c / b * slow[j // _FAST]
            for j in range(m)
        ),
    )
