"""Quantities as people write them: `20 min`, `1.5 working days`, `220 per year`, `10 %`.

Dates and ranges of them too: `2024-02-10..2024-02-17`.

Every duration is kept in minutes, except working days, which become minutes only where a calendar
says how long a working day is. A share is kept as a fraction: `10 %` is 0.10, and `20 points` (a
difference of two shares) is 0.20.
"""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass, field
from enum import Enum

from govsim.errors import ValueNotPossible

DAY = 1440.0
YEAR = 365.25 * DAY
MONTH = YEAR / 12
DAYS_A_MONTH = 365.25 / 12
# minutes (1901 years), working days or a plain number: sums stay far below 2**33 minutes, counts
# below 2**31
MOST = 1e9
# what the time that a case takes is told in
WORKING_DAYS, CALENDAR_DAYS = "working days", "calendar days"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class UnitError(ValueNotPossible):
    """A quantity that cannot be read or that does not fit; the message says which units do."""


class Unit(Enum):
    """What a quantity is counted in once it is read."""

    NUMBER = "a plain number"
    CLOCK = "clock time"  # minutes; minutes of work where work is meant
    WORKING_DAYS = "working days"
    PER_YEAR = "per year"
    PERCENT = "%"  # a fraction
    POINTS = "points"  # a fraction


WRITTEN: dict[str, tuple[Unit, float]] = {
    "min": (Unit.CLOCK, 1.0),
    "h": (Unit.CLOCK, 60.0),
    "days": (Unit.CLOCK, DAY),
    "weeks": (Unit.CLOCK, 7 * DAY),
    "months": (Unit.CLOCK, MONTH),
    "years": (Unit.CLOCK, YEAR),
    "working days": (Unit.WORKING_DAYS, 1.0),
    "per year": (Unit.PER_YEAR, 1.0),
    "%": (Unit.PERCENT, 100.0),
    "points": (Unit.POINTS, 100.0),
}
SINGULAR = {
    "day": "days",
    "week": "weeks",
    "month": "months",
    "year": "years",
    "working day": "working days",
    "point": "points",
}
ALIASES = {
    **dict.fromkeys(("minute", "minutes", "mins", "m"), "min"),
    **dict.fromkeys(("hour", "hours", "hrs", "hr"), "h"),
    **dict.fromkeys(("workday", "workdays", "work days", "business days", "wd"), "working days"),
    **dict.fromkeys(("percent", "per cent"), "%"),
    **dict.fromkeys(("a year", "/year", "per annum", "yearly"), "per year"),
    **dict.fromkeys(("percentage points", "pp"), "points"),
    "d": "days",
}
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")


@dataclass(frozen=True)
class Quantity:
    """A value in the unit it is kept in.

    `written` is the unit as the file spells it (empty for a plain number).
    """

    value: float
    unit: Unit
    written: str = field(default="", compare=False)

    def like(self, value: float) -> Quantity:
        """`value` in the unit in which this quantity is written:
        the ends of a range are given so.
        """
        return Quantity(_kept(value, self.written), self.unit, self.written)


class Kind(Enum):
    """What a field of the file asks for: the written units that fit,
    and an example for the message.
    """

    WORK = (("min", "h"), "20 min")
    CLOCK = (("min", "h", "days", "weeks", "months", "years"), "4 months")
    DURATION = (
        ("min", "h", "days", "weeks", "months", "years", "working days"),
        "2 days, 1.5 working days",
    )
    TERM = (("working days",), "20 working days")
    WORKING_DAYS = (("working days",), "1.5 working days")
    RATE = (("", "per year"), "220")
    SHARE = (("", "%"), "0.4, 40 %")
    NUMBER = (("",), "1.5")
    COUNT = (("",), "2")
    ANY = (("", *WRITTEN), "20 min, 0.4")

    @property
    def units(self) -> tuple[str, ...]:
        """The written units that fit; the empty one is a plain number."""
        units: tuple[str, ...] = self.value[0]
        return units

    def __str__(self) -> str:
        units = ", ".join(unit for unit in self.units if unit)
        number = "a whole number" if self is Kind.COUNT else "a plain number"
        words = (
            f"it in {units}"
            if "" not in self.units
            else f"{number} or {units}"
            if units
            else number
        )
        return f"write {words} (as in {self.value[1]})"


def parse(written: object) -> Quantity:
    """A number or a text such as `20 min` as a Quantity; UnitError where it is neither."""
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        raise UnitError(f"{_show(written)} is not a quantity")
    if not isinstance(written, str):
        return Quantity(_finite(float(written), written), Unit.NUMBER)
    text = " ".join(written.split())
    match = NUMBER.match(text)
    if match is None:
        raise UnitError(f"'{written}' is not a quantity: a number comes first, then its unit")
    value, unit = _finite(float(match.group()), written), text[match.end() :].strip()
    if not unit:
        return Quantity(value, Unit.NUMBER)
    unit = SINGULAR.get(unit, unit)
    if unit not in WRITTEN:
        raise UnitError(f"unknown unit '{unit}' in '{written}'{_nearest(unit)}")
    return Quantity(_finite(_kept(value, unit), written), WRITTEN[unit][0], unit)


def fit(written: object, kind: Kind) -> Quantity:
    """`written` as a Quantity that fits a field of `kind`.

    UnitError names what was found and which units fit.
    """
    quantity = parse(written)
    check(quantity, kind, _show(written))
    return quantity


