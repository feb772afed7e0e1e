"""Numbers as a reader meets them: with a unit, an interval and the digits they deserve.

No digit is shown that the simulation cannot vouch for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from govsim.display.text import signed
from govsim.statistics.estimate import Estimate

MINUS = "\u2212"


@dataclass(frozen=True)
class Number:
    """An estimate and what it is counted in; of a change, the smallest that matters."""

    estimate: Estimate
    unit: str
    least: float = 0.0

    @property
    def value(self) -> float | None:
        """The number itself; None where it cannot be estimated."""
        return self.estimate.value

    @property
    def known(self) -> bool:
        """Whether it can be estimated."""
        return self.estimate.value is not None

    @property
    def worse(self) -> bool:
        """Whether the whole interval lies above zero, and the number is as large as matters."""
        shown = self.estimate.low is not None and self.estimate.low > 0
        return shown and (self.value or 0.0) >= self.least

    @property
    def better(self) -> bool:
        """Whether the whole interval lies below zero, and the number is as large as matters."""
        shown = self.estimate.high is not None and self.estimate.high < 0
        return shown and -(self.value or 0.0) >= self.least


SHORT = 0.05  # working days: where the mix's mean before is below, times are printed in minutes


def decimals(estimate: Estimate) -> int:
    """Digits after the point: down to the first digit of the half-width.

    What lies below it is noise. What does not vary, or has no interval, is told to three
    significant digits.
    """
    half = estimate.half_width
    if half:
        return max(0, -math.floor(math.log10(half)))
    value = estimate.value
    return significant(value) if value else 0


def significant(value: float, digits: int = 3) -> int:
    """How many digits after the point show that many significant ones; none of a whole number."""
    return (
        0
        if float(value).is_integer() or value == 0
        else max(0, digits - 1 - math.floor(math.log10(abs(value))))
    )


def plain(value: float, digits: int, signed: bool = False) -> str:
    """A number with so many digits after the point, a true minus sign, and no sign on zero."""
    text = f"{abs(value):,.{digits}f}"
    if not any(each in "123456789" for each in text):
        return text
    return f"{MINUS if value < 0 else '+' if signed else ''}{text}"


def value_of(estimate: Estimate, signed: bool = False) -> str:
    """The value alone; a dash where it cannot be estimated, or what it lies beyond."""
    if estimate.value is not None:
        return plain(estimate.value, decimals(estimate), signed)
    return beyond(estimate) or "–"


def beyond(estimate: Estimate) -> str:
    """ "> 60" where a quantile lies beyond 60 days, as long as everybody is followed."""
    return " ".join(estimate.note.split()[:2]) if estimate.note.startswith(">") else ""


def ends_of(estimate: Estimate, signed: bool = False) -> tuple[str, str] | None:
    """Both ends of the interval; None where there is none, or nothing varies."""
    if estimate.low is None or estimate.high is None or estimate.low == estimate.high:
        return None
    digits = decimals(estimate)
    return plain(estimate.low, digits, signed), plain(estimate.high, digits, signed)


# ------------------------------------------------------------------------------------- on a screen


def number_of(level: Estimate, digits: int) -> str:
    """A level; a dash where there is none, or beyond what it lies."""
    if level.value is not None:
        return f"{level.value:.{digits}f}"
    return beyond(level) or "-"


def change_of(change: Estimate, digits: int) -> str:
    """A change with its interval, or why there is none."""
    if change.value is None:
        return change.note
    said = signed(change.value, digits)
    if change.low is None or change.high is None or change.low == change.high:
        return f"{said} {change.note}"
    return f"{said} [{signed(change.low, digits)}, {signed(change.high, digits)}]"


def share_of(share: Estimate) -> str:
    """A share in percent with half of its interval."""
    half = "" if not share.half_width else f" ±{100 * share.half_width:.1f}"
    return "-" if share.value is None else f"{100 * share.value:.1f}{half} %"
