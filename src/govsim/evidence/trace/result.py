"""What a trace tells: the stretches of one applicant's way, in words and as a picture."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from govsim.display.names import CONFIGURATIONS, PARTS
from govsim.display.text import block, html_row, wrapped
from govsim.display.words import LANGUAGES, Words

if TYPE_CHECKING:
    from govsim.display.figures import Axes

HOUR, DAY = 60.0, 1440.0  # minutes
SHORTEST = 1.0  # minutes: a wait that is shorter is not told


@dataclass(frozen=True)
class Stretch:
    """A part of the way, in minutes since the scenario's first day."""

    part: str  # of records.PARTS
    step: str
    desk: str  # empty where none
    group: str  # who worked on it
    member: str
    since: float
    until: float
    how: str  # of records.VARIANTS, empty for plain
    ahead: int = 0  # how many stood at the desk


@dataclass(frozen=True)
class Journey:
    """The way of the applicant in one configuration."""

    configuration: str
    filed: float
    until: float  # the end; of an open case, of the run
    end: str  # of records.OUTCOMES
    parts: Mapping[str, float]  # days; empty while open
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Trace:
    """One applicant's way in some configurations, on one calendar."""

    run: str
    start: str  # ISO date of day 0
    replication: int
    service: str
    names: Mapping[str, Any]  # kind.id -> what is said of services, steps, desks and groups
    who: str  # empty where a number was asked for
    number: int
    journeys: tuple[Journey, ...]
    open_hours: tuple[tuple[float, float], ...]  # of the service's calendar

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers and texts."""
        return asdict(self)

    def text(self, lang: str = "en") -> str:
        """The way as lines of a terminal."""
        words = Words(lang)
        lines = wrapped(self._title(words))
        for journey in self.journeys:
            lines += ["", *wrapped(self._head(words, journey))]
            lines += block("", self._columns(words), self._rows(words, journey))[1:]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        words = Words(LANGUAGES[0])
        body = "".join(
            html_row("th", [self._head(words, journey), *self._columns(words)])
            + "".join(html_row("td", [name, *cells]) for name, cells in self._rows(words, journey))
            for journey in self.journeys
        )
        return f"<table><caption>{escape(self._title(words))}</caption>{body}</table>"

    def plot(self, ax: Axes | None = None, lang: str = "en") -> Axes:
        """Draw the way of each configuration as a row of stretches, closed hours shaded."""
        from govsim.display import figures

        words = Words(lang)
        parts = {part: words.name(PARTS, f"part_{part}") for part in self._parts()}
        rows = {
            words.name(CONFIGURATIONS, journey.configuration): [
                (parts[stretch.part], stretch.since, stretch.until) for stretch in journey.stretches
            ]
            for journey in self.journeys
        }
        return figures.timeline(
            rows, tuple(parts.values()), self.open_hours, self.start, ax, words("trace_closed")
        )

    def _parts(self) -> list[str]:
        """The parts that the ways have, in the order in which they first come."""
        found = {s.part: None for journey in self.journeys for s in journey.stretches}
        return [*found]

    # ------------------------------------------------------------------------------------- in words

    def _title(self, words: Words) -> str:
        name = self._called(words, "services", self.service)
        who = words(f"trace_{self.who or 'number'}")
        asked = {"run": self.run, "replication": self.replication, "number": self.number}
        return words("trace_title", service=name, who=who, **asked)

    def _head(self, words: Words, journey: Journey) -> str:
        return words(
            "trace_journey",
            configuration=words.name(CONFIGURATIONS, journey.configuration),
            filed=self._instant(journey.filed),
            end=words(f"trace_end_{journey.end}"),
            days=f"{(journey.until - journey.filed) / DAY:.1f}",
        )

    def _columns(self, words: Words) -> list[str]:
        return [words(f"trace_{key}") for key in ("until", "took", "ahead")]

    def _rows(self, words: Words, journey: Journey) -> list[tuple[str, list[str]]]:
        return [
            (
                f"{self._instant(stretch.since)}  {self._where(words, stretch)}",
                [
                    self._instant(stretch.until),
                    _length(stretch.until - stretch.since),
                    str(stretch.ahead) if stretch.part == "queue" else "",
                ],
            )
            for stretch in journey.stretches
            if stretch.part != "queue" or stretch.until - stretch.since >= SHORTEST
        ]

    def _where(self, words: Words, stretch: Stretch) -> str:
        """What it was, of which step, at which desk or by whom."""
        part = words.name(PARTS, f"part_{stretch.part}")
        how = words(f"trace_how_{stretch.how}") if stretch.how else ""
        step = self._called(words, "steps", stretch.step)
        desk, group = (
            self._called(words, *each)
            for each in (("desks", stretch.desk), ("staff", stretch.group))
        )
        return words.listed([*filter(None, (part, step, group or desk, how))])

    def _called(self, words: Words, kind: str, name: str) -> str:
        return words.text(self.names.get(f"{kind}.{name}"), name)

    def _instant(self, minutes: float) -> str:
        day = datetime.datetime.fromisoformat(self.start)
        return (day + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M")


def _length(minutes: float) -> str:
    """A duration on the clock: days and hours, or hours and minutes."""
    whole = round(minutes)
    if whole >= DAY:
        return f"{whole // 1440} d {whole % 1440 // 60} h"
    return f"{whole // 60}:{whole % 60:02d}"
