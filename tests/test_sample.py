"""A run as a statistician sees it, against a slow twin.

The twin has the kept cases, one by one, with the weights of their replications.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import govsim as gs
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.binned import Entries, near, quantiles_of
from govsim.evidence.sample.replications import Sample
from govsim.experiment.replication import same_applicants
from govsim.measures.sketch import ERROR, SIDE
from small_office import office
from toy import TOY

BOTH = ("before", "after")
N = 8
RARE = """\
  rare:
    department: hall
    calendar: office
    demand: {per_year: 12}
    promise: 5 working days
    route:
      - {task: look, desk: back, effort: {constant: 30 min}}
"""
PROMISE = {"quick": 2 * 480.0, "slow": 5 * 480.0, "rare": 5 * 480.0}
BIN = 2.0 * ERROR  # a quantile read inside a bin is at most the bin's width away


@cache
def runs() -> gs.Runs:
    """The toy with a third service that many replications have no case of."""
    text = TOY.replace("service_sets:", RARE + "\nservice_sets:").replace(
        "mix: pair", "mix: [quick, slow, rare]"
    )
    return gs.run(gs.load("toy.yaml", text), n=N, configurations=BOTH, keep="cases", progress=False)


@cache
def sample() -> Sample:
    return Sample.of(runs())


def arrays() -> list[dict[str, np.ndarray]]:
    return [each for _, each in runs().arrays()]


@cache
def filed() -> pd.DataFrame:
    """The counted cases of both configurations, with what is measured on each.

    Everybody has an answer by tau, seven weeks; a refusal in time keeps the promise.
    """
    cases = runs().cases()
    counted = (cases["filed"] >= "2024-01-15") & (cases["filed"] < "2024-02-12")
    done = cases[counted].copy()
    assert set(done["outcome"]) == {"completed", "rejected"}
    done["cycle_time"] = (done["ended"] - done["filed"]) / pd.Timedelta(days=1)
    clock = done["promise_clock"] <= done["service"].astype(str).map(PROMISE)
    refused = done["outcome"] == "rejected"
    done["within_promise"] = np.where(refused, done["promise_out"].isna(), clock).astype(float)
    return done


def of(configuration: str, cohort: str = "counted") -> pd.DataFrame:
    done = filed()[filed()["configuration"] == configuration]
    return done[done["filed"] < "2024-01-29"] if cohort == "early" else done


def demand() -> dict[str, float]:
    return dict(zip(runs().index.services, runs().index.weights_of("mix"), strict=True))


def weigh(cases: pd.DataFrame, weights: np.ndarray, scope: str | tuple[str, ...]) -> np.ndarray:
    """How much each case counts: its replication's weight,
    and its service's share of the mix spread over all its cases.
    """
    return weigh_of(sample(), cases, weights, scope)


def weigh_of(
    sample: Sample, cases: pd.DataFrame, weights: np.ndarray, scope: str | tuple[str, ...]
) -> np.ndarray:
    """The same of another run."""
    index = sample.index
    demand = dict(zip(index.services, index.weights_of("mix"), strict=True))
    names = demand if scope == "mix" else (scope,) if isinstance(scope, str) else scope
    drawn = weights[cases["replication"].to_numpy()]
    service = cases["service"].astype(str).to_numpy()
    out = np.zeros(len(cases))
    for name in names:
        ours = service == name
        if drawn[ours].sum() > 0:
            out[ours] = drawn[ours] * demand[name] / drawn[ours].sum()
    return out


def quantile(values: np.ndarray, weights: np.ndarray, level: float) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, level * reached[-1] * (1 - 1e-12))])


def draws() -> np.ndarray:
    """All together, each left out once, and some resamples."""
    rng = np.random.default_rng(4)
    return np.concatenate(
        (
            np.ones((1, N)),
            1.0 - np.eye(N),
            rng.multinomial(N, np.full(N, 1 / N), size=4).astype(float),
        )
    )


SCOPES: list[str | tuple[str, ...]] = ["mix", "quick", "slow", ("quick", "rare")]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("cohort", ["counted", "early"])
@pytest.mark.parametrize("measure", ["cycle_time", "within_promise"])
def test_pooled_means_and_shares_are_those_of_the_cases(
    measure: str, scope: str | tuple[str, ...], cohort: str
) -> None:
    quantity = Quantity(measure, "mean" if measure == "cycle_time" else "share", scope, cohort)
    for name in BOTH:
        cases = of(name, cohort)
        twin = [
            np.average(cases[measure], weights=weigh(cases, weights, scope)) for weights in draws()
        ]
        assert sample().pooled(quantity, name)(draws()) == pytest.approx(twin, rel=1e-6)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("statistic", ["median", "p90"])
def test_pooled_quantiles_are_those_of_the_cases_within_a_bin(
    statistic: str, scope: str | tuple[str, ...]
) -> None:
    quantity = Quantity("cycle_time", statistic, scope)
    for name in BOTH:
        cases = of(name)
        values = cases["cycle_time"].to_numpy()
        twin = [
            quantile(values, weigh(cases, weights, scope), quantity.level or 0.5)
            for weights in draws()
        ]
        assert sample().pooled(quantity, name)(draws()) == pytest.approx(twin, rel=BIN)


def test_the_distribution_function_counts_the_cases_up_to_a_point() -> None:
    points = np.array([0.01, 0.1, 1.0, 3.0, 50.0])
    cases, curve = (
        of("after"),
        sample().shares_at_most(Quantity("cycle_time", "p90"), "after", points),
    )
    for weights, found in zip(draws(), curve(draws()), strict=True):
        each = weigh(cases, weights, "mix")
        low, high = (
            [each[cases["cycle_time"] <= point * f].sum() / each.sum() for point in points]
            for f in (1 - BIN, 1 + BIN)
        )
        assert (np.array(low) - 1e-12 <= found).all()
        assert (found <= np.array(high) + 1e-12).all()


# ----------------------------------------------------------------- who has no answer, who gave up

TAU = 3.0  # days: from the end of the counted period to that of the run
HASTY = TOY.replace("horizon: 2024-03-31", "horizon: 2024-02-14").replace(
    "effort: {exponential: {mean: 60 min}}}",
    "effort: {exponential: {mean: 60 min}}, patience: {exponential: {mean: 2 h}}}",
)


@cache
def hasty() -> tuple[Sample, pd.DataFrame]:
    """The toy followed for three days, where some leave: its sample, and its counted cases with
    their time (NaN: gave up; infinite: no answer) at that age.
    """
    made = gs.run(
        gs.load("toy.yaml", HASTY), n=N, configurations=BOTH, keep="cases", progress=False
    )
    cases = made.cases("before")
    cases = cases[(cases["filed"] >= "2024-01-15") & (cases["filed"] < "2024-02-12")].copy()
    age = (cases["ended"] - cases["filed"]) / pd.Timedelta(days=1)
    over = age <= TAU
    cases["time"] = np.where(over, age, np.inf)
    cases.loc[over & (cases["outcome"] == "withdrawn"), "time"] = np.nan
    return Sample.of(made), cases


def test_a_short_look_is_at_people_with_all_four_ends() -> None:
    time = hasty()[1]["time"]
    assert min(np.isinf(time).mean(), np.isnan(time).mean()) > 0.01


@pytest.mark.parametrize("scope", ["mix", "quick", "slow"])
def test_a_mean_is_that_of_the_first_days_of_those_who_stayed(scope: str) -> None:
    sample, cases = hasty()
    stayed = cases[~np.isnan(cases["time"])]
    time = np.minimum(stayed["time"], TAU)
    twin = [np.average(time, weights=weigh_of(sample, stayed, each, scope)) for each in draws()]
    quantity = Quantity("cycle_time", "mean", scope)
    assert sample.pooled(quantity, "before")(draws()) == pytest.approx(twin, rel=1e-6)


@pytest.mark.parametrize("scope", ["mix", "slow"])
def test_shares_within_a_time_have_all_who_filed_below_and_quantiles_those_who_stayed(
    scope: str,
) -> None:
    sample, cases = hasty()
    quantity, points = Quantity("cycle_time", "p90", scope), np.array([0.5, 1.0, 2.0, TAU])
    found = sample.shares_at_most(quantity, "before", points)(draws())
    stayed = cases[~np.isnan(cases["time"])]
    levels = (0.2, 0.5, 0.9, 0.99)
    quantiles = sample.quantiles(quantity, "before", levels)(draws())
    for k, weights in enumerate(draws()):
        each = weigh_of(sample, cases, weights, scope)
        for point, share in zip(points, found[k], strict=True):
            low, high = (
                each[cases["time"] <= min(TAU, point * f)].sum() / each.sum()
                for f in (1 - BIN, 1 + BIN)
            )
            assert low - 1e-12 <= share <= high + 1e-12
        each = weigh_of(sample, stayed, weights, scope)
        twin = [min(TAU, quantile(stayed["time"].to_numpy(), each, level)) for level in levels]
        assert quantiles[k] == pytest.approx(twin, rel=BIN)


# -------------------------------------------------------------------------- who files in both

FEWER = HASTY.replace(
    "experiment:\n",
    """  elsewhere:
    about: One in four goes elsewhere
    kind: process
    bundle: demand
    set: {services.quick.demand.per_year: {times: 0.75}}

