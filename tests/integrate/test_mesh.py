"""The mesh of a delay equation: every cell finds its past in one smooth piece."""

from __future__ import annotations

import math

import numpy as np
import pytest

from chaosdata.integrate.mesh import REACH, Mesh, delay_mesh

DELAYS = {
    "one": (17.0,),
    "commensurate": (1.0, 1.5),
    "rounded": (0.1, 0.3),
    "irrational": (1.0, 2**0.5),
    "far apart": (0.1, math.pi),
    "close": (1.0, 1.0001),
    "three": (1.0, math.e, math.pi),
}


def _cell(mesh: Mesh, k: int) -> tuple[float, float]:
    """Beginning and length of a cell, those of the history included."""
    if k < 0:
        length = mesh.history_length / mesh.history
        return k * length, length
    if k < mesh.first:
        return float(mesh.begin[k]), float(mesh.length[k])
    return mesh.first_time + (k - mesh.first) * mesh.step, mesh.step


@pytest.mark.parametrize("name", DELAYS)
@pytest.mark.parametrize("step", [0.09, 0.37, 1.0])
def test_a_source_is_known_near_and_smooth(name: str, step: float) -> None:
    delays = DELAYS[name]
    step = min(step, REACH * delays[0])
    order = 8
    mesh = delay_mesh(delays, step, order)
    breaks = np.array(sorted({0.0} | {a + b for a in (0.0, *delays) for b in (0.0, *delays)}))
    assert mesh.reach <= step * 1.0001 and mesh.step <= delays[0] * 1.0001
    assert mesh.shifted == (name in ("irrational", "far apart", "close", "three"))
    end = 0.0
    for k in range(mesh.first + 3 * mesh.ring):
        begin, length = _cell(mesh, k)
        assert abs(begin - end) < 1e-12 * (1 + end)  # no gaps
        end = begin + length
        inside = (breaks > begin + 1e-9) & (breaks < end - 1e-9)
        assert not inside.any(), "a breaking point inside a cell"
        for j, delay in enumerate(delays):
            tail = k >= mesh.first
            source = k - int(mesh.back[j]) if tail else int(mesh.source[k, j])
            offset = float(mesh.tail_offset[j]) if tail else float(mesh.offset[k, j])
            assert k - mesh.ring < source < k and source >= -mesh.history
            start, size = _cell(mesh, source)
            assert abs(start + offset - (begin - delay)) < 1e-12 * (1 + end)
            assert offset >= -0.5 * mesh.step * 1.0001 and offset + length <= mesh.reach * 1.0001
            # From the source's cell to the interval where its series is used no breaking point lies between.
            low, high = min(start, begin - delay), max(start + size, end - delay)
            between = (breaks > low + 1e-9) & (breaks < high - 1e-9)
            assert not between.any(), (k, j, low, high)


def test_cells_end_nearest_to_a_time() -> None:
    uniform, general = delay_mesh((1.0,), 0.25, 8), delay_mesh((1.0, 2**0.5), 0.25, 8)
    assert [uniform.cells(t) for t in (1e-9, 0.25, 0.3, 0.4, 100.0)] == [1, 1, 1, 2, 400]
    for time in (0.5, 3.3, 12.0, 20.0, 50.0):
        begin, length = _cell(general, general.cells(time) - 1)
        assert abs(begin + length - time) <= 0.5 * general.step + 1e-12
