"""What a worker process of the local cluster does first, as a Dask preload."""

from __future__ import annotations

import importlib
import signal
import threading

from pipelines.cluster import hush

hush()

# Ctrl-C at a terminal reaches every process in the foreground. The build decides what it means; a worker that
# took it for itself would print a traceback and be restarted in the middle of the farewell.
signal.signal(signal.SIGINT, signal.SIG_IGN)


def _import_engine() -> None:
    for module in ("chaosdata.integrate.flow", "chaosdata.store.shards", "chaosdata.datasets.simulate"):
        importlib.import_module(module)


# Two seconds of imports, which are there to be had while the Prefect server starts.
threading.Thread(target=_import_engine, daemon=True).start()
