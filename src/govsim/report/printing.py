"""A report as PDF, printed by the browser that the machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from govsim.errors import RunError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
SECONDS = 120


def browser() -> str | None:
    """A Chromium, or a browser of its family; None where there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def headless(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the browser without a window, a profile of its own, or network.

    RunError where there is none.
    """
    found = browser()
    if found is None:
        raise RunError(
            f"no browser that can print: looked for {', '.join(BROWSERS)}; install one, or print "
            "the HTML yourself"
        )
    flags = [
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]
    # its sandbox refuses the superuser
    flags += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return subprocess.run(
        [found, *flags, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )


def to_pdf(page: Path) -> Path:
    """Print an HTML file beside itself as PDF; RunError where that cannot be done."""
    target = page.with_suffix(".pdf")
    done = headless("--no-pdf-header-footer", f"--print-to-pdf={target}", page.resolve().as_uri())
    if done.returncode or not target.exists():
        raise RunError(
            f"{target}: the browser could not print it: "
            f"{done.stderr.strip().splitlines()[-1:] or 'no reason given'}"
        )
    return target
