"""``python -m tests.benchmarks``: our speed beside the peers', in one run on one machine.

    python -m tests.benchmarks [PART ...] [--seconds S] [--output FILE]

Without an argument all parts run: see PARTS.
Peers that are not installed are left out: ``pip install 'chaosdata[benchmarks]'``.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from chaosdata.systems import systems
from tests.benchmarks import delays, effort, floor, maps, peers, precision, scaling, spectra, trajectories
from tests.benchmarks.cases import Case, cases
from tests.benchmarks.table import Row, markdown

Part = Callable[[list[Case], float], list[Row]]

PARTS: dict[str, tuple[str, Part]] = {
    "trajectories": (
        "Output at 100 samples a period, full accuracy; ns a sample of all components",
        lambda cases, seconds: trajectories.full_accuracy(cases, peers.installed(), seconds),
    ),
    "floor": (
        "Fraction of the core's peak rate of multiply-adds, at full accuracy on one core",
        lambda cases, seconds: floor.fractions(cases, seconds),
    ),
    "error": (
        "Output at an error of 1e-9 after three Lyapunov times",
        lambda cases, seconds: trajectories.at_equal_error(cases, peers.installed(), seconds),
    ),
    "spectra": (
        "Full Lyapunov spectra",
        lambda cases, seconds: spectra.spectra(cases, peers.installed(), seconds),
    ),
    "precision": (
        "Double-double beside double and heyoka's 128 bits; ns a sample",
        lambda cases, seconds: precision.against_quadruple(cases, peers.installed(), seconds),
    ),
    "double-double": (
        "The analytic flows whose double-double costs most beside double; ns a sample",
        lambda _cases, seconds: precision.against_double(
            [s for s in systems.values() if s.kind == "flow"], seconds / 10
        ),
    ),
    "delay": (
        "Mackey-Glass at an error of 1e-6",
        lambda _cases, seconds: delays.mackey_glass(64, seconds),
    ),
    "maps": (
        "Maps and noise; ns an iterate or a step",
        lambda _cases, seconds: maps.orbits(20_000, seconds),
    ),
    "stiffness": (
        "Flows of the collection nearest to stiffness, at full accuracy on one core",
        lambda _cases, seconds: effort.stiffness(
            [s for s in systems.values() if s.kind == "flow"], seconds / 10
        ),
    ),
    "energy": (
        "Energy of Henon-Heiles at full accuracy",
        lambda _cases, _seconds: effort.energy_drift(10_000),
    ),
    "cores": (
        "10,000 trajectories of Lorenz over threads",
        lambda _cases, seconds: scaling.cores(10_000, 4, seconds),
    ),
    "compile": (
        "Cold compile of every flow: trajectories and tangent vectors",
        lambda _cases, _seconds: scaling.cold_compile(n for n, s in systems.items() if s.kind == "flow"),
    ),
}


def main() -> None:
    """Run the parts asked for and write their tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=1.0, help="time spent on each measurement")
    parser.add_argument("--system", action="append", help="only this system; may be repeated")
    parser.add_argument("--output", type=Path, help="also write the tables to this file")
    options = parser.parse_args()
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    chosen = [case for case in cases() if not options.system or case.name in options.system]
    text = header()
    sys.stdout.write(text)
    for name in options.parts or PARTS:
        title, part = PARTS[name]
        table = "\n" + markdown(title, part(chosen, options.seconds))
        sys.stdout.write(table)
        sys.stdout.flush()
        text += table
    if options.output:
        options.output.write_text(text)


def header() -> str:
    """The machine and the versions."""
    names = [
        name
        for name in ("numpy", "llvmlite", *peers.NAMES)
        if name in peers.installed() or name in ("numpy", "llvmlite")
    ]
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"Python {platform.python_version()}, {versions}; {_processor()}\n"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    main()
