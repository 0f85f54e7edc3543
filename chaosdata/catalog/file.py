"""catalog.yaml: our own schema, which the same file repeats as an Intake 2 catalog.

Intake reads the top-level keys that it knows and ignores ours. Its part is generated from ours on every write
and never read by us.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from chaosdata.catalog.model import Catalog
from chaosdata.errors import CatalogError
from chaosdata.store.files import PathLike, storage_errors, write_atomic

CATALOG = "catalog.yaml"
_INTAKE_KEYS = ("version", "metadata", "aliases", "user_parameters", "data", "entries")
_HEADER = "# Published versions; each lies in <name>/<version>/ beside this file. Written by chaosdata.\n"
_INTAKE_HEADER = "\n# The same versions for intake.open_catalog, generated from the list above.\n"


def parse_catalog(data: bytes, *, where: str) -> Catalog:
    """The catalog in the text of a catalog.yaml; ``where`` it came from is for the message.

    Raises
    ------
    CatalogError
        The text is not a catalog; the message names the key.
    """
    try:
        raw = yaml.safe_load(data)
    except yaml.YAMLError as error:
        line = " ".join(str(error).split())
        raise CatalogError(f"{where} is not YAML: {line}. Correct it, or restore it from a copy.") from error
    if not isinstance(raw, dict):
        raise CatalogError(f"{where} is not a catalog: expected a mapping with the key 'datasets'.")
    ours = {key: value for key, value in raw.items() if key not in _INTAKE_KEYS}
    try:
        # Through JSON, where a list may become a tuple although every other conversion is refused.
        return Catalog.model_validate_json(json.dumps(ours, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the catalog"
        more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise CatalogError(f"{where}: {key}: {first['msg']}, found {first['input']!r:.80}{more}.") from error


def load_catalog(path: PathLike) -> Catalog:
    """The catalog in a local file; an empty one where there is no file yet.

    Raises
    ------
    CatalogError
        It is not a catalog.
    StorageError
        It cannot be read.
    """
    with storage_errors("read", path):
        try:
            data = Path(path).read_bytes()
        except FileNotFoundError:
            return Catalog()
    return parse_catalog(data, where=str(path))


def save_catalog(path: PathLike, catalog: Catalog) -> None:
    """Replace a local catalog file in one step. The caller holds the catalog's lock."""
    write_atomic(path, catalog_text(catalog).encode())


def catalog_text(catalog: Catalog) -> str:
    """The one text of a catalog."""
    ours = catalog.model_dump(mode="json", by_alias=True)
    return _HEADER + _dump(ours) + _INTAKE_HEADER + _dump(intake_block(catalog))


def intake_block(catalog: Catalog) -> dict[str, Any]:
    """The keys of an Intake 2 catalog: an entry ``<name>-<version>`` each, and aliases ``<name>``.

    An entry opens the first system; ``catalog[entry].read(group="Rossler")`` opens another, and the metadata
    of the entry lists them.
    """
    data: dict[str, Any] = {}
    entries: dict[str, Any] = {}
    aliases: dict[str, str] = {}
    for entry in sorted(catalog.datasets, key=lambda item: item.key):
        key = f"{entry.name}-{entry.version}"
        token = key.replace(".", "_")
        data[token] = {
            "datatype": "intake.readers.datatypes:Zarr",
            "kwargs": {"url": f"{{CATALOG_DIR}}/{entry.path}/data.zarr", "root": "", "storage_options": None},
            "metadata": {},
            "user_parameters": {},
        }
        entries[key] = {
            "reader": "intake.readers.readers:XArrayDatasetReader",
            "output_instance": "xarray:Dataset",
            "kwargs": {"data": f"{{data({token})}}", "group": entry.systems[0], "consolidated": True},
            "metadata": {"title": entry.title, "license": entry.license, "groups": list(entry.systems)},
            "user_parameters": {},
        }
        if entry.status == "active":  # sorted, so the latest is the one that stays
            aliases[entry.name] = key
    return {
        "version": 2,
        "metadata": {},
        "aliases": aliases,
        "user_parameters": {},
        "data": data,
        "entries": entries,
    }


def _dump(value: dict[str, Any]) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
