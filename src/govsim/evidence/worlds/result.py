"""The result of an exploration: of each claim, how often it holds, what decides, where it fails.

It also says what is worth measuring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from govsim.display.text import block, html_row, percentage, wrapped
from govsim.evidence.worlds.sensitivity import Effects, Value, VarianceSplit
from govsim.experiment.progress import many

if TYPE_CHECKING:
    from govsim.display.figures import Axes

VERDICT = 256  # worlds that a verdict needs; fewer are a preview
TOLD = 3  # unknowns that are named
LEADING = 5  # that have a row
WORTH = 0.05  # of knowing everything, for the value of knowing one number to be told

Block = tuple[str, list[str], list[tuple[str, list[str]]]]  # title, columns, rows


@dataclass(frozen=True)
class Unknown:
    """A number with a range: what was drawn for it in each world, in the file's unit."""

    name: str
    low: float
    high: float
    unit: str
    source: str
    values: tuple[float, ...]
    value: float | None = None  # as the file states it
    shape: str = "uniform"  # how worlds are drawn from the range


@dataclass(frozen=True)
class Failure:
    """Where a claim fails, in words by language.

    With it the box's coverage, density and how often each end came back.
    """

    en: str
    zh: str
    coverage: float
    density: float
    reproduced: tuple[float, ...]


@dataclass(frozen=True)
class ClaimInWorlds:
    """One claim over all worlds.

    `low` and `high` are Wilson's interval of the share of worlds in which it holds.
    """

    states: tuple[str, ...]  # by world: holds, fails, unresolved
    holds: int
    fails: int
    unresolved: int
    low: float
    high: float
    box: Failure | None
    effects: Effects | None  # of the parameters on the improvement of its first condition
    split: VarianceSplit | None  # of that improvement
    value: Value | None = (
        # of knowing a parameter, for whoever adopts what improves by more than the claim's smallest
        None
    )
    lead: str = ""  # what the first condition measures
    unit: str = ""  # of the improvement and of the value


