"""The run store: what a run keeps on disk (`rows`), and the handle to read it (`runs`)."""

from __future__ import annotations

from govsim.store.rows import (
    KEEPS,
    RESULTS,
    STUDIES,
    UNTIL,
    Blobs,
    Settings,
    Store,
    content_digest,
    pack,
    unpack,
    write_whole,
)
from govsim.store.runs import StoredRuns

__all__ = [
    "KEEPS", "RESULTS", "STUDIES", "UNTIL", "Blobs", "Settings", "Store", "StoredRuns",
    "content_digest", "pack", "unpack", "write_whole",
]  # fmt: skip
