"""The two profiles of the tests: the short one, and `--long`.

Plain `pytest` is short and generates the same examples every time; `--long` adds the long profile
(CI) and generates new ones, so that a search for faults is made on purpose and a run of the tests
can be repeated.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("short", derandomize=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the long profile")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("default" if config.getoption("--long") else "short")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="long profile: run with --long"))