experiment:
""",
)


@pytest.mark.parametrize(("service", "stay_away"), [("quick", 0.25), ("slow", 0.0)])
def test_where_fewer_file_the_applicants_who_file_in_both_are_kept_by_themselves(
    service: str, stay_away: float
) -> None:
    made = gs.run(
        gs.load("toy.yaml", FEWER), n=N, configurations=BOTH, keep="cases", progress=False
    )
    sample, cases = Sample.of(made), made.cases()
    cases = cases[(cases["filed"] >= "2024-01-15") & (cases["filed"] < "2024-02-12")].copy()
    age = (cases["ended"] - cases["filed"]) / pd.Timedelta(days=1)
    cases["end"] = cases["outcome"].astype(str).where(age <= TAU, "open")
    cases["time"] = age.where(cases["end"] != "open", TAU)
    keys = ["replication", "service", "n"]
    sides = [cases[cases["configuration"] == name] for name in BOTH]
    both = sides[0].merge(sides[1], on=keys, suffixes=("_before", "_after"))
    both = both[both["service"] == service]
    number = [int((side["service"] == service).sum()) for side in sides]
    assert 1.0 - len(both) / number[0] == pytest.approx(stay_away, abs=0.1)

    assert sample.filed("before", "after", service).sum(axis=(0, 1)).tolist() == number
    table = sample.ends("before", "after", service).sum(axis=(0, 1))
    ranked = ["completed", "rejected", "open", "withdrawn"]
    crossed = pd.crosstab(both["end_before"], both["end_after"])
    crossed = crossed.reindex(index=ranked, columns=ranked, fill_value=0)
    assert np.array_equal(table, crossed.to_numpy())

    answered = both["end_before"].isin(ranked[:2])
    same = both[answered & (both["end_before"] == both["end_after"])]
    left = both[["end_before", "end_after"]].eq("withdrawn").any(axis=1)
    waiting = both[["end_before", "end_after"]].eq("open").any(axis=1)
    for whom, rows in (
        ("both", both),
        ("same", same),
        ("known", pd.concat((same, both[waiting & ~left]))),
    ):
        kept = sample.restricted("before", "after", whom)
        assert kept is not None
        one = np.ones((1, N))
        for name in BOTH:
            stayed = rows[rows[f"end_{name}"] != "withdrawn"]
            count = kept.values(Quantity("counted", "count", service), name).sum()
            mean = kept.pooled(Quantity("cycle_time", "mean", service), name)(one)[0]
            assert count == len(rows)
            assert mean == pytest.approx(stayed[f"time_{name}"].mean(), rel=1e-6)


@pytest.mark.parametrize("scope", SCOPES)
def test_the_same_applicants_are_matched_one_by_one(scope: str | tuple[str, ...]) -> None:
    keys = ["replication", "service", "n"]
    both = of("before").merge(of("after"), on=keys, suffixes=("_before", "_after"))
    both = both[both["outcome_before"] == both["outcome_after"]]
    change = (
        (both["ended_after"] - both["filed_after"]) - (both["ended_before"] - both["filed_before"])
    ) / pd.Timedelta(days=1)
    sign = np.where(np.abs(change) < 1e-7, 0, np.sign(change))
    shares = sample().changes("before", "after", scope)
    levels = (0.1, 0.5, 0.9)
    quantiles = sample().change_quantiles("before", "after", levels, scope)(draws())
    for k, weights in enumerate(draws()):
        each = weigh(both, weights, scope)
        for theta, wanted in zip(shares, (1, 0, -1), strict=True):
            assert theta(draws())[k] == pytest.approx(
                each[sign == wanted].sum() / each.sum(), rel=1e-9
            )
        twin = [quantile(change.to_numpy(), each, level) for level in levels]
        assert quantiles[k] == pytest.approx(twin, rel=BIN, abs=1e-5)


@pytest.mark.parametrize("scope", SCOPES)
def test_who_changes_by_less_than_what_matters_is_equal(scope: str | tuple[str, ...]) -> None:
    keys = ["replication", "service", "n"]
    both = of("before").merge(of("after"), on=keys, suffixes=("_before", "_after"))
    both = both[both["outcome_before"] == both["outcome_after"]]
    took = [both[f"ended_{name}"] - both[f"filed_{name}"] for name in ("before", "after")]
    change = ((took[1] - took[0]) / pd.Timedelta(days=1)).to_numpy()
    each = weigh(both, draws()[0], scope)
    slower, equal, faster = (
        float(theta(draws())[0])
        for theta in sample().changes("before", "after", scope, matters=0.1)
    )
    least, most = (each[change >= 0.1 * f].sum() / each.sum() for f in (1 + BIN, 1 - BIN))
    assert least - 1e-12 <= slower <= most + 1e-12
    assert slower + equal + faster == pytest.approx(1.0)
    still = [float(theta(draws())[0]) for theta in sample().changes("before", "after", scope)]
    assert slower < still[0]
    assert equal > still[1]
    assert faster < still[2]


def test_what_matters_may_differ_by_service() -> None:
    every = sample().changes("before", "after", ("quick", "slow"), matters=np.array([0.0, 1e9]))
    quick = sample().changes("before", "after", "quick")
    slow = sample().changes("before", "after", "slow", matters=1e9)
    assert [float(theta(draws())[0]) for theta in slow] == [0.0, 1.0, 0.0]
    shares = [float(theta(draws())[0]) for theta in every]
    alone = [float(theta(draws())[0]) for theta in quick]
    assert 0 < shares[0] < alone[0]
    assert shares[0] / shares[2] == pytest.approx(alone[0] / alone[2])


def kinds() -> Iterator[tuple[str, object]]:
    """One estimand of every kind, as a function of a sample."""
    yield "mean", lambda s: s.pooled(Quantity("cycle_time_working", "mean"), "after")
    yield "p90", lambda s: s.pooled(Quantity("cycle_time_working", "p90"), "after")
    yield "share", lambda s: s.pooled(Quantity("within_promise", "share", "slow"), "before")
    yield "wait", lambda s: s.pooled(Quantity("wait", "mean", desks=("*window*",)), "before")
    yield "window wait", lambda s: s.pooled(Quantity("window_wait", "mean"), "after")
    yield "count", lambda s: s.pooled(Quantity("completed", "count", "slow"), "after")
    yield "throughput", lambda s: s.pooled(Quantity("throughput", "mean"), "after")
    yield "utilisation", lambda s: s.pooled(Quantity("utilisation", "mean"), "after")
    yield "group", lambda s: s.group("reviewer", "after")
    yield "backlog", lambda s: s.path("backlog", "mix", "after")
    yield "weekly", lambda s: s.path("cycle_time", "mix", "after")
    yield "slower", lambda s: s.changes("before", "after")[0]
    yield "curve", lambda s: s.quantiles(Quantity("cycle_time", "p90"), "after", (0.1, 0.5, 0.9))


@pytest.mark.parametrize(("kind", "theta"), list(kinds()), ids=[name for name, _ in kinds()])
def test_leaving_a_replication_out_is_the_run_without_it(kind: str, theta: object) -> None:
    rows = theta(sample())(1.0 - np.eye(N))  # type: ignore[operator]
    for left in (0, 3):
        rest = Sample(runs().index, BOTH, arrays()[:left] + arrays()[left + 1 :], [BOTH])
        alone = theta(rest)(np.ones((1, N - 1)))[0]  # type: ignore[operator]
        assert rows[left] == pytest.approx(alone, rel=1e-9, nan_ok=True), kind


def test_one_number_per_replication_is_the_pooled_one_of_that_replication_alone() -> None:
    for quantity in (
        Quantity("cycle_time_working", "mean"),
        Quantity("cycle_time_working", "mean", "slow", "early"),
    ):
        alone = sample().pooled(quantity, "after")(np.eye(N))
        assert sample().values(quantity, "after") == pytest.approx(alone, nan_ok=True)


def test_a_tuple_of_services_is_mixed_by_demand() -> None:
    both, weigh = Quantity("cycle_time_working", "mean", ("quick", "slow")), demand()
    quick, slow = (
        sample().values(Quantity("cycle_time_working", "mean", name), "before")
        for name in ("quick", "slow")
    )
    mixed = (weigh["quick"] * quick + weigh["slow"] * slow) / (weigh["quick"] + weigh["slow"])
    assert sample().values(both, "before") == pytest.approx(mixed)


def test_a_rare_service_makes_a_mean_of_the_mix_no_mean_over_replications() -> None:
    missing = sample().values(Quantity("completed", "count", "rare"), "before") == 0
    assert missing.any()
    assert not missing.all()
    assert not sample().is_mean(Quantity("cycle_time_working", "mean"))
    assert sample().is_mean(Quantity("cycle_time_working", "mean", ("quick", "slow")))
    assert not sample().left_out(Quantity("cycle_time_working", "mean"))


def test_a_service_that_one_configuration_never_completes_is_left_out_of_both() -> None:
    """Else the mix after would lack a slow service and look faster."""
    index = runs().index
    at = index.scope("slow")
    stuck = []
    for each in arrays():
        values = each["after/values"].copy()
        keep = each["after/cycle_time"][0] // (2 * SIDE) >> len(
            index.cohorts
        ) != index.services.index("slow")
        counts = [k for k, (_, statistic) in enumerate(index.rows) if statistic == "count"]
        values[:, at] = np.nan
        values[counts, at] = 0.0
        stuck.append(
            {**each, "after/values": values, "after/cycle_time": each["after/cycle_time"][:, keep]}
        )
    found = Sample(index, BOTH, stuck, [BOTH])
    quantity = Quantity("cycle_time", "mean")
    assert found.left_out(quantity) == ("slow",)
    for statistic in ("mean", "p90"):
        mix, rest = (
            Quantity("cycle_time", statistic),
            Quantity("cycle_time", statistic, ("quick", "rare")),
        )
        for name in BOTH:
            assert found.pooled(mix, name)(draws()) == pytest.approx(
                sample().pooled(rest, name)(draws())
            )


def pooled_in(edges: np.ndarray, counts: np.ndarray) -> Entries:
    """Counts [R, service, bin] as entries."""
    left = np.zeros(counts.shape[:2])
    return Entries(
        edges[:-1], edges[1:], *np.nonzero(counts), counts[counts > 0], left, *counts.shape[:2]
    )


def test_what_is_far_from_a_quantile_may_be_put_together() -> None:
    rng = np.random.default_rng(11)
    edges = np.linspace(0.0, 10.0, 301)
    every = pooled_in(edges, rng.poisson(3.0, (20, 2, 300)).astype(float))
    scale, levels, weights = (
        np.array([2.0, 1.0]),
        np.array([0.5]),
        rng.multinomial(20, np.full(20, 0.05), size=50).astype(float),
    )
    middle = near(every, scale, levels)
    assert middle is not None
    assert len(middle.binned.lower) < 100
    found = quantiles_of(middle.binned, scale, weights, levels)
    assert found == pytest.approx(quantiles_of(every.binned(), scale, weights, levels))
    assert ((middle.low < found) & (found < middle.high)).all()


def test_a_bin_at_the_end_that_stands_by_itself_is_known() -> None:
    """Most wait for nothing: the quantile lies in the first bin,
    which nothing was put together with.
    """
    counts = np.ones((20, 1, 300))
    counts[:, :, 0] = 50_000.0
    middle = near(
        pooled_in(np.concatenate(([0.0, 0.0], np.arange(1.0, 300.0))), counts),
        np.ones(1),
        np.array([0.9]),
    )
    assert middle is not None
    assert middle.low == -np.inf
    assert len(middle.binned.lower) < 10
    assert quantiles_of(middle.binned, np.ones(1), np.ones((1, 20)), np.array([0.9])) == 0.0


def test_a_quantile_near_the_end_of_the_sample_is_found_though_bins_were_put_together() -> None:
    """Resamples can move a quantile of a few cases far: then all bins are looked at again."""
    weights = np.eye(N)
    values = sample().pooled(Quantity("cycle_time", "median", "rare"), "before")(weights)
    for r, found in enumerate(values):
        cases = of("before")[
            (of("before")["service"] == "rare") & (of("before")["replication"] == r)
        ]["cycle_time"]
        if len(cases):
            assert found == pytest.approx(
                quantile(cases.to_numpy(), np.ones(len(cases)), 0.5), rel=BIN
            )
        else:
            assert np.isnan(found)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (
            lambda s: s.pooled(Quantity("cycle_time", "mean"), "afterwards"),
            "there are before, after",
        ),
        (lambda s: s.changes("after", "before"), "matched: before and after"),
        (lambda s: s.values(Quantity("cycle_tyme", "mean"), "after"), "cycle_time"),
        (lambda s: s.values(Quantity("cycle_time", "mean", "quik"), "after"), "quick"),
    ],
)
def test_what_is_not_in_a_sample_is_named(ask: object, words: str) -> None:
    with pytest.raises(KeyError, match=words):
        ask(sample())  # type: ignore[operator]


def test_a_run_without_a_replication_says_how_to_go_on(tmp_path: Path) -> None:
    class Empty:
        index, configurations, settings, folder = runs().index, BOTH, runs().settings, tmp_path

        def arrays(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
            return iter(())

    with pytest.raises(gs.StoreError, match="govsim resume"):
        Sample.of(Empty())  # type: ignore[arg-type]


def test_a_list_and_a_set_of_the_same_services_are_the_same_whatever_the_mix() -> None:
    """Else a service that is in no mix would weigh nothing in a list,
    while the sentence names it.
    """
    more = "\nservice_sets: {both: [permit, enquiry]}\nexperiment: {mix: [permit]}\n"
    sample = Sample.of(gs.run(office(more), 3, ("before", "after"), progress=False))
    for measure, statistic in (("cycle_time", "mean"), ("cycle_time", "p90"), ("counted", "count")):
        listed, whole = (
            Quantity(measure, statistic, scope) for scope in (("permit", "enquiry"), "both")
        )
        found = [sample.pooled(each, "after")(np.ones((1, 3)))[0] for each in (listed, whole)]
        assert found[0] == pytest.approx(found[1])
        if statistic != "p90":  # of which a list has the mean of its services', a set its own
            assert sample.values(listed, "after") == pytest.approx(sample.values(whole, "after"))


class TwoOfThree:
    """A pair in which everybody who has an answer in both is granted, and one waits still."""

    same = granted = np.array([True, True, False])
    known = inside = np.array([True, True, True])

    def restricted(self, flags: Any, _: Any, kept: Any) -> Any:
        side = {"values": flags.sum(), **{f"others/{name}": flags.sum() for name in kept}}
        return side, side


def test_who_is_granted_in_both_is_told_alike_where_all_the_same_are_and_where_some_are_not() -> (
    None
):
    pair: Any = TwoOfThree()
    found = same_applicants(pair, ("a", "b"), (), ("wait",), True, True)
    kept = {name: number for name, number in found.items() if name.startswith("a>b/granted")}
    assert kept == {"a>b/granted/a/values": 2, "a>b/granted/b/values": 2}
    assert found["a>b/known/a/values"] == found["a>b/both/a/values"] == 3
    assert found["a>b/same/a/others/wait"] == 2
