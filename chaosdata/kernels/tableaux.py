"""Explicit Runge-Kutta methods as data: one tableau each, and where it was published."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Tableau:
    """An embedded pair whose last stage is the first of the next step, with a continuous extension.

    order : of the method. nodes : (stages + extra,), c_j.
    weights : row j holds a_(j+1,0) .. a_(j+1,j); row ``stages - 2`` gives the new state, rows after it the
    further stages that only the dense output needs.
    stages : the number of slopes that a step computes, that at its end included.
    error : weights of the slopes in the error estimate, or in two that are combined: see runge_kutta.py.
    error_order : the estimate is of this order in the size of the step.
    dense : ``dense[k][j]`` is the weight of slope j in the coefficient of ``theta**(k + 1)``.
    """

    order: int
    stages: int
    nodes: tuple[float, ...]
    weights: Rows
    error: Rows
    error_order: int
    dense: Rows


# Tsitouras (2011). Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying assumption.
# Computers & Mathematics with Applications 62, 770-775. Its free fourth-order continuous extension included.
TSIT5 = Tableau(
    order=5,
    stages=7,
    nodes=(0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0),
    weights=(
        (0.161,),
        (-0.008480655492356989, 0.335480655492357),
        (2.8971530571054935, -6.359448489975075, 4.3622954328695815),
        (5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525),
        (5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383),
        (
            0.09646076681806523, 0.01, 0.4798896504144996,
            1.379008574103742, -3.290069515436081, 2.324710524099774,
        ),
    ),
    error=(
        (
            -0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995,
            -0.1447110071732629, 0.5823571654525552, -0.45808210592918697, 1 / 66,
        ),
    ),
    error_order=5,
    dense=(
        (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (
            -2.763706197274826, 0.1317, 3.9302962368947516,
            -12.411077166933676, 37.50931341651104, -27.896526289197286, 1.5,
        ),
        (
            2.9132554618219126, -0.2234, -5.941033872131505,
            30.33818863028232, -88.1789048947664, 65.09189467479366, -4.0,
        ),
        (
            -1.0530884977290216, 0.1017, 2.490627285651253,
            -16.548102889244902, 47.37952196281928, -34.87065786149661, 2.5,
        ),
    ),
)  # fmt: skip

# Hairer, Norsett, Wanner (1993). Solving Ordinary Differential Equations I, 2nd ed. Springer, sections II.5,
# II.6 and II.10: the method of Dormand and Prince of order 8 with two error estimates, of orders 5 and 3, and
# three further stages for a continuous extension of order 7. The coefficients are those of their code DOP853.
_NODES = (
    0.0, 0.05260015195876773, 0.0789002279381516, 0.1183503419072274, 0.2816496580927726,
    0.3333333333333333, 0.25, 0.3076923076923077, 0.6512820512820513, 0.6, 0.8571428571428571, 1.0, 1.0,
    0.1, 0.2, 0.7777777777777778,
)  # fmt: skip
_WEIGHTS: Rows = (
    (0.05260015195876773,),
    (0.0197250569845379, 0.0591751709536137),
    (0.02958758547680685, 0.0, 0.08876275643042054),
    (0.2413651341592667, 0.0, -0.8845494793282861, 0.924834003261792),
    (0.037037037037037035, 0.0, 0.0, 0.17082860872947386, 0.12546768756682242),
    (0.037109375, 0.0, 0.0, 0.17025221101954405, 0.06021653898045596, -0.017578125),
    (
        0.03709200011850479, 0.0, 0.0, 0.17038392571223998, 0.10726203044637328, -0.015319437748624402,
        0.008273789163814023,
    ),
    (
        0.6241109587160757, 0.0, 0.0, -3.3608926294469414, -0.868219346841726, 27.59209969944671,
        20.154067550477894, -43.48988418106996,
    ),
    (
        0.47766253643826434, 0.0, 0.0, -2.4881146199716677, -0.590290826836843, 21.230051448181193,
        15.279233632882423, -33.28821096898486, -0.020331201708508627,
    ),
    (
        -0.9371424300859873, 0.0, 0.0, 5.186372428844064, 1.0914373489967295, -8.149787010746927,
        -18.52006565999696, 22.739487099350505, 2.4936055526796523, -3.0467644718982196,
    ),
    (
        2.273310147516538, 0.0, 0.0, -10.53449546673725, -2.0008720582248625, -17.9589318631188,
        27.94888452941996, -2.8589982771350235, -8.87285693353063, 12.360567175794303, 0.6433927460157636,
    ),
    (
        0.054293734116568765, 0.0, 0.0, 0.0, 0.0, 4.450312892752409, 1.8915178993145003,
        -5.801203960010585, 0.3111643669578199, -0.1521609496625161, 0.20136540080403034,
        0.04471061572777259,
    ),
    (
        0.056167502283047954, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25350021021662483, -0.2462390374708025,
        -0.12419142326381637, 0.15329179827876568, 0.00820105229563469, 0.007567897660545699, -0.008298,
    ),
    (
        0.03183464816350214, 0.0, 0.0, 0.0, 0.0, 0.028300909672366776, 0.053541988307438566,
        -0.05492374857139099, 0.0, 0.0, -0.00010834732869724932, 0.0003825710908356584,
        -0.00034046500868740456, 0.1413124436746325,
    ),
    (
        -0.42889630158379194, 0.0, 0.0, 0.0, 0.0, -4.697621415361164, 7.683421196062599, 4.06898981839711,
        0.3567271874552811, 0.0, 0.0, 0.0, -0.0013990241651590145, 2.9475147891527724, -9.15095847217987,
    ),
)  # fmt: skip
_FIFTH = (
    0.01312004499419488, 0.0, 0.0, 0.0, 0.0, -1.2251564463762044, -0.4957589496572502, 1.6643771824549864,
    -0.35032884874997366, 0.3341791187130175, 0.08192320648511571, -0.022355307863886294,
)  # fmt: skip
# The weights of a formula of order 3, by stage: the estimate is the difference to it.
_THIRD = {0: 0.2440944881889764, 8: 0.7338466882816119, 11: 0.022058823529411766}
# Slopes in the last four terms of the continuous extension, theta^2 (1 - theta)^2 and on; see _in_powers.
_EXTENSION: Rows = (
    (
        -8.428938276109013, 0.0, 0.0, 0.0, 0.0, 0.5667149535193777, -3.0689499459498917, 2.38466765651207,
        2.117034582445028, -0.871391583777973, 2.2404374302607883, 0.6315787787694688,
        -0.08899033645133331, 18.148505520854727, -9.194632392478356, -4.436036387594894,
    ),
    (
        10.427508642579134, 0.0, 0.0, 0.0, 0.0, 242.28349177525817, 165.20045171727028, -374.5467547226902,
        -22.113666853125306, 7.733432668472264, -30.674084731089398, -9.332130526430229,
        15.697238121770845, -31.139403219565178, -9.35292435884448, 35.81684148639408,
    ),
    (
        19.985053242002433, 0.0, 0.0, 0.0, 0.0, -387.0373087493518, -189.17813819516758, 527.8081592054236,
        -11.57390253995963, 6.8812326946963, -1.0006050966910838, 0.7777137798053443, -2.778205752353508,
        -60.19669523126412, 84.32040550667716, 11.99229113618279,
    ),
    (
        -25.69393346270375, 0.0, 0.0, 0.0, 0.0, -154.18974869023643, -231.5293791760455, 357.6391179106141,
        93.40532418362432, -37.45832313645163, 104.0996495089623, 29.8402934266605, -43.53345659001114,
        96.32455395918828, -39.17726167561544, -149.72683625798564,
    ),
)  # fmt: skip


def _in_powers(weights: tuple[float, ...], extension: Rows, stages: int) -> Rows:
    """Hairer's continuous extension, with the new state's weights, as weights of the powers of theta.

    It is the sum of ``F_m phi_m`` with phi = t, t(1-t), t^2(1-t), t^2(1-t)^2, ..., in which F_0 is the
    increment, F_1 and F_2 fit the slopes at both ends, and the others are rows of ``extension``.
    """
    size = len(extension[0])

    def unit(j: int) -> list[Fraction]:
        return [Fraction(int(i == j)) for i in range(size)]

    increment = [Fraction(w) for w in weights] + [Fraction(0)] * (size - len(weights))
    first, last = unit(0), unit(stages - 1)
    rows = [
        increment,
        [f - d for f, d in zip(first, increment, strict=True)],
        [2 * d - f - g for d, f, g in zip(increment, first, last, strict=True)],
        *([Fraction(w) for w in row] for row in extension),
    ]
    powers = [[Fraction(0)] * size for _ in rows]
    basis = [Fraction(0), Fraction(1)]  # coefficients of theta^0, theta^1, ...
    for m, row in enumerate(rows):
        for k, c in enumerate(basis[1:]):
            powers[k] = [p + c * w for p, w in zip(powers[k], row, strict=True)]
        shifted = [Fraction(0), *basis]
        less = [a - b for a, b in zip([*basis, Fraction(0)], shifted, strict=True)]
        basis = shifted if m % 2 else less  # times theta, or times 1 - theta
    return tuple(tuple(float(p) for p in row) for row in powers)


DOP853 = Tableau(
    order=8,
    stages=13,
    nodes=_NODES,
    weights=_WEIGHTS,
    error=(
        (*_FIFTH, 0.0),
        (*(b - _THIRD.get(j, 0.0) for j, b in enumerate(_WEIGHTS[11])), 0.0),
    ),
    error_order=8,
    dense=_in_powers(_WEIGHTS[11], _EXTENSION, 13),
)

TABLEAUX = {"tsit5": TSIT5, "dop853": DOP853}
"""The methods by their names."""
