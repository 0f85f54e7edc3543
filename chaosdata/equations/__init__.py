"""From a readable function to symbols, and from symbols to the graph of operations that kernels read."""

from chaosdata.equations.declare import flow
from chaosdata.equations.system import System

__all__ = ["System", "flow"]