def check(quantity: Quantity, kind: Kind, shown: str) -> None:
    """UnitError where a quantity, `shown` so in the message, does not fit a field of `kind`."""
    if quantity.written not in kind.units:
        raise UnitError(f"{shown} {'does not fit' if quantity.written else 'has no unit'}; {kind}")
    if abs(quantity.value) > MOST:
        raise UnitError(f"{shown} is too large; at most {bound(quantity.written)} is possible")
    if quantity.value < 0.0 and kind not in (Kind.NUMBER, Kind.ANY):
        raise UnitError(f"{shown} is negative")
    if kind is Kind.SHARE and quantity.value > 1.0:
        raise UnitError(f"{shown} is not a share: it must lie between 0 and 1")
    if kind in (Kind.TERM, Kind.COUNT) and quantity.value != math.floor(quantity.value):
        raise UnitError(
            f"{shown} must be whole"
            + (": a term runs out at a closing" if kind is Kind.TERM else "")
        )


def bound(written: str) -> str:
    """The largest quantity in the unit `written`, as messages show it."""
    return f"{MOST / _kept(1.0, written):.4g} {written}".strip()


def is_name(written: object) -> bool:
    """Whether a text can be the name of a parameter rather than a quantity."""
    return isinstance(written, str) and NAME.fullmatch(written) is not None


def date(written: object) -> datetime.date:
    """A date such as `2024-01-01`."""
    if isinstance(written, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        try:
            return datetime.date.fromisoformat(written)
        except ValueError:
            raise UnitError(f"there is no day {written}") from None
    raise UnitError(f"{_show(written)} is not a date: write it as 2024-07-01")


def instant(written: object) -> datetime.datetime:
    """An instant such as `2024-01-02 09:00`; a date alone is its 00:00."""
    text = written.strip().replace("T", " ") if isinstance(written, str) else ""
    day, _, clock = text.partition(" ")
    try:
        clock = clock.strip() or "00:00"
        # no zone: all times are local
        if not re.fullmatch(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?", clock):
            raise ValueError(clock)
        return datetime.datetime.combine(date(day), datetime.time.fromisoformat(clock))
    except ValueError:
        raise UnitError(
            f"{_show(written)} is not an instant: write it as 2024-01-02 09:00"
        ) from None


def dates(written: object) -> tuple[datetime.date, datetime.date]:
    """The first and the last day, both included, of a date or of a range such
    as `2024-02-10..2024-02-17`.
    """
    if isinstance(written, str) and ".." in written:
        first, last = (date(part.strip()) for part in written.split("..", 1))
        if last < first:
            raise UnitError(f"the range {written} ends before it begins")
        return first, last
    return date(written), date(written)


def time(written: object) -> float:
    """The minute of the day of a time such as `16:00`; `24:00` is the end of the day."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", written) if isinstance(written, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match else -1
    if match is None or int(match[2]) > 59 or minute > DAY:
        raise UnitError(
            f"{_show(written)} is not a time of day: write it as '16:00', between '00:00' and "
            "'24:00'"
        )
    return float(minute)


def hours(written: object) -> tuple[float, float]:
    """Opening and closing minute of `08:30-12:00`.

    A closing at or before the opening is one of the next day.
    """
    parts = written.split("-") if isinstance(written, str) else []
    if len(parts) != 2:
        raise UnitError(f"{_show(written)} is not a pair of times: write it as '08:30-12:00'")
    opens, closes = (time(part.strip()) for part in parts)
    if opens in (closes, DAY):
        raise UnitError(f"'{written}' is not open at all")
    return opens, closes if closes > opens else closes + DAY


def weekdays(written: object) -> tuple[int, ...]:
    """The weekdays (0 = Monday) of `mon`, `mon-fri` or `sat, sun`."""
    if not isinstance(written, str):
        raise UnitError(f"{_show(written)} is not a weekday: write it as mon-fri")
    days: list[int] = []
    for part in written.split(","):
        ends = [end.strip().lower() for end in part.split("-")]
        if len(ends) > 2 or any(end not in WEEKDAYS for end in ends):
            raise UnitError(
                f"'{written}' is not a weekday: write it as mon-fri, with mon, tue, wed, thu, fri, "
                "sat, sun"
            )
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        days += [day % 7 for day in range(first, last + 1 if last >= first else last + 8)]
    return tuple(days)


def month_day(written: object) -> tuple[int, int]:
    """Month and day of `10-01`, a day of every year."""
    match = re.fullmatch(r"([0-9]{2})-([0-9]{2})", written) if isinstance(written, str) else None
    if match is None:
        raise UnitError(f"{_show(written)} is not a day of the year: write it as 10-01")
    month, day = int(match[1]), int(match[2])
    try:
        datetime.date(2023, month, day)
    except ValueError:
        raise UnitError(f"there is no day {written} in every year") from None
    return month, day


def _kept(value: float, written: str) -> float:
    unit, factor = WRITTEN[written] if written else (Unit.NUMBER, 1.0)
    # 7 % is 0.07, not 7 * 0.01
    return value / factor if unit in (Unit.PERCENT, Unit.POINTS) else value * factor


def _finite(value: float, written: object) -> float:
    if not math.isfinite(value):
        raise UnitError(f"{written} is not a finite number")
    return value


def _show(written: object) -> str:
    return (
        f"'{written}'"
        if isinstance(written, str)
        else "nothing"
        if written is None
        else str(written)
    )


def _nearest(unit: str) -> str:
    from govsim.scenario.problems import did_you_mean

    alias = ALIASES.get(unit.lower())
    return f"; did you mean '{alias}'?" if alias else did_you_mean(unit, WRITTEN)
