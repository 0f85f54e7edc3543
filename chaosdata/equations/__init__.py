"""From a readable function to symbols, and from symbols to the graph of operations that kernels read."""

from chaosdata.equations.declare import delay, flow, map_, stochastic
from chaosdata.equations.system import System

__all__ = ["System", "delay", "flow", "map_", "stochastic"]
