"""The text of a first scenario of one's own: small, commented, and it runs."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATE = Path(__file__).with_name("template.yaml")


def text(name: str) -> str:
    """The text of a small commented scenario called `name`."""
    title = re.sub(r"[^\w .,-]", "", name.replace("_", " ")).strip()
    template = TEMPLATE.read_text(encoding="utf-8")
    return template.replace("{title}", title or "A first scenario")
