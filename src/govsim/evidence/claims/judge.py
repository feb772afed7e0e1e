"""How claims are judged: from a run, and the studies beside it, to one verdict on each.

A verdict says what these show of the claim; never more.

The first line that applies, from the bottom up: outside the model; cannot be tested; refuted;
undetermined; conditionally supported; supported. Without worlds nothing is supported for good, and
the verdict says so. Whose doing a gain is, is a second answer, asked whatever the first one is.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from govsim.errors import A_RUN, needed
from govsim.evidence import words
from govsim.evidence.claims import declared, elsewhere, granted, reasons, tails, terms, whom, whose
from govsim.evidence.claims.in_worlds import CONDITIONAL, SUPPORTED, Explored, counts_in
from govsim.evidence.claims.result import Verdict, Verdicts
from govsim.evidence.conditions.asked import conditions_of, weeks_of
from govsim.evidence.conditions.condition import (
    HOLDS,
    MAYBE_ZERO,
    MISSED,
    NOTHING,
    OPPOSITE,
    REFUTED,
    ROUNDED,
    SMALLER,
    UNDETERMINED,
    Condition,
    Finding,
    Tree,
    better_by,
    by_service,
    by_value,
    combined,
    judge,
    replications_needed,
)
from govsim.evidence.doing import BEFORE, NOT_ASKED, PROCESS, Doing, Four, doing
from govsim.evidence.estimates import at_once
from govsim.evidence.matters import beyond, margin_of, relevant, stated
from govsim.evidence.people import behind, fare, guarded, who_file
from govsim.evidence.qualification.record import Qualification, ordered
from govsim.evidence.quantity import COUNTED
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample
from govsim.evidence.settling import BROKEN, UNSETTLED, fills_still, qualified, unstable_pools
from govsim.evidence.staffing.result import Staffing
from govsim.evidence.study import kept
from govsim.evidence.words import LANGUAGES, UNEXPLORED, Pair, Texts, Vocabulary
from govsim.evidence.worlds.result import Worlds
from govsim.experiment.run import DEFAULT
from govsim.measures.catalogue import MIX
from govsim.model.offered_load import Pool
from govsim.organisation.configure import services_of, with_applicants
from govsim.organisation.joining import as_process, relabelling
from govsim.organisation.names import said
from govsim.scenario import Scenario
from govsim.statistics.pooled import Prepared
from govsim.store import Settings, StoredRuns

__all__ = ["Verdict", "Verdicts", "claims"]

UNTESTABLE, OUTSIDE = "cannot be tested", "outside the model"
Told = Pair | Qualification  # a sentence; one that qualifies a number is a warning
AFFORDABLE = 100_000  # replications beyond which more are no way to decide


def claims(
    runs: StoredRuns, scenario: Scenario | None = None, sample: Sample | None = None
) -> Verdicts:
    """The verdicts on the claims that the run's scenario declares.

    They come from the run and the studies in its folder. Whoever has read the run's scenario and
    its sample already may hand them in. Raises StoreError where the run holds no replication, or
    its text is not what was declared.
    """
    needed(runs, StoredRuns, A_RUN)
    tree = declared.tree_of(runs.settings) if scenario is None else scenario.tree
    sample = sample or Sample.of(runs)
    unstable = unstable_pools(runs, sample, sample.configurations, scenario)
    judged = _Judge(
        tree, sample, runs, _worlds(runs), kept(runs.folder, "staff", Staffing.from_dict), unstable
    )
    verdicts = judged.jointly(
        [
            judged.with_warnings(judged.verdict(name, claim), claim)
            for name, claim in (tree.get("claims") or {}).items()
        ]
    )
    since = declared.since(runs.settings)
    return Verdicts(
        runs.settings.id,
        sample.replications,
        not (since.changed or since.gone),
        since.changed,
        verdicts,
        since.gone,
    )


def _titles(tree: Tree, name: str) -> Texts:
    """What a set of services is called, in the languages in which it has a name."""
    stated = said(tree, "service_sets", name)
    if isinstance(stated, Mapping):
        return stated
    return dict.fromkeys(LANGUAGES, stated) if stated else {}


def _worlds(runs: StoredRuns) -> Worlds | None:
    """The worlds explored for these very claims."""
    found, made = kept(runs.folder, "worlds", Worlds.from_dict), Path(runs.folder or "") / "worlds"
    other = (made / "run.json").exists() and Settings.read(
        made
    ).claims_hash != runs.settings.claims_hash
    return None if other else found


class _Judge:
    """What verdicts are made from."""

    def __init__(
        self,
        tree: Tree,
        sample: Sample,
        runs: StoredRuns,
        worlds: Worlds | None,
        staff: Staffing | None,
        unstable: Mapping[str, tuple[Pool, ...]],
    ) -> None:
        self.tree, self.sample, self.settings, self.staff, self.unstable = (
            tree,
            sample,
            runs.settings,
            staff,
            unstable,
        )
        self.folder = runs.folder
        self.worlds = worlds
        self.margin = margin_of(tree)
        self._prepared: dict[Condition, Prepared] = {}
        self._by_service: dict[tuple[Condition, tuple[str, ...]], tuple[Finding, ...]] = {}
        sets = {name: len(services_of(tree, name)) for name in tree.get("service_sets") or {}}
        cohorts = (tree.get("experiment") or {}).get("cohorts") or {}
        mix = services_of(tree, None)
        self.vocabulary = Vocabulary(
            runs.settings.about["service_names"],
            {**sets, MIX: len(mix)},
            cohorts,
            mix if len(mix) < len(with_applicants(tree)) else (),
            {name: _titles(tree, name) for name in sets},
        )

    def command(self, study: str, n: int | None = None) -> str:
        """What to run: in the shell, or in Python for a run that is in memory only."""
        if self.folder is not None:
            return f"govsim {study} {shlex.quote(str(self.folder))}" + (f" -n {n}" if n else "")
        asked = f", n={n}" if n else ""
        return (
            f"gs.run(...{asked})"
            if study == "resume"
            else f"gs.{study}(runs{asked}), with runs = gs.run(..., out=FOLDER)"
        )

    def judge(self, conditions: Sequence[Condition]) -> tuple[Finding, ...]:
        """What the run shows of conditions, as far as it does not depend on how long it looked."""
        return tuple(
            qualified(
                guarded(each, self.sample, self.margin),
                self.unstable,
                self._services(each.condition),
            )
            for each in judge(conditions, self.sample, self._prepared)
        )

    def by_value(self, conditions: Sequence[Condition]) -> tuple[Finding, ...]:
        """What the values alone show of conditions."""
        return tuple(by_value(each, who_file(each, self.sample)) for each in conditions)

    def jointly(self, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """The verdicts, with a mark at those whose conditions also hold by intervals for all
        conditions of the file at once. It changes none of them.
        """
        asked = {
            each.claim: [
                conditions_of(self.tree, self.tree["claims"][each.claim], key)
                for key in ("holds_if", "refuted_if")
            ]
            for each in verdicts
            if each.asked
        }
        every = dict.fromkeys(c for both in asked.values() for part in both for c in part)
        found = dict(zip(every, judge([*every], self.sample, self._prepared), strict=True))

        def marked(each: Verdict) -> Verdict:
            if each.base != HOLDS or not each.asked:
                return each
            findings, refusals = ([found[c] for c in part] for part in asked[each.claim])
            state = combined(findings, self.tree["claims"][each.claim], refusals)
            return replace(each, jointly=state == HOLDS)

        return tuple(map(marked, verdicts))

    def _whom(self, findings: Sequence[Finding]) -> tuple[list[Told], list[Qualification]]:
        """Who is in the numbers of some findings, and who is not, said once; and what of that
        qualifies them.
        """
        said: list[Told] = []
        beside: list[Qualification] = []
        scopes = {finding.condition.quantity.scope for finding in findings}
        for finding in findings:
            if why := whom.open_because(finding):
                said.append(why)
            if noted := whom.noted(finding):  # where there are too few its sentence does not say so
                (said if noted.numbers else beside).append(noted)
        for finding in findings:
            condition, there = finding.condition, self.sample.configurations
            if condition.weeks is None and all(name in there for name in condition.configurations):
                read, qualified_by = self._read(finding, len(scopes) > 1)
                said.append(read)
                beside += qualified_by
                if BEFORE in condition.configurations and self._fills_still:
                    said.append(reasons.WARM_UP)
        return said, beside

    @cached_property
    def _fills_still(self) -> bool:
        """Whether before the reform the backlog still grows, though its queues can settle."""
        if BEFORE in self.unstable or BEFORE not in self.sample.configurations:
            return False
        return fills_still(self.sample, BEFORE, weeks_of(self.tree, COUNTED, "")) is not None

    def _read(self, finding: Finding, named: bool) -> tuple[Pair, list[Qualification]]:
        """Who is in the numbers of a finding, with the services where others have theirs; and what
        of that qualifies it.
        """
        condition = finding.condition
        people = behind(condition, self.sample)
        if people is None:
            return reasons.NONE, []
        quantity = condition.quantity
        people = replace(people, why=finding.people.why) if finding.people else people
        read = whom.read(people, condition.configurations, quantity.measure, quantity.statistic)
        if not condition.is_level:
            more = whom.fare(*fare(condition, self.sample)), self._shifted(condition)
            read += filter(None, more)
        scope = {
            lang: self.vocabulary.scope(condition, lang) if named else "" for lang in LANGUAGES
        }
        beside = [replace(each, scope=scope) for each in read if isinstance(each, Qualification)]
        en, zh = reasons.joined(*map(_pair, read))
        if not named or not en:
            return (en, zh), beside
        return (f"{scope['en']}: {en}", f"{scope['zh']}：{zh}"), beside

    def _shifted(self, condition: Condition) -> Pair | None:
        """Who files at another instant, where a time from filing is compared."""
        quantity, pair = condition.quantity, (condition.first, condition.second)
        if self.sample.tau(quantity) is None or pair not in self.sample.pairs:
            return None
        return whom.shifted(*self.sample.shifted(*pair, quantity.scope, quantity.cohort))

    def _services(self, condition: Condition) -> tuple[str, ...]:
        """The services that a condition is about."""
        scope = condition.quantity.scope
        return services_of(self.tree, None if scope == MIX else scope)

    def verdict(self, name: str, claim: Tree) -> Verdict:
        """The first line that applies."""
        said = claim["quote"]
        quote = (
            dict(said) if isinstance(said, Mapping) else {"zh" if _chinese(said) else "en": said}
        )
        blank = Verdict(name, quote, UNDETERMINED, "", dict.fromkeys(LANGUAGES, ()))
        if claim.get("outside_the_model"):
            return replace(blank, outcome=OUTSIDE, reasons=_both(reasons.OUTSIDE))
        if claim.get("family"):
            return self._family(blank, claim)
        room = self.judge(conditions_of(self.tree, claim, "cannot_be_tested_if"))
        if room and all(each.state == HOLDS for each in room):
            return replace(
                blank, outcome=UNTESTABLE, findings=room, **self._told(room, reasons.NO_ROOM)
            )
        findings = self.judge(conditions_of(self.tree, claim))
        refusals = self.judge(conditions_of(self.tree, claim, "refuted_if"))
        base = combined(findings, claim, refusals)
        found = replace(blank, findings=findings, base=base, worlds=counts_in(self.worlds, name))
        if base == REFUTED:
            return self._with_doing(self._refuted(found, claim, refusals), claim)
        return self._with_doing(
            self._undetermined(found, refusals)
            if base == UNDETERMINED
            else self._held(found, claim),
            claim,
        )

    def with_warnings(self, verdict: Verdict, claim: Tree) -> Verdict:
        """The verdict with warnings where the reform defines otherwise what is measured, and where
        the claim comes out otherwise for those who filed at another time.
        """
        about = {name for each in verdict.findings for name in self._services(each.condition)}
        warnings: list[Told] = [*terms.changed(self.tree, verdict.findings, about)]
        matter = (self.sample, stated(self.tree), self.settings.about.get("day"))
        for each in verdict.findings:
            warnings += granted.alone(each, *matter) + tails.harmed(each, *matter)
        cohorts = (self.tree.get("experiment") or {}).get("cohorts") or {}
        if cohorts and not claim.get("family") and verdict.findings:
            conditions = conditions_of(self.tree, claim)
            refusals = conditions_of(self.tree, claim, "refuted_if")
            warnings += elsewhere.otherwise(
                verdict.base, claim, conditions, refusals, cohorts, self, self.vocabulary
            )
        verdict = self._also(verdict, warnings)
        named = (replace(q, qualifies=q.qualifies or verdict.claim) for q in verdict.warnings)
        return replace(verdict, warnings=ordered(named))

    # --------------------------------------------------------------------------- what does not hold

    def _refuted(self, found: Verdict, claim: Tree, refusals: Sequence[Finding]) -> Verdict:
        wrong = [each for each in found.findings if each.state == REFUTED] or [
            r for r in refusals if r.state == HOLDS
        ]
        rest = [each for each in found.findings if each not in wrong]
        aimed = [each for each in wrong if not each.condition.is_guard] or wrong
        form = next(
            (
                form
                for form in (OPPOSITE, NOTHING, SMALLER, MISSED)
                if form in [each.form for each in aimed]
            ),
            "",
        )
        broken = [each for each in wrong if each.improvement.note == BROKEN]
        more: list[tuple[Told, tuple[str, ...]]] = [
            self._shares(each, claim) for each in wrong if each not in broken
        ]
        if broken:
            more.insert(0, (reasons.broken(self._pools(broken)), ()))
        carriers = [each.condition.service for each in wrong if each.condition.service]
        carriers += [name for _, short in more for name in short]
        failed = self._explored(found).of_failing()
        told = self._told(
            [*wrong, *rest[: max(0, 4 - len(wrong))]],
            *(each for each, _ in more),
            failed.why,
            wrong=wrong,
            beside=failed.warnings,
        )
        if claim.get("at_least_better") and not any(
            each.state == REFUTED for each in found.findings
        ):
            number = sum(better_by(each, "high") for each in found.findings)
            told = self._told(
                found.findings,
                reasons.too_few(number, claim["at_least_better"]),
                failed.why,
                beside=failed.warnings,
            )
        return replace(
            found,
            outcome=failed.outcome or REFUTED,
            form=form,
            explored=failed.form,
            carriers=tuple(dict.fromkeys(carriers)),
            **told,
        )

    def _undetermined(self, found: Verdict, refusals: Sequence[Finding]) -> Verdict:
        open_ = [each for each in found.findings if each.state == UNDETERMINED]
        there = self.sample.configurations
        missing = [
            name for each in open_ for name in each.condition.configurations if name not in there
        ]
        if missing:
            return replace(found, **self._told([], self._lacking(missing)))
        between = [each for each in found.findings if each.state == REFUTED] if refusals else []
        if between and not open_:
            return replace(
                found, **self._told([*between, *refusals], reasons.BETWEEN, wrong=between)
            )
        needed = [number for each in open_ if (number := replications_needed(each)) is not None]
        number = _rounded(1.1 * max(needed)) if needed and len(needed) == len(open_) else None
        if number is not None and number <= AFFORDABLE:
            why: Told = reasons.more(number, self.command("resume", number))
        else:
            number, why = None, self._hopeless(open_)
        return replace(
            found,
            needed=number,
            **self._told(
                (open_ or found.findings)[:4],
                why,
                reasons.in_worlds(found.worlds),
                beside=reasons.chosen(found.worlds),
            ),
        )

    def _pools(self, findings: Sequence[Finding]) -> Mapping[str, Sequence[Pool]]:
        """Pools that cannot settle in the configurations that some conditions look at."""
        there = self._looked_at(findings)
        return {name: pools for name, pools in self.unstable.items() if name in there}

    def _hopeless(self, open_: Sequence[Finding]) -> Told:
        """What would decide where more replications would not."""
        if any(each.improvement.note == UNSETTLED for each in open_):
            return reasons.unstable(self._pools(open_))
        if any(each.people is not None for each in open_):
            return reasons.NONE
        if any(each.note == MAYBE_ZERO for each in open_):
            return reasons.NO_PERCENTAGE
        if any(each.improvement.value is None for each in open_):
            return reasons.SILENT
        return (
            reasons.AT_THE_LIMIT
            if all(each.improvement.half_width for each in open_)
            else reasons.PERHAPS_MORE
        )

    def _looked_at(self, open_: Sequence[Finding]) -> set[str]:
        return {
            name
            for each in open_
            if each.improvement.note in (UNSETTLED, BROKEN)
            for name in each.condition.configurations
        }

    def _lacking(self, missing: Sequence[str]) -> Pair:
        names = list(dict.fromkeys(missing))
        order = (
            *DEFAULT[:-1],
            *(each for each in (*self.sample.configurations, *names) if each not in DEFAULT),
            DEFAULT[-1],
        )
        every = ",".join(each for each in order if each in (*self.sample.configurations, *names))
        return reasons.lacking(
            names, f"govsim run {shlex.quote(self.settings.scenario)} --configurations {every}"
        )

    # ----------------------------------------------------------------------------------- what holds

    def _held(self, found: Verdict, claim: Tree) -> Verdict:
        losers, warnings = self._losers(found.findings)
        services = (
            [self._shares(each, claim)[0] for each in found.findings]
            if claim.get("also_by") == "service"
            else []
        )
        found = replace(found, losers=losers)
        held = self._explored(found).of_holding()
        told = self._told(
            found.findings,
            *self._beside(found.findings),
            held.why,
            *services,
            *warnings,
            beside=held.warnings,
        )
        return replace(found, outcome=held.outcome, form=held.form, **told)

    def _beside(self, findings: Sequence[Finding]) -> list[Pair]:
        """Paths against the levers that need no merger: these start on the same day and may hide
        what the merger costs. Of guards that is whose doing they are.
        """
        paths = [
            each.condition
            for each in findings
            if each.condition.weeks is not None and not each.condition.is_guard
        ]
        if PROCESS not in self.sample.configurations or any(
            PROCESS in each.configurations for each in paths
        ):
            return []
        return [
            reasons.beside(each, PROCESS)
            for each in judge([replace(each, first=PROCESS) for each in paths], self.sample)
        ]

    def _explored(self, found: Verdict) -> Explored:
        """What other worlds say of a claim."""
        return Explored(found.worlds, self.command("explore"), bool(self.settings.about["numbers"]))

    # ---------------------------------------------------------------------------------- whose doing

    def _with_doing(self, verdict: Verdict, claim: Tree) -> Verdict:
        """The verdict with the second answer, and why."""
        four = Four(process=str(claim.get("without_merger", PROCESS)))
        found = self._doing(verdict, four)
        apart = self.settings.about.get("apart") or ()
        counted = as_process(self.tree, apart) if four.process == PROCESS else None
        other = Four(process=counted[0], merger=counted[1]) if counted else four
        if counted:
            found = replace(found, otherwise=self._doing(verdict, other))
        handed = any(each.condition.quantity.measure == "handovers" for each in verdict.findings)
        named = relabelling(self.tree) if handed else ()
        told = self._whose(found, four)
        told += [whose.by_definition(named)] if named else []
        if found.otherwise and {found.word, found.otherwise.word} != {NOT_ASKED}:
            told.append(whose.could_be_had(apart, found.otherwise, self.vocabulary))
            if found.otherwise.lacks:
                told.append(self._lacking_of(other))
            elif any(each.needed for each in found.otherwise.credits):
                told.append(self._more(found.otherwise))
        return self._also(replace(verdict, doing=found), told)

    def _doing(self, verdict: Verdict, four: Four) -> Doing:
        return doing(
            verdict.findings,
            self.tree,
            self.sample,
            self.unstable,
            four,
            self.settings.about.get("day"),
            self._services,
            self.judge,
        )

    def _whose(self, found: Doing, four: Four) -> list[Pair]:
        """The second answer in sentences; none where it was not asked."""
        if not found.asked:
            return []
        return whose.sentences(found, self.vocabulary, self._lacking_of(four), self._more(found))

    def _more(self, found: Doing) -> Pair:
        """How many replications would tell."""
        needed = [each.needed for each in found.credits if each.needed]
        if not found.credits:
            needed = [n for each in found.beyond if (n := replications_needed(each)) is not None]
        number = _rounded(max(needed, default=1))
        more = reasons.would_tell(number, self.command("resume", number))
        return more if number <= AFFORDABLE else reasons.HARDLY_TELL

    def _lacking_of(self, four: Four) -> Pair:
        """What to run for the configurations that are not there."""
        missing = [name for name in four if name not in self.sample.configurations]
        return self._lacking(missing) if missing else reasons.NONE

    @staticmethod
    def _also(verdict: Verdict, told: Sequence[Told]) -> Verdict:
        """The verdict with more reasons."""
        also = _both(*told)
        reasons = {lang: (*verdict.reasons[lang], *also[lang]) for lang in LANGUAGES}
        return replace(verdict, reasons=reasons, warnings=(*verdict.warnings, *_warnings(told)))

    # --------------------------------------------------------------------------- service by service

    def _alone(self, condition: Condition, outside: bool = False) -> tuple[Finding, ...]:
        """The same for each of its services by itself, with intervals that hold for all of them;
        of a mix also for those `outside` it. None where it is about one service, or no change of a
        level.
        """
        if condition.service is not None or condition.is_level or condition.weeks is not None:
            return ()
        scope = condition.quantity.scope
        services = services_of(self.tree, None if scope == MIX else scope)
        if outside and scope == MIX:
            services = with_applicants(self.tree)
        if len(services) < 2:
            return ()
        key = condition, services
        if key not in self._by_service:
            self._by_service[key] = by_service(condition, services, self.sample)
        return self._by_service[key]

    def _shares(self, each: Finding, claim: Tree) -> tuple[Pair, tuple[str, ...]]:
        """How many services reach by themselves what is claimed of them together,
        and those that fall short.
        """
        alone = self._alone(each.condition)
        reached = [one for one in alone if one.state == HOLDS]
        short = [one for one in alone if one.state == REFUTED]
        if not alone:
            return reasons.NONE, ()
        names = tuple(one.condition.service or "" for one in short)
        return reasons.by_themselves(each, len(alone), reached, short, self.vocabulary), names

    def _relevant(self, condition: Condition) -> float:
        """The smallest change that matters, in the condition's unit."""
        level = at_once(estimand(self.sample, condition.quantity, condition.first), self.sample)
        if not level and condition.unit == "%":
            return 0.0
        day = self.settings.about.get("day")
        return relevant(condition, self.sample, abs(level), stated(self.tree), day)

    def _losers(self, findings: Sequence[Finding]) -> tuple[tuple[str, ...], list[Qualification]]:
        """Services that get worse, beyond chance and by what matters, in what the claim is about
        though it holds for them together; those that a mix leaves out, too.
        """
        lost: dict[str, None] = {}
        warnings = []
        for each in findings:
            worse = [
                one
                for one in self._alone(each.condition, outside=True)
                if beyond(one.improvement, self._relevant(one.condition)) < 0
            ]
            if worse:
                lost |= dict.fromkeys(one.condition.service or "" for one in worse)
                warnings.append(reasons.lose(each, worse, self.vocabulary))
        return tuple(lost), warnings

    # ---------------------------------------------------------------------------------------- posts

    def _family(self, blank: Verdict, claim: Tree) -> Verdict:
        """Posts that could go, as the staffing study found."""
        if self.staff is None:
            return replace(blank, reasons=_both(reasons.not_looked_at(self.command("staff"))))
        staffing = self.staff
        condition = next(iter(conditions_of(self.tree, claim)))
        quantity = condition.quantity
        asked = (quantity.measure, quantity.statistic, quantity.cohort)
        sizes = (condition.size - staffing.keep, 100 * margin_of(self.tree) - staffing.margin)
        other = (staffing.measure, staffing.statistic, staffing.cohort) != asked
        if other or max(map(abs, sizes)) > ROUNDED:
            return replace(blank, reasons=_both(reasons.other_question(self.command("staff"))))
        open_ = any(each.verdict == UNDETERMINED for each in staffing.family.values())
        base = HOLDS if staffing.one_at_a_time else UNDETERMINED if open_ else REFUTED
        certain = not self.settings.about["numbers"]
        told: list[Told] = [
            reasons.posts(staffing, condition),
            reasons.NOT_NEEDED if base == HOLDS else reasons.not_free(staffing, self.vocabulary),
        ]
        told += (
            [reasons.more_posts(staffing, self.command("staff", 2 * staffing.replications))]
            if base == UNDETERMINED and not staffing.nothing
            else []
        )
        told += [reasons.STATED_ONLY] if base == HOLDS and not certain else []
        found = replace(
            blank,
            base=base,
            outcome=base,
            form=SMALLER if base == REFUTED else "",
            reasons=_both(*told),
            warnings=_warnings(told),
        )
        if base != HOLDS:
            return found
        return replace(
            found, outcome=SUPPORTED if certain else CONDITIONAL, form="" if certain else UNEXPLORED
        )

    def _told(
        self,
        findings: Sequence[Finding],
        *follows: Told,
        wrong: Sequence[Finding] = (),
        beside: Sequence[Qualification] = (),
    ) -> dict[str, Any]:
        """The reasons, the worst condition (of `wrong`, else of all) and the warnings of a verdict:
        each condition with its numbers, who is in them, and what follows. `beside` qualifies it in
        those words already.
        """
        behind, read = self._whom(findings)
        said = {
            lang: [words.finding(f, self.vocabulary, lang) for f in findings] for lang in LANGUAGES
        }
        after = _both(*behind, *follows)
        worst = findings.index(min(wrong or findings, key=_room)) if findings else None
        return {
            "reasons": {lang: (*said[lang], *after[lang]) for lang in LANGUAGES},
            "worst": {} if worst is None else {lang: said[lang][worst] for lang in LANGUAGES},
            "warnings": (*_warnings([*behind, *follows]), *read, *beside),
        }


