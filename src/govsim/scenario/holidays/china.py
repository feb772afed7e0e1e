"""Public holidays and make-up days in China, by year, with the notice that each comes from.

The State Council announces a year's holidays late in the year before, and moves weekends as it
does; no rule yields them. A year without a notice is therefore an error, never a guess.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from govsim.errors import ValueNotPossible
from govsim.scenario import units


class NoNotice(ValueNotPossible):
    """A year for which no notice is known."""


@dataclass(frozen=True)
class Year:
    """One year: its days off, and the weekend days that are worked.

    Days off are dates and ranges, weekends inside them included.
    """

    notice: str
    closed: tuple[str, ...]
    worked: tuple[str, ...]


YEARS = {
    2024: Year(
        "国办发明电〔2023〕7号",
        ("2024-01-01", "2024-02-10..2024-02-17", "2024-04-04..2024-04-06", "2024-05-01..2024-05-05",
         "2024-06-10", "2024-09-15..2024-09-17", "2024-10-01..2024-10-07"),
        ("2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14",
         "2024-09-29", "2024-10-12"),
    ),
    2025: Year(
        "国办发明电〔2024〕12号",
        ("2025-01-01", "2025-01-28..2025-02-04", "2025-04-04..2025-04-06", "2025-05-01..2025-05-05",
         "2025-05-31..2025-06-02", "2025-10-01..2025-10-08"),
        ("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    ),
    2026: Year(
        "国务院办公厅通知, 2025-11-04",
        ("2026-01-01..2026-01-03", "2026-02-15..2026-02-23", "2026-04-04..2026-04-06",
         "2026-05-01..2026-05-05", "2026-06-19..2026-06-21", "2026-09-25..2026-09-27",
         "2026-10-01..2026-10-07"),
        ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    ),
}  # fmt: skip


def year(number: int) -> Year:
    """The notice of one year; NoNotice where none is known."""
    if number not in YEARS:
        known = sorted(YEARS)
        raise NoNotice(
            f"no notice of holidays is known for {number}; there are those of {known[0]} to "
            f"{known[-1]}"
        )
    return YEARS[number]


def lines(first_year: int, last_year: int) -> str:
    """The lines `closed_days`, `worked_days` and `until` of a calendar for these years,
    as YAML to be pasted into a file.
    """
    if last_year < first_year:
        raise NoNotice(f"{last_year} lies before {first_year}")
    years = {number: year(number) for number in range(first_year, last_year + 1)}
    closed = "\n".join(
        f"  {', '.join(found.closed)},  # {found.notice}" for found in years.values()
    )
    worked = "\n".join(f"  {', '.join(found.worked)}," for found in years.values())
    return f"closed_days: [\n{closed}\n]\nworked_days: [\n{worked}\n]\nuntil: {last_year}-12-31\n"


def is_working_day(day: datetime.date) -> bool:
    """Whether offices work on this day; NoNotice where its year is not known."""
    notice = year(day.year)
    if any(first <= day <= last for first, last in map(units.dates, notice.closed)):
        return False
    return day.weekday() < 5 or day.isoformat() in notice.worked
