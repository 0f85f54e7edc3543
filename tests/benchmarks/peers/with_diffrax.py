"""diffrax: Dopri8 in double precision, compiled and vectorised over trajectories by JAX."""

from __future__ import annotations

import os
from collections.abc import Mapping

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

from tests.benchmarks.cases import Case
from tests.benchmarks.peers import Mode, Run, lambdified

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def modes(case: Case) -> Mapping[str, Mode]:
    """vmap of diffeqsolve."""
    return {"vmap Dopri8": lambda tolerance: _run(case, tolerance)}


def _run(case: Case, tolerance: float) -> Run:
    f = lambdified(case.system, "jax")
    term = diffrax.ODETerm(lambda t, x, _: jnp.stack([jnp.asarray(v, x.dtype) for v in f(t, *x)]))
    end = float(case.time[-1])
    times = diffrax.SaveAt(ts=jnp.asarray(case.time))
    controller = diffrax.PIDController(rtol=tolerance, atol=tolerance * 1e-3)

    def one(x: jax.Array) -> jax.Array:
        solution = diffrax.diffeqsolve(
            term, diffrax.Dopri8(), 0.0, end, None, x,
            saveat=times, stepsize_controller=controller, max_steps=1_000_000,
        )  # fmt: skip
        return solution.ys

    compiled = jax.jit(jax.vmap(one))
    initial = jnp.asarray(case.initial)
    compiled(initial).block_until_ready()
    return lambda: np.asarray(compiled(initial).block_until_ready())