@dataclass(frozen=True)
class Output:
    """An effect over worlds, in working days.

    Its mean and range over worlds, and the parameters behind it.
    """

    mean: float
    low: float  # a twentieth of the worlds lies below
    high: float
    effects: Effects
    split: VarianceSplit
    median: float | None = None
    worlds: int | None = None  # of which it is told: those where queues settle


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
    warnings: tuple[str, ...] = ()
    settled: tuple[bool, ...] = ()  # by world: whether queues settle in all configurations

    @property
    def preview(self) -> bool:
        """Whether there are too few worlds for a verdict."""
        return self.worlds < VERDICT

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain lists and numbers."""
        return {**asdict(self), "preview": self.preview}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Worlds:
        """Read `to_dict` back, also from JSON."""
        made: dict[str, Any] = {
            "configurations": tuple(plain["configurations"]),
            "replications": tuple(plain["replications"]),
            "unknowns": tuple(
                Unknown(**{**each, "values": tuple(each["values"])}) for each in plain["unknowns"]
            ),
            "claims": {name: _claim(each) for name, each in plain["claims"].items()},
            "outputs": {
                name: Output(
                    **{
                        **each,
                        "effects": _effects(each["effects"]),
                        "split": VarianceSplit(**each["split"]),
                    }
                )
                for name, each in plain["outputs"].items()
            },
            "worth": tuple((name, value) for name, value in plain["worth"]),
            "warnings": tuple(plain["warnings"]),
            "settled": tuple(plain.get("settled", ())),
        }
        return cls(
            **{key: value for key, value in plain.items() if key not in (*made, "preview")}, **made
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
            "share of worlds in which the claim holds, %",
        )

    def __repr__(self) -> str:
        return (
            f"<Worlds {self.run}: {self.worlds} worlds x {self._done()}, {len(self.claims)} "
            f"claims{', preview' * self.preview}>"
        )

    def __str__(self) -> str:
        lines = [each for text in self._head() for each in wrapped(text)]
        for table in (self._claims(), *map(self._effects, self.outputs)):
            lines += block(*table) if table[2] else []
        warnings = [f"warning: {each}" for each in self.warnings]
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
            (*self._head(), *self._outputs(), *self._boxes(), *self._worth(), *self.warnings)
        )
        return f"<table><caption>{escape(caption)}</caption>{''.join(body)}</table>"

    def _head(self) -> list[str]:
        preview = f" (a preview: a verdict needs {VERDICT})" if self.preview else ""
        done = f"{self.worlds} worlds{preview}, {self._done()} each, {len(self.unknowns)} unknowns"
        variant = f"   variant {self.variant}" if self.variant else ""
        return [f"worlds {self.run}{variant}   seed {self.seed}   {done}"]

    def _done(self) -> str:
        least, most = min(self.replications), max(self.replications)
        return many(most, "replication") if least == most else f"{least} to {most} replications"

    def where_settled(self, claim: str) -> tuple[int, int]:
        """In how many of the worlds where queues settle the claim holds, and how many these are."""
        states = zip(self.claims[claim].states, self.settled, strict=True)
        there = [state for state, settled in states if settled]
        return there.count("holds"), len(there)

    def _claims(self) -> Block:
        rows = []
        piling = bool(self.settled) and not all(self.settled)
        for name, each in self.claims.items():
            span = f"[{100 * each.low:.0f}, {100 * each.high:.0f}] %"
            cells = [
                percentage(each.holds / self.worlds),
                span,
                str(each.fails),
                str(each.unresolved),
            ]
            holds, there = self.where_settled(name) if piling else (0, 0)
            rows.append((name, [*cells, *([f"{holds} of {there}"] if piling else [])]))
        last = ["where queues settle"] if piling else []
        return "claims", ["holds in", "(95 % interval)", "fails", "unresolved", *last], rows

    def _effects(self, name: str) -> Block:
        """The effects of the leading unknowns on an output."""
        found = self.outputs[name].effects
        shares = [
            (k, (found.first[k], found.total[k], found.shapley[k])) for k in found.named()[:LEADING]
        ]
        rows = [
            (self.unknowns[k].name, [percentage(share) for share in each]) for k, each in shares
        ]
        return (
            f"variance between worlds of the mix's change, {name}",
            ["first-order", "total", "Shapley"],
            rows,
        )

    def leading(self, effects: Effects | None, most: int = 2) -> list[str]:
        """The unknowns with the largest effects that chance alone does not explain.

        Each has its share of the variance.
        """
        named = effects.named()[:most] if effects else []
        return (
            [f"{self.unknowns[k].name} {100 * effects.shapley[k]:.0f} %" for k in named]
            if effects
            else []
        )

    def _outputs(self) -> list[str]:
        told = []
        for name, each in self.outputs.items():
            some = many(self.worlds if each.worlds is None else each.worlds, "world")
            apart, within = each.split.between**0.5, each.split.within**0.5
            told.append(
                f"less cycle time of the mix, {name}: {each.mean:.2f} working days on average over "
                f"{some} (nine in ten between "
                f"{each.low:.2f} and {each.high:.2f}); standard deviation {apart:.2f} between "
                f"worlds, {within:.2f} between "
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
        return (
            f"{text}; knowing {self.unknowns[k].name} before deciding is worth {worth[k]:.2g} "
            f"{unit} on average, knowing "
            f"everything {each.value.everything:.2g}"
        )

    def _boxes(self) -> list[str]:
        return [self._box(name, each) for name, each in self.claims.items() if each.fails]

    def _box(self, name: str, each: ClaimInWorlds) -> str:
        if each.box is None:
            return f"{name}: no simple box separates the {many(each.fails, 'world')} where it fails"
        dense, covered = percentage(each.box.density), percentage(each.box.coverage)
        back = ", ".join(percentage(share) for share in each.box.reproduced)
        return (
            f"{name} fails where {each.box.en} ({dense} of such worlds, {covered} of its failures; "
            "what it cuts off came back in "
            f"{back} of resamples)"
        )

    def _worth(self) -> list[str]:
        named = [(name, value) for name, value in self.worth[:TOLD] if value > 0]
        if not named:
            return ["worth measuring: no single unknown would decide a claim"]
        told = ", ".join(
            f"{name} ({value:.2f} claims more would be judged rightly)" for name, value in named
        )
        return [f"worth measuring first: {told}"]


def _predicted(effects: Effects) -> str:
    return f"the fit predicts {percentage(effects.explained)} of the variance between worlds"


def _effects(plain: Mapping[str, Any]) -> Effects:
    shares = {key: tuple(plain[key]) for key in ("first", "total", "shapley")}
    return Effects(**{**plain, **shares})


def _claim(plain: Mapping[str, Any]) -> ClaimInWorlds:
    made: dict[str, Any] = {
        "states": tuple(plain["states"]),
        "box": Failure(**{**plain["box"], "reproduced": tuple(plain["box"]["reproduced"])})
        if plain["box"]
        else None,
        "effects": _effects(plain["effects"]) if plain["effects"] else None,
        "split": VarianceSplit(**plain["split"]) if plain["split"] else None,
        "value": Value(**{**plain["value"], "known": tuple(plain["value"]["known"])})
        if plain.get("value")
        else None,
    }
    return ClaimInWorlds(**{**plain, **made})
