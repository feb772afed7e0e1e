"""The run store: what a run keeps on disk (`rows`), and the handle by which people read it back (`runs`)."""

from __future__ import annotations

from govsim.store.rows import KEEPS, RESULTS, Blobs, RunError, Settings, Store, StoreError, content_digest, pack, unpack
from govsim.store.runs import Runs

__all__ = ["KEEPS", "RESULTS", "Blobs", "RunError", "Runs", "Settings", "Store", "StoreError", "content_digest", "pack", "unpack"]
