"""Names that a user wrote and that do not exist: which do, and which was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from chaosdata.errors import UnknownNameError

_SHOWN = 20


def unknown(kind: str, name: str, available: Iterable[str], *, where: str) -> UnknownNameError:
    """The error for a name that does not exist.

    Parameters
    ----------
    kind : what it names, such as ``system``.
    name : what was asked for.
    available : what there is.
    where : in what, such as ``quickstart@1.0.0``.
    """
    names = list(available)
    if not names:
        return UnknownNameError(f"There is no {kind} {name!r} in {where}; it holds none at all.")
    folded = {other.casefold(): other for other in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    hint = f" Did you mean {folded[close[0]]!r}?" if close else ""
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return UnknownNameError(f"There is no {kind} {name!r} in {where}.{hint} Available: {shown}.")
