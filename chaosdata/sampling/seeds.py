"""Random numbers that depend on nothing but words: the seed, the system, the trajectory and the purpose.

A counter-based generator keyed by a hash gives every trajectory its own stream, so that a trajectory's draws
are the same whichever worker makes it, in whatever batch or order.
"""

from __future__ import annotations

import numpy as np

from chaosdata.integrate.streams import stream_key


def trajectory_generator(seed: int, system: str, index: int, purpose: str) -> np.random.Generator:
    """The generator of one trajectory.

    Only ``random()`` may enter a dataset: it is integer arithmetic and one exact scaling, while ``normal()``
    and its like go through the C library's logarithm, whose last bit differs between platforms.

    Parameters
    ----------
    seed : the recipe's seed.
    system : the system's name.
    index : the trajectory's index within its purpose.
    purpose : what the draws are for, for instance ``"trajectory"``; other purposes get independent draws.

    Reference: Salmon et al. (2011). Parallel random numbers: as easy as 1, 2, 3. SC11 (Philox4x64-10).

    >>> first, again = (trajectory_generator(2026, "Lorenz", 3, "trajectory") for _ in range(2))
    >>> first.random() == again.random()
    True
    """
    key = stream_key(seed, system, index, purpose)
    return np.random.Generator(np.random.Philox(key=key))
