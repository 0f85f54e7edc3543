"""Receipts: what a finished task left on disk. They alone decide what a resumed build still has to do.

A file's existence proves nothing after a crash, so a receipt holds sizes and hashes, is written after the
files, and is checked against them again on resume.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chaosdata.store.files import PathLike, canonical_json, hash_file, storage_errors, write_atomic


@dataclass(frozen=True)
class FileRecord:
    """One file: path with forward slashes, relative to a directory that the context names; bytes; sha256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Receipt:
    """What one task wrote.

    task : the task's name, such as ``Lorenz/00003``.
    files : every file it owns.
    values : sha256 of the values of each block, keyed by array path, such as ``Lorenz/state``; they stay the
        same when only the compressor changes.
    """

    task: str
    files: tuple[FileRecord, ...]
    values: Mapping[str, str] = field(default_factory=dict)


def receipt_of(directory: PathLike, task: str, paths: Iterable[str]) -> Receipt:
    """A receipt of files that are already on disk, relative to ``directory``."""
    return Receipt(task, tuple(file_record(directory, path) for path in paths))


def file_record(directory: PathLike, path: str) -> FileRecord:
    """Size and hash of a file, read now."""
    target = Path(directory) / path
    with storage_errors("read", target):
        return FileRecord(path, target.stat().st_size, hash_file(target))


def write_receipt(path: PathLike, receipt: Receipt) -> None:
    """Write a receipt atomically, after the files it speaks of."""
    write_atomic(path, canonical_json(asdict(receipt)), durable=False)


def read_receipt(path: PathLike) -> Receipt | None:
    """The receipt, or None where it is missing or unreadable and its task must be done again."""
    with storage_errors("read", path):
        try:
            raw = json.loads(Path(path).read_bytes())
            files = tuple(FileRecord(str(f["path"]), int(f["size"]), str(f["sha256"])) for f in raw["files"])
            return Receipt(str(raw["task"]), files, {str(k): str(v) for k, v in raw["values"].items()})
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return None


def valid(directory: PathLike, receipt: Receipt) -> bool:
    """Whether every file of the receipt is there, unchanged; every byte is read again."""
    with storage_errors("read", directory):
        return all(_unchanged(Path(directory) / record.path, record) for record in receipt.files)


def _unchanged(path: Path, record: FileRecord) -> bool:
    try:
        return os.stat(path).st_size == record.size and hash_file(path) == record.sha256
    except FileNotFoundError:
        return False
