"""What can go wrong around a build, as opposed to in it."""

from __future__ import annotations

from chaosdata.errors import ChaosdataError


class PipelineError(ChaosdataError):
    """The Prefect server or the Dask cluster cannot do its part. The message says what to do."""
