"""Whether the queues of a run's configurations settle, and what may be said if they do not.

Where more work comes than can be done, a time says how long one looked. A longer look only makes it
longer: that the configuration is slow stands, how slow it is, or that it is fast enough, does not.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from govsim.arrays import Floats
from govsim.errors import ScenarioError
from govsim.evidence.conditions.condition import HOLDS, NOT_FOLLOWED, REFUTED, UNDETERMINED, Finding
from govsim.evidence.qualification.record import Qualification
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.measures import MEASURES
from govsim.measures.catalogue import MIX, OPEN
from govsim.model.offered_load import Pool, meetings_load, offered_load, worst_quarter
from govsim.organisation.configure import configurations, configure
from govsim.organisation.load import reread
from govsim.organisation.nouns import Configuration
from govsim.scenario import Scenario
from govsim.scenario.units import CALENDAR_DAYS, WORKING_DAYS
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import of_pooled
from govsim.store import StoredRuns

# of its time on duty that a group works, from which on its queues are looked at: the offered load
# takes a while
PRESSED = 0.85
PROCESS = "process_only"
FORESEEN = ("before", PROCESS, "after")
# units of what depends on how long one looks
DEPENDS = (CALENDAR_DAYS, WORKING_DAYS, "min", "share")
# and what is in these units but does not wait in a queue
UNHURT = frozenset(
    f"part_{part}" for part in ("service", "transfer", "applicant", "notice", "outside")
) | {"staff_minutes_per_case", "transfer_time", "utilisation"}
WHOLE = ("cycle_time", "cycle_time_working")  # these end behind every queue of a case
UNSETTLED, BROKEN = "queues cannot settle", "the reform breaks the queue"
NONE = (  # for a pool of staff, for a meeting
    {"en": "nobody is there", "zh": "无人办理"},
    {"en": "no session is held", "zh": "没有场次"},
)
NONE_THEN = (
    {"en": "nobody there in some", "zh": "无人在岗"},
    {"en": "no session in some", "zh": "没有场次"},
)
SIZELESS = "better by more the longer one looks, as queues cannot settle before"
Pools = Mapping[str, tuple[Pool, ...]]  # that cannot settle, by configuration


def configured(
    runs: StoredRuns, names: Sequence[str], scenario: Scenario | None = None
) -> dict[str, Configuration]:
    """The organisations behind some configurations, as the run's own text (read already:
    `scenario`) tells them; empty where it can no longer be read.
    """
    if not names:
        return {}
    try:
        scenario = scenario or scenario_of(runs)
        return {
            name: configure(scenario, name, runs.settings.variant) for name in names if scenario
        }
    except (ScenarioError, OSError, KeyError):
        return {}


def scenario_of(runs: StoredRuns) -> Scenario | None:
    """The run's own text; None where it can no longer be read."""
    made = runs.settings
    try:
        return reread(made.scenario, made.text, made.scenario_hash)
    except (ScenarioError, OSError, KeyError):
        return None


def unstable_pools(
    runs: StoredRuns, sample: Sample, names: Collection[str], scenario: Scenario | None = None
) -> dict[str, tuple[Pool, ...]]:
    """Pools of staff and meetings to which more work comes than they can do, by configuration.

    Configurations without any are left out. Asked only of those that are hardly ever idle, leave
    cases open, or may have a meeting with so many seats: no measure shows who waits for a seat.
    Where applicants may give up before they come to a pool, those who did in the run bring no work.
    """
    there = [name for name in names if name in sample.configurations]
    seats = any(sign in runs.settings.text for sign in ("seats", "\\"))  # a key may be escaped
    services = runs.settings.about["services"]
    pressed = [name for name in there if _pressed(sample, name, services)]
    asked = configured(runs, there if seats else pressed, scenario)
    found = {
        name: offered_load(each).pools if name in pressed else meetings_load(each)
        for name, each in asked.items()
    }
    pools = {name: lasting(each, sample, name) for name, each in found.items()}
    return {name: each for name, each in pools.items() if each}


