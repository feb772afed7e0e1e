"""The result of an exploration: of each claim, how often it holds, what decides, where it fails.

It also says what is worth measuring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from govsim.display.text import block, html_row, percentage, wrapped
from govsim.evidence.qualification.record import Qualification, ordered, read_all
from govsim.evidence.quantity import whom
from govsim.evidence.worlds.parts import (
    Choice,
    ClaimInWorlds,
    Output,
    Unknown,
    choice_of,
    claim_of,
    effects_of_dict,
)
from govsim.evidence.worlds.sensitivity import Effects, VarianceSplit
from govsim.experiment.progress import many
from govsim.scenario.units import WORKING_DAYS

if TYPE_CHECKING:
    from govsim.display.figures import Axes

VERDICT = 256  # worlds that a verdict needs; fewer are a preview
DECIDING = 64  # worlds, for them to decide anything
TOLD = 3  # unknowns that are named
LEADING = 5  # that have a row
WORTH = 0.05  # of knowing everything, for the value of knowing one number to be told

Block = tuple[str, list[str], list[tuple[str, list[str]]]]  # title, columns, rows


@dataclass(frozen=True)
class Worlds:
    """Draws of all uncertain numbers together, and what became of the claims in each."""

    run: str
    where: str
    seed: int
    worlds: int
    configurations: tuple[str, ...]
    replications: tuple[int, ...]  # done in each world
    unknowns: tuple[Unknown, ...]
    claims: Mapping[str, ClaimInWorlds]
    outputs: Mapping[str, Output]  # "before > after": less cycle time of the mix
    # unknowns by how many claims more would be judged rightly if they were known
    worth: tuple[tuple[str, float], ...]
    floor: float  # what chance alone would find of that
    variant: str | None = None
    below: tuple[Qualification, ...] = ()  # warnings that stand below the numbers
    settled: tuple[bool, ...] = ()  # by world: whether queues settle in all configurations
    choice: Choice | None = None  # how worlds were chosen from what was proposed
    idle: tuple[str, ...] = ()  # numbers with a range that change nothing that was simulated
    together: tuple[tuple[str, ...], ...] = ()  # unknowns whose effects cannot be told apart
    unit: str = WORKING_DAYS  # of the outputs
    whom: str = whom()  # of whom the outputs are

    @property
    def preview(self) -> bool:
        """Whether there are too few worlds for a verdict."""
        return self.worlds < VERDICT

    @property
    def decides(self) -> bool:
        """Whether there are worlds enough to decide anything."""
        return self.worlds >= DECIDING

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain lists and numbers."""
        warnings = [asdict(each) for each in self.warnings]
        return {**asdict(self), "preview": self.preview, "warnings": warnings}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Worlds:
        """Read `to_dict` back, also from JSON."""
        made: dict[str, Any] = {
            "configurations": tuple(plain["configurations"]),
            "replications": tuple(plain["replications"]),
            "unknowns": tuple(
                Unknown(**{**each, "values": tuple(each["values"])}) for each in plain["unknowns"]
            ),
            "claims": {name: claim_of(each) for name, each in plain["claims"].items()},
            "outputs": {
                name: Output(
                    **{
                        **each,
                        "effects": effects_of_dict(each["effects"]),
                        "split": VarianceSplit(**each["split"]),
                    }
                )
                for name, each in plain["outputs"].items()
            },
            "worth": tuple((name, value) for name, value in plain["worth"]),
            "below": read_all(plain["below"]),
            "settled": tuple(plain.get("settled", ())),
            "choice": choice_of(plain["choice"]) if plain.get("choice") else None,
            "idle": tuple(plain.get("idle", ())),
            "together": tuple(map(tuple, plain.get("together", ()))),
        }
        return cls(
            **{
                key: value
                for key, value in plain.items()
                if key not in (*made, "preview", "warnings")
            },
            **made,
        )

    def to_frame(self) -> Any:
        """One row per world: what was drawn, and the state of each claim."""
        import pandas as pd

        columns: dict[str, Any] = {each.name: each.values for each in self.unknowns}
        columns |= {name: each.states for name, each in self.claims.items()}
        return pd.DataFrame(
            {"world": range(self.worlds), "replications": self.replications, **columns}
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw for each claim the share of worlds in which it holds, with its interval."""
        from govsim.display import figures

        spans = [
            figures.Span(100 * each.holds / self.worlds, 100 * each.low, 100 * each.high)
            for each in self.claims.values()
        ]
        return figures.intervals(
            tuple(self.claims),
            {"holds": tuple(spans)},
            ax,
            "share of possible offices in which the claim holds, %",
        )

    def __repr__(self) -> str:
        return (
            f"<Worlds {self.run}: {self.worlds} worlds x {self._done()}, {len(self.claims)} "
            f"claims{', preview' * self.preview}>"
        )

    def __str__(self) -> str:
        lines = [each for text in self._head() for each in wrapped(text)]
        claims = self._claims()
        lines += block(*claims) if claims[2] else []
        lines += [each for text in self._footnotes() for each in wrapped(text)]
        for table in map(self._effects, self.outputs):
            lines += block(*table) if table[2] else []
        warnings = [f"warning: {each.said()}" for each in ordered(self.below)]
        for text in (
            "",
            *self._outputs(),
            "",
            *self._deciding(),
            "",
            *self._boxes(),
            "",
            *self._worth(),
            *warnings,
        ):
            lines += wrapped(text)
        return "\n".join([*lines, *wrapped(f"where: {self.where}")])

    def _repr_html_(self) -> str:
        title, columns, rows = self._claims()
        body = [
            html_row("th", [title, *columns]),
            *(html_row("td", [name, *cells]) for name, cells in rows),
        ]
        caption = "; ".join(
            (
                *self._head(),
                *self._footnotes(),
                *self._outputs(),
                *self._boxes(),
                *self._worth(),
                *(each.said() for each in ordered(self.below)),
            )
        )
        return f"<table><caption>{escape(caption)}</caption>{''.join(body)}</table>"

    def _head(self) -> list[str]:
        offices = many(self.worlds, "possible office")
        done = f"{offices}, {self._done()} each, {len(self.unknowns)} unknowns"
        variant = f"   variant {self.variant}" if self.variant else ""
        return [
            f"worlds {self.run}{variant}   seed {self.seed}   {done}",
            *(f"warning: {each.said()}" for each in self.caveats),
            *self._chosen(),
        ]

    @property
    def caveats(self) -> tuple[Qualification, ...]:
        """What stands beside every share."""
        told = []
        if not self.decides:
            told.append(Qualification("worlds_decide_nothing", self.run, {"least": DECIDING}))
        elif self.preview:
            told.append(Qualification("worlds_are_a_preview", self.run, {"least": VERDICT}))
        if self.choice and self.choice.scarce:
            numbers = {"worlds": self.worlds, "tried": self.choice.tried}
            told.append(Qualification("worlds_are_scarce", self.run, numbers))
        return tuple(told)

    @property
    def warnings(self) -> tuple[Qualification, ...]:
        """All of them, the most serious first."""
        return ordered([*self.caveats, *self.below])

    def _chosen(self) -> list[str]:
        """What is known, and what it did to the numbers."""
        if self.choice is None or not self.choice.known:
            return (
                ["nothing is taken as known: every office proposed is possible"]
                if self.choice
                else []
            )
        made = self.choice
        known = "; ".join(
            f"{text} ({name}: {many(made.refused[name], 'office')} refused)"
            if name in made.refused
            else text
            for name, text in made.known.items()
        )
        told = [f"of {made.tried} offices proposed, {self.worlds} could exist. Known: {known}"]
        if made.narrowed:
            some = "; ".join(
                f"{name} ({low:.3g} to {high:.3g})" for name, low, high in made.narrowed[:LEADING]
            )
            told.append(
                f"numbers that this moves, with the middle half of the possible offices: {some}"
            )
        return told

    def _done(self) -> str:
        least, most = min(self.replications), max(self.replications)
        return many(most, "replication") if least == most else f"{least} to {most} replications"

    def where_settled(self, claim: str) -> tuple[int, int]:
        """In how many of the worlds where queues settle the claim holds, and how many these are."""
        states = zip(self.claims[claim].states, self.settled, strict=bool(self.settled))
        there = [state for state, settled in states if settled]
        return there.count("holds"), len(there)

    def _claims(self) -> Block:
        rows = []
        without = any(each.without for each in self.claims.values())
        for name, each in self.claims.items():
            span = f"[{100 * each.low:.0f}, {100 * each.high:.0f}] %"
            numbers = (each.holds, each.fails, each.endless, each.unresolved)
            cells = [percentage(each.holds / self.worlds), span, *map(str, numbers)]
            if without:
                other = each.without or each.counts
                cells.append(f"{percentage(other.holds / other.worlds)} of {other.worlds}")
            rows.append((f"{name}*" if each.known else name, cells))
        last = ["if nothing were known"] if without else []
        head = ["share", "(95 %)", "holds", "fails", "queue without end", "unresolved", *last]
        return f"claims, of {self.worlds} possible offices", head, rows

    def _effects(self, name: str) -> Block:
        """The effects of the leading unknowns on an output."""
        found = self.outputs[name].effects
        rows = []
        for names, share in self.shares(found)[:LEADING]:
            k = [each.name for each in self.unknowns].index(names[0])
            alone = len(names) == 1
            first = [percentage(found.first[k]), percentage(found.total[k])] if alone else ["", ""]
            rows.append((" + ".join(names), [*first, percentage(share)]))
        return (
            f"variance between possible offices of the mix's change, {name}",
            ["first-order", "total", "Shapley"],
            rows,
        )

    def shares(self, effects: Effects | None) -> list[tuple[tuple[str, ...], float]]:
        """Unknowns that chance alone does not explain, with their shares of the variance.

        Those whose values go together are one group with one share. The largest come first.
        """
        named = effects.named() if effects else []
        names = [each.name for each in self.unknowns]
        groups = {name: group for group in self.together for name in group}
        found = dict.fromkeys(groups.get(names[k], (names[k],)) for k in named)
        shapley = dict(zip(names, effects.shapley, strict=True)) if effects else {}
        summed = [(group, sum(shapley[name] for name in group)) for group in found]
        return sorted(summed, key=lambda pair: -pair[1])

    def with_others(self, name: str) -> str:
        """An unknown with those that go together with it."""
        group = next((each for each in self.together if name in each), (name,))
        return " + ".join(group)

    def worth_measuring(self) -> list[tuple[str, float]]:
        """Unknowns that are worth something, the most first; those that go together once."""
        found: dict[str, float] = {}
        for name, value in self.worth:
            found.setdefault(self.with_others(name), value)
        return [(name, value) for name, value in found.items() if value > 0]

    def leading(self, effects: Effects | None, most: int = 2) -> list[str]:
        """The unknowns with the largest effects, each with its share of the variance."""
        return [
            f"{' + '.join(names)} {100 * share:.0f} %"
            for names, share in self.shares(effects)[:most]
        ]

    def _footnotes(self) -> list[str]:
        """Beside the table of claims."""
        told = []
        if any(each.known for each in self.claims.values()):
            told.append("* is about what is known itself: possible offices were chosen by it")
        if self.together:
            groups = "; ".join(" + ".join(group) for group in self.together)
            told.append(f"go together over possible offices, so their effects are one: {groups}")
        if self.idle:
            told.append(f"left out, as they change nothing here: {', '.join(self.idle)}")
        return told

    def _outputs(self) -> list[str]:
        told = []
        for name, each in self.outputs.items():
            some = many(self.worlds if each.worlds is None else each.worlds, "possible office")
            apart, within = each.split.between**0.5, each.split.within**0.5
            told.append(
                f"less cycle time of the mix ({self.whom}), {name}: {each.mean:.2f} {self.unit} on "
                f"average over "
                f"{some} (nine in ten between "
                f"{each.low:.2f} and {each.high:.2f}); standard deviation {apart:.2f} between "
                f"possible offices, {within:.2f} between "
                f"replications of one; {_predicted(each.effects)}"
            )
        return told

    def _deciding(self) -> list[str]:
        """What decides how large the improvement is that each claim is about."""
        told = [
            f"  {name} ({each.lead}): {line}"
            for name, each in self.claims.items()
            if (line := self._decides(each))
        ]
        head = (
            "what decides the improvement, by Shapley effects (what a dummy reaches is not named):"
        )
        return [head, *told] if told else ["no unknown stands out from chance in any claim"]

    def _decides(self, each: ClaimInWorlds) -> str:
        named = self.leading(each.effects, TOLD)
        if each.effects is None or not named:
            return ""
        text = f"{', '.join(named)}; {_predicted(each.effects)}"
        worth = each.value.above() if each.value else None
        if (
            each.value is None
            or worth is None
            or worth.max() < WORTH * each.value.everything
            or not worth.any()
        ):
            return text
        k, unit = int(worth.argmax()), each.unit.replace("%", "points of %")
        name = self.with_others(self.unknowns[k].name)
        return (
            f"{text}; knowing {name} before deciding is worth {worth[k]:.2g} "
            f"{unit} on average, knowing "
            f"everything {each.value.everything:.2g}"
        )

    def _boxes(self) -> list[str]:
        return [self._box(name, each) for name, each in self.claims.items() if each.fails]

    def _box(self, name: str, each: ClaimInWorlds) -> str:
        if each.box is None:
            where = many(each.fails, "possible office")
            return f"{name}: no simple box separates the {where} where it fails"
        dense, covered = percentage(each.box.density), percentage(each.box.coverage)
        back = ", ".join(percentage(share) for share in each.box.reproduced)
        return (
            f"{name} fails where {each.box.en} ({dense} of such offices, {covered} of its "
            "failures; what it cuts off came back in "
            f"{back} of resamples)"
        )

    def _worth(self) -> list[str]:
        named = self.worth_measuring()[:TOLD]
        if not named:
            return ["worth measuring: no single unknown would decide a claim"]
        told = ", ".join(
            f"{name} ({value:.2f} claims more would be judged rightly)" for name, value in named
        )
        return [f"worth measuring first: {told}"]


def _predicted(effects: Effects) -> str:
    return (
        f"the fit predicts {percentage(effects.explained)} of the variance between possible offices"
    )
