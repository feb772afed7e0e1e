"""The fast engine: the contract written a second time, as kernels over arrays (Numba)."""

from govsim.engine.compiled.loop import run as run
from govsim.engine.compiled.memory import Buffers as Buffers
