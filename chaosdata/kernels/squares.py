"""The finished part of a square's convolution: half the work of a product's."""

from __future__ import annotations

from chaosdata.kernels.vector import Value, Vector


def square_sums(v: Vector, k0: Value, slot: int, block: int, newest: int) -> list[Value]:
    """``sum_j a_j a_(k0+r-j)`` over indices ``1 <= j, k0+r-j < k0``, for r = 0 .. block-1.

    From ``r = newest`` on come the terms with ``a_k0``, last. Each unordered pair is taken once and the sum
    doubled, then comes the square in the middle. The sequence stands at ``slot`` of ``%w``; ``%wk`` is ``%w``
    moved by ``k0`` orders, a multiple of the even ``block``.
    """
    first, more, loop, tail, done = (v.label(stem) for stem in ("first", "more", "loop", "tail", "done"))
    v.begin(first)
    low = [v.load(v.at("%w", slot + j)) for j in range(1, block)]
    zero = [v.constant(0.0)] * block
    pairs = [[(j, block + r - j) for j in range(r + 1, block)] for r in range(block)]
    start = [[(low[i - 1], low[j - 1]) for i, j in row if i < j] for row in pairs]
    middle = {r: low[i - 1] for r, row in enumerate(pairs) for i, j in row if i == j}
    few = _doubled(v, _added(v, zero, start), middle)
    v.line(f"br i1 {v.emit(f'icmp ugt i64 {k0}, {block}')}, label %{more}, label %{done}")

    v.begin(more, jump=False)  # j below the block, with the newest of the others
    high = [v.load(v.at("%wk", slot - j)) for j in range(1, block)]
    given = _added(
        v, zero, [[(low[j - 1], high[j - r - 1]) for j in range(r + 1, block)] for r in range(block)]
    )
    half = v.emit(f"lshr i64 {k0}, 1")
    v.line(f"br i1 {v.emit(f'icmp ugt i64 {half}, {block}')}, label %{loop}, label %{tail}")

    v.begin(loop, jump=False)  # two j at a time, up to k0/2
    now, following = f"%j_{loop}", f"%j_next_{loop}"
    v.phi("i64", [(str(block), more), (following, loop)], now)
    sums = [v.phi(v.type, [(given[r], more), (f"%s{r}_{loop}", loop)]) for r in range(block)]
    doubles = v.emit(f"mul i64 {now}, {v.lanes}")
    up, down = v.offset("%w", doubles), v.offset("%wk", v.emit(f"sub i64 0, {doubles}"))
    x = [v.load(v.at(up, slot + i)) for i in range(2)]
    y = [v.load(v.at(down, slot + i)) for i in range(-1, block)]
    sums = [v.fma(x[0], y[r + 1], sums[r]) for r in range(block)]
    sums = [v.fma(x[1], y[r], sums[r], name=f"%s{r}_{loop}") for r in range(block)]
    v.line(f"{following} = add i64 {now}, 2")
    v.line(f"br i1 {v.emit(f'icmp ult i64 {following}, {half}')}, label %{loop}, label %{tail}")

    v.begin(tail, jump=False)  # around k0/2
    sums = [v.phi(v.type, [(given[r], more), (sums[r], loop)]) for r in range(block)]
    centre = v.offset("%w", v.emit(f"mul i64 {half}, {v.lanes}"))
    near = [v.load(v.at(centre, slot + i)) for i in range(block)]
    last = [[(near[i], near[r - i]) for i in range(block) if 2 * i < r] for r in range(block)]
    middle = {r: near[r // 2] for r in range(0, block, 2)}
    many = _doubled(v, _added(v, sums, last), middle)
    v.begin(done)
    total = [v.phi(v.type, [(few[r], first), (many[r], tail)]) for r in range(block)]
    latest = v.load(v.at("%wk", slot))
    for r in range(newest, block):
        early = v.load(v.at("%w", slot + r))
        total[r] = v.fma(v.add(early, early), latest, total[r])
    return total


def _added(v: Vector, sums: list[Value], terms: list[list[tuple[Value, Value]]]) -> list[Value]:
    """Products added to the sums."""
    zero = v.constant(0.0)
    for r, row in enumerate(terms):
        for a, b in row:
            total = v.mul(a, b) if sums[r] == zero else v.fma(a, b, sums[r])
            sums = [*sums[:r], total, *sums[r + 1 :]]
    return sums


def _doubled(v: Vector, sums: list[Value], middle: dict[int, Value]) -> list[Value]:
    """The sums twice, and the squares in the middle."""
    zero = v.constant(0.0)
    twice = [total if total == zero else v.add(total, total) for total in sums]
    return [v.fma(middle[r], middle[r], total) if r in middle else total for r, total in enumerate(twice)]
