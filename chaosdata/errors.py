"""The exception tree. Each message says what is wrong, where, and how to mend it."""

from __future__ import annotations


class ChaosdataError(Exception):
    """Anything the user can mend. The command line prints its one line and exits with status 1."""


class DeclarationError(ChaosdataError):
    """A system's declaration is wrong."""


class UnknownNameError(ChaosdataError, KeyError):
    """A system, dataset, version, split or component that does not exist."""

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0])


class ArgumentError(ChaosdataError, ValueError):
    """An argument has the wrong shape, type or value."""


class IntegrationError(ChaosdataError):
    """A trajectory that a computation cannot do without did not reach its end."""


class RecipeError(ChaosdataError):
    """A recipe is malformed or asks for something impossible."""


class CatalogError(ChaosdataError):
    """A catalog is missing, malformed, or contradicts what is asked of it."""


class IntegrityError(ChaosdataError):
    """Stored bytes are not the bytes that were published."""


class StorageError(ChaosdataError):
    """The root cannot be read or written."""
