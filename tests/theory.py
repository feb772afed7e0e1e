"""Closed-form results of queueing theory, and of statistics at the end: the third oracle.

Rates per minute, times in minutes.

Sources: Erlang C, Pollaczek-Khinchine, Cobham and Jackson as in Kleinrock, Queueing Systems I and
II (1975, 1976); Erlang A as in Garnett, Mandelbaum and Reiman, MSOM 4 (2002), computed here from
the birth-death chain itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


def erlang_c(clerks: int, offered: float) -> float:
    """Chance that an arrival waits in M/M/c; `offered` = arrival rate times mean service time."""
    blocked = 1.0
    for c in range(1, clerks + 1):
        blocked = offered * blocked / (c + offered * blocked)
    return clerks * blocked / (clerks - offered * (1 - blocked))


def mmc_wait(rate: float, service: float, clerks: int) -> float:
    """Mean wait in M/M/c."""
    offered = rate * service
    return erlang_c(clerks, offered) * service / (clerks - offered)


def mmc_wait_above(rate: float, service: float, clerks: int, t: float) -> float:
    """Chance to wait longer than t in M/M/c."""
    offered = rate * service
    return erlang_c(clerks, offered) * math.exp(-(clerks - offered) * t / service)


def mg1_wait(rate: float, service: float, cv: float) -> float:
    """Mean wait in M/G/1 (Pollaczek-Khinchine); cv = coefficient of variation
    of the service time.
    """
    return rate * service**2 * (1 + cv**2) / (2 * (1 - rate * service))


def cobham_waits(
    rates: tuple[float, float], services: tuple[float, float], cvs: tuple[float, float]
) -> tuple[float, float]:
    """Mean waits of the two classes of M/G/1 with non-preemptive priority for the first."""
    residual = sum(r * s**2 * (1 + c**2) / 2 for r, s, c in zip(rates, services, cvs, strict=True))
    first = rates[0] * services[0]
    both = first + rates[1] * services[1]
    return residual / (1 - first), residual / ((1 - first) * (1 - both))


@dataclass(frozen=True)
class ErlangA:
    """What M/M/c+M gives: chance to abandon, mean wait of all arrivals (served or not)."""

    abandon: float
    wait: float


def erlang_a(rate: float, service: float, patience: float, clerks: int) -> ErlangA:
    """M/M/c with exponential patience of the given mean,
    from its birth-death chain (Little's law for the wait).
    """
    weight, weights, n = 1.0, [1.0], 0
    while n < clerks or weight > 1e-18 * max(weights):
        n += 1
        leave = min(n, clerks) / service + max(0, n - clerks) / patience
        weight *= rate / leave
        weights.append(weight)
    total = sum(weights)
    waiting = sum(max(0, n - clerks) * w for n, w in enumerate(weights)) / total
    return ErlangA(abandon=waiting / patience / rate, wait=waiting / rate)


def slow_helper_time(rate: float, service: float, helper: float) -> float:
    """Mean time in system of M/M/2 with unequal clerks, the fast one chosen first;
    `helper` = efficiency of the second.

    A case stays with the clerk who began it. States: 0, fast only, slow only, n >= 2.
    """
    fast, slow = 1 / service, helper / service
    # Balance: unknowns f (fast only), s (slow only), two (both busy, nobody waits), in units of the
    # empty state. s: slow * s + rate * s = fast * two ; f: (rate + fast) f = rate + slow * two ;
    # empty: rate = fast f + slow s Solve the three linear equations by substitution. two = s (slow
    # + rate) / fast ; f = (rate - slow s) / fast ; put both into the second:
    s = (rate * (rate + fast) / fast - rate) / (
        slow * (slow + rate) / fast + slow * (rate + fast) / fast
    )
    f = (rate - slow * s) / fast
    two = s * (slow + rate) / fast
    load = rate / (fast + slow)
    total = 1 + f + s + two / (1 - load)
    number = f + s + two * (2 / (1 - load) + load / (1 - load) ** 2)
    return number / total / rate


def fieller(after: Sequence[float], before: Sequence[float], t: float) -> tuple[float, float]:
    """Interval of a ratio of paired means, after / before (Fieller, J. R. Stat. Soc. B 16, 1954);
    t = Student's quantile.
    """
    n = len(after)
    a, b = sum(after) / n, sum(before) / n
    unit = t**2 / (n * (n - 1))
    aa = unit * sum((x - a) ** 2 for x in after)
    bb = unit * sum((y - b) ** 2 for y in before)
    ab = unit * sum((x - a) * (y - b) for x, y in zip(after, before, strict=True))
    middle, square = a * b - ab, b * b - bb
    root = math.sqrt(middle**2 - square * (a * a - aa))
    return (middle - root) / square, (middle + root) / square


def equicorrelated(members: int, correlation: float, level: float) -> float:
    """Two-sided critical value of the largest of equally correlated standard normals,
    by one integral and bisection.
    """
    normal = NormalDist()
    points = [-8 + 16 * (k + 0.5) / 800 for k in range(800)]
    root, rest = math.sqrt(correlation), math.sqrt(1 - correlation)

    def inside(c: float) -> float:
        each = (
            (normal.cdf((c - root * z) / rest) - normal.cdf((-c - root * z) / rest), normal.pdf(z))
            for z in points
        )
        return sum(chance**members * density for chance, density in each) * 16 / 800

    low, high = 0.0, 10.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle) < level else (low, middle)
    return low
