"""Holidays: those that calendars share by name, and the lines for a country's, to be pasted.

China's are our own dated table, as no rule yields them; other countries' come from the package
holidays, where it is installed (`pip install 'govsim[calendars]'`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from govsim.errors import ValueNotPossible
from govsim.scenario.holidays import china

if TYPE_CHECKING:
    from holidays import HolidayBase

CHINA = "china"
ADDED = ("closed_days", "worked_days")  # to those of the holidays that a calendar names


class NoHolidays(ValueNotPossible):
    """A country, or a year of it, whose holidays are not known."""


def dated(calendar: Mapping[str, Any], shared: Mapping[str, Any]) -> Mapping[str, Any]:
    """A calendar with the days of the `holidays` that it names, before its own."""
    days = shared.get(calendar.get("holidays", ""))
    if not isinstance(days, Mapping):
        return calendar
    both = {key: [*(days.get(key) or ()), *(calendar.get(key) or ())] for key in ADDED}
    return {**days, **calendar, **{key: some for key, some in both.items() if some}}


def lines(country: str, first_year: int, last_year: int) -> str:
    """The lines `closed_days` (and `worked_days`) and `until` for some years of a country, as YAML
    to be pasted into a file.

    A country is `china`, or a code such as `us` or `us-ca`: ISO 3166, with a subdivision.
    NoHolidays where its days, or the package that knows them, are not there.
    """
    if last_year < first_year:
        raise NoHolidays(f"{last_year} lies before {first_year}")
    if country.lower() in (CHINA, "cn"):
        return china.lines(first_year, last_year)
    years = range(first_year, last_year + 1)
    found = _found(country, years)
    closed = "\n".join(f"  {day.isoformat()},  # {name}" for day, name in sorted(found.items()))
    worked = sorted(day.isoformat() for day in found.weekend_workdays if day.year in years)
    made_up = f"worked_days: [{', '.join(worked)}]\n" if worked else ""
    return f"closed_days: [\n{closed}\n]\n{made_up}until: {last_year}-12-31\n"


def _found(country: str, years: range) -> HolidayBase:
    """The public holidays of some years with their names, and the weekend days that are worked."""
    try:
        import holidays
    except ImportError:
        raise NoHolidays(
            f"the holidays of {country!r} come from the package holidays, which is not installed; "
            "pip install 'govsim[calendars]' brings it; those of china need nothing"
        ) from None
    code, _, part = country.upper().partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if code not in known:
        raise NoHolidays(
            f"{country!r} is no country whose holidays are known; write china, or one of the "
            f"{len(known)} codes of ISO 3166 that the package holidays knows, as in us, de or us-ca"
        )
    if part and part not in known[code]:
        parts = ", ".join(known[code]) or "none"
        raise NoHolidays(f"{country!r}: {code} has no part {part!r}; there are {parts}")
    found = holidays.country_holidays(code, subdiv=part or None, years=years, language="en_US")
    for year in years:
        if not any(day.year == year for day in found):
            raise NoHolidays(f"{country!r}: no holiday of {year} is known to the package holidays")
    return found
