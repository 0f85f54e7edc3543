"""Receipts decide what a resumed build does again, so they must never claim too much."""

import pytest

from chaosdata.store.receipts import Receipt, read_receipt, receipt_of, valid, write_receipt
from chaosdata.store.template import create_group
from tests.store.examples import fill, flip, make_spec


@pytest.fixture
def written(tmp_path):
    spec = make_spec()
    create_group(tmp_path, spec)
    return tmp_path, fill(tmp_path, spec, [3])[0]


def test_a_receipt_is_read_back(written, tmp_path):
    _, receipt = written
    path = tmp_path / "receipts" / "deep" / "3.json"
    write_receipt(path, receipt)
    assert read_receipt(path) == receipt
    first = path.read_bytes()
    write_receipt(path, receipt)
    assert path.read_bytes() == first


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"files": 3}', b"\xff\xfe", b"null"])
def test_a_damaged_receipt_is_none(tmp_path, data):
    (tmp_path / "r.json").write_bytes(data)
    assert read_receipt(tmp_path / "r.json") is None
    assert read_receipt(tmp_path / "missing.json") is None


def test_files_are_read_again(written):
    store, receipt = written
    assert valid(store, receipt)
    for record in receipt.files:
        original = (store / record.path).read_bytes()
        flip(store / record.path, position=record.size - 1)
        assert not valid(store, receipt)
        (store / record.path).write_bytes(original + b"x")
        assert not valid(store, receipt)
        (store / record.path).unlink()
        assert not valid(store, receipt)
        (store / record.path).write_bytes(original)
        assert valid(store, receipt)


def test_other_files_can_have_receipts(tmp_path):
    (tmp_path / "a.json").write_bytes(b"{}")
    receipt = receipt_of(tmp_path, "annotation", ["a.json"])
    assert receipt.files[0].size == 2
    assert valid(tmp_path, receipt)
    assert valid(tmp_path, Receipt("nothing", ()))
