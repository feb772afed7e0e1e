"""A staffing study on the screen: a table, and what was kept, refused and found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govsim.evidence.conditions.condition import HOLDS
from govsim.evidence.staffing.found import (
    ENGLISH,
    Less,
    Promised,
    Together,
    change_of,
    span,
    worst,
)
from govsim.evidence.staffing.outcomes import Outcomes, largest
from govsim.evidence.staffing.why import Why
from govsim.evidence.staffing.why import told as said

HIT = (("service hit most", "changes"), ("internal service hit most", "internal"))


def cells(each: Less) -> list[str]:
    """A row of the table."""
    busy = "" if each.minutes is None else f"{each.minutes:.0f} min"
    return [
        f"{each.posts}",
        busy,
        change_of(each.worst),
        each.verdict,
        change_of(worst(each.internal), brief=True),
    ]


def shares_kept(every: Sequence[Less], margin: float) -> list[str]:
    """Which shares were kept beside the times, and how far they moved at most."""
    rule = (
        f"kept too, of all who filed, by service, to within {margin:g} in 100: the shares granted, "
        "refused and gave up, and without an answer yet; where one gets better by more, the time "
        "at the worst"
    )
    moved = [f"{each.group} ({_moved(each.outcomes)})" for each in every if each.verdict == HOLDS]
    return [rule, "shares kept: " + ", ".join(moved)] if moved else [rule]


def _moved(outcomes: Outcomes) -> str:
    """The share that moves most, in points."""
    found = largest(outcomes)
    if found is None or found[2].value == 0.0:
        return "none moves"
    service, end, moves = found
    return f"at most: {service}, {end.replace('_', ' ')} {span(moves)}"


def refusals(every: Sequence[Less]) -> list[str]:
    """What refuses one post less, or leaves it open, with the groups in which it does."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in every:
        if each.reason:
            groups.setdefault((each.verdict, each.reason), []).append(each.group)
    return [f"{verdict} ({', '.join(g)}): {why}" for (verdict, why), g in groups.items()]


def together(cut: Together) -> list[str]:
    """How many go together, what that does, and what stopped the search."""
    also = ", internal services kept too" if cut.internal_too else ""
    told = [
        (
            f"posts that could go together{also}: {cut.confirmed} on fresh replications (the "
            f"search found {len(cut.removed)})"
        )
    ]
    if cut.confirmed:
        groups = ", ".join(cut.removed[: cut.confirmed])
        told.append(f"  one post each, in the order of the search: {groups}")
        hit = [(what, change_of(worst(getattr(cut, changes)))) for what, changes in HIT]
        told += [f"  {what} then: {text} %" for what, text in hit if text]
        told.append(f"  shares then: {_moved(cut.outcomes)}")
    if cut.failed:
        told.append(f"  more, on fresh replications: {said(cut.failed, ENGLISH)}")
    return told + _stops("no further post", cut.stopped)


def _stops(what: str, stopped: Mapping[str, Why]) -> list[str]:
    """What refused the next post of which groups."""
    groups: dict[str, list[str]] = {}
    for group, why in stopped.items():
        groups.setdefault(said((why,), ENGLISH), []).append(group)
    return [
        f"  {what}{f' of {ENGLISH.listed(names, 6)}' if any(names) else ''}: {text}"
        for text, names in groups.items()
    ]


def promises(promised: Sequence[Promised], promise: float) -> list[str]:
    """How few posts keep the promise in each configuration."""
    if not promised:
        return ["promise: no service has one, so how few posts would keep it cannot be asked"]
    rule = "promise: of all who filed; who gave up did not have it kept, and no more do than now"
    return [*(line for each in promised for line in _promise(each, promise)), rule]


def _promise(each: Promised, promise: float) -> list[str]:
    out = ", ".join(f"{name} {share:.0f} %" for name, share in each.out_of_reach.items())
    never = f"; out of reach, also with twice the posts in every group: {out}" if out else ""
    head = f"promise kept in {promise:g} % of cases, {each.configuration}"
    if each.found is None:
        why = each.note or said(tuple(each.refused.values()), ENGLISH)
        return [f"{head} ({each.present} posts): {why}{never}"]
    fresh = (
        "fresh replications do not decide"
        if each.confirmed is None
        else f"{each.confirmed} posts on fresh replications"
    )
    told = [f"{head}: {fresh} (the search found {each.found}; there are {each.present}){never}"]
    told += [f"  {each.note}"] if each.note else []
    if each.change:
        changed = (f"{group} {number:+d}" for group, number in each.change.items())
        told.append(f"  change: {', '.join(changed)}")
    return told + _stops("not fewer", each.refused)
