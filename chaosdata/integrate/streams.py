"""The keys of streams of random numbers: hashes of words, so that a stream depends on nothing else."""

from __future__ import annotations

import hashlib
import json

import numpy as np
from numpy.typing import NDArray


def stream_key(seed: int, system: str, index: int, purpose: str) -> NDArray[np.uint64]:
    """Two 64-bit words for one trajectory.

    Parameters
    ----------
    seed : the recipe's seed.
    system : the system's name.
    index : the trajectory's index within its purpose.
    purpose : what the numbers are for; other purposes get independent ones.
    """
    # JSON is unambiguous: no two lists of words share a text.
    words = json.dumps([int(seed), system, int(index), purpose])
    return np.frombuffer(hashlib.sha256(words.encode()).digest()[:16], dtype="<u8").astype(np.uint64)
