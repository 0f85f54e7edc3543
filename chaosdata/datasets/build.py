"""Build a version: tasks anywhere, in any order, any number of times, and the same bytes in the end.

Everything happens in ``ROOT/.work/NAME-VERSION/``. A task that is done leaves a receipt, written after its
files; a build that is killed and started again hashes the files against the receipts and does what is
missing. The version appears in one rename, when its manifest is complete. One lock, held for the whole build
and dropped by the kernel when its holder dies, keeps a second builder of the same version out.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from chaosdata.datasets.annotate import annotate_system, read_annotations
from chaosdata.datasets.attributes import root_attributes
from chaosdata.datasets.marker import alone, write_marker, writing
from chaosdata.datasets.plan import AnnotationTask, Plan, ShardTask, Task, group_spec, plan
from chaosdata.datasets.recipe import Recipe, load_recipe
from chaosdata.datasets.window import run_window
from chaosdata.errors import CatalogError, StorageError

if TYPE_CHECKING:
    from chaosdata.catalog.model import CatalogEntry
    from chaosdata.store.files import Staging
    from chaosdata.store.receipts import Receipt

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class TaskResult:
    """What is left to say about a task that is done; its result lies in the staging directory.

    failed : number of trajectories whose status is not OK.
    """

    key: str
    label: str
    failed: int


def run_task(task: Task) -> TaskResult:
    """Do one of many tasks in this thread alone; safe to repeat, in any process that sees the root."""
    from chaosdata.integrate.threads import single_threaded

    with single_threaded():
        return _run_task(task)


def _run_task(task: Task) -> TaskResult:
    """Do one task and leave its receipt."""
    from chaosdata.datasets.simulate import simulate_shard
    from chaosdata.store.files import storage_errors
    from chaosdata.store.receipts import write_receipt

    place = _staging(task.root, task.recipe)
    failed = 0
    with storage_errors("write", place.directory), writing(place, task.recipe):
        if isinstance(task, ShardTask):
            receipt, failed = simulate_shard(place.store, task.recipe, task.system, task.index)
        else:
            receipt = annotate_system(place.directory, task.recipe, task.system, task.family)
        write_receipt(place.receipts / f"{task.key}.json", receipt)
    return TaskResult(task.key, task.label, failed)


class Build:
    """One version in the making, held by one builder.

    A context manager: entering it checks everything that can be checked before work is done, takes the lock
    and prepares the staging directory. Then run the tasks that :meth:`pending` names with :func:`run_task`,
    anywhere, and call :meth:`finish`. Leaving it early keeps what is done for the next build.

    Parameters
    ----------
    recipe : a recipe, or what :func:`~chaosdata.datasets.recipe.load_recipe` reads one from.
    root : the directory that holds, or will hold, catalog.yaml.

    Raises
    ------
    RecipeError : the recipe is refused.
    CatalogError : the version is published with another recipe.
    StorageError : another build of this version is running, or the root cannot be used.
    """

    def __init__(
        self, recipe: str | os.PathLike[str] | Mapping[str, Any] | Recipe, root: str | os.PathLike[str]
    ):
        self.recipe = load_recipe(recipe)
        self.root = _local(root)
        self.plan: Plan = plan(self.recipe)
        self.published: CatalogEntry | None = None
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Build:
        from chaosdata.store.files import lock

        self.published = self._already_published()
        if self.published is not None:
            return self
        with contextlib.ExitStack() as stack:
            stack.enter_context(
                lock(self._place.lock_path, wait=False, holder=f"another build of {self.recipe.id}")
            )
            # The build that held the lock until now may just have published.
            self.published = self._already_published()
            if self.published is None:
                self._prepare()
                self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def total(self) -> int:
        """Number of tasks of the whole version."""
        return self.plan.total

    def pending(
        self, system: str | None = None, found: Callable[[Task], None] | None = None
    ) -> Iterator[Task]:
        """The tasks still to do, lazily, of one system or of all.

        A task is done when every file that its receipt names has the size and the hash that it names;
        anything else is done again. ``found`` is told each task that is done already.
        """
        if self.published is not None:
            return
        for task in self.plan.tasks(self.root, system):
            if not self._done(task):
                yield task
            elif found is not None:
                found(task)

    def finish(self) -> CatalogEntry:
        """Write the annotations, prove every file, publish.

        Raises
        ------
        StorageError : a task is still to do, or the disk refuses.
        IntegrityError : a file is not what its receipt says.
        """
        from chaosdata import __version__
        from chaosdata.catalog.card import write_card
        from chaosdata.catalog.publish import describe, publish
        from chaosdata.store.files import remove_parts, storage_errors, write_atomic
        from chaosdata.store.manifest import build_manifest

        if self.published is not None:
            return self.published
        recipe, place = self.recipe, self._place
        names = {"name": recipe.name, "version": recipe.version}
        with storage_errors("write", place.directory), alone(place):
            self._write_annotations()
            remove_parts(place.tree)  # of writers that were killed
            write_atomic(place.tree / "recipe.yaml", recipe.canonical.encode())
            write_card(place.tree, **names, title=recipe.title, license=recipe.license)
            build_manifest(place.tree, **names, receipts=self._shard_receipts())
            entry = describe(
                place.tree,
                **names,
                title=recipe.title,
                license=recipe.license,
                generator=f"chaosdata {__version__}",
            )
            self.published = publish(place.tree, self.root, entry)
        return self.published

    @property
    def _place(self) -> Staging:
        return _staging(self.root, self.recipe)

    def _already_published(self) -> CatalogEntry | None:
        from chaosdata.catalog.publish import published
        from chaosdata.store.files import hash_file, storage_errors

        if not self.root.exists():
            return None
        recipe = self.recipe
        entry = published(self.root, recipe.name, recipe.version)
        stored = (
            self.root / recipe.name / recipe.version / "recipe.yaml"
        )  # there, even where no catalog lists it
        with storage_errors("read", stored):
            digest = hash_file(stored) if stored.is_file() else entry and entry.recipe.removeprefix("sha256:")
        if digest not in (None, recipe.digest):
            raise CatalogError(
                f"{recipe.id} is published in {self.root} with another recipe, and a version is never "
                "rewritten; raise the version in the recipe"
            )
        return entry

    def _prepare(self) -> None:
        from chaosdata.store.files import storage_errors
        from chaosdata.store.template import create_group, create_root

        place = self._place
        with storage_errors("write", place.directory):
            write_marker(place, self.recipe)
            create_root(place.store, root_attributes(self.recipe))
            for name in self.plan.systems:
                create_group(place.store, group_spec(self.recipe, name))

    def _receipt(self, task: Task) -> Receipt | None:
        from chaosdata.store.receipts import read_receipt

        return read_receipt(self._place.receipts / f"{task.key}.json")

    def _done(self, task: Task) -> bool:
        from chaosdata.store.receipts import valid

        receipt = self._receipt(task)
        directory = self._place.store if isinstance(task, ShardTask) else self._place.directory
        return receipt is not None and valid(directory, receipt)

    def _shard_receipts(self) -> Iterator[Receipt]:
        for task in self.plan.tasks(self.root):
            if isinstance(task, ShardTask):
                receipt = self._receipt(task)
                if receipt is None:
                    raise StorageError(
                        f"{self.recipe.id} cannot be finished: {task.label} is not done; build again"
                    )
                yield receipt

    def _write_annotations(self) -> None:
        from chaosdata.store.annotations import consolidate, write_annotations

        for name in self.plan.systems:
            for task in self.plan.tasks(self.root, name):
                if isinstance(task, AnnotationTask) and not self._done(task):
                    raise StorageError(
                        f"{self.recipe.id} cannot be finished: {task.label} is not done; build again"
                    )
            records, attributes = read_annotations(self._place.directory, name, self.plan.families)
            exponents = [len(record.value) for record in records if record.dims == ("exponent",)]
            coordinates = {"exponent": tuple(range(1, exponents[0] + 1))} if exponents else None
            write_annotations(
                self._place.store, name, records, attributes=attributes, coordinates=coordinates
            )
        consolidate(self._place.store)


def build(
    recipe: str | os.PathLike[str] | Mapping[str, Any] | Recipe,
    root: str | os.PathLike[str],
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> CatalogEntry:
    """Build and publish the version that a recipe describes, or go on with a build that was interrupted.

    The bytes depend on the recipe alone: not on the executor, the number of workers, the order, or how often
    the build was killed and started again. An identical version that is published already is returned at
    once.

    Parameters
    ----------
    recipe : path of a recipe, its mapping, or a Recipe.
    root : the directory that holds, or will hold, catalog.yaml.
    executor : where tasks run; None runs them one after the other. The kernels release the GIL, so threads
        share compiled code and use every core; processes must be spawned, and their modules importable.
    progress : called with (tasks done, tasks in all, what was just done).

    Raises
    ------
    RecipeError, CatalogError, StorageError : as :class:`Build`; the message is one line and says what to do.

    >>> import chaosdata as cd
    >>> entry = cd.build("pipelines/recipes/quickstart.yaml", "datasets")  # doctest: +SKIP
    >>> entry.manifest  # doctest: +SKIP
    'sha256:...'
    """
    with Build(recipe, root) as job:
        if job.published is not None:
            return job.published
        done = 0

        def report(task: Task | TaskResult) -> None:
            nonlocal done
            done += 1
            if progress is not None:
                progress(done, job.total, task.label)

        work = _run_task if executor is None else run_task
        for result in run_window(work, job.pending(found=report), executor):
            report(result)
        return job.finish()


def _staging(root: str | Path, recipe: Recipe) -> Staging:
    from chaosdata.store.files import staging

    return staging(Path(root), recipe.name, recipe.version)


def _local(root: str | os.PathLike[str]) -> Path:
    name = os.fspath(root)
    if "://" in name:
        raise StorageError(
            f"{name}: a build writes to a local directory; build there, then copy the directory"
        )
    path = Path(name)
    if path.exists() and not path.is_dir():
        raise StorageError(f"{name}: not a directory; name the directory that holds catalog.yaml")
    return path
