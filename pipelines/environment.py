"""Environment variables for a while: settings for libraries and child processes that read nothing else."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping


@contextlib.contextmanager
def environment(settings: Mapping[str, str], drop: tuple[str, ...] = ()) -> Iterator[None]:
    """Set some variables and remove others; all are as before in the end."""
    before = {key: os.environ.get(key) for key in (*settings, *drop)}
    for key in drop:
        os.environ.pop(key, None)
    os.environ.update(settings)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
