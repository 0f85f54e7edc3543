"""Recipes: what is accepted, and one helpful line for what is not."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chaosdata.datasets.recipe import ANNOTATIONS, Recipe, load_recipe, parse_recipe
from chaosdata.errors import RecipeError
from chaosdata.systems import systems

QUICKSTART = Path(__file__).parents[2] / "pipelines" / "recipes" / "quickstart.yaml"

TEXT = """\
name: tiny
version: 1.0.0
title: A few trajectories
license: CC-BY-4.0
systems: [Lorenz, Rossler]
grid: {samples_per_period: 20, periods: 3}
trajectories: {train: 4, validation: 2, test: 3}
seed: 7
"""


def mapping(**changes: Any) -> dict[str, Any]:
    return yaml.safe_load(TEXT) | changes


def refused(source: Any) -> str:
    with pytest.raises(RecipeError) as error:
        load_recipe(source)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_defaults_are_written_out() -> None:
    recipe = load_recipe(mapping())
    assert recipe.canonical == (
        "name: tiny\n"
        "version: 1.0.0\n"
        "title: A few trajectories\n"
        "license: CC-BY-4.0\n"
        "systems: [Lorenz, Rossler]\n"
        "grid: {samples_per_period: 20, periods: 3}\n"
        "trajectories: {train: 4, validation: 2, test: 3}\n"
        "initial: {method: attractor}\n"
        "parameters: {method: default}\n"
        "noise: {process: 0.0, observation: 0.0}\n"
        "dtype: float64\n"
        "keepbits: null\n"
        "annotations: [period, moments, lyapunov_spectrum, kaplan_yorke_dimension]\n"
        "seed: 7\n"
    )
    assert recipe.digest == hashlib.sha256(recipe.canonical.encode()).hexdigest()
    assert (recipe.samples, recipe.counts) == (60, {"train": 4, "validation": 2, "test": 3})


def test_a_file_a_mapping_and_a_recipe_are_one(tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(TEXT)
    recipe = load_recipe(path)
    assert recipe == load_recipe(str(path)) == load_recipe(mapping()) == load_recipe(recipe)
    assert pickle.loads(pickle.dumps(recipe)) == recipe
    assert hash(pickle.loads(pickle.dumps(recipe))) == hash(recipe)


@pytest.mark.parametrize(
    "changes",
    [
        {"grid": {"samples_per_period": 20, "periods": 3.0}},
        {"noise": {"process": 0, "observation": -0.0}},
        {"annotations": ["kaplan_yorke_dimension", "period", "lyapunov_spectrum", "moments"]},
        {"initial": {}},
        {"dtype": "float64", "keepbits": None},
    ],
)
def test_one_meaning_has_one_digest(changes: dict[str, Any]) -> None:
    assert load_recipe(mapping(**changes)).digest == load_recipe(mapping()).digest


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 8},
        {"systems": ["Rossler", "Lorenz"]},
        {"dtype": "float32"},
        {"keepbits": 30},
        {"title": "Others"},
        {"annotations": []},
        {"trajectories": {"train": 4, "validation": 2, "test": 4}},
    ],
)
def test_another_meaning_has_another_digest(changes: dict[str, Any]) -> None:
    assert load_recipe(mapping(**changes)).digest != load_recipe(mapping()).digest


# Words that YAML 1.1 or 1.2 would read as something else than text.
TRICKY = [
    "two\x85lines",
    "two\u2028lines",
    "no",
    "1e5",
    "1e-3",
    "12:30",
    "2026-01-01",
    "null",
    "~",
    "0x10",
    "017",
    "1_000",
    ".5",
    "true",
    "a: b",
    "- a",
    "#x",
    "'",
    '"',
]


@given(
    title=st.one_of(
        st.sampled_from(TRICKY),
        st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=40),
    ),
    train=st.integers(1, 10**7),
    test=st.integers(0, 10**7),
    samples=st.integers(1, 1000),
    periods=st.one_of(st.integers(1, 100), st.sampled_from([0.5, 2.5, 1e3])),
    seed=st.integers(0, 2**63 - 1),
    names=st.lists(st.sampled_from(sorted(set(systems) - {"Torus"})), min_size=1, unique=True),
    annotations=st.lists(st.sampled_from(ANNOTATIONS), unique=True),
    dtype=st.sampled_from(["float64", "float32"]),
    keepbits=st.one_of(st.none(), st.integers(1, 23)),
)
def test_the_canonical_text_gives_the_same_recipe(
    title: str, samples: int, train: int, test: int, names: list[str], **rest: Any
) -> None:
    content = mapping(title=title, systems=names, trajectories={"train": train, "test": test})
    content["grid"] = {"samples_per_period": 2 * samples, "periods": rest.pop("periods")}
    try:
        recipe = load_recipe(content | rest)
    except RecipeError as error:
        assert str(error).startswith("recipe: title: found")
        return
    again = parse_recipe(recipe.canonical)
    assert again == recipe
    assert again.canonical == recipe.canonical


def test_a_filter_becomes_names_in_the_registry_s_order() -> None:
    flows = tuple(name for name, system in systems.items() if system.kind == "flow" and system.autonomous)
    assert load_recipe(mapping(systems={})).systems == flows
    assert load_recipe(mapping(systems={"kind": "flow", "exclude": ["Lorenz"]})).systems == tuple(
        name for name in flows if name != "Lorenz"
    )
    tag = min(systems["Lorenz"].tags)
    tagged = load_recipe(mapping(systems={"tags": [tag]})).systems
    assert "Lorenz" in tagged
    assert all(tag in systems[name].tags for name in tagged)


CASES: list[tuple[dict[str, Any], str]] = [
    ({"sytems": ["Lorenz"]}, "recipe: sytems: unknown key; did you mean systems?"),
    ({"colour": "red"}, "recipe: colour: unknown key; the keys here are name, version, title,"),
    (
        {"grid": {"samples_per_period": 20, "perods": 3}},
        "recipe: grid.perods: unknown key; did you mean periods?",
    ),
    (
        {"grid": {"samples_per_period": 20}},
        "recipe: grid.periods: missing, expected a positive number of periods",
    ),
    (
        {"grid": {"samples_per_period": 0, "periods": 3}},
        "recipe: grid.samples_per_period: found 0, expected a whole number",
    ),
    (
        {"grid": {"samples_per_period": 20.0, "periods": 3}},
        "recipe: grid.samples_per_period: found 20.0, expected",
    ),
    (
        {"grid": {"samples_per_period": 20, "periods": "three"}},
        'recipe: grid.periods: found "three", expected a positive',
    ),
    (
        {"grid": {"samples_per_period": 20, "periods": -3}},
        "recipe: grid.periods: found -3, expected a positive number",
    ),
    (
        {"grid": {"samples_per_period": 20, "periods": True}},
        "recipe: grid.periods: found true, expected a positive number",
    ),
    (
        {"grid": {"samples_per_period": 20, "periods": float("inf")}},
        "recipe: grid.periods: found Infinity, expected",
    ),
    (
        {"grid": {"samples_per_period": 20, "periods": 0.33}},
        "recipe: grid: samples_per_period x periods is 6.6 samples",
    ),
    (
        {"grid": {"samples_per_period": 10**6, "periods": 10**6}},
        "recipe: grid: samples_per_period x periods is 1e+12",
    ),
    ({"grid": [100, 12]}, "recipe: grid: found [100, 12], expected a mapping {samples_per_period, periods}"),
    (
        {"trajectories": {"train": -1}},
        "recipe: trajectories.train: found -1, expected a whole number of trajectories",
    ),
    (
        {"trajectories": {"train": 0}},
        "recipe: trajectories: every split is empty, expected at least one trajectory",
    ),
    (
        {"trajectories": {"train": 1, "valid": 1}},
        "recipe: trajectories.valid: unknown key; did you mean validation?",
    ),
    ({"trajectories": {"train": 4.5}}, "recipe: trajectories.train: found 4.5, expected a whole number"),
    ({"systems": []}, "recipe: systems: the list is empty, expected at least one system"),
    ({"systems": ["Lorentz"]}, "recipe: systems: 'Lorentz' is not a system; did you mean Lorenz"),
    ({"systems": ["lorenz"]}, "recipe: systems: 'lorenz' is not a system; did you mean Lorenz"),
    ({"systems": ["Xq"]}, "recipe: systems: 'Xq' is not a system; 'chaosdata systems' lists them"),
    ({"systems": ["Lorenz", "Rossler", "Lorenz"]}, "recipe: systems: Lorenz is listed twice; keep one"),
    ({"systems": "Lorenz"}, 'recipe: systems: found "Lorenz", expected a list of system names or a filter'),
    ({"systems": [1]}, "recipe: systems.0: found 1, expected a list of system names or a filter"),
    (
        {"systems": {"kind": "field"}},
        'recipe: systems.kind: found "field", expected flow, map, delay or stochastic',
    ),
    ({"systems": {"tags": ["rockets"]}}, "recipe: systems: no system has the tag 'rockets'; the tags are "),
    ({"systems": {"tag": ["climate"]}}, "recipe: systems.tag: unknown key; did you mean tags?"),
    (
        {"systems": {"exclude": ["Lorentz"]}},
        "recipe: systems: 'Lorentz' is not a system; did you mean Lorenz",
    ),
    ({"systems": ["Torus"]}, "recipe: systems: Torus depends on time explicitly, so that its trajectories"),
    ({"systems": {"exclude": sorted(systems)}}, "recipe: systems: the filter selects no system"),
    (
        {"parameters": {"method": "gaussian", "relative": 0.05}},
        "recipe: parameters.method: gaussian is not available; write default",
    ),
    ({"parameters": {"method": "uniform"}}, 'recipe: parameters.method: found "uniform", expected default'),
    ({"noise": {"process": 0.1}}, "recipe: noise.process: noise of 0.1 is not available; write 0.0"),
    ({"noise": {"observation": -1}}, "recipe: noise.observation: found -1, expected 0.0"),
    ({"initial": {"method": "grid"}}, 'recipe: initial.method: found "grid", expected attractor'),
    ({"dtype": "float16"}, 'recipe: dtype: found "float16", expected float64 or float32'),
    ({"keepbits": 0}, "recipe: keepbits: found 0, expected null or the number of mantissa bits"),
    ({"keepbits": 40, "dtype": "float32"}, "recipe: keepbits is 40, but float32 has 23 mantissa bits"),
    (
        {"annotations": ["entropy"]},
        'recipe: annotations.0: found "entropy", expected a list with some of period, moments',
    ),
    ({"annotations": ["period", "period"]}, "recipe: annotations: period is listed twice; keep one"),
    ({"annotations": "period"}, 'recipe: annotations: found "period", expected a list'),
    ({"seed": -1}, "recipe: seed: found -1, expected a whole number, 0 or more"),
    ({"seed": "7"}, 'recipe: seed: found "7", expected a whole number, 0 or more'),
    ({"seed": 2**63}, "recipe: seed: found 9223372036854775808, expected a whole number"),
    ({"name": "My Data"}, 'recipe: name: found "My Data", expected a short name of lower-case letters'),
    ({"name": "../up"}, 'recipe: name: found "../up", expected a short name'),
    ({"name": "tiny\n"}, 'recipe: name: found "tiny\\n", expected a short name'),
    ({"name": 12}, "recipe: name: found 12, expected a short name"),
    ({"version": "1.0"}, 'recipe: version: found "1.0", expected three numbers, MAJOR.MINOR.PATCH'),
    ({"version": 1.0}, "recipe: version: found 1.0, expected three numbers"),
    ({"version": "01.0.0"}, 'recipe: version: found "01.0.0", expected three numbers'),
    ({"title": ""}, 'recipe: title: found "", expected one line of text'),
    ({"title": "two\nlines"}, 'recipe: title: found "two\\nlines", expected one line of text'),
    (
        {"license": "do what you like"},
        'recipe: license: found "do what you like", expected an SPDX identifier',
    ),
]


@pytest.mark.parametrize(("changes", "message"), CASES, ids=[message[8:60] for _, message in CASES])
def test_an_impossible_recipe_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    assert refused(mapping(**changes)).startswith(message)


@pytest.mark.parametrize("key", ["name", "version", "title", "license", "systems", "grid", "trajectories"])
def test_what_has_no_default_must_be_there(key: str) -> None:
    content = mapping()
    del content[key]
    assert refused(content).startswith(f"recipe: {key}: missing, expected ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found nothing, expected a mapping of keys"),
        ("- Lorenz\n- Rossler\n", "found a list, expected a mapping of keys"),
        ("quickstart", "found a str, expected a mapping of keys"),
        ("name: a\nversion: [1\ntitle: b\n", "line 3: expected ',' or ']'"),
        ("name: a\n\ttitle: b\n", "line 2: found character '\\t' that cannot start any token"),
        (TEXT + "name: other\n", "line 9: the key 'name' appears twice, first on line 1; keep one"),
        (
            TEXT + "noise: {process: 0.0, process: 0.0}\n",
            "line 9: the key 'process' appears twice, first on line 9",
        ),
        ("name: &a tiny\nversion: *a\n", "line 2: found an alias (*name); write the value itself"),
        ("1: a\n", "line 1: found the key 1, expected a word"),
        ("? [a, b]\n: c\n", "line 1: "),
        ("name: !!python/object/apply:os.system [echo]\n", "line 1: could not determine a constructor"),
        ("a: b\n---\nc: d\n", "line 2: but found another document"),
        ("name: tiny\x07\n", "not YAML: "),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_broken_yaml_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    assert refused(path).startswith(f"{path}: {message}")


def test_scalars_mean_what_they_look_like() -> None:
    text = TEXT.replace("A few trajectories", "no").replace("periods: 3", "periods: 1e1")
    assert parse_recipe(text).title == "no"
    assert parse_recipe(text).grid.periods == 10.0


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.yaml") == f"{tmp_path}/none.yaml: there is no such file"
    assert refused(tmp_path).startswith(f"{tmp_path}: this is a directory")
    (tmp_path / "binary.yaml").write_bytes(b"name: \xff")
    assert refused(tmp_path / "binary.yaml").startswith(f"{tmp_path}/binary.yaml: not text in UTF-8")
    assert refused(12) == "recipe: found a int, expected a path, a mapping or a Recipe"


def test_a_recipe_cannot_be_changed() -> None:
    recipe = load_recipe(mapping())
    with pytest.raises(ValueError, match="frozen"):
        recipe.seed = 8  # type: ignore[misc]


def test_the_quickstart_is_every_classic_flow() -> None:
    recipe = load_recipe(QUICKSTART)
    assert isinstance(recipe, Recipe)
    assert (recipe.id, len(recipe.systems), recipe.samples) == ("quickstart@1.2.0", 16, 1200)
    assert recipe.counts == {"train": 64, "validation": 8, "test": 16}
    assert recipe.annotations == ANNOTATIONS


def test_reading_a_recipe_loads_no_engine() -> None:
    code = (
        "import sys; from chaosdata.datasets.recipe import load_recipe; load_recipe(sys.argv[1]);"
        "heavy = {'numba', 'llvmlite', 'sympy', 'scipy', 'zarr', 'xarray', 'dask', 'prefect'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(QUICKSTART)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
