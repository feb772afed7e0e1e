"""Whether the queues of a run's configurations settle, and what may be said if they do not.

Where more work comes than can be done, a time says how long one looked. A longer look only makes it
longer: that the configuration is slow stands, how slow it is, or that it is fast enough, does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from govsim.errors import ScenarioError
from govsim.evidence.condition import HOLDS, REFUTED, UNDETERMINED, Condition, Finding
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.measures import MEASURES
from govsim.measures.catalogue import OPEN
from govsim.model.offered_load import Pool, offered_load
from govsim.organisation.configure import configure
from govsim.organisation.load import load
from govsim.organisation.nouns import Configuration
from govsim.scenario import Scenario
from govsim.statistics.estimate import Estimate
from govsim.store import Runs

# of its time on duty that a group works, from which on its queues are looked at: the offered load
# takes a while
PRESSED = 0.85
DEPENDS = ("days", "working days", "min", "share")  # units of what depends on how long one looks
UNSETTLED = "queues cannot settle"


def configured(
    runs: Runs, names: Sequence[str], scenario: Scenario | None = None
) -> dict[str, Configuration]:
    """The organisations behind some configurations, as the run's own text (read already:
    `scenario`) tells them; empty where it can no longer be read.
    """
    if not names:
        return {}
    try:
        scenario = scenario or load(runs.settings.scenario, runs.settings.text)
        return {name: configure(scenario, name, runs.settings.variant) for name in names}
    except (ScenarioError, OSError, KeyError):
        return {}


def unstable_pools(
    runs: Runs, sample: Sample, names: Collection[str], scenario: Scenario | None = None
) -> dict[str, tuple[Pool, ...]]:
    """Pools of staff to which more work comes than they can do, by configuration.

    Configurations without any are left out. Asked only of those that are hardly ever idle, or leave
    cases open.
    """
    pressed = [
        name
        for name in names
        if name in sample.configurations and _pressed(sample, name, runs.settings.about["services"])
    ]
    found = {
        name: offered_load(each).pools for name, each in configured(runs, pressed, scenario).items()
    }
    pools = {name: tuple(pool for pool in each if not pool.settles) for name, each in found.items()}
    return {name: each for name, each in pools.items() if each}


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


def qualified(finding: Finding, unstable: Mapping[str, object]) -> Finding:
    """The finding, open where a longer run could turn it: where queues do not settle,
    more time only makes worse.
    """
    condition = finding.condition
    if condition.weeks is not None or MEASURES[condition.quantity.measure].unit not in DEPENDS:
        return finding
    grows = [name in unstable for name in condition.configurations]
    turned = {HOLDS: grows[-1], REFUTED: len(grows) > 1 and grows[0]}
    if not turned.get(finding.state, any(grows)):
        return finding
    nothing = Estimate(None, None, None, finding.improvement.replications, UNSETTLED)
    return replace(
        finding,
        state=UNDETERMINED,
        form="",
        improvement=nothing,
        note=f"{UNSETTLED}: {_named(condition, unstable)}",
    )


def _named(condition: Condition, unstable: Mapping[str, object]) -> str:
    return ", ".join(name for name in condition.configurations if name in unstable)
