"""The tables of README.md and docs/systems.md are what the data file and the declarations say."""

from __future__ import annotations

from pathlib import Path

from chaosdata.systems import measured, summary, systems, table

ROOT = Path(__file__).parents[2]


def test_the_page_of_all_systems() -> None:
    """`chaosdata systems --markdown` makes the table."""
    assert table(systems.values(), measured()) in (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")


def test_the_table_of_the_readme() -> None:
    assert summary(systems.values(), measured()) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_table_has_a_row_for_each_system() -> None:
    rows = table(systems.values(), measured()).splitlines()[2:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == list(systems)
    numbers = [
        int(x)
        for row in summary(systems.values(), {}).splitlines()[2:]
        for x in row.split("|")[2:]
        if x.strip()
    ]
    assert sum(numbers) == len(systems)
