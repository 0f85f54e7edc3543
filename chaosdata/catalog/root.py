"""Where a catalog lies: a local directory, or what an http(s):// or s3:// URL names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaosdata.errors import ArgumentError, StorageError
from chaosdata.store.files import PathLike, hash_file, storage_errors
from chaosdata.store.receipts import FileRecord

_PROTOCOLS = ("http", "https", "s3")


@dataclass(frozen=True)
class Root:
    """A root, for reading.

    location : the directory, or the URL without a final slash.
    options : what fsspec is given for a URL, such as ``{"anon": True}`` for a public bucket.
    """

    location: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def remote(self) -> bool:
        """Whether it is a URL."""
        return "://" in self.location

    def join(self, path: str) -> str:
        """The location of something below the root."""
        return f"{self.location}/{path}"

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None when there is none.

        Raises
        ------
        StorageError
            It cannot be read.
        """
        with reading(self.join(path)):
            try:
                if self.remote:
                    content: bytes = self.filesystem().cat_file(self.join(path))
                    return content
                return Path(self.join(path)).read_bytes()
            except FileNotFoundError:
                return None

    def record(self, path: str) -> FileRecord | None:
        """Size and hash of a file, read now; None when there is none. A local file is read in pieces."""
        if self.remote:
            data = self.read(path)  # a file is one shard, some 32 MB
            return None if data is None else FileRecord(path, len(data), hashlib.sha256(data).hexdigest())
        target = Path(self.join(path))
        with storage_errors("read", target):
            try:
                return FileRecord(path, target.stat().st_size, hash_file(target))
            except FileNotFoundError:
                return None

    def filesystem(self) -> Any:
        """The fsspec file system of a URL.

        Raises
        ------
        StorageError
            The package that reads this kind of URL is not installed.
        """
        import fsspec

        protocol = self.location.partition("://")[0]
        try:
            return fsspec.filesystem(protocol, **self.options)
        except ImportError as error:
            extra = "chaosdata[s3]" if protocol == "s3" else "fsspec[http]"
            raise StorageError(f"Cannot read {self.location} ({error}): pip install '{extra}'.") from error


def root_at(root: PathLike, storage_options: Mapping[str, Any] | None = None) -> Root:
    """The root that a directory or URL names.

    Raises
    ------
    ArgumentError
        The URL is of another kind, or options are given for a directory.
    StorageError
        The directory does not exist.
    """
    location = os.fspath(root)
    if location.startswith("file://"):
        location = location.removeprefix("file://")
    protocol, separator, _ = location.partition("://")
    if separator and protocol not in _PROTOCOLS:
        raise ArgumentError(
            f"{location}: a root is a directory, or a URL that begins with http://, https:// or s3://."
        )
    if not separator:
        if storage_options:
            raise ArgumentError(
                f"storage_options are for URLs, and {location} is a directory: leave them out."
            )
        if not os.path.isdir(location):
            raise StorageError(f"{location} is not a directory: name the directory that holds catalog.yaml.")
        location = os.path.abspath(location)
    return Root(location.rstrip("/") or "/", dict(storage_options or {}))


@contextmanager
def reading(location: str) -> Iterator[None]:
    """Turn whatever a disk or network raises into a StorageError that names the location and the fix."""
    try:
        with storage_errors("read", location):
            yield
    except _network_errors() as error:
        reason = str(error) or type(error).__name__
        raise StorageError(
            f"Cannot read {location}: {reason}. Check the address, the network and your access."
        ) from error


def _network_errors() -> tuple[type[Exception], ...]:
    """What the clients of remote roots raise beside OSError, as far as they are installed and imported."""
    import sys

    kinds: list[type[Exception]] = [TimeoutError]
    for module, name in (("aiohttp", "ClientError"), ("botocore.exceptions", "BotoCoreError")):
        if module in sys.modules:
            kinds.append(getattr(sys.modules[module], name))
    return tuple(kinds)
