"""Strict YAML: one mapping, no repeated keys, no surprises, and problems reported with their line.

PyYAML follows YAML 1.1, where ``no`` is a boolean, ``1e-3`` a string and ``12:30`` the number 750. Recipes
follow the core schema of YAML 1.2 instead, both when they are read and when they are written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import yaml

from chaosdata.errors import RecipeError

_CORE_SCHEMA = (
    ("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ("~", "n", "N", "")),
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), tuple("tTfF")),
    ("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), tuple("-+0123456789")),
    (
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|nan)$"),
        tuple("-+.0123456789"),
    ),
)


class _Loader(yaml.SafeLoader):
    """YAML 1.2 scalars, string keys that appear once, no anchors."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own protocol)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(
                None, None, "found an alias (*name); write the value itself", mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, int] = {}
        for key_node, _ in node.value:
            key, line = self.construct_object(key_node, deep=True), key_node.start_mark.line + 1
            if not isinstance(key, str):
                problem = f"found the key {key!r}, expected a word"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            if key in lines:
                problem = f"the key {key!r} appears twice, first on line {lines[key]}; keep one"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            lines[key] = line
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _tag, _pattern, _first in _CORE_SCHEMA:
    _Loader.add_implicit_resolver(_tag, _pattern, list(_first))
    _Dumper.add_implicit_resolver(_tag, _pattern, list(_first))
# The 1.1 constructors of int and float also read octal and sexagesimal numbers; ours never see such scalars.
_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: _number(str(node.value)))


def _number(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises
    ------
    RecipeError : one line with the file and, for a mistake in the YAML, the line number.
    """
    name = os.fspath(path)
    try:
        with open(name, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        raise RecipeError(f"{name}: there is no such file") from None
    except IsADirectoryError:
        raise RecipeError(f"{name}: this is a directory; name the recipe file in it") from None
    except UnicodeDecodeError as error:
        raise RecipeError(f"{name}: not text in UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise RecipeError(f"{name}: cannot be read: {error.strerror or error}") from None
    return parse(text, name)


def parse(text: str, name: str) -> dict[str, Any]:
    """The mapping in a YAML text; ``name`` stands before each message."""
    try:
        content = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise RecipeError(f"{name}: {where}{_one_line(error.problem or error.context)}") from None
    except yaml.YAMLError as error:
        raise RecipeError(f"{name}: not YAML: {_one_line(str(error))}") from None
    except RecursionError:
        raise RecipeError(f"{name}: nested too deeply") from None
    if not isinstance(content, dict):
        found = "nothing" if content is None else f"a {type(content).__name__}"
        raise RecipeError(
            f"{name}: found {found}, expected a mapping of keys (name:, version:, systems:, ...)"
        )
    return content


def write(content: Mapping[str, Any]) -> str:
    """YAML text of a mapping: keys in the given order, inner collections on one line."""
    text: str = yaml.dump(
        dict(content),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=float("inf"),
    )
    return text


def _one_line(text: str | None) -> str:
    return " ".join((text or "cannot be parsed").split())
