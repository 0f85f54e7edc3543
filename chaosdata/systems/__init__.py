"""The collection: one chapter a file, one declaration a system.

``systems`` maps each name to its :class:`~chaosdata.equations.System`, in alphabetical order. A chapter's
systems are found by themselves: add a declaration to a chapter, or a chapter to this folder, nothing else.
"""

from __future__ import annotations

from chaosdata.systems._measured import Measured, measured
from chaosdata.systems._registry import collect
from chaosdata.systems._table import summary, table

__all__ = ["Measured", "measured", "summary", "systems", "table"]

systems = collect(__name__, __path__)
