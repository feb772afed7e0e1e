"""Everybody who filed counts, read at the same age: by hand.

Of the log's fourteen counted days tau is 14 days, or ten working days of seven hours; who filed on
Monday at 09:00 is looked at two weeks later, on Monday at 09:00.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from govsim import measures as gm
from govsim.evidence import people
from govsim.evidence.conditions.condition import (
    HOLDS,
    REFUTED,
    UNDETERMINED,
    Condition,
    Finding,
    judge_alone,
)
from govsim.evidence.ends import AT_WORST
from govsim.evidence.estimates import beyond_tau, level
from govsim.evidence.people import guarded
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample
from govsim.experiment.replication import same_applicants
from govsim.measures.sketch import ERROR, signs
from govsim.model import compile_model
from govsim.records import OUTCOMES
from logbook import MODEL, NAMES, REVIEWER, SIGNER, Log, office, reading, three_permits, whole_hours
from plain import at

FILED, LOOK = at(0, "09:00"), at(14, "09:00")
ENDS = ("completed", "rejected", "open", "withdrawn")
ONE = np.ones((1, 1))


def seven() -> Log:
    """Granted, refused, gave up, open, granted a day too late, gave up a day later than tau, and
    decided before and ended after it.
    """
    log = Log().case(FILED, at(3, "09:00"))
    log.case(FILED, at(4, "09:00"), outcome="rejected")
    log.case(FILED, at(5, "09:00"), outcome="withdrawn")
    log.case(FILED)
    log.case(FILED, at(15, "09:00"))
    log.case(FILED, at(15, "09:00"), outcome="withdrawn")
    return log.case(FILED, at(15, "09:00"), decided=at(11, "09:00"))


# ------------------------------------------------------------------------------- ends and times


def test_tau_runs_from_the_end_of_the_cohort_to_the_horizon_in_clock_and_in_working_days() -> None:
    early = compile_model(replace(office(), cohorts={"early": (0, 7), "late": (7, 14)}))
    found = gm.ages([early, early])
    assert found.clock == (14 * 1440.0, 21 * 1440.0, 14 * 1440.0)
    assert found.working == (10.0, 15.0, 10.0)
    index = gm.index(early)
    assert index.tau("cycle_time", "early") == 21.0
    assert index.tau("cycle_time_working", "late") == 10.0


def test_every_applicant_has_one_of_four_ends_at_age_tau() -> None:
    read = reading(seven().records())
    assert [read(end, "count") for end in ENDS] == [2, 1, 3, 1]
    assert [read(end, "share") for end in ENDS] == [2 / 7, 1 / 7, 3 / 7, 1 / 7]
    assert (read("counted", "count"), read("stayed", "count")) == (7, 6)


def test_an_answer_at_the_last_minute_of_tau_is_an_answer() -> None:
    read = reading(Log().case(FILED, LOOK).case(FILED, LOOK + 1.0).records())
    assert [read(end, "count") for end in ENDS] == [1, 0, 1, 0]


def test_a_mean_is_of_who_did_not_give_up_and_takes_tau_where_there_is_no_answer() -> None:
    """Three days, four days, and four times fourteen: the mean of the first fourteen days."""
    read = reading(seven().records())
    assert read("cycle_time") == pytest.approx((3 + 4 + 4 * 14) / 6)
    assert read("cycle_time_working") == pytest.approx((3 + 4 + 4 * 10) / 6)
    assert read("cycle_time", "median") == 14.0
    assert (read("cycle_time_answered"), read("cycle_time_answered", "count")) == (3.5, 2)
    assert read("cycle_time_working_answered") == pytest.approx(3.5)


def test_where_nobody_takes_longer_it_is_the_mean() -> None:
    read = reading(three_permits().records())
    for unit in ("cycle_time", "cycle_time_working"):
        assert read(unit) == pytest.approx(read(f"{unit}_answered"))
    assert read("stayed", "count") == read("counted", "count") == 3


def test_a_mix_weighs_services_by_who_stayed_for_a_time_and_by_who_filed_for_a_share() -> None:
    log = seven().case(FILED, at(1, "09:00"), "licence")
    log.case(FILED, at(2, "09:00"), "licence", "withdrawn")
    read = reading(log.records(), np.array([1.0, 1.0, 0.0]))
    assert read("cycle_time", scope="mix") == pytest.approx(((3 + 4 + 56) / 6 + 1) / 2)
    assert read("withdrawn", "share", "mix") == pytest.approx((1 / 7 + 1 / 2) / 2)


def under_way(log: Log, knows_more: bool = True) -> Log:
    """A case that is not over at tau; `knows_more`: what came later is in the log."""

    def later(instant: float) -> float:
        return instant if knows_more else np.nan

    send = {"kind": "transfer", "member": -1, "step": NAMES.steps.index("permit/send")}
    if knows_more:
        terms = {"promise_out": at(15, "08:30"), "limit_out": at(16, "08:30")}
        clocks = {"legal_clock": 1234.0, "promise_clock": 1234.0, "transfer_time": 9000.0}
        marks = dict.fromkeys(("accepted", "first_answer"), at(14, "10:00"))
        log.case(
            *(FILED, at(20, "12:00")),
            **{**terms, **clocks, **marks, "decided": at(19, "09:00"), "part_queue": 500.0},
            handovers=2,
        )
    else:
        log.case(FILED, handovers=1)
    log.task("window", FILED, FILED, at(0, "09:10"))
    log.task("", at(1, "09:00"), at(1, "09:00"), at(2, "09:00"), -1, kind="supplement")
    # Friday evening to Monday
    log.task("", at(11, "17:00"), at(11, "17:00"), later(at(14, "09:30")), **send)
    review = at(11, "17:00"), at(11, "17:20"), later(at(14, "12:00"))
    variant = "tolerated" if knows_more else "plain"
    log.task("review", *review, REVIEWER, variant=variant)
    log.task("sign", at(11, "17:10"), later(at(14, "09:30")), later(at(14, "10:00")), SIGNER)
    # from Thursday evening on
    log.task("window", at(10, "17:00"), later(at(14, "09:05")), later(at(14, "09:15")))
    if knows_more:
        log.task("window", at(14, "09:30"), at(14, "09:30"), at(14, "09:50"))
        log.task("", at(14, "10:00"), at(14, "10:00"), at(14, "11:00"), **send)
        log.task("", at(15, "09:00"), at(15, "09:00"), at(16, "09:00"), -1, kind="supplement")
    return log


def test_counts_and_minutes_are_those_so_far() -> None:
    read = reading(under_way(Log()).records())
    # Thursday evening, Friday, and Monday until the look
    assert read("visits") == 1 + 3
    assert read("window_wait") == 30 + 420 + 30
    assert read("signature_wait") == 20 + 30
    assert read("review_wait") == 20
    assert (read("signatures"), read("steps"), read("supplements")) == (1, 4 + 1, 1)
    assert read("handovers") == 1
    assert read("transfer_time") == pytest.approx((2 * 24 + 16) / 24)
    assert read("staff_minutes_per_case") == 10 + (10 + 30)
    assert read("applicant_time") == 4 * 60 + 480 + 10


def test_nothing_that_comes_after_tau_changes_any_measure() -> None:
    known = under_way(seven())
    cut = Log()
    for end, outcome in ((3, "completed"), (4, "rejected"), (5, "withdrawn")):
        cut.case(FILED, at(end, "09:00"), outcome=outcome)
    cut.case(FILED).case(FILED).case(FILED).case(FILED, decided=at(11, "09:00"))
    whole, short = (
        gm.measure(log.records(), MODEL, hours=whole_hours(), pooled=gm.SKETCHED)
        for log in (known, under_way(cut, knows_more=False))
    )
    for name in whole._fields:
        if name != "backlog":  # of everybody, in the weeks that it tells of
            assert np.array_equal(getattr(whole, name), getattr(short, name), equal_nan=True), name


def test_who_gave_up_is_counted_with_what_was_counted_before_they_left() -> None:
    log = Log().case(FILED, at(0, "10:00"), outcome="withdrawn")
    log.task("window", FILED, np.nan, at(0, "10:00"), -1, variant="withdrawn")
    read = reading(log.case(FILED, at(2, "09:00")).records())
    assert (read("visits"), read("window_wait")) == (1 / 2, 60 / 2)
    assert read("applicant_time") == (60 + 60) / 2
    assert read("visits", "share_at_most_0") == 1 / 2


# ------------------------------------------------------------------------------- longer cohorts


def test_a_cohort_that_is_followed_longer_is_read_once_more() -> None:
    """One day, and fifteen days of which eleven are working days: too late for 14, not for 21."""
    model = compile_model(replace(office(), cohorts={"early": (0, 7)}))
    log = Log().case(FILED, at(1, "09:00"))
    log.case(at(1, "09:00"), at(16, "09:00"))
    log.task("window", at(15, "14:00"), at(15, "14:00"), at(15, "14:10"))
    log.case(at(8, "09:00"), at(9, "09:00"))
    read = reading(log.records(), model=model)
    assert [read(end, "count") for end in ENDS] == [2, 0, 1, 0]
    assert [read(end, "count", cohort="early") for end in ENDS] == [2, 0, 0, 0]
    assert read("cycle_time") == pytest.approx((1 + 14 + 1) / 3)
    assert read("cycle_time", cohort="early") == pytest.approx((1 + 15) / 2)
    assert read("cycle_time_working") == pytest.approx((1 + 10 + 1) / 3)
    assert read("cycle_time_working", cohort="early") == pytest.approx((1 + 11) / 2)
    assert (read("visits"), read("visits", cohort="early")) == (0, 1 / 2)


def test_a_time_in_working_days_is_read_when_those_are_over_and_not_at_the_clocks_tau() -> None:
    """Two days of the last week are closed, so tau is eight working days; until the look of who
    filed first there are ten.
    """
    plain = office()
    regime = plain.regimes[0]
    days = tuple(day for day in regime.calendars["office"].days if day.day not in (21, 22))
    shut = replace(regime, calendars={"office": replace(regime.calendars["office"], days=days)})
    model = compile_model(replace(plain, regimes=(shut, shut)))
    log = Log().case(FILED, at(11, "09:00"), first_answer=at(11, "09:00"), legal_clock=9 * 420.0)
    log.case(FILED, at(3, "09:00"), first_answer=at(2, "09:00"), legal_clock=2 * 420.0)
    read = reading(log.records(), model=model)
    assert gm.ages([model]).working[0] == 8.0
    assert read("cycle_time") == pytest.approx((11 + 3) / 2)
    assert read("cycle_time_working") == pytest.approx((8 + 3) / 2)
    assert read("time_to_first_answer") == pytest.approx((8 + 2) / 2)
    assert read("legal_clock") == pytest.approx((8 + 2) / 2)


# ------------------------------------------------------------------------------- waits of tasks


def test_a_wait_per_task_is_read_half_of_tau_after_joining() -> None:
    """Half an hour; left after an hour; twice more than a week, of which five days are open."""
    log = Log().case(FILED, at(13, "09:00"))
    day = at(1, "09:00")
    log.task("window", day, at(1, "09:30"), at(1, "09:40"))
    log.task("window", day, np.nan, at(1, "10:00"), -1, variant="withdrawn")
    log.task("window", day, at(9, "09:00"), at(9, "09:10"))
    log.task("window", day, np.nan, at(10, "09:00"), -1, variant="withdrawn")
    read = reading(log.records())
    assert read("window_wait_per_task", "count") == 4
    assert read("window_wait_per_task") == (30 + 60 + 5 * 420 + 5 * 420) / 4
    assert read("window_wait_per_task", "p90") == 5 * 420


def test_a_task_that_joined_later_than_half_of_tau_is_in_no_wait_per_task_also_if_it_started() -> (
    None
):
    log = Log().case(FILED, at(13, "09:00"))
    log.task("window", at(7, "09:00"), at(7, "09:20"), at(7, "09:30"))
    log.task("window", at(7, "09:01"), at(7, "09:02"), at(7, "09:30"))
    log.task("window", at(7, "09:02"), np.nan, np.nan, -1)
    read = reading(log.records())
    assert (read("window_wait_per_task"), read("window_wait_per_task", "count")) == (20.0, 1)


# ----------------------------------------------------------------------------------- promises


def promises() -> Log:
    """Late, in time, refused in time, gave up in time, gave up late, no answer and late, twice no
    answer and not yet known; and one without a promise.
    """
    out = at(2, "08:30")
    log = Log().case(FILED, at(3, "09:00"), promise_out=out, limit_out=at(2, "17:30"))
    log.case(FILED, at(1, "09:00"))
    log.case(FILED, at(1, "10:00"), outcome="rejected")
    log.case(FILED, at(1, "10:00"), outcome="withdrawn")
    log.case(FILED, at(5, "10:00"), outcome="withdrawn", promise_out=out)
    log.case(FILED, promise_out=out)
    log.case(FILED, at(15, "09:00"), promise_out=LOOK, limit_out=LOOK)
    log.case(FILED, at(16, "09:00"), promise_out=at(15, "09:00"))
    return log.case(FILED, at(1, "09:00"), "licence")


def test_late_within_gave_up_in_time_and_not_yet_known_are_of_all_who_filed_with_a_promise() -> (
    None
):
    read = reading(promises().records())
    told = ("late", "within_promise", "gave_up_in_time")
    assert [read(name, "share") for name in told] == [3 / 8, 2 / 8, 1 / 8]
    assert [read(name, "count") for name in told] == [8, 8, 8]
    assert (read("within_limit", "share"), read("past_limit", "share")) == (2 / 8, 1 / 8)
    assert [read(name, "share", "licence") for name in told] == [None] * 3


def test_who_is_decided_in_time_kept_the_promise_whenever_the_case_ends() -> None:
    read = reading(Log().case(FILED, at(20, "09:00"), decided=at(1, "09:00")).records())
    assert (read("within_promise", "share"), read("late", "share")) == (1.0, 0.0)


# ---------------------------------------------------------------------------- pooled, in a sample


def sample_of(log: Log) -> Sample:
    """One replication of one configuration, `now`."""
    found = gm.measure(log.records(), MODEL, hours=whole_hours(), pooled=gm.SKETCHED)
    arrays = {f"now/{name}": each for name, each in found._asdict().items()}
    return Sample(gm.index(MODEL), ("now",), [arrays])


def test_shares_within_a_time_are_of_everybody_who_filed_those_who_gave_up_too() -> None:
    sample = sample_of(seven())
    quantity = Quantity("cycle_time", "p90", "permit")
    points = np.array([2.0, 3.5, 10.0, 14.0])
    found = sample.shares_at_most(quantity, "now", points)(ONE)[0]
    assert found == pytest.approx([0, 1 / 7, 2 / 7, 2 / 7])
    within = replace(quantity, statistic="share_at_most_14")
    assert estimand(sample, within, "now")(ONE)[0] == pytest.approx(2 / 7)
    longer = replace(quantity, statistic="share_at_least_3.5")
    assert estimand(sample, longer, "now")(ONE)[0] == pytest.approx(6 / 7)
    with pytest.raises(KeyError, match="beyond 14 calendar days, as long as all are followed"):
        estimand(sample, replace(quantity, statistic="share_at_most_15"), "now")


def test_a_quantile_beyond_tau_is_told_as_that() -> None:
    """Of six who did not give up two have an answer: a third of them, so p30 is known."""
    sample = sample_of(seven())
    for statistic in ("median", "p90"):
        quantity = Quantity("cycle_time", statistic, "permit")
        assert beyond_tau(sample, quantity, "now")
        told = level(sample, quantity, "now")
        assert (told.value, told.note) == (None, "> 14 calendar days")
    working = level(sample, Quantity("cycle_time_working", "p90", "permit"), "now")
    assert working.note == "> 10 working days"
    third, more = (Quantity("cycle_time", each, "permit") for each in ("p33", "p34"))
    assert not beyond_tau(sample, third, "now")
    assert estimand(sample, third, "now")(ONE)[0] == pytest.approx(4.0, rel=2 * ERROR)
    assert beyond_tau(sample, more, "now")


def test_what_lies_beyond_tau_is_open_also_where_only_the_interval_reaches_it() -> None:
    """Of twenty, now one and now three have no answer: about one in ten, so p90 is nine days or
    longer than fourteen.
    """
    index, held = gm.index(MODEL), []
    for missing in (1, 3) * 9 + (1, 2):
        log = Log()
        for n in range(20):
            log.case(FILED + n, np.nan if n < missing else FILED + n + (2 + 7 * n / 19) * 1440.0)
        found = gm.measure(log.records(), MODEL)._asdict()
        held.append({f"now/{name}": each for name, each in found.items()})
    sample = Sample(index, ("now",), held)
    tail = Quantity("cycle_time", "p90", "permit")
    assert not beyond_tau(sample, tail, "now")
    states = {
        (quantity.statistic, days): judge_alone(
            Condition(quantity, "at_most", days, "calendar days", "now", "now"), sample
        ).state
        for quantity, days in (
            *((tail, days) for days in (2.0, 10.0, 20.0)),
            (replace(tail, statistic="median"), 10.0),
        )
    }
    assert states == {
        ("p90", 2.0): REFUTED,
        ("p90", 10.0): UNDETERMINED,
        ("p90", 20.0): UNDETERMINED,
        ("median", 10.0): HOLDS,
    }


def test_the_wait_at_some_desks_is_that_of_an_applicant_who_filed() -> None:
    """10 and 20 minutes of the first, nothing of the second, an hour until the third left."""
    log = Log().case(FILED, at(1, "09:00"))
    log.task("window", FILED, at(0, "09:10"), at(0, "09:20"))
    log.task("window", at(0, "10:00"), at(0, "10:20"), at(0, "10:30"))
    log.task("sign", at(0, "10:30"), at(0, "11:00"), at(0, "11:05"), SIGNER)
    log.case(FILED, at(1, "09:00")).case(FILED, at(0, "10:00"), outcome="withdrawn")
    log.task("window", FILED, np.nan, at(0, "10:00"), -1, variant="withdrawn")
    sample = sample_of(log)
    for desks, minutes in ((("window",), 10 + 20 + 60), (("*",), 10 + 20 + 60 + 30)):
        quantity = Quantity("wait", "mean", "permit", desks=desks)
        assert sample.pooled(quantity, "now")(ONE)[0] == pytest.approx(minutes / 3)


# -------------------------------------------------------------------------- the same applicants


def pair(before: Log, after: Log) -> gm.Pair:
    first, second = (
        gm.measured(log.records(), MODEL, hours=whole_hours()) for log in (before, after)
    )
    return gm.pair_of(first, second)


ANSWERS = {"granted": "completed", "refused": "rejected", "left": "withdrawn", "none": "open"}


def applicants(*ends: str) -> Log:
    """One applicant for each word: "granted 5" is granted after five days; "" does not file."""
    log = Log()
    for n, words in enumerate(ends):
        end, _, days = words.partition(" ")
        over = FILED + n + float(days or "nan") * 1440.0
        if end:
            log.case(FILED + n, over, outcome=ANSWERS[end], n=n)
    return log


BEFORE = ("granted 10", "refused 4", "granted 2", "none", "left 1", "granted 3", "")
AFTER = ("granted 5", "granted 4", "granted 3", "granted 13", "granted 1", "", "granted 2")


def test_applicants_are_matched_by_their_ends_the_best_first() -> None:
    found = gm.matched(pair(applicants(*BEFORE), applicants(*AFTER)))
    table = np.zeros((4, 4))
    # from: granted, refused, no answer, gave up; all are granted afterwards
    table[0, 0], table[1, 0], table[2, 0], table[3, 0] = 2, 1, 1, 1
    assert np.array_equal(found.ends[0, 0], table)
    assert found.filed[0, 0].tolist() == [6, 6]
    # ten days become five, two become three
    assert signs(found.change, 0, 2, 3).tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_worse_and_better_off_are_counted_apart_from_slower_and_faster() -> None:
    before = applicants("granted 3", "granted 3", "refused 3", "none", "granted 3", "refused 6")
    after = applicants("granted 3", "refused 1", "none", "left 2", "left 1", "refused 5")
    found = gm.matched(pair(before, after))
    assert np.triu(found.ends[0, 0], 1).sum() == 4
    assert np.tril(found.ends[0, 0], -1).sum() == 0
    assert signs(found.change, 0, 2, 3)[0].tolist() == [1, 1, 0]


def test_an_answer_later_than_tau_is_neither_slower_nor_faster() -> None:
    found = gm.matched(
        pair(applicants("granted 3", "granted 20"), applicants("granted 20", "none"))
    )
    assert found.ends[0, 0, 0, 2] == 1
    assert found.ends[0, 0, 2, 2] == 1
    assert found.change.size == 0


def test_a_configuration_matched_with_itself_is_equal_throughout() -> None:
    found = gm.matched(pair(applicants(*BEFORE), applicants(*BEFORE)))
    assert np.diag(found.ends[0, 0]).sum() == found.ends[0, 0].sum() == 6
    assert signs(found.change, 0, 2, 3)[0].tolist() == [0, 4, 0]


def test_a_matched_case_belongs_to_a_cohort_only_if_it_was_filed_in_it_in_both() -> None:
    before = Log().case(at(6, "23:59"), at(9, "00:00"))
    after = Log().case(at(7, "08:30"), at(9, "00:00"))
    found = gm.matched(pair(before, after))
    assert found.ends[0].sum(axis=(1, 2)).tolist() == [1, 0]
    assert found.filed[0].tolist() == [[1, 1], [0, 1]]


def test_shares_of_faster_equal_and_slower_weigh_services() -> None:
    changes = np.array([[1, 1, 1], [0, 0, 1], [0, 0, 0]])
    assert gm.shares(changes, np.array([3.0, 1.0, 0.0])) == pytest.approx((0.25, 0.25, 0.5))
    assert gm.shares(changes, np.array([0.0, 0.0, 1.0])) is None


NAMED = ("counted", "cycle_time", "stayed", "visits")


def restricted(made: gm.Pair, whom: str) -> list[dict[tuple[str, str], Any]]:
    """Of both configurations: (measure, statistic) of permits that count."""
    chosen = made.member.any(axis=0) if whom == "both" else getattr(made, whom)
    index = gm.index(MODEL).of(NAMED)
    sides = made.restricted(chosen, NAMED, ("cycle_time",))
    scope = index.scope("permit")
    return [
        {row: side["values"][k, scope, 0] for k, row in enumerate(index.rows)} for side in sides
    ]


@pytest.mark.parametrize(
    ("whom", "number", "stayed", "means"),
    [
        # granted in both
        ("same", 2, (2, 2), ((10 + 2) / 2, (5 + 3) / 2)),
        # with who had no answer before, and was granted after
        ("known", 3, (3, 3), ((10 + 2 + 14) / 3, (5 + 3 + 13) / 3)),
        # all who file in both
        ("both", 5, (4, 5), ((10 + 4 + 2 + 14) / 4, (5 + 4 + 3 + 13 + 1) / 5)),
    ],
)
def test_what_is_asked_of_the_same_applicants_is_of_them_alone(
    whom: str, number: int, stayed: tuple[int, int], means: tuple[float, float]
) -> None:
    sides = restricted(pair(applicants(*BEFORE), applicants(*AFTER)), whom)
    for side, stays, mean in zip(sides, stayed, means, strict=True):
        assert side["counted", "count"] == number
        assert side["stayed", "count"] == stays
        assert side["cycle_time", "mean"] == pytest.approx(mean)


@pytest.mark.parametrize("refused", [["refused 4"], []], ids=["some refused", "nobody refused"])
def test_those_granted_are_kept_alike_whether_somebody_is_refused_or_not(
    refused: list[str],
) -> None:
    """Else a run in which one replication refuses nobody cannot be read."""
    made = pair(
        applicants("granted 10", "left 1", *refused), applicants("granted 5", "granted 7", *refused)
    )
    kept = same_applicants(
        made, ("before", "after"), NAMED, ("cycle_time",), moved=True, refuses=True
    )
    ours = [key for key in kept if key.startswith("before>after/granted/")]
    assert sorted(key.rpartition("/")[2] for key in ours) == 2 * ["counted"] + 2 * ["values"]
    assert all(kept[key].shape == kept[key.replace("/granted/", "/same/")].shape for key in ours)
    counted = [kept[f"before>after/granted/{name}/counted"].sum() for name in ("before", "after")]
    assert counted == [1, 1]  # not who left before


def test_who_moves_to_another_cohort_is_in_none_of_what_is_asked_of_the_same_applicants() -> None:
    """Else the cohort would have other applicants before and after."""
    before = Log().case(at(1, "09:00"), at(2, "09:00")).case(at(6, "23:59"), at(9, "00:00"))
    after = Log().case(at(1, "09:00"), at(3, "09:00")).case(at(7, "08:30"), at(9, "00:00"))
    for side in restricted(pair(before, after), "same"):
        assert side["counted", "count"] == 1


def test_waits_of_the_same_applicants_are_theirs_alone() -> None:
    before = Log().case(FILED, at(1, "09:00")).task("window", FILED, FILED + 30, FILED + 40)
    before.case(FILED, at(1, "09:00")).task("window", FILED, FILED + 40, FILED + 50)
    after = Log().case(FILED, at(1, "09:00")).task("window", FILED, FILED + 5, FILED + 15)
    after.case(FILED).task("window", FILED, FILED + 15, FILED + 25)
    made = pair(before, after)
    sides = made.restricted(made.same, (*NAMED, "wait"), ())
    desk = NAMES.desks.index("window")
    assert [side["wait_total"][desk, 0, 0] for side in sides] == [30, 5]
    assert [side["counted"][0, 0] for side in sides] == [1, 1]


# ------------------------------------------------------------------------- who is put at the worst


def judged(before: Log, after: Log, quantity: Quantity, size: float) -> Finding:
    """A claimed decrease by at least `size`, of sixteen replications that are all alike."""
    made = {"before": before, "after": after}
    read = {
        name: gm.measured(log.records(), MODEL, hours=whole_hours()) for name, log in made.items()
    }
    arrays: dict[str, Any] = {}
    for name, each in read.items():
        found = gm.summed(each, gm.SKETCHED)._asdict()
        arrays |= {f"{name}/{key}": array for key, array in found.items()}
    two = gm.pair_of(read["before"], read["after"])
    arrays |= {f"before>after/{key}": each for key, each in gm.matched(two)._asdict().items()}
    names = sorted({quantity.measure, *("counted", "stayed")})
    for whom in ("same", "known"):
        sides = two.restricted(getattr(two, whom), names, [quantity.measure])
        for name, side in zip(read, sides, strict=True):
            arrays |= {f"before>after/{whom}/{name}/{key}": each for key, each in side.items()}
    sample = Sample(gm.index(MODEL), tuple(read), [arrays] * 16, [tuple(read)], names)
    unit = gm.MEASURES[quantity.measure].unit
    condition = Condition(quantity, "decrease", size, unit, "before", "after")
    return guarded(judge_alone(condition, sample), sample)


def decided(late: float, leave: int = 0) -> Log:
    """Forty applicants, decided so many working days after the promise of one day; some leave."""
    log = Log()
    for n in range(40):
        if n < leave:
            log.case(FILED + n, FILED + n + 60.0, outcome="withdrawn", n=n)
        else:
            log.case(FILED + n, at(4, "09:00"), promise_clock=(1 + late) * 420.0, n=n)
    return log


def test_a_quantile_of_lateness_is_not_the_largest_that_was_seen_where_some_have_no_answer() -> (
    None
):
    """Thirty a day late, ten without an answer: the median is a day, p90 longer than is known."""
    log = decided(1.0)
    for n in range(10):
        log.cases[n] |= {
            "ended": np.nan,
            "outcome": OUTCOMES.index("open"),
            "promise_clock": np.nan,
        }
    sample = sample_of(log)
    tail, half = (Quantity("lateness", each, "permit") for each in ("p90", "p50"))
    assert beyond_tau(sample, tail, "now")
    assert not beyond_tau(sample, half, "now")
    assert level(sample, tail, "now").value is None
    assert estimand(sample, half, "now")(ONE)[0] == pytest.approx(1.0, rel=2 * ERROR)


def test_who_gave_up_in_addition_is_put_as_late_as_tau_before_less_lateness_holds() -> None:
    """Two days become one for thirty who stayed; ten, who left, may have been ten days late."""
    late = Quantity("lateness", "mean", "permit")
    assert judged(decided(2.0), decided(1.0), late, 0.5).state == HOLDS
    found = judged(decided(2.0), decided(1.0, leave=10), late, 0.5)
    assert found.state == UNDETERMINED
    assert found.people is not None
    assert found.people.why == AT_WORST
    tail = judged(decided(2.0), decided(1.0, leave=10), replace(late, statistic="p90"), 0.5)
    assert tail.state == UNDETERMINED


def test_the_worst_wait_is_never_less_than_one_that_was_seen() -> None:
    """Six tasks at once wait ten working days of seven hours: longer than 14 days of the clock."""
    log = Log().case(FILED)
    for _ in range(6):
        log.task("window", FILED, np.nan, np.nan)
    waits = Quantity("window_wait", "mean", "permit")
    most, least = people.extremes(waits, sample_of(log))
    assert (most, least) == (pytest.approx(6 * 10 * 420.0), 0.0)
    assert people.extremes(waits, sample_of(Log().case(FILED))) == (14 * 1440.0, 0.0)
