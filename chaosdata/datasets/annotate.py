"""Annotations of a system: measured once, kept in a small file until the version is finished.

Each family is measured on trajectories of its own, drawn from the recipe's seed, not on the stored ones: an
annotation does not depend on how many trajectories a dataset holds, nor on the precision in which it stores
them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from chaosdata.datasets.plan import Family
from chaosdata.datasets.recipe import Annotation, Recipe

if TYPE_CHECKING:
    from chaosdata.equations.system import System
    from chaosdata.store.annotations import AnnotationRecord
    from chaosdata.store.receipts import Receipt

_MOMENTS = {
    "mean": "mean of each component over the attractor",
    "standard_deviation": "standard deviation of each component over the attractor",
    "skewness": "skewness of each component over the attractor",
    "kurtosis": "kurtosis of each component over the attractor",
}


def measure(
    system: System, seed: int, family: Family, wanted: tuple[Annotation, ...]
) -> tuple[tuple[AnnotationRecord, ...], dict[str, float]]:
    """Measure one family of annotations.

    Returns
    -------
    records : one for each stored variable.
    attributes : group attributes that follow from them.
    """
    if family == "period":
        return _period(system, seed), {}
    if family == "moments":
        return _moments(system, seed), {}
    return _lyapunov(system, seed, wanted)


def _period(system: System, seed: int) -> tuple[AnnotationRecord, ...]:
    from chaosdata.analysis.period import dominant_period
    from chaosdata.store.annotations import AnnotationRecord

    estimate = dominant_period(system, seed=seed)
    unit = "in iterates" if system.kind == "map" else "in the system's time unit"
    return (
        AnnotationRecord.from_estimate("period", estimate, dims=(), long_name=f"dominant period, {unit}"),
    )


def _moments(system: System, seed: int) -> tuple[AnnotationRecord, ...]:
    from chaosdata.analysis.moments import moments
    from chaosdata.store.annotations import AnnotationRecord

    estimates = moments(system, seed=seed)
    return tuple(
        AnnotationRecord.from_estimate(name, estimates[name], dims=("component",), long_name=long_name)
        for name, long_name in _MOMENTS.items()
    )


def _lyapunov(
    system: System, seed: int, wanted: tuple[Annotation, ...]
) -> tuple[tuple[AnnotationRecord, ...], dict[str, float]]:
    from chaosdata.analysis.lyapunov import lyapunov_spectrum
    from chaosdata.datasets.attributes import lyapunov_time
    from chaosdata.store.annotations import AnnotationRecord

    spectrum = lyapunov_spectrum(system, seed=seed)
    unit = "iterate" if system.kind == "map" else "time unit of the system"
    records: list[AnnotationRecord] = []
    attributes: dict[str, float] = {}
    if "lyapunov_spectrum" in wanted:
        records.append(
            AnnotationRecord.from_estimate(
                "lyapunov_exponent",
                spectrum,
                dims=("exponent",),
                long_name=f"Lyapunov exponents, descending, per {unit}",
            )
        )
        time = lyapunov_time(spectrum)
        if time is not None:
            attributes["lyapunov_time"] = time
    if "kaplan_yorke_dimension" in wanted:
        from chaosdata.analysis.kaplan_yorke import kaplan_yorke_dimension

        records.append(
            AnnotationRecord.from_estimate(
                "kaplan_yorke_dimension",
                kaplan_yorke_dimension(spectrum),
                dims=(),
                long_name="Kaplan-Yorke dimension of the attractor",
            )
        )
    return tuple(records), attributes


def annotation_path(system: str, family: str) -> str:
    """Where the records of a family wait, relative to the staging directory."""
    return f"annotations/{system}/{family}.json"


def annotate_system(staging: str | Path, recipe: Recipe, name: str, family: Family) -> Receipt:
    """Measure one family of annotations of a system and keep the records in staging; safe to repeat."""
    from chaosdata.store.files import write_atomic
    from chaosdata.store.receipts import receipt_of
    from chaosdata.systems import systems

    records, attributes = measure(systems[name], recipe.seed, family, recipe.annotations)
    # json writes the shortest text that gives back the same double.
    content = {"records": [record.to_json() for record in records], "attributes": attributes}
    path = annotation_path(name, family)
    (Path(staging) / path).parent.mkdir(parents=True, exist_ok=True)
    write_atomic(Path(staging) / path, json.dumps(content, sort_keys=True, indent=1).encode())
    return receipt_of(Path(staging), f"{name}/{family}", [path])


def read_annotations(
    staging: str | Path, name: str, families: tuple[Family, ...]
) -> tuple[list[AnnotationRecord], dict[str, float]]:
    """The records and attributes that :func:`annotate_system` kept for a system."""
    from chaosdata.store.annotations import AnnotationRecord

    records: list[AnnotationRecord] = []
    attributes: dict[str, float] = {}
    for family in families:
        content = json.loads((Path(staging) / annotation_path(name, family)).read_bytes())
        records += [AnnotationRecord.from_json(record) for record in content["records"]]
        attributes |= content["attributes"]
    return records, attributes
