"""The card says what is in the version, and nothing that it cannot know."""

import json

import mlcroissant
import pytest

from chaosdata.catalog.card import uncertain, write_card
from chaosdata.catalog.load import open_dataset
from chaosdata.store.files import hash_file
from tests.catalog.examples import LICENSE, TITLE
from tests.store.examples import contents

IDENTITY = {"name": "example", "version": "1.10.0", "title": TITLE, "license": LICENSE}


@pytest.fixture
def version(root):
    return root / "example" / "1.10.0"


def test_the_readme_names_systems_numbers_and_license(version):
    text = (version / "README.md").read_text()
    assert text.startswith("# Two flows\n")
    assert "| Lorenz | x, y, cos(z) | 50 | 0.750 ± 0.010 | 0.9057 ± 0.0016 | not measured |" in text
    assert "| SprottB |" in text
    assert "train 12, validation 4, test 7" in text
    assert LICENSE in text
    assert "chaosdata verify example@1.10.0 --root ROOT" in text
    assert "46 trajectories of 2 chaotic dynamical systems" in text


def test_the_example_in_the_readme_runs(version, root):
    code = (version / "README.md").read_text().split("```python\n")[1].split("```")[0]
    assert len([line for line in code.splitlines() if line]) <= 5
    code = code.replace("import chaosdata as cd", "").replace('root = "."', f"root = {str(root)!r}")

    class cd:  # noqa: N801
        open_dataset = staticmethod(open_dataset)

    namespace = {"cd": cd}
    exec(code, namespace)
    assert namespace["data"].sizes["trajectory"] == 12


def test_croissant_has_the_required_structure(version):
    croissant = json.loads((version / "croissant.json").read_bytes())
    assert croissant["@type"] == "sc:Dataset"
    assert croissant["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert {"@context", "name", "description", "license", "url", "version", "distribution"} <= set(croissant)
    identifiers = [item["@id"] for item in croissant["distribution"]]
    assert len(identifiers) == len(set(identifiers))
    for item in croissant["distribution"]:
        assert {"@type", "@id", "name", "encodingFormat"} <= set(item)
        if item["@type"] == "cr:FileObject":
            path = version / item["contentUrl"]
            assert item["sha256"] == hash_file(path)
            assert item["contentSize"] == f"{path.stat().st_size} B"
        else:
            assert item["@type"] == "cr:FileSet"
            assert any(version.glob(item["includes"]))


def test_croissant_is_valid_for_its_own_validator(version):
    assert mlcroissant.Dataset(version / "croissant.json").metadata.name == "example"


def test_written_again_the_bytes_are_the_same_and_hold_no_manifest_hash(version):
    before = contents(version)
    write_card(version, **IDENTITY)
    assert contents(version) == before
    digest = hash_file(version / "manifest.json").encode()
    assert digest not in before["README.md"] + before["croissant.json"]


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.905664, 0.000163, "0.90566 ± 0.00016"),
        (-14.57233, 0.00163, "-14.5723 ± 0.0016"),
        (12345.678, 123.4, "12350 ± 120"),
        (2.0, 1.0, "2.0 ± 1.0"),
        (0.5, 0.0, "0.5"),
        (0.5, float("nan"), "0.5"),
        (float("nan"), 0.1, "not measured"),
    ],
)
def test_numbers_are_rounded_to_their_error(value, error, text):
    assert uncertain(value, error) == text
