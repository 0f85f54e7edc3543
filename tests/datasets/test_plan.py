"""The plan: every trajectory once, tasks that travel, and nothing held in memory."""

from __future__ import annotations

import pickle
import tracemalloc
from itertools import islice
from pathlib import Path

import pytest

from chaosdata.datasets.plan import AnnotationTask, ShardTask, group_spec, plan
from chaosdata.datasets.recipe import load_recipe
from chaosdata.datasets.verify import choose_shards
from tests.datasets.tiny import SYSTEMS, tiny


def test_every_trajectory_is_in_one_shard_of_its_split() -> None:
    recipe = load_recipe(
        tiny(
            trajectories={"train": 500, "validation": 0, "test": 77},
            grid={"samples_per_period": 100, "periods": 200},
        )
    )
    for name in recipe.systems:
        seen: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
        for index in range(group_spec(recipe, name).shards):
            spec = group_spec(recipe, name)
            seen[spec.split_of(index)] += range(*spec.bounds(index))
        assert seen == {"train": list(range(500)), "validation": [], "test": list(range(500, 577))}


def test_tasks_are_small_unique_and_travel() -> None:
    job = plan(
        load_recipe(tiny(annotations=["period", "moments", "lyapunov_spectrum", "kaplan_yorke_dimension"]))
    )
    tasks = list(job.tasks(Path("root")))
    assert len(tasks) == job.total == len(SYSTEMS) * (4 + 3)
    assert len({task.key for task in tasks}) == len({task.label for task in tasks}) == len(tasks)
    assert sum(isinstance(task, AnnotationTask) for task in tasks) == len(SYSTEMS) * 3
    for task in tasks:
        data = pickle.dumps(task)
        assert len(data) < 4096
        assert pickle.loads(data) == task
    assert [task.system for task in job.tasks("root", "Rossler")] == ["Rossler"] * 7


@pytest.mark.parametrize(
    ("wanted", "families"),
    [
        ([], ()),
        (["kaplan_yorke_dimension"], ("lyapunov",)),
        (["lyapunov_spectrum", "period"], ("period", "lyapunov")),
    ],
)
def test_only_what_is_asked_for_is_measured(wanted: list[str], families: tuple[str, ...]) -> None:
    assert plan(load_recipe(tiny(annotations=wanted))).families == families


def test_a_plan_of_a_million_shards_costs_nothing() -> None:
    recipe = load_recipe(
        tiny(trajectories={"train": 10**7}, grid={"samples_per_period": 100, "periods": 2000})
    )
    job = plan(recipe)
    assert job.total > 10**6
    list(islice(job.tasks("root"), 10))
    tracemalloc.start()
    try:
        for task in islice(job.tasks("root"), 10_000):
            assert isinstance(task, ShardTask)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_a_replay_is_spread_over_systems_and_shards() -> None:
    grid = {"samples_per_period": 100, "periods": 200}
    recipe = load_recipe(
        tiny(systems=["Lorenz", "Rossler", "Lorenz84"], trajectories={"train": 500}, grid=grid)
    )
    shards = {name: group_spec(recipe, name).shards for name in recipe.systems}
    total = sum(shards.values())
    assert choose_shards(recipe, 0) == []
    assert [name for name, _ in choose_shards(recipe, 3)] == ["Lorenz", "Rossler", "Lorenz84"]
    for count in (*range(total), total, total + 5):
        chosen = choose_shards(recipe, count)
        assert len(chosen) == len(set(chosen)) == min(count, total)
        assert all(0 <= index < shards[name] for name, index in chosen)
        assert chosen == choose_shards(recipe, count)
