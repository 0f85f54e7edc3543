"""Die before every rename and removal of a build, one by one, and go on each time.

Arguments: recipe, directory. Between two such points only partial files come into being, so these are all the
states that a kill can leave behind. Each attempt is a fork of one warm process, for speed. Prints how many
points there were.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from chaosdata.catalog import card, publish  # noqa: F401  (imported before the forks)
from chaosdata.datasets.annotate import measure
from chaosdata.datasets.build import build
from chaosdata.datasets.plan import plan
from chaosdata.datasets.recipe import load_recipe
from chaosdata.datasets.simulate import simulate_block
from chaosdata.store import manifest, shards  # noqa: F401
from chaosdata.systems import systems
from tests.datasets.tiny import contents, leftovers


def forked(action: Callable[[], object]) -> int:
    """How a child that does ``action`` ends: its exit status, or minus the signal."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:  # noqa: BLE001  (a child must never return into its parent's code)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def build_and_die(recipe: dict[str, Any], root: Path, point: int) -> None:
    """Build, and be killed just before the point-th rename or removal."""
    counter = itertools.count(1)

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(counter) == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for name in ("rename", "replace", "unlink", "rmdir"):
        setattr(os, name, dying(getattr(os, name)))
    build(recipe, root)


def published(root: Path) -> dict[str, bytes]:
    """All that a reader can see."""
    return {name: data for name, data in contents(root).items() if not name.startswith(".work/")}


def main(recipe: dict[str, Any], base: Path) -> int:
    """The number of points at which a build died and was continued into the same bytes."""
    loaded = load_recipe(recipe)
    for name in loaded.systems:  # compiles what is needed, and starts no thread that a fork would lose
        simulate_block(loaded, name, 0)
        for family in plan(loaded).families:
            measure(systems[name], loaded.seed, family, loaded.annotations)
    os.fsync = lambda descriptor: (
        None
    )  # a kill loses nothing that the kernel has; a power cut is another story
    calm, version = base / "calm", f"{loaded.name}/{loaded.version}"
    assert forked(partial(build, recipe, calm)) == 0
    for point in itertools.count(1):
        root = base / str(point)
        code = forked(partial(build_and_die, recipe, root, point))
        assert code in (0, -signal.SIGKILL), code
        if (root / version).exists():
            assert contents(root / version) == contents(calm / version), point
        if (root / "catalog.yaml").exists():
            assert (root / version).exists(), point
        assert forked(partial(build, recipe, root)) == 0
        assert published(root) == published(calm), point
        assert leftovers(root) == [], (point, leftovers(root))
        shutil.rmtree(root)
        if code == 0:
            return point - 1
    raise AssertionError


if __name__ == "__main__":
    sys.stdout.write(f"{main(json.loads(sys.argv[1]), Path(sys.argv[2]))}\n")
