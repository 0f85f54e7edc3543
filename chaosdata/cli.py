"""The command line: argument parsing and tables only; each command is one call into the library."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chaosdata.errors import ArgumentError, ChaosdataError

if TYPE_CHECKING:
    from chaosdata.equations.system import System
    from chaosdata.types import Estimate

app = typer.Typer(
    name="chaosdata",
    help="Reproducible, annotated trajectory datasets of chaotic dynamical systems.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cache_app = typer.Typer(help="Inspect or clear the cache of compiled kernels.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Root = Annotated[Path, typer.Option("--root", help="The directory that holds catalog.yaml.", metavar="ROOT")]
Place = Annotated[
    str, typer.Option("--root", help="Directory or URL that holds catalog.yaml.", metavar="ROOT")
]


def main() -> None:
    """Run the command line: exit status 0, 1 with one clear line, 2 on a usage error, 130 on Ctrl-C."""
    try:
        app(prog_name="chaosdata")
    except ChaosdataError as error:
        message = " ".join(str(error).split())
        sys.stderr.write(f"chaosdata: {message}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        _flush()


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        from chaosdata import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.command("systems")
def systems_command(
    kind: Annotated[
        str | None, typer.Option(help="Only of this kind: flow, map, delay or stochastic.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only with this tag; may be repeated.")] = None,
    dimension: Annotated[int | None, typer.Option(help="Only with this many components.")] = None,
    verdict: Annotated[str | None, typer.Option(help="Only with this verdict, for instance chaotic.")] = None,
    as_json: Json = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
) -> None:
    """List the systems, with what was measured of them."""
    from chaosdata.systems import measured, systems, table

    known = measured()
    chosen = [
        system
        for system in systems.values()
        if kind in (None, system.kind)
        and system.tags.issuperset(tag or ())
        and dimension in (None, system.dimension)
        and (verdict is None or (system.name in known and known[system.name].verdict == verdict))
    ]
    if not chosen:
        kinds = ", ".join(sorted({system.kind for system in systems.values()}))
        tags = ", ".join(sorted({word for system in systems.values() for word in system.tags}))
        verdicts = ", ".join(sorted({found.verdict for found in known.values()}))
        raise ArgumentError(
            f"no system fits; the kinds are {kinds}; the verdicts are {verdicts}; the tags are {tags}"
        )
    if as_json:
        _write_json([_system_record(system) for system in chosen])
        return
    if as_markdown:
        typer.echo(table(chosen, known), nl=False)
        return
    rows = []
    for s in chosen:
        found = known.get(s.name)
        exponent = f"{found.exponents[0]:.4g}" if found and found.exponents else ""
        word = found.verdict if found else ""
        rows.append(
            (s.name, s.kind, s.dimension, f"{s.period:.4g}", word, exponent, ", ".join(sorted(s.tags)))
        )
    _write_table(("name", "kind", "dimension", "period", "verdict", "exponent", "tags"), rows)


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(help="A system, for instance Lorenz, or a variant: MackeyGlass.tau30.")
    ],
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw its phase portrait to this file.", metavar="FILE")
    ] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print the equations as LaTeX, only.")] = False,
    as_json: Json = False,
) -> None:
    """Show a system: equations, parameters, reference, verdict and exponents."""
    from chaosdata.systems import measured, systems

    system = systems[name]
    if plot is not None:
        from chaosdata.plot import save_portrait

        save_portrait(system, plot)
    if as_json:
        _write_json(_system_record(system))
        return
    if latex:
        typer.echo("\n".join(system.equations(latex=True)))
        return
    record = _system_record(system)
    lines = [f"{system.name}: {system.description}", "", *(f"    {line}" for line in system.equations()), ""]
    facts = {
        "kind": system.kind,
        "dimension": system.dimension,
        "parameters": ", ".join(f"{key} = {value}" for key, value in record["parameters"].items()) or "none",
        "initial": ", ".join(f"{c} = {v!r}" for c, v in zip(system.components, system.initial, strict=True)),
        "angles": ", ".join(record["angles"]),
        "clocks": ", ".join(f"{clock} modulo {turn}" for clock, turn in record["clocks"].items()),
        "period": f"{system.period!r} (time units)",
        "tags": ", ".join(record["tags"]),
        "reference": system.reference,
        "notes": system.notes,
        "variants": ", ".join(record["variants"]),
    }
    if system.name in measured():
        found = measured()[system.name]
        facts["verdict"] = f"{found.verdict} ({found.chaotic} of {found.trajectories} trajectories chaotic)"
        if found.period is not None:
            facts["measured"] = f"period {found.period:.6g} ± {found.period_standard_error:.1g}"
        facts["exponents"] = ", ".join(
            f"{value:.4g} ± {error:.1g}"
            for value, error in zip(found.exponents, found.standard_errors, strict=True)
        )
    lines += [f"{key + ':':<12}{value}" for key, value in facts.items() if value]
    typer.echo("\n".join(lines))


@app.command("classify")
def classify_command(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="Write the data file (JSON), as systems finish; named systems are updated in it.",
            metavar="FILE",
        ),
    ] = None,
    names: Annotated[list[str] | None, typer.Argument(help="Systems; all of them by default.")] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="Leave out systems that are in FILE already.")
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Threads; as many as there are cores.", min=1)] = None,
) -> None:
    """Measure what systems do in the long run: chaotic, periodic, transient, ...

    What is measured is in FILE as soon as its system is done; --missing goes on after an interruption.
    """
    from chaosdata.analysis.classify import Classified, classify, document, records
    from chaosdata.store.files import write_atomic
    from chaosdata.systems import systems

    if missing and output is None:
        raise ArgumentError("--missing needs --output FILE, the file that systems are missing from")
    older = records(output.read_bytes()) if output is not None and output.is_file() else {}
    chosen = [systems[name] for name in names or systems if names or systems[name].kind != "stochastic"]
    if missing:
        chosen = [system for system in chosen if system.name not in older]
    found: dict[str, Classified] = {}
    with _threads(workers) as executor, _progress("Classifying") as progress:
        for name, classified in classify(chosen, executor=executor, progress=progress):
            found[name] = classified
            if output is not None:
                write_atomic(output, document(found, older).encode())
    if output is not None and not (names or missing):  # what was there before goes when all of it is new
        write_atomic(output, document(found).encode())
    rows = [
        (name, v.verdict, f"{v.chaotic}/{v.trajectories}", v.escaped, _exponent_list(v.exponents))
        for name, v in ((system.name, found[system.name].verdict) for system in chosen)
    ]
    _write_table(("name", "verdict", "chaotic", "escaped", "exponents"), rows)


def _exponent_list(exponents: Estimate | None) -> str:
    return "" if exponents is None else ", ".join(f"{value:.4g}" for value in exponents.value)


@app.command("build")
def build_command(
    recipe: Annotated[Path, typer.Argument(help="A recipe (YAML).", metavar="RECIPE")],
    root: Root,
    workers: Annotated[int | None, typer.Option(help="Threads; as many as there are cores.", min=1)] = None,
) -> None:
    """Build and publish the dataset of a recipe, or go on with a build that was interrupted."""
    from chaosdata.datasets.build import build

    with _threads(workers) as executor, _progress("Building") as progress:
        entry = build(recipe, root, executor=executor, progress=progress)
    size = entry.size
    typer.echo(
        f"{entry.spec}: {_count(size.systems, 'system')}, {_count(size.trajectories, 'trajectory')}, "
        f"{_bytes(size.bytes)} in {root / entry.path}\nmanifest {entry.manifest}"
    )


@app.command("verify")
def verify_command(
    spec: Annotated[str, typer.Argument(help="A dataset, or one of its versions.", metavar="NAME[@VERSION]")],
    root: Root,
    replay: Annotated[int, typer.Option(help="Simulate this many shards again.", min=0)] = 0,
) -> None:
    """Prove that a published version still has its bytes, and on request that they can be made again."""
    from chaosdata.datasets.verify import verify

    with _progress("Replaying") as progress:
        report = verify(spec, root, replay=replay, progress=progress)
    replayed = f", {_count(len(report.replayed), 'shard')} made again with the same values" if replay else ""
    typer.echo(
        f"{report.name}@{report.version}: verified {_count(report.files, 'file')}, "
        f"{_bytes(report.bytes)}{replayed}\nmanifest {report.manifest}"
    )


@app.command("catalog")
def catalog_command(root: Place, as_json: Json = False) -> None:
    """List the published datasets of a root."""
    from chaosdata.catalog.load import open_catalog

    entries = open_catalog(root).datasets
    if as_json:
        _write_json([entry.model_dump(mode="json") for entry in entries])
        return
    rows = [
        (e.name, e.version, e.status, e.size.systems, e.size.trajectories, _bytes(e.size.bytes), e.title)
        for e in entries
    ]
    _write_table(("name", "version", "status", "systems", "trajectories", "size", "title"), rows)


@app.command()
def gallery(
    output: Annotated[Path, typer.Option("--output", help="PNG, PDF or SVG.", metavar="FILE")],
    names: Annotated[list[str] | None, typer.Argument(help="Systems; all of them by default.")] = None,
) -> None:
    """Draw the phase portraits of several systems on one sheet."""
    from chaosdata.plot import save_gallery
    from chaosdata.systems import systems

    save_gallery([systems[name] for name in names or systems], output)


@cache_app.command("show")
def cache_show(as_json: Json = False) -> None:
    """Show where compiled kernels are kept, and how much they take."""
    from chaosdata.kernels.compile import cache_contents, cache_directory

    files, place = cache_contents(), cache_directory()
    if as_json:
        _write_json({"directory": str(place), "files": files})
        return
    typer.echo(f"{place}: {_count(len(files), 'kernel')}, {_bytes(sum(files.values()))}")


@cache_app.command("clear")
def cache_clear() -> None:
    """Remove the compiled kernels; they are compiled again when they are needed."""
    from chaosdata.kernels.compile import clear_cache

    typer.echo(f"removed {_count(clear_cache(), 'kernel')}")


def _system_record(system: System) -> dict[str, Any]:
    """A system as plain JSON values."""
    return {
        "name": system.name,
        "kind": system.kind,
        "dimension": system.dimension,
        "components": list(system.components),
        "equations": system.equations(),
        "parameters": dict(system.parameters),
        "initial": list(system.initial),
        "angles": sorted(system.angles),
        "clocks": dict(system.clocks),
        "period": system.period,
        "tags": sorted(system.tags),
        "description": system.description,
        "reference": system.reference,
        "notes": system.notes,
        "variants": [variant.name for variant in system.variants.values()],
    }


@contextlib.contextmanager
def _threads(workers: int | None) -> Iterator[Any]:
    """Kernels release the GIL, so threads use every core and share the compiled code."""
    from concurrent.futures import ThreadPoolExecutor

    executor = ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)))
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)  # after Ctrl-C only what runs is waited for


@contextlib.contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int, str], None] | None]:
    """A bar on a terminal; nothing in a log file."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=Console(stderr=True)) as bars:
        bar = bars.add_task("", total=None, visible=False)
        yield lambda done, total, label: bars.update(
            bar, completed=done, total=total, description=label, visible=True
        )


def _write_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns, never cut: a terminal folds the last one, a pipe gets one line a row."""
    from rich.console import Console
    from rich.table import Table

    cells = [[str(value) for value in row] for row in rows]
    widths = [max(len(line[i]) for line in (header, *cells)) for i in range(len(header))]
    console = Console(highlight=False, markup=False, emoji=False)
    needed = sum(widths) + 2 * (len(widths) - 1)
    if not console.is_terminal or sum(widths[:-1]) + 2 * len(widths) + 10 > console.width:
        console.width = max(needed, console.width)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, title in enumerate(header):
        numbers = all(isinstance(row[number], int) for row in rows)
        table.add_column(title, justify="right" if numbers else "left", no_wrap=number < len(header) - 1)
    for row in cells:
        table.add_row(*row)
    console.print(table, crop=False, soft_wrap=console.width == needed)


def _write_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _count(number: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def _bytes(number: float) -> str:
    if number < 1000:
        return f"{number:.0f} bytes"
    units = ("kB", "MB", "GB", "TB")
    power = min(int(math.log10(number)) // 3, len(units))
    return f"{number / 1000**power:,.1f} {units[power - 1]}"


def _flush() -> None:
    """Output that nobody reads any more (`| head`) is not an error worth a traceback at exit."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
