"""Systems in noise."""

from chaosdata.equations import stochastic


@stochastic(
    initial=(1.0,),
    period=20.0,
    reference="Kramers (1940). Brownian motion in a field of force and the diffusion model of chemical "
    "reactions. Physica 7, 284-304.",
    tags={"noise", "bistable", "dissipative"},
    notes="Without noise it rests in a well. The stationary density is proportional to exp((x**2 - "
    "x**4/2)/sigma**2), and jumps are about pi*sqrt(2)*exp(1/(2*sigma**2)) apart.",
)
def DoubleWell(x, *, sigma=0.5):
    """A particle without inertia in two wells, which thermal noise carries over the barrier now and then.

    The model of every rare transition, from chemical reactions to climates.
    """
    return (x - x**3,), (sigma,)


@stochastic(
    initial=(-9.79, -15.04, 20.53),
    period=1.5,
    reference="Palmer (2001). A nonlinear dynamical perspective on model error. Q. J. R. Meteorol. Soc. 127, "
    "279-304.",
    tags={"noise", "climate", "dissipative"},
)
def StochasticLorenz(x, y, z, *, sigma=10.0, rho=28.0, beta=8 / 3, noise=1.0):
    """The Lorenz system with white noise in each equation, for what the three modes leave out.

    Asks what is left of an attractor, and of predictability, when the model is uncertain at every moment.
    """
    return (
        (sigma * (y - x), x * (rho - z) - y, x * y - beta * z),
        (noise, noise, noise),
    )