def _room(finding: Finding) -> tuple[int, float]:
    """How badly a condition fares, the worst first: what fails before what is open and what holds,
    and of those the one with the least room, in half-widths of its interval.
    """
    state = (REFUTED, UNDETERMINED, HOLDS).index(finding.state)
    found = finding.improvement
    if found.value is None:
        return state, -math.inf
    return state, (found.value - finding.condition.delta) / max(found.half_width or 0.0, ROUNDED)


def _pair(told: Told) -> Pair:
    """A sentence in both languages."""
    return told.pair if isinstance(told, Qualification) else told


def _warnings(told: Sequence[Told]) -> tuple[Qualification, ...]:
    """Those of some sentences that qualify what was found."""
    return tuple(each for each in told if isinstance(each, Qualification))


def _chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def _both(*told: Told) -> dict[str, tuple[str, ...]]:
    """Sentences in each language, each once."""
    pairs = dict.fromkeys(map(_pair, told))
    return {
        lang: tuple(filter(None, (pair[k] for pair in pairs))) for k, lang in enumerate(LANGUAGES)
    }


def _rounded(number: float) -> int:
    """Up, to two digits."""
    step = 10.0 ** max(0, math.floor(math.log10(number)) - 1)
    return int(math.ceil(number / step) * step)
