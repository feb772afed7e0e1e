"""What no applicant did in a run: how many trials stand behind it, and when it is exact."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import govsim as gs
from govsim.evidence.conditions.condition import Condition, judge
from govsim.evidence.estimates import change, level, percent
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample import unseen
from govsim.evidence.sample.replications import Sample
from govsim.statistics.mean import wilson
from govsim.statistics.unseen import NEVER_MORE, inflation
from planted import condition
from toy import TOY

N = 20
BOTH = ("before", "after")
IN_TIME = Quantity("cycle_time", "share_at_most_30", "slow")  # nobody takes so long


@cache
def runs() -> gs.Runs:
    return gs.run(gs.load("toy.yaml", TOY), n=N, configurations=BOTH, keep="cases", progress=False)


@cache
def sample() -> Sample:
    return Sample.of(runs())


def times() -> tuple[np.ndarray, np.ndarray]:
    """Days of the counted cases of `slow` before, one by one, and their replications."""
    cases = runs().cases()
    cases = cases[(cases["filed"] >= "2024-01-15") & (cases["filed"] < "2024-02-12")]
    cases = cases[(cases["service"] == "slow") & (cases["configuration"] == "before")]
    took = (cases["ended"] - cases["filed"]).dt.total_seconds() / 86400
    return took.to_numpy(), cases["replication"].to_numpy()


def test_what_all_did_is_bounded_by_cases_less_what_they_share_at_the_nearest_limit() -> None:
    took, owner = times()
    assert took.max() < 30
    number = np.array([(owner == each).sum() for each in np.unique(owner)], dtype=float)
    limit = np.sort(took)[-10] * 0.9999  # ten took longer
    within = np.array([(took[owner == each] <= limit).sum() for each in np.unique(owner)])
    shared = inflation(within.astype(float), number)
    found = unseen.of_level(sample(), IN_TIME, "before", 1.0)
    assert found is not None
    assert shared is not None
    assert found.below == pytest.approx(len(took) / shared, rel=0.25)  # bins are 0.5 % wide
    told = level(sample(), IN_TIME, "before")
    assert (told.value, told.high) == (1.0, 1.0)
    assert told.low == pytest.approx(1 - wilson(0, found.below)[1])
    assert 1 - wilson(0, N)[1] < told.low


def test_what_nobody_or_everybody_did_before_and_after_may_have_changed_either_way() -> None:
    found = change(sample(), IN_TIME, *BOTH)
    trials = [unseen.of_level(sample(), IN_TIME, each, 1.0) for each in BOTH]
    bound = wilson(0, min(each.below for each in trials if each is not None))[1]
    assert (found.value, found.low, found.high) == pytest.approx((0.0, -bound, bound))
    assert percent(sample(), IN_TIME, *BOTH).high == pytest.approx(100 * bound)
    (guard,) = judge([_guard(IN_TIME, 200 * bound)], sample())
    (close,) = judge([_guard(IN_TIME, 50 * bound)], sample())
    assert (guard.state, close.state) == ("holds", "undetermined")


def _guard(quantity: Quantity, points: float) -> Condition:
    return replace(condition("no_decrease", points, "points"), quantity=quantity)


def test_a_change_to_what_never_happens_reaches_farther_on_that_side_only() -> None:
    some = unseen.of_change(sample(), IN_TIME, BOTH, (0.4, 1.0))
    assert some is not None
    assert (some.below < np.inf, some.above, some.still) == (True, np.inf, np.inf)
    ratio = unseen.of_change(sample(), IN_TIME, BOTH, (0.4, 1.0), relative=True)
    assert ratio is not None
    assert ratio.size == pytest.approx(1 / 0.4**2)
    assert unseen.of_change(sample(), IN_TIME, BOTH, (0.4, 0.6)) == NEVER_MORE
    assert unseen.of_change(sample(), replace(IN_TIME, statistic="mean"), BOTH, (1, 1)) is None


def test_only_the_same_case_by_case_is_exact() -> None:
    assert not unseen.same_case_by_case(sample(), IN_TIME, *BOTH)
    text = TOY.replace(
        "{parameters.papers: {times: 0.5}}", "{services.quick.promise: 3 working days}"
    )
    made = gs.run(
        gs.load("toy.yaml", text), n=3, configurations=("before", "process_only"), progress=False
    )
    found, both = Sample.of(made), ("before", "process_only")
    slow = Quantity("late", "share", "slow")
    assert unseen.same_case_by_case(found, slow, *both)
    # the times of `quick` are the same, but what is promised is not
    assert not unseen.same_case_by_case(found, replace(slow, scope="quick"), *both)
    assert change(found, Quantity("cycle_time", "mean", "slow"), *both).note == "exact"
    unmatched = Sample(made.index, made.configurations, (each for _, each in made.arrays()))
    assert not unseen.same_case_by_case(unmatched, slow, *both)
    told = change(unmatched, Quantity("cycle_time", "mean", "slow"), *both)
    assert (told.low, told.high, told.note) == (0.0, 0.0, "the same in every replication")
