"""The marker of a staging directory: what its files are made from, and who is writing them.

A builder that is killed may leave worker processes behind that finish the task they hold. Each task holds a
shared lock on the marker while it writes, and refuses a marker that is not its own; whoever ends or clears a
staging directory takes the lock alone first. So no file appears in a version after it was proven. The marker
is never part of a version.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chaosdata.datasets.recipe import Recipe
from chaosdata.errors import StorageError

if TYPE_CHECKING:
    from chaosdata.store.files import Staging


def write_marker(place: Staging, recipe: Recipe) -> None:
    """Claim a staging directory for a recipe; whatever another recipe or release staged there is removed."""
    from chaosdata.store.files import remove_tree, write_atomic

    if place.directory.exists() and not _is_ours(place, recipe):
        with _locked(_marker(place), fcntl.LOCK_EX):
            remove_tree(place.directory)
    if not _marker(place).exists():
        write_atomic(_marker(place), _content(recipe))


@contextmanager
def writing(place: Staging, recipe: Recipe) -> Iterator[None]:
    """Held by a task while it writes; many tasks hold it together.

    Raises
    ------
    StorageError : the build that this task belongs to is over.
    """
    with _locked(_marker(place), fcntl.LOCK_SH) as found:
        if not found or not _is_ours(place, recipe):
            raise StorageError(
                f"{place.directory}: the build of {recipe.id} is over; this task came too late"
            )
        yield


@contextmanager
def alone(place: Staging) -> Iterator[None]:
    """Held while a version is finished: waits for the last task, orphaned or not, and lets none begin."""
    with _locked(_marker(place), fcntl.LOCK_EX):
        yield


def _marker(place: Staging) -> Path:
    return place.directory / "build.json"


def _is_ours(place: Staging, recipe: Recipe) -> bool:
    marker = _marker(place)
    return marker.is_file() and marker.read_bytes() == _content(recipe)


def _content(recipe: Recipe) -> bytes:
    # The release stands beside the digest: another one may make other bytes from the same recipe.
    from chaosdata import __version__
    from chaosdata.store.files import canonical_json

    return canonical_json({"recipe": recipe.digest, "chaosdata": __version__})


@contextmanager
def _locked(path: Path, operation: int) -> Iterator[bool]:
    """Hold a lock on a file; False if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(descriptor, operation)
        yield True
    finally:
        os.close(descriptor)
