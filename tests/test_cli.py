"""The command line: each command, and what a user sees when something is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import chaosdata as cd

RECIPE = """\
name: tiny
version: 1.0.0
title: A few trajectories
license: CC-BY-4.0
systems: [Lorenz, Rossler]
grid: {samples_per_period: 20, periods: 3}
trajectories: {train: 6, validation: 3, test: 3}
initial: {method: attractor}
annotations: [moments]
seed: 7
"""


def command(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a shell would, with pipes for output."""
    return subprocess.run(
        [sys.executable, "-m", "chaosdata", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def output(*words: object, **environment: str) -> str:
    """What a command that succeeds prints."""
    done = command(*words, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def assert_mendable(done: subprocess.CompletedProcess[str], *said: str) -> None:
    """Status 1, nothing on stdout, one line on stderr that says this."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("chaosdata: ")
    for words in said:
        assert words in done.stderr


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipes") / "tiny.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def root(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published")
    cd.build(recipe, root)
    return root


def test_help_names_every_command() -> None:
    text = output("--help")
    for name in ("systems", "show", "build", "verify", "catalog", "gallery", "cache"):
        assert f"\n  {name} " in text


def test_version() -> None:
    assert output("--version") == f"{cd.__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["systems", "--nonsense"],
        ["show"],
        ["build", "recipe.yaml"],
        ["build", "recipe.yaml", "--root", "data", "--workers", "0"],
        ["verify", "tiny", "--root", "data", "--replay", "-1"],
        ["verify", "tiny", "--root", "data", "--replay", "many"],
        ["gallery", "Lorenz"],
        ["cache", "nonsense"],
    ],
    ids=" ".join,
)
def test_usage_errors(words: list[str]) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert "Usage: " in done.stderr and "Traceback" not in done.stderr


def test_systems_lists_every_system() -> None:
    lines = output("systems").splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(cd.systems)


def test_systems_are_never_cut_in_a_narrow_pipe() -> None:
    lines = output("systems", COLUMNS="30").splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(cd.systems)
    assert lines[1 + list(cd.systems).index("Lorenz")].rstrip().endswith("climate, dissipative")


def test_systems_filters() -> None:
    chosen = json.loads(
        output("systems", "--kind", "flow", "--tag", "climate", "--tag", "dissipative", "--json")
    )
    assert [record["name"] for record in chosen] == [
        name
        for name, system in cd.systems.items()
        if system.kind == "flow" and {"climate", "dissipative"} <= system.tags
    ]


@pytest.mark.parametrize("words", [["--tag", "nonsense"], ["--kind", "nonsense"]])
def test_systems_nobody_fits(words: list[str]) -> None:
    assert_mendable(command("systems", *words), "flow", "climate")


@pytest.mark.parametrize("name", ["Lorenz", "Duffing"])
def test_show(name: str) -> None:
    system = cd.systems[name]
    text = output("show", name)
    for part in (*system.equations(), system.reference, *system.parameters, *system.tags):
        assert part in text


def test_show_a_variant() -> None:
    assert "variants:   MackeyGlass.published, MackeyGlass.tau23" in output("show", "MackeyGlass")
    assert "tau = 30.0" in output("show", "MackeyGlass.tau30")
    assert_mendable(command("show", "MackeyGlass.tau31"), "tau31", "tau23")
    record = json.loads(output("show", "MackeyGlass", "--json"))
    assert "MackeyGlass.tau30" in record["variants"]


def test_show_json() -> None:
    record = json.loads(output("show", "Lorenz", "--json"))
    assert record["parameters"] == dict(cd.systems["Lorenz"].parameters)
    assert record["equations"] == cd.systems["Lorenz"].equations()


def test_show_plot(tmp_path: Path) -> None:
    output("show", "Lorenz", "--plot", tmp_path / "lorenz.png")
    assert (tmp_path / "lorenz.png").stat().st_size > 10_000


def test_show_unknown_system() -> None:
    assert_mendable(command("show", "Lorentz"), "Lorentz", "Lorenz")


def test_build_verify_and_catalog(recipe: Path, root: Path, tmp_path: Path) -> None:
    first = output("build", recipe, "--root", tmp_path, "--workers", "2")
    entry = cd.open_catalog(root)["tiny@1.0.0"]
    assert "tiny@1.0.0: 2 systems, 24 trajectories" in first
    assert f"manifest {entry.manifest}\n" in first  # the same bytes as those of the library's build
    assert output("build", recipe, "--root", tmp_path) == first  # published already

    verified = output("verify", "tiny@1.0.0", "--root", tmp_path, "--replay", "2")
    assert "2 shards made again" in verified and entry.manifest in verified
    assert entry.manifest in output("verify", "tiny", "--root", tmp_path)

    header, line = output("catalog", "--root", tmp_path).splitlines()
    assert header.split()[0] == "name"
    assert line.split()[:5] == ["tiny", "1.0.0", "active", "2", "24"]
    assert [e["manifest"] for e in json.loads(output("catalog", "--root", tmp_path, "--json"))] == [
        entry.manifest
    ]


def test_build_of_a_wrong_recipe(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(RECIPE.replace("periods: 3", "periods: none"), encoding="utf-8")
    assert_mendable(command("build", wrong, "--root", tmp_path / "data"), "wrong.yaml", "grid.periods")
    assert not (tmp_path / "data").exists()


def test_build_of_a_missing_recipe(tmp_path: Path) -> None:
    assert_mendable(command("build", tmp_path / "missing.yaml", "--root", tmp_path), "missing.yaml")


def test_verify_of_changed_bytes(recipe: Path, tmp_path: Path) -> None:
    cd.build(recipe, tmp_path)
    card = tmp_path / "tiny/1.0.0/README.md"
    card.write_bytes(card.read_bytes() + b"!")
    assert_mendable(command("verify", "tiny", "--root", tmp_path), "README.md")


def test_verify_of_an_unknown_version(root: Path) -> None:
    assert_mendable(command("verify", "tiny@2.0.0", "--root", root), "2.0.0", "1.0.0")


def test_no_catalog(tmp_path: Path) -> None:
    assert_mendable(command("catalog", "--root", tmp_path), "catalog.yaml")


def test_classify_keeps_what_it_measured_before_it_was_killed(tmp_path: Path) -> None:
    """Henon takes a second, Lorenz96 minutes."""
    data = tmp_path / "found.json"
    words = ["classify", "Henon", "Lorenz96", "--workers", "1", "--output", str(data)]
    process = subprocess.Popen([sys.executable, "-m", "chaosdata", *words])
    try:
        deadline = time.monotonic() + 120
        while not data.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    kept = data.read_bytes()
    assert os.listdir(tmp_path) == ["found.json"] and list(json.loads(kept)["systems"]) == ["Henon"]

    printed = output("classify", "Henon", "Lozi", "--missing", "--output", data)
    assert "Lozi" in printed and "Henon" not in printed
    assert list(json.loads(data.read_bytes())["systems"]) == ["Henon", "Lozi"]
    output("classify", "Lozi", "Henon", "--output", tmp_path / "whole.json")
    assert (tmp_path / "whole.json").read_bytes() == data.read_bytes()


def test_classify_refuses_before_it_measures(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("[1, 2]", encoding="utf-8")
    assert_mendable(command("classify", "--output", other), "is none that classify wrote")
    assert other.read_text(encoding="utf-8") == "[1, 2]"
    assert_mendable(command("classify", "--missing"), "--missing needs --output FILE")


def test_gallery(tmp_path: Path) -> None:
    output("gallery", "--output", tmp_path / "sheet.png", "Lorenz", "Rossler")
    assert (tmp_path / "sheet.png").stat().st_size > 10_000


def test_gallery_that_cannot_be_written(tmp_path: Path) -> None:
    sheet = tmp_path / "nowhere/sheet.png"
    assert_mendable(command("gallery", "--output", sheet, "Lorenz"), "nowhere/sheet.png")


def test_cache(tmp_path: Path) -> None:
    place = {"CHAOSDATA_CACHE": str(tmp_path)}
    assert "0 kernels" in output("cache", "show", **place)
    output("gallery", "--output", tmp_path / "sheet.png", "Lorenz", **place)
    files = json.loads(output("cache", "show", "--json", **place))["files"]
    assert files and str(tmp_path) in output("cache", "show", **place)
    assert str(len(files)) in output("cache", "clear", **place)
    assert "0 kernels" in output("cache", "show", **place)


def test_reader_that_leaves_early() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "chaosdata", "systems"],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(write)
    assert done.returncode == 1
    assert done.stderr == ""


def test_interrupted_build_ends_with_130(tmp_path: Path) -> None:
    recipe = tmp_path / "long.yaml"
    many = RECIPE.replace("train: 6", "train: 100000").replace("periods: 3", "periods: 1000")
    recipe.write_text(many, encoding="utf-8")
    process: subprocess.Popen[str] = subprocess.Popen(
        [sys.executable, "-m", "chaosdata", "build", str(recipe), "--root", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run that a shell started in the background ignores the signal, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        receipts = tmp_path / ".work/tiny-1.0.0/receipts"
        deadline = time.monotonic() + 120
        while not any(receipts.glob("*")):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert (out, error) == ("", "")
    assert not (tmp_path / "catalog.yaml").exists()


def test_terminal_gets_a_progress_bar(recipe: Path, tmp_path: Path) -> None:
    master, slave = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "chaosdata", "build", str(recipe), "--root", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=slave,
        check=False,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(slave)
    shown = b""
    try:
        while part := os.read(master, 65536):
            shown += part
    except OSError:  # the other end is closed, and everything is read
        pass
    finally:
        os.close(master)
    assert done.returncode == 0
    assert b"Building" in shown and b"manifest" in done.stdout


def test_json_is_plain_data() -> None:
    def plain(value: Any) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(entry) for key, entry in value.items())
        if isinstance(value, list):
            return all(map(plain, value))
        return isinstance(value, str | int | float)

    records = json.loads(output("systems", "--json"))
    assert len(records) == len(cd.systems) and plain(records)