def lasting(pools: Sequence[Pool], sample: Sample, configuration: str) -> tuple[Pool, ...]:
    """Those of a configuration's pools that cannot do the work of all who stay."""
    return tuple(
        pool for pool in pools if not (pool.settles and _left(sample, configuration, pool) < 1.0)
    )


def _left(sample: Sample, configuration: str, pool: Pool) -> float:
    """The load of a pool without those who gave up before they came to it."""
    if pool.load is None or pool.load < 1.0 or pool.patience != "before":
        return 0.0
    stayed = 0.0
    for service, share in zip(pool.services, pool.shares, strict=True):
        gone, counted = (
            np.nansum(sample.values(Quantity(what, "count", service), configuration))
            for what in ("withdrawn", "counted")
        )
        stayed += share * (1.0 - gone / counted if counted else 0.0)
    return pool.load * float(stayed)


def open_share(sample: Sample, configuration: str, services: Sequence[str]) -> float:
    """Of the counted cases of some services, those still open at the end."""
    left, counted = (
        sum(
            float(np.nansum(sample.values(Quantity(what, "count", each), configuration)))
            for each in services
        )
        for what in ("open", "counted")
    )
    return left / counted if counted else 0.0


def _pressed(sample: Sample, configuration: str, services: Sequence[str]) -> bool:
    busy, duty = (
        np.nan_to_num(sample.stack(configuration, each)).sum(axis=0) for each in ("busy", "duty")
    )
    return open_share(sample, configuration, services) > OPEN or bool(
        (busy > PRESSED * duty)[duty > 0].any()
    )


def qualified(finding: Finding, unstable: Pools, services: Collection[str]) -> Finding:
    """The finding as far as it does not depend on how long one looked.

    Only pools to which some of the condition's `services` bring work count. Where only the second
    configuration's queues cannot settle, the mean of a whole time ends up worse for certain: the
    reform breaks the queue. Where only the first's cannot, what holds stands, without a size. A
    level looks at its own configuration, and more time only makes it worse.
    """
    condition = finding.condition
    measure = condition.quantity.measure
    depends = MEASURES[measure].unit in DEPENDS and measure not in UNHURT
    if condition.weeks is not None or not depends:
        return finding
    grows = [_touched(unstable.get(name, ()), services) for name in condition.configurations]
    if not any(grows):
        return finding
    if condition.is_level:
        return _unsettled_level(finding, unstable)
    if all(grows):
        return _open(finding, unstable)
    if grows[0]:
        return _sizeless(finding) if finding.state == HOLDS else _open(finding, unstable)
    if measure in WHOLE and condition.quantity.statistic == "mean" and condition.sign < 0:
        return _told(finding, unstable, REFUTED, BROKEN)
    return finding if finding.state == REFUTED else _open(finding, unstable)


def _unsettled_level(finding: Finding, unstable: Pools) -> Finding:
    """A level of a queue that grows: the mean of a whole time, and a quantile that is beyond tau
    already, pass every bound.
    """
    condition = finding.condition
    grows = condition.quantity.statistic == "mean" or finding.improvement.note.startswith(
        NOT_FOLLOWED
    )
    if condition.quantity.measure in WHOLE and condition.sign < 0 and grows:
        return _told(finding, unstable, REFUTED, BROKEN)
    return finding if finding.state == REFUTED else _open(finding, unstable)


def _touched(pools: Sequence[Pool], services: Collection[str]) -> bool:
    return any(not {*pool.services}.isdisjoint(services) for pool in pools)


def _open(finding: Finding, unstable: Pools) -> Finding:
    return _told(finding, unstable, UNDETERMINED, UNSETTLED)


def _told(finding: Finding, unstable: Pools, state: str, why: str) -> Finding:
    nothing = Estimate(None, None, None, finding.improvement.replications, why)
    names = ", ".join(name for name in finding.condition.configurations if name in unstable)
    return replace(finding, state=state, form="", improvement=nothing, note=f"{why}: {names}")


