"""The public names of govsim, the simulation of an organisation before and after its reform.

How much faster did merging these bureaus really make the government? `load` a scenario, `run` it
before and after its reform, and read the Runs: a table, a picture, tidy frames. Importing govsim
loads nothing heavy; each name brings what it needs when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from govsim.engine import simulate as simulate
    from govsim.errors import GovsimError as GovsimError
    from govsim.errors import Interrupted as Interrupted
    from govsim.errors import RunError as RunError
    from govsim.errors import ScenarioError as ScenarioError
    from govsim.errors import StoreError as StoreError
    from govsim.evidence.attribution.result import Attribution as Attribution
    from govsim.evidence.attribution.study import attribute as attribute
    from govsim.evidence.claims.judge import claims as claims
    from govsim.evidence.claims.result import Verdicts as Verdicts
    from govsim.evidence.comparison.result import Comparison as Comparison
    from govsim.evidence.comparison.study import compare as compare
    from govsim.evidence.runs import Runs as Runs
    from govsim.evidence.runs import open as open
    from govsim.evidence.runs import resume as resume
    from govsim.evidence.runs import run as run
    from govsim.evidence.staffing.result import Staffing as Staffing
    from govsim.evidence.staffing.study import staff as staff
    from govsim.evidence.trace.result import Trace as Trace
    from govsim.evidence.trace.study import trace as trace
    from govsim.evidence.worlds.result import Worlds as Worlds
    from govsim.evidence.worlds.study import explore as explore
    from govsim.model import compile_model as compile_model
    from govsim.organisation.configure import configure as configure
    from govsim.organisation.load import load as load
    from govsim.records import Records as Records
    from govsim.report import report as report
    from govsim.scenario import Scenario as Scenario

_WHERE = {
    "Attribution": "evidence.attribution.result",
    "Comparison": "evidence.comparison.result",
    "GovsimError": "errors",
    "Interrupted": "errors",
    "Records": "records",
    "RunError": "errors",
    "Runs": "evidence.runs",
    "Scenario": "scenario",
    "ScenarioError": "errors",
    "Staffing": "evidence.staffing.result",
    "StoreError": "errors",
    "Trace": "evidence.trace.result",
    "attribute": "evidence.attribution.study",
    "Verdicts": "evidence.claims.result",
    "Worlds": "evidence.worlds.result",
    "claims": "evidence.claims.judge",
    "compare": "evidence.comparison.study",
    "compile_model": "model",
    "configure": "organisation.configure",
    "explore": "evidence.worlds.study",
    "load": "organisation.load",
    "open": "evidence.runs",
    "report": "report",
    "resume": "evidence.runs",
    "run": "evidence.runs",
    "simulate": "engine",
    "staff": "evidence.staffing.study",
    "trace": "evidence.trace.study",
}

__all__ = [
    "Attribution", "Comparison", "GovsimError", "Interrupted", "Records", "RunError", "Runs",
    "Scenario", "ScenarioError", "Staffing", "StoreError", "Trace", "Verdicts", "Worlds",
    "attribute", "claims", "compare", "compile_model", "configure", "explore", "load", "open",
    "report", "resume", "run", "simulate", "staff", "trace",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("govsim")
    if name not in _WHERE:
        raise AttributeError(
            f"module 'govsim' has no attribute '{name}'; it has {', '.join(__all__)}"
        )
    found = globals()[name] = getattr(import_module(f"govsim.{_WHERE[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
