"""catalog.yaml: strict for us, an Intake catalog for others."""

import intake
import numpy as np
import pytest
import yaml

from chaosdata.catalog.file import catalog_text, load_catalog, parse_catalog
from chaosdata.catalog.model import Catalog, parse_spec
from chaosdata.errors import CatalogError, StorageError, UnknownNameError


def edited(root, change) -> bytes:
    raw = yaml.safe_load((root / "catalog.yaml").read_text())
    change(raw)
    return yaml.safe_dump(raw).encode()


def test_a_catalog_is_read_back(published_root):
    catalog = load_catalog(published_root / "catalog.yaml")
    text = (published_root / "catalog.yaml").read_text()
    assert catalog_text(catalog) == text
    assert [entry.spec for entry in catalog.datasets] == ["example@1.0.0", "example@1.10.0", "single@1.0.0"]
    assert parse_catalog(catalog_text(Catalog()).encode(), where="here") == Catalog()


def test_there_is_no_catalog_before_the_first_version(tmp_path):
    assert load_catalog(tmp_path / "catalog.yaml") == Catalog()
    with pytest.raises(UnknownNameError, match="it holds none at all"):
        Catalog()["example"]
    with pytest.raises(StorageError, match=r"Cannot read .*catalog\.yaml"):
        (tmp_path / "catalog.yaml").mkdir()
        load_catalog(tmp_path / "catalog.yaml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(colour="red"), "colour: Extra inputs are not permitted"),
        (lambda raw: raw["datasets"][1].update(colour="red"), r"datasets\.1\.colour: Extra"),
        (
            lambda raw: raw["datasets"][0]["size"].update(bytes="12"),
            r"datasets\.0\.size\.bytes: .*integer, found '12'",
        ),
        (lambda raw: raw["datasets"][0].update(version=1.0), r"datasets\.0\.version: .*string, found 1\.0"),
        (lambda raw: raw["datasets"][0].update(version="1.0"), r"datasets\.0\.version: "),
        (lambda raw: raw["datasets"][0].update(name="../up"), r"datasets\.0\.name: "),
        (lambda raw: raw["datasets"][0].update(systems=["../up"]), r"datasets\.0\.systems\.0: "),
        (lambda raw: raw["datasets"][0].update(manifest="abc"), r"datasets\.0\.manifest: "),
        (lambda raw: raw["datasets"][0].pop("license"), r"datasets\.0\.license: Field required"),
        (lambda raw: raw["datasets"][0].update(status="lost"), r"datasets\.0\.status: "),
        (lambda raw: raw["datasets"].append(raw["datasets"][0]), r"example@1\.0\.0 appears twice"),
        (lambda raw: raw.update(schema="chaosdata-catalog/2"), r"schema: "),
    ],
)
def test_what_is_wrong_is_named_by_its_key(published_root, change, message):
    with pytest.raises(CatalogError, match=message) as caught:
        parse_catalog(edited(published_root, change), where="there/catalog.yaml")
    assert str(caught.value).startswith("there/catalog.yaml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"[1, 2]", b"a: [", b"\x00", b"text"])
def test_what_is_not_a_catalog_is_refused(data):
    with pytest.raises(CatalogError, match="is not") as caught:
        parse_catalog(data, where="catalog.yaml")
    assert "\n" not in str(caught.value)


def test_the_intake_part_is_never_believed(published_root):
    data = edited(published_root, lambda raw: raw.update(entries={}, data=3))
    assert parse_catalog(data, where="here") == load_catalog(published_root / "catalog.yaml")


@pytest.mark.parametrize("over", ["directory", "http"])
def test_intake_opens_the_same_file(root, served, over):
    base = str(root) if over == "directory" else served[0]
    catalog = intake.open_catalog(f"{base}/catalog.yaml")
    latest = catalog["example"].read()
    assert latest["state"].shape == (23, 50, 3)
    other = catalog["example-1.0.0"].read(group="SprottB")
    assert other["parameter"].shape == (23, 0)
    assert np.isfinite(other["state"].isel(trajectory=0).values).all()
    assert catalog.entries["example-1.0.0"].metadata["groups"] == ["Lorenz", "SprottB"]


def test_a_spec_is_a_name_and_perhaps_a_version():
    assert parse_spec("name") == ("name", None)
    assert parse_spec("name@1.0.0") == ("name", "1.0.0")
