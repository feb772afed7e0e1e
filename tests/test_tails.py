"""What a claim that holds does not look at is told where it matters, and only there."""

from __future__ import annotations

from pathlib import Path

import govsim as gs
from govsim.evidence.claims.result import Verdicts

TRUTH = Path(__file__).parent / "truth"


def verdicts(name: str) -> Verdicts:
    runs = gs.run(
        gs.load(TRUTH / f"{name}.yaml"), configurations=("before", "after"), progress=False
    )
    return gs.claims(runs)


def test_where_the_slowest_gain_too_nothing_is_told_of_them() -> None:
    found = {each.claim: each for each in verdicts("quicker_but_not_the_slowest").verdicts}
    assert found["nine_in_ten"].outcome == found["all_gain"].outcome == "supported"
    warned = {
        name: any("slowest" in said or "mean gets worse" in said for said in each.reasons["en"])
        for name, each in found.items()
    }
    assert not warned.pop("all_gain")
    assert all(warned.values())
    # the mean of these falls from 20 days to 12.5
    (said,) = [each for each in found["nine_in_ten"].reasons["en"] if "slowest" in each]
    assert "from 20.0 to 35.0 calendar days" in said
    assert not any("mean gets worse" in each for each in found["nine_in_ten"].reasons["en"])


def test_where_the_granted_gain_as_much_nothing_is_owed_to_refusals() -> None:
    found = {each.claim: each for each in verdicts("refused_sooner").verdicts}
    owed = {
        name: any("refusals that come sooner" in said for said in each.reasons["en"])
        for name, each in found.items()
    }
    assert {name for name, told in owed.items() if not told} == {"all_gain"}
