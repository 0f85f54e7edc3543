"""The dataset card: README.md for people, croissant.json for machines; functions of the version's content."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from math import floor, isfinite, log10
from pathlib import Path
from typing import Any

import numpy as np

from chaosdata.store.annotations import STANDARD_ERROR
from chaosdata.store.arrays import METADATA, Array
from chaosdata.store.files import (
    PathLike,
    canonical_json,
    hash_file,
    storage_errors,
    write_atomic,
)
from chaosdata.store.manifest import STORE

_CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
_UNKNOWN = "not measured"
_SHOWN = 6  # components named in the table


@dataclass(frozen=True)
class SystemFacts:
    """What the card says of one system.

    components : stored observables.
    splits : trajectories of each split.
    samples : of one trajectory.
    period, exponent, dimension : as text, with standard errors where they are measured.
    """

    name: str
    components: tuple[str, ...]
    splits: dict[str, int]
    samples: int
    period: str
    exponent: str
    dimension: str


def write_card(version_dir: PathLike, *, name: str, version: str, title: str, license: str) -> None:
    """Write ``README.md`` and ``croissant.json``, once ``data.zarr`` and ``recipe.yaml`` are complete.

    Both are listed in the manifest, so neither holds the manifest's hash.

    Raises
    ------
    StorageError
        A file cannot be read or written.
    """
    directory = Path(version_dir)
    with storage_errors("read", directory):
        systems = [_facts(path.parent) for path in sorted((directory / STORE).glob(f"*/{METADATA}"))]
    identity = {"name": name, "version": version, "title": title, "license": license}
    write_atomic(directory / "README.md", readme(systems, **identity).encode())
    write_atomic(directory / "croissant.json", canonical_json(croissant(directory, systems, **identity)))


def readme(systems: list[SystemFacts], *, name: str, version: str, title: str, license: str) -> str:
    """The text of README.md."""
    spec = f"{name}@{version}"
    first = systems[0]
    split = next((label for label, count in first.splits.items() if count), "train")
    trajectories = sum(sum(facts.splits.values()) for facts in systems)
    rows = "\n".join(_row(facts) for facts in systems)
    splits = ", ".join(f"{label} {count}" for label, count in first.splits.items())
    return f"""# {title}

`{spec}`: {trajectories} trajectories of {len(systems)} chaotic dynamical {_plural(len(systems), "system")}.
Trajectories of each system by split: {splits}. License: {license}.

## Open

```python
import chaosdata as cd

root = "."  # the directory or URL that holds catalog.yaml
data = cd.open_dataset("{spec}", system="{first.name}", split="{split}", root=root)
data.state.isel(trajectory=0).values  # (time, component); read only now
```

`state` has the axes (trajectory, time, component). `initial`, `parameter` and `status` belong to each
trajectory; a `status` other than 0 marks one that ended early, and its later states are NaN. Every measured
number stands beside its standard error, with the attributes `method` and `settings`.

## Systems

Periods and exponents are in each system's own unit of time; after ± stands one standard error.

| System | Components | Samples | Period | Largest Lyapunov exponent | Kaplan-Yorke dimension |
|---|---|---|---|---|---|
{rows}

## Check and rebuild

    chaosdata verify {spec} --root ROOT
    chaosdata build recipe.yaml --root NEW_ROOT

The first command proves every byte against `manifest.json`, and that against the catalog. The second makes
the version anew from its recipe: the same release of chaosdata gives the same bytes.
"""


def croissant(
    directory: Path, systems: list[SystemFacts], *, name: str, version: str, title: str, license: str
) -> dict[str, Any]:
    """The content of croissant.json: Croissant 1.0, which is schema.org's Dataset with its files described.

    Without a date of publication, since nothing that is hashed may depend on the clock.
    """
    files = [
        _file_object(directory, "recipe.yaml", "application/yaml", "The recipe that makes these bytes."),
        _file_object(directory, f"{STORE}/{METADATA}", "application/json", "Metadata of the Zarr store."),
        _file_object(directory, "README.md", "text/markdown", "The dataset card."),
    ]
    groups = [
        {
            "@type": "cr:FileSet",
            "@id": facts.name,
            "name": facts.name,
            "description": (
                f"Zarr v3 group of {facts.name}: state (trajectory, time, component) of "
                f"{sum(facts.splits.values())} trajectories of {facts.samples} samples, with annotations."
            ),
            "encodingFormat": "application/vnd.zarr; version=3",
            "includes": f"{STORE}/{facts.name}/**",
        }
        for facts in systems
    ]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS_TO,
        "name": name,
        "version": version,
        "description": (
            f"{title}. Trajectories of {len(systems)} chaotic dynamical {_plural(len(systems), 'system')}; "
            f"every measured number has its standard error. The sha256 of every file stands in manifest.json."
        ),
        "license": f"https://spdx.org/licenses/{license}.html",
        "url": ".",
        "keywords": ["chaos", "dynamical systems", "time series", *(facts.name for facts in systems)],
        "distribution": [*files, *groups],
    }


def uncertain(value: float, standard_error: float) -> str:
    """A number and its standard error, both to the error's second digit: ``0.90566 ± 0.00016``."""
    if not isfinite(value):
        return _UNKNOWN
    if not (isfinite(standard_error) and standard_error > 0):
        return f"{value:.6g}"
    places = 1 - floor(log10(standard_error))
    if places < 0:
        return f"{round(value, places):.0f} ± {round(standard_error, places):.0f}"
    return f"{value:.{places}f} ± {standard_error:.{places}f}"


def _facts(folder: Path) -> SystemFacts:
    import zarr

    attributes = json.loads((folder / METADATA).read_bytes())["attributes"]

    def stored(array: str) -> Array:
        return np.asarray(zarr.open_array(folder / array, mode="r")[...])

    def measured(array: str) -> str | None:
        if not (folder / array / METADATA).is_file():
            return None
        value, error = stored(array), stored(array + STANDARD_ERROR)
        return uncertain(float(value.ravel()[0]), float(error.ravel()[0]))

    period = attributes.get("period")
    declared = f"{period:.6g}" if isinstance(period, int | float) else _UNKNOWN
    return SystemFacts(
        name=folder.name,
        components=tuple(str(component) for component in stored("component")),
        splits=dict(Counter(str(label) for label in stored("split"))),
        samples=len(stored("time")),
        period=measured("period") or declared,
        exponent=measured("lyapunov_exponent") or _UNKNOWN,
        dimension=measured("kaplan_yorke_dimension") or _UNKNOWN,
    )


def _row(facts: SystemFacts) -> str:
    names, count = facts.components, len(facts.components)
    components = (
        ", ".join(names) if count <= _SHOWN else f"{names[0]}, {names[1]}, ..., {names[-1]} ({count})"
    )
    cells = (facts.name, components, str(facts.samples), facts.period, facts.exponent, facts.dimension)
    return f"| {' | '.join(cells)} |"


def _file_object(directory: Path, path: str, encoding: str, description: str) -> dict[str, Any]:
    with storage_errors("read", directory / path):
        size, sha256 = (directory / path).stat().st_size, hash_file(directory / path)
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "description": description,
        "contentUrl": path,
        "contentSize": f"{size} B",
        "encodingFormat": encoding,
        "sha256": sha256,
    }


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


# The vocabulary that the Croissant 1.0 specification prescribes.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
