"""How far a run is, and sizes and durations in words."""

from __future__ import annotations

import math
import sys
from typing import Any, TextIO

SMALL = 0.001  # working days: no interval is told more finely while a run goes on


class Progress:
    """How far a run is, on stderr.

    It is a bar on a terminal or in a notebook, elsewhere one line for every tenth.
    """

    def __init__(
        self, total: int, done: int, quiet: bool = False, stream: TextIO | None = None
    ) -> None:
        self.total = total
        self.done = done
        self._stream = stream or sys.stderr
        self._quiet = quiet or self._stream is None  # a service may run without stderr
        self._tenth = 10 * done // max(total, 1)
        self._bar: Any = None
        if not self._quiet and (self._stream.isatty() or "ipykernel" in sys.modules):
            from tqdm.auto import tqdm

            self._bar = tqdm(
                total=total,
                initial=done,
                unit=" replications",
                file=self._stream,
                dynamic_ncols=True,
            )

    def say(self, text: str) -> None:
        """One line about the run itself."""
        if self._bar is not None:
            self._bar.write(text, file=self._stream)
        elif not self._quiet:
            print(text, file=self._stream, flush=True)

    def step(self, note: str = "") -> None:
        """One replication more is stored."""
        self.done += 1
        if self._bar is not None:
            self._bar.set_postfix_str(note, refresh=False)
            self._bar.update()
        elif 10 * self.done // self.total > self._tenth:
            self._tenth = 10 * self.done // self.total
            self.say(
                (
                    f"{self.done / self.total:4.0%}  {self.done} of {self.total} replications  "
                    f"{note}"
                ).rstrip()
            )

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()


def plain(half: float) -> str:
    """Two digits, never in powers of ten, and none beyond a thousandth of a day."""
    return (
        f"{half:.{max(0, min(3, 1 - math.floor(math.log10(half))))}f}"
        if half >= SMALL
        else f"less than {SMALL:g}"
    )


def many(number: int, what: str) -> str:
    """A number of things, in the singular where it is one."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, whichever a person would say."""
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.1f} h"
    )


def megabytes(size: float) -> str:
    """Bytes in MB or GB."""
    return f"{size / 1e6:,.0f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"
