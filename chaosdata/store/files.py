"""Effects on the file system: atomic writes, hashes, locks, staging, and their failures in words."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaosdata.errors import StorageError

PathLike = str | os.PathLike[str]

WORK = ".work"
_PART = ".part"
_FULL = "the disk or quota is full: free some space or choose another root, then run it again; it resumes."
_NOT_A_DIRECTORY = "a part of the path is a file, not a directory: move it away or choose another root."
_ADVICE = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: "permission denied: choose a root that you may write to, or change its permissions.",
    errno.EPERM: "operation not permitted: choose a root that you may write to, or change its permissions.",
    errno.EROFS: "the file system is read-only: choose a root on a writable one.",
    errno.ENOTDIR: _NOT_A_DIRECTORY,
    errno.EEXIST: _NOT_A_DIRECTORY,
    errno.ENOENT: "it does not exist: check the path.",
    errno.EXDEV: "the root spans two file systems: keep ROOT/.work and the published tree on one.",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n) or use fewer workers.",
}


@contextmanager
def storage_errors(action: str, path: PathLike) -> Iterator[None]:
    """Turn an OSError into a StorageError of one line that names the path and the fix.

    ``action`` completes "Cannot ...", for instance ``"write"``.
    """
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, f"{error.strerror or error}.")
        raise StorageError(f"Cannot {action} {os.fspath(error.filename or path)}: {advice}") from error


def canonical_json(value: Any) -> bytes:
    """The one JSON text of a value: sorted keys, UTF-8, a final newline, no NaN."""
    text = json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def hash_bytes(data: bytes) -> str:
    """sha256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def hash_file(path: PathLike) -> str:
    """sha256 of a file in hexadecimal, read in pieces."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomic(path: PathLike, data: bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all: a reader sees the old content or the new.

    The partial file has a name of its own, because a task that was retried may still have its first writer
    alive; both then write the same bytes, and the last rename wins.

    ``durable=False`` leaves it to :func:`sync_tree` to force the bytes to disk, once, before they are
    published.

    Raises
    ------
    StorageError
        The file cannot be written.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}{_PART}")
    with storage_errors("write", target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(part, "wb") as stream:
                stream.write(data)
                if durable:
                    stream.flush()
                    os.fsync(stream.fileno())
            os.replace(part, target)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        if durable:
            sync(target.parent)


def sync(path: PathLike) -> None:
    """Force a file's bytes, or a directory's names, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(directory: PathLike) -> None:
    """Force every file and name below a directory to disk."""
    with storage_errors("write", directory):
        for folder, _, names in os.walk(directory, topdown=False):
            for name in names:
                sync(os.path.join(folder, name))
            sync(folder)


def list_files(directory: PathLike) -> list[str]:
    """Every file below a directory, as sorted paths with forward slashes relative to it."""
    base = Path(directory)
    return sorted(path.relative_to(base).as_posix() for path in base.rglob("*") if not path.is_dir())


def remove_parts(directory: PathLike) -> None:
    """Remove partial files that killed writers left behind."""
    with storage_errors("clean", directory):
        for path in Path(directory).rglob(f".*{_PART}"):
            path.unlink(missing_ok=True)


def remove_tree(directory: PathLike) -> None:
    """Remove a directory and all below it; nothing happens when it is not there."""
    with storage_errors("remove", directory), suppress(FileNotFoundError):
        shutil.rmtree(directory)


@contextmanager
def lock(path: PathLike, *, wait: bool = True, holder: str = "another process") -> Iterator[None]:
    """Hold an exclusive lock between processes; the kernel drops it when the holder dies.

    Parameters
    ----------
    path : the lock file, made when missing and never removed (removing it would let two holders in).
    wait : wait for the lock, or refuse at once.
    holder : who probably holds it, for the message.

    Raises
    ------
    StorageError
        ``wait`` is false and the lock is held, or the file cannot be opened.
    """
    target = Path(path)
    with storage_errors("lock", target):
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            with storage_errors("lock", target):
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except StorageError as error:
            if isinstance(error.__cause__, BlockingIOError):
                raise StorageError(
                    f"{target} is locked: {holder} is at work there. Wait until it ends, then run this again."
                ) from None
            raise
        try:
            yield
        finally:  # explicitly: a forked child may still hold a copy of the descriptor
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Staging:
    """Where a version is made before it is published; outside the published tree, on the same file system.

    directory : everything of this build, removed when the version is published.
    tree : the version directory to be; it moves into place by one rename.
    store : the Zarr store inside it.
    receipts : what is done so far.
    lock_path : held by the one builder of this version.
    """

    directory: Path
    lock_path: Path

    @property
    def tree(self) -> Path:
        """The version directory to be."""
        return self.directory / "tree"

    @property
    def store(self) -> Path:
        """The Zarr store inside the tree."""
        return self.tree / "data.zarr"

    @property
    def receipts(self) -> Path:
        """Receipts of finished tasks."""
        return self.directory / "receipts"


def staging(root: PathLike, name: str, version: str) -> Staging:
    """The staging paths of a version; nothing is created."""
    work = Path(root) / WORK
    return Staging(directory=work / f"{name}-{version}", lock_path=work / f"{name}-{version}.lock")
