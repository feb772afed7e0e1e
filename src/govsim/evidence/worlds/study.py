"""The study behind `explore`: worlds drawn, simulated and judged until enough is known.

All numbers with a range are drawn together and each claim is judged in each world, until chance no
longer blurs the answer.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from govsim.errors import RunError, StoreError
from govsim.evidence.conditions.condition import Condition
from govsim.evidence.qualification.record import Qualification, ordered
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.study import in_memory, keep, subject_of
from govsim.evidence.worlds.accepted import narrowed, together
from govsim.evidence.worlds.judging import Questions, claims_of
from govsim.evidence.worlds.known import BEFORE, LOOKS, SETTLE, Known, check_base, is_open, refused
from govsim.evidence.worlds.landscape import LEAST, UNRESOLVED, Judged, Landscape, Lead, count
from govsim.evidence.worlds.parts import Choice, ClaimInWorlds, Unknown
from govsim.evidence.worlds.proposals import Proposals, acting
from govsim.evidence.worlds.result import Worlds
from govsim.evidence.worlds.task import ROOM, Drawn
from govsim.experiment.progress import Progress
from govsim.experiment.replication import Replication, prepare
from govsim.experiment.run import DEFAULT, conduct, standard
from govsim.measures import MeasureIndex
from govsim.model.offered_load import Pool
from govsim.organisation.configure import unknowns
from govsim.organisation.parameters import Uncertain
from govsim.scenario import Scenario
from govsim.store import Settings, Store, StoredRuns

ROUNDS = (16, 32, ROOM)  # replications of a world
OPEN = 0.05  # share of worlds that may stay unresolved
MOST = 2**13  # worlds
TRIED = 10  # times as many proposals as worlds, at most


class Chosen(NamedTuple):
    """Which proposals could exist, by number; why the others could not."""

    accepted: tuple[int, ...]
    refused: Mapping[int, str]
    tried: int


def explore(
    scenario_or_runs: Scenario | StoredRuns,
    worlds: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    configurations: Sequence[str] | None = None,
    folder: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    engine: str = "compiled",
    progress: bool = True,
) -> Worlds:
    """Draw worlds and judge every claim in each; without `worlds`, as many as the scenario states,
    without `configurations` before, process_only where that is another organisation, and after.

    `folder` keeps what was simulated, so that a stopped exploration goes on, and gets worlds.json;
    of a run it is `worlds` inside its folder. Raises RunError where the question makes no sense,
    StoreError where the folder refuses, Interrupted on Ctrl-C.
    """
    scenario, home, seed, variant, engine = subject_of(
        scenario_or_runs, "worlds", folder, seed, variant, engine
    )
    if home is None:
        with in_memory("worlds") as place:
            found = explore(
                scenario, worlds, seed, workers, configurations, place, variant, engine, progress
            )
            return replace(found, where="in memory only")
    stated = scenario.tree.get("experiment") or {}
    number = int(stated.get("worlds", 256) if worlds is None else worlds)
    if not LEAST <= number <= MOST:
        raise RunError(
            f"worlds: {number}; at least {LEAST} are needed, at most {MOST} are possible (256 for "
            "a verdict)"
        )
    ranges = dict(sorted(unknowns(scenario).items()))
    if not ranges:
        raise RunError(
            f"{scenario.path}: no number has a range, so there is only one world; state ranges, as "
            "in value, range"
        )
    run = standard(scenario, variant)
    names = (
        tuple(each for each in DEFAULT if each in run) if configurations is None else configurations
    )
    base = prepare(scenario, tuple(names), variant, seed, engine, "measures")
    study = _Study(scenario, base, number, ranges)
    study.conducted_in(home, workers, progress)
    found = study.result()
    keep(home, "worlds", found)
    return found


def _refuse_another(folder: Path, wanted: Settings) -> None:
    """Refuse a folder with other worlds, or with these worlds kept for other claims."""
    if not (folder / "run.json").exists():
        return
    found = Settings.read(folder)
    if found.scenario_hash == wanted.scenario_hash and found.study != wanted.study:
        same = found.study.get("drawn") == wanted.study["drawn"]
        what = "what was kept of these worlds is for other claims" if same else "holds other worlds"
        raise StoreError(
            f"{folder}: {what}; remove this folder (or move it away), then explore again"
        )


class _Study:
    """The worlds of one question."""

    def __init__(
        self, scenario: Scenario, base: Replication, worlds: int, ranges: Mapping[str, Uncertain]
    ) -> None:
        settings: Settings = base.settings
        self.scenario, self.worlds = scenario, worlds
        names = settings.configurations
        self.known = Known(scenario)
        if self.known.levels and BEFORE not in names:
            raise RunError(f"what is known is asked of `{BEFORE}`; add it to the configurations")
        self.ranges = acting(scenario, ranges, names, settings.variant)
        self.idle = tuple(name for name in ranges if name not in self.ranges)
        if not self.ranges:
            raise RunError(
                f"{scenario.path}: no number with a range changes anything in {', '.join(names)}, "
                "so there is only one world"
            )
        self.questions = Questions(scenario, names)
        self.proposals = Proposals(tuple(self.ranges.values()), settings.seed)
        asked = [*self.questions.asked, *self.known.levels.values()]
        self.base = base
        base.settings = replace(
            settings, replications=worlds * ROUNDS[0], study=self._design(asked)
        )
        self.task = Drawn(scenario, base, self.proposals, asked)

    def _design(self, asked: Sequence[Condition | Quantity]) -> dict[str, Any]:
        """What makes these rows and no others; a preview is the beginning of the worlds
        that a verdict needs.
        """
        first = hashlib.sha256(self.proposals.values(LEAST).tobytes()).hexdigest()
        matched = self.base.settings.about["pairs"]
        kept = repr((sorted(map(repr, asked)), self.scenario.claims_hash, matched))
        return {
            "kind": "worlds",
            "parameters": list(self.ranges),
            "drawn": first[:12],
            "kept": hashlib.sha256(kept.encode()).hexdigest()[:12],
        }

    def conducted_in(self, folder: Path, workers: int | None, progress: bool) -> None:
        """Where replications are kept, and how they are done."""
        self.folder, self.workers, self.progress = folder, workers, progress

    def result(self) -> Worlds:
        """Run what is missing, round by round, and look at all worlds together."""
        _refuse_another(self.folder, self.task.settings)
        check_base(self.scenario, self.known, self.base)
        Progress(0, 0, quiet=not self.progress).say(self._expected())
        chosen = self.chosen()
        if len(chosen.accepted) < LEAST:
            raise RunError(_too_few(chosen))
        judged = self._rounds(chosen.accepted)
        # what the first proposals would have said if nothing were known
        aside = [number for number in chosen.refused if number < self.worlds]
        plain = judged | (self._rounds(aside) if aside else {})
        first = [plain[number] for number in sorted(plain) if number < self.worlds]
        return self._told(chosen, judged, first if aside else [])

    def _expected(self) -> str:
        """How many replications are to come, before any is done."""
        least, most = self.worlds * ROUNDS[0], self.worlds * ROOM
        more = f"; what is known may refuse some, and up to {TRIED * self.worlds:,} are tried"
        return (
            f"explore: {least:,} replications of {len(self.task.settings.configurations)} "
            f"configurations are expected ({self.worlds} possible offices x {ROUNDS[0]}), "
            f"{most:,} at most where claims stay open{more if self.known else ''}"
        )

    # -------------------------------------------------------------------------- which could exist

    def chosen(self) -> Chosen:
        """The first proposals that do not contradict what is known."""
        accepted: list[int] = []
        refused: dict[int, str] = {}
        tried = 0
        while len(accepted) < self.worlds and tried < TRIED * self.worlds:
            more = min(self.worlds - len(accepted), TRIED * self.worlds - tried)
            batch = range(tried, tried + more)
            tried += more
            refused |= {number: SETTLE for number in batch if self._unsettled(number)}
            refused |= self._contradicting([n for n in batch if n not in refused])
            accepted += [number for number in batch if number not in refused]
        return Chosen(tuple(accepted), refused, tried)

    def _unsettled(self, number: int) -> bool:
        return self.known.settles and self.known.unsettled(self.task.loads(number, BEFORE))

    def _contradicting(self, numbers: Sequence[int]) -> dict[int, str]:
        """The proposals that some level of `before` refuses, with its name."""
        found: dict[int, str] = {}
        open_ = list(numbers) if self.known.levels else []
        for look in LOOKS:
            self._run(open_, look)
            findings = {
                number: self.known.judged(sample) for number, sample in self._samples(open_, look)
            }
            found |= {number: name for number, each in findings.items() if (name := refused(each))}
            open_ = [n for n, each in findings.items() if n not in found and is_open(each)]
        return found

    # ------------------------------------------------------------------------------------- judged

    def _rounds(self, worlds: Sequence[int]) -> dict[int, Judged]:
        """Each world judged, with more replications where too many are open on a claim."""
        judged: dict[int, Judged] = {}
        going_on = list(worlds)
        for replications in ROUNDS:
            self._run(going_on, replications)
            for world, sample in self._samples(going_on, replications):
                judged[world] = self.questions.judged(sample, self._loads(world))
            going_on = self._unresolved(judged)
            if not going_on:
                break
        return judged

    def _loads(self, world: int) -> dict[str, tuple[Pool, ...]]:
        names = self.task.settings.configurations
        return {name: self.task.loads(world, name) for name in names}

    def _run(self, worlds: Sequence[int], replications: int) -> None:
        numbers = [world * ROOM + r for world in worlds for r in range(replications)]
        if numbers:
            conduct(self.task, self.folder, numbers, self.workers, self.progress, "worlds").close()

    def _samples(self, worlds: Sequence[int], replications: int) -> Iterator[tuple[int, Sample]]:
        """The first replications of each world."""
        settings = self.task.settings
        index = MeasureIndex.from_dict(settings.about["index"])
        store = Store.open(self.folder) if worlds else None
        if store is None:
            return
        try:
            for world in worlds:
                rows = store.read(numbers=range(world * ROOM, world * ROOM + replications))
                sample = Sample(
                    index,
                    settings.configurations,
                    (arrays for _, arrays in rows),
                    paired=self.task.pairs.paired,
                )
                yield world, sample
                sample.forget()
        finally:
            store.close()

    def _unresolved(self, judged: Mapping[int, Judged]) -> list[int]:
        """The worlds that need more replications: those open on a claim that is open
        in too many of them.
        """
        number = {
            name: sum(each.states[name] == UNRESOLVED for each in judged.values())
            for name in self.questions.conditions
        }
        blurred = [name for name, often in number.items() if often > OPEN * len(judged)]
        return [
            world
            for world, each in sorted(judged.items())
            if each.replications < ROOM
            and any(each.states[n] == UNRESOLVED and n not in each.others for n in blurred)
        ]

    # --------------------------------------------------------------------------------------- told

    def _told(
        self,
        chosen: Chosen,
        by_number: Mapping[int, Judged],
        plain: Sequence[Judged],
    ) -> Worlds:
        """What all worlds say together."""
        settings, unknown = self.task.settings, list(self.ranges.values())
        judged = [by_number[number] for number in chosen.accepted]
        tried = self.proposals.values(chosen.tried)
        values = tried[list(chosen.accepted)]
        landscape = Landscape(judged, values, unknown)
        claims = {
            name: replace(
                landscape.claim(name, _lead(conditions[0])),
                without=count([each.states[name] for each in plain]) if plain else None,
                known=self.known.about((*conditions, *refusals)),
            )
            for name, (conditions, refusals) in self.questions.conditions.items()
        }
        outputs = {
            name: each
            for a, b in self.questions.pairs
            if (each := landscape.output(name := f"{a} > {b}"))
        }
        worth, floor = landscape.worth(list(claims))
        drawn = zip(unknown, values.T, strict=True)
        reasons = Counter(chosen.refused.values())
        return Worlds(
            run=settings.id,
            where=str(self.folder),
            seed=settings.seed,
            worlds=len(judged),
            configurations=settings.configurations,
            replications=tuple(each.replications for each in judged),
            unknowns=tuple(
                Unknown(
                    u.name, u.low, u.high, u.unit, u.source, tuple(map(float, x)), u.value, u.shape
                )
                for u, x in drawn
            ),
            claims=claims,
            outputs=outputs,
            unit=self.questions.unit,
            whom=self.questions.whom,
            worth=worth,
            floor=floor,
            variant=settings.variant,
            below=ordered(self._warnings(claims, judged)),
            settled=tuple(each.settled for each in judged),
            choice=Choice(
                asked=self.worlds,
                tried=chosen.tried,
                refused={
                    name: reasons[name] for name in (SETTLE, *self.known.levels) if reasons[name]
                },
                numbers=chosen.accepted,
                known=self.known.told(),
                narrowed=narrowed([each.name for each in unknown], values, tried)
                if chosen.refused
                else (),
            ),
            idle=self.idle,
            together=together([each.name for each in unknown], values),
        )

    def _warnings(
        self, claims: Mapping[str, ClaimInWorlds], judged: Sequence[Judged]
    ) -> Iterator[Qualification]:
        number, run = len(judged), self.task.settings.id
        if piling := sum(not each.settled for each in judged):
            yield Qualification("worlds_cannot_settle", run, {"piling": piling, "worlds": number})
        if strained := sum(each.settled and not each.shown for each in judged):
            yield Qualification("settling_not_shown", run, {"strained": strained})
        most = max(each.replications for each in judged)
        for name, each in claims.items():
            if each.unresolved > OPEN * number:
                counts = {
                    "share": each.unresolved / number,
                    "replications": most,
                    "least": each.holds,
                    "most": each.holds + each.unresolved,
                    "worlds": number,
                }
                yield Qualification("claim_unresolved", name, counts)
        if skipped := [name for name in claims_of(self.scenario) if name not in claims]:
            names = {"claims": tuple(skipped)}
            yield Qualification("claims_of_other_configurations", run, names=names)
        stated = (self.scenario.tree.get("claims") or {}).items()
        if elsewhere := tuple(name for name, each in stated if each.get("family")):
            yield Qualification("claims_of_staffing", run, names={"claims": elsewhere})


def _too_few(chosen: Chosen) -> str:
    """Why there is nothing to explore."""
    reasons = Counter(chosen.refused.values())
    named = ", ".join(f"{name} ({number})" for name, number in reasons.most_common())
    return (
        f"{len(chosen.accepted)} of {chosen.tried} offices drawn from the ranges do not contradict "
        f"what is known; at least {LEAST} are needed. Refused by: {named}. Widen the ranges of the "
        "numbers, or check what is known"
    )


def _lead(condition: Condition) -> Lead:
    statistic = condition.statistic or condition.quantity.statistic
    whose = ", the service that improves least" if condition.service else ""
    return Lead(
        f"{statistic} of {condition.quantity.measure}{whose}", condition.unit, condition.delta
    )
