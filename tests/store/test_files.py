"""Atomic writes, locks between processes, and failures in words."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from chaosdata.errors import StorageError
from chaosdata.store.files import (
    canonical_json,
    hash_bytes,
    hash_file,
    list_files,
    lock,
    remove_parts,
    remove_tree,
    staging,
    storage_errors,
    write_atomic,
)

HOLDER = """
import sys, time
from chaosdata.store.files import lock
with lock(sys.argv[1]):
    sys.stdout.write("held\\n"); sys.stdout.flush()
    time.sleep(600)
"""


def test_a_write_replaces_the_whole_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "deep" / "file"
    write_atomic(path, b"a long first content")
    write_atomic(path, b"short", durable=False)
    assert path.read_bytes() == b"short"
    assert list_files(tmp_path) == ["deep/file"]
    assert hash_file(path) == hash_bytes(b"short")


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(
        StorageError, match=r"Cannot write .*file: the disk or quota is full: free some space"
    ):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list_files(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_an_os_error_becomes_one_line_that_names_the_path(number, words):
    with pytest.raises(StorageError, match=words) as caught, storage_errors("write", "/some/path"):
        raise OSError(number, os.strerror(number))
    assert "/some/path" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_root_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="is a file, not a directory"):
        write_atomic(tmp_path / "file" / "below", b"")


def test_a_lock_excludes_other_processes_until_its_holder_is_killed(tmp_path):
    path = tmp_path / "work" / "a.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(StorageError, match=r"a\.lock is locked: another build is at work"),
            lock(path, wait=False, holder="another build"),
        ):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with lock(path):
            pass
    finally:
        holder.kill()
        holder.wait()


def test_a_lock_is_free_again_after_an_error(tmp_path):
    path = tmp_path / "a.lock"
    with pytest.raises(RuntimeError, match="inside"), lock(path):
        raise RuntimeError("inside")
    with lock(path, wait=False):
        pass


def test_partial_files_are_swept_and_others_stay(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".c.0123456789abcdef.part").write_bytes(b"half")
    (tmp_path / "a" / "c").write_bytes(b"whole")
    remove_parts(tmp_path)
    assert list_files(tmp_path) == ["a/c"]
    remove_tree(tmp_path / "a")
    remove_tree(tmp_path / "a")
    assert list_files(tmp_path) == []


def test_json_is_canonical():
    assert (
        canonical_json({"b": [1, 0.1], "a": "é"}) == '{\n "a": "é",\n "b": [\n  1,\n  0.1\n ]\n}\n'.encode()
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_staging_lies_outside_the_published_tree(tmp_path):
    place = staging(tmp_path, "name", "1.0.0")
    assert place.store == tmp_path / ".work" / "name-1.0.0" / "tree" / "data.zarr"
    assert place.receipts == tmp_path / ".work" / "name-1.0.0" / "receipts"
    assert place.lock_path == tmp_path / ".work" / "name-1.0.0.lock"
    assert list_files(tmp_path) == []
