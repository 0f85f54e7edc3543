"""What a worker process of the local cluster does first, as a Dask preload.

Ctrl-C at a terminal reaches every process in the foreground. The build decides what it means; a worker that
took it for itself would print a traceback and be restarted in the middle of the farewell.
"""

from __future__ import annotations

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
