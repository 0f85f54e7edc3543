"""Neurons and their networks."""

from chaosdata.equations import flow
from chaosdata.equations.functions import tanh


@flow(
    initial=(-0.67127393, -0.2420173, -0.055676628, 0.34697948, 0.45273118, 0.78389688),
    period=9.91,
    reference="Lewis, Glass (1992). Nonlinear dynamics and symbolic dynamics of neural networks. "
    "Neural Comput. 4, 621-642.",
    tags={"neuroscience", "dissipative"},
)
def Hopfield(
    x1,
    x2,
    x3,
    x4,
    x5,
    x6,
    *,
    k=(
        (0, -1, 0, 0, -1, -1),
        (0, 0, 0, -1, -1, -1),
        (-1, -1, 0, 0, -1, 0),
        (-1, -1, -1, 0, 0, 0),
        (-1, -1, 0, -1, 0, 0),
        (0, -1, -1, -1, 0, 0),
    ),
    tau=2.5,
    beta=0.5,
    eps=10.0,
):
    """Six leaky neurons, each inhibited by some of the others through a steep sigmoid.

    A small continuous Hopfield network, also read as a network of genes that switch each other off.
    """
    x = (x1, x2, x3, x4, x5, x6)
    input = [sum(k_ij * x_j for k_ij, x_j in zip(row, x, strict=True)) for row in k]
    return tuple(-x[i] / tau - beta + (1 + tanh(eps * input[i])) / 2 for i in range(6))
