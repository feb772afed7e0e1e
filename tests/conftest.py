"""The two profiles of the tests: the short one, and `--long`.

Plain `pytest` is short and generates the same examples every time; `--long` adds the long profile
(CI) and generates new ones, so that a search for faults is made on purpose and a run of the tests
can be repeated.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings

# How long an example takes says how busy the machine is.
UNTIMED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("short", derandomize=True, **UNTIMED)
settings.register_profile("long", **UNTIMED)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the long profile")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.getoption("--long") else "short")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="long profile: run with --long"))
        test = getattr(item, "obj", None)
        seeded = getattr(test, "_hypothesis_internal_use_seed", None) is not None
        if getattr(test, "is_hypothesis_test", False) and not seeded:
            # `derandomize` alone takes its seed from the text of the test, which formatters change.
            seed(0)(test)


def pytest_collection_finish(session: pytest.Session) -> None:
    # What has been imported stays: a tenth of all time goes into looking it through for garbage.
    gc.collect()
    gc.freeze()


# Files whose tests share what they simulate: they run one after another in one process.
TOGETHER = (
    ("test_engines_agree", "test_invariants", "test_mutants"),
    ("test_claims", "test_compare", "test_scenarios"),
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With -n, a file is run by one process, so that what its tests share is made once.

    Tests of the long profile share nothing, and most are of few files.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = Path(nodeid.partition("::")[0])
            return next((names[0] for names in TOGETHER if file.stem in names), file.stem)

    by_file = config.getoption("dist") == "load" and not config.getoption("--long")
    return ByFile(config, log) if by_file else None