def _sizeless(finding: Finding) -> Finding:
    """It holds, but how large it is says how long one looked."""
    improvement = finding.improvement
    unsized = Estimate(None, None, None, improvement.replications, SIZELESS)
    return replace(finding, improvement=unsized, note=SIZELESS)


# -------------------------------------------------------------------------------- the warm-up

FILLED = 0.05  # of the backlog at the end: what it may have grown by since the beginning
WEEKS = 4  # the fewest that have quarters


def fills_still(sample: Sample, configuration: str, weeks: tuple[int, int]) -> Estimate | None:
    """By how much the backlog of the last counted quarter is above that of the first, where it is
    so beyond chance: the warm-up was too short. None where it had filled.
    """
    path, many = sample.path("backlog", MIX, configuration), weeks[1] - weeks[0]
    if many < WEEKS:
        return None
    part = many // 4

    def growth(weights: Floats) -> Floats:
        backlog = path(weights)[:, weeks[0] : weeks[1]]
        found: Floats = backlog[:, -part:].mean(axis=1) - backlog[:, :part].mean(axis=1)
        return found

    last = float(path(np.ones((1, sample.replications)))[0, weeks[1] - part : weeks[1]].mean())
    change = of_pooled(growth, sample.replications, "plain")
    grown = change.low is not None and change.low > 0 and (change.value or 0.0) > FILLED * last
    return change if grown else None


# --------------------------------------------------------------------------------- before any run


@dataclass(frozen=True)
class Foreseen:
    """What the loads of a configuration say before anything is simulated."""

    configuration: str
    pools: tuple[Pool, ...]  # the most loaded first
    settles: bool
    warnings: tuple[Qualification, ...]


def foreseen(scenario: Scenario, names: Sequence[str] | None = None) -> tuple[Foreseen, ...]:
    """The loads of some configurations of a scenario, and what they warn of; without names, of
    before, process_only where some lever is of that kind, and after.
    """
    found, levers = [], configurations(scenario)
    for name in names or (each for each in FORESEEN if levers[each] or each != PROCESS):
        organisation = configure(scenario, name)
        load = offered_load(organisation)
        worst = worst_quarter(organisation)
        told = (_warning(name, pool, worst) for pool in load.pools)
        found.append(Foreseen(name, load.pools, load.stable, tuple(filter(None, told))))
    return tuple(found)


def _warning(
    configuration: str, pool: Pool, quarters: Mapping[tuple[str, ...], float | None]
) -> Qualification | None:
    """What a pool's load, and that of its worst quarter, warn of; nothing where there is room."""
    seats = bool(pool.meeting)
    what = {"en": "seats", "zh": "席位"} if seats else {"en": "hours", "zh": "工时"}
    who: dict[str, Any] = {"who": pool.names}
    if pool.load is None and pool.settles:
        return Qualification("no_session", configuration, names=who)
    if pool.load is None:
        return Qualification("nobody_there", configuration, names=who | {"none": NONE[seats]})
    key, numbers = _pressed_by(pool), {"load": pool.load, "undone": math.floor(100 * pool.too_much)}
    if key:
        return Qualification(key, configuration, numbers, who | {"what": what})
    worst, numbers = quarters.get(pool.key, 0.0), {"load": pool.load}
    if worst is None or worst >= 1.0:
        share = f"{100 * (worst or 0.0):.0f}"
        told = NONE_THEN[seats] if worst is None else {"en": f"{share} % in", "zh": f"{share}%"}
        names = who | {"what": what, "worst": told}
        return Qualification("queue_over_the_season", configuration, numbers, names)
    names = who | {"what": what}
    pressed = pool.load > PRESSED
    return Qualification("long_queues", configuration, numbers, names) if pressed else None


def _pressed_by(pool: Pool) -> str:
    """What more work than can be done does to a pool; nothing where there is none."""
    if not pool.settles:
        return "pool_cannot_settle"
    if pool.too_much and pool.meeting and not pool.patience:
        return "queue_is_left"
    if not pool.too_much:
        return ""
    return "applicants_must_leave" if pool.patience == "here" else "settles_by_leavers_only"
