"""The embedded Prefect server's own process: serve on an inherited socket for as long as the parent lives.

Run as a script by :mod:`pipelines.server`. Standard input is a pipe that nobody writes to: when the parent
returns, crashes or is killed, the kernel closes the parent's end, and end-of-file says that it is time to
leave. Standard output carries one line, ``ready``. Everything else goes to standard error, the log file.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uvicorn

LAST_WORDS = 3.0  # seconds after which the server has left, come what may

_running: list[uvicorn.Server] = []


def serve(descriptor: int) -> None:
    """Serve Prefect's API on the listening socket ``descriptor`` until standard input ends."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()  # before the imports, which take seconds
    import uvicorn

    config = uvicorn.Config(
        "prefect.server.api.server:create_app", factory=True, lifespan="on", log_level="error"
    )
    server = uvicorn.Server(config)
    _running.append(server)
    asyncio.run(_serve(server, socket.socket(fileno=descriptor)))


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not (server.started or serving.done()):
        await asyncio.sleep(0.02)
    if server.started:
        os.write(1, b"ready\n")
    await serving


def _leave_with_parent() -> None:
    while os.read(0, 1):
        pass
    if not any(server.started for server in _running):
        os._exit(1)
    threading.Timer(LAST_WORDS, os._exit, [1]).start()
    for server in _running:
        server.should_exit = True


if __name__ == "__main__":
    serve(int(sys.argv[1]))
    os._exit(0)  # threads of the server's services may still be asleep
