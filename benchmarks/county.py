"""A synthetic county for timing, as the text of a scenario.

About 30 000 cases and 190 000 activities, calendars, shared staff, one reform.
"""

from __future__ import annotations

BUREAUS = ("drc", "iit", "sci", "com", "civ")
CASES_PER_SERVICE = 3000

HEAD = """\
govsim: 1
title: A synthetic county for timing
purpose: How fast do the engines run on a load of the size of a county?
start: 2024-01-01
reform_day: 2024-04-01
count_from: 2024-01-01
count_until: 2024-12-31
horizon: 2025-06-30
calendars:
  office:
    day: 7 h
    week: {mon-fri: ["08:30-12:00", "14:30-18:00"]}
    closed_days: [2024-01-01, 2024-02-10..2024-02-17, 2024-05-01..2024-05-05,
      2024-10-01..2024-10-07, 2025-01-01]
meetings:
  joint: {sessions: {every: 5 working days, at: "09:00", calendar: office}, seats: 400}
"""


def text() -> str:
    """The scenario file."""
    lines = [HEAD, "departments:"]
    lines += [f"  {b}: {{name: {b}}}" for b in BUREAUS]
    lines.append("desks:")
    for b in BUREAUS:
        lines.append(f"  {b}_window: {{department: {b}, kind: window}}")
        lines.append(f"  {b}_review: {{department: {b}, kind: review, discipline: due_date}}")
        lines.append(f"  {b}_opinion: {{department: {b}, kind: review}}")
        lines.append(f"  {b}_sign: {{department: {b}, kind: signature}}")
    lines.append("staff:")
    for b in BUREAUS:
        where = f"department: {b}, calendar: office"
        lines.append(
            f"  {b}_clerks: {{{where}, members: 2, absence: 0.05, serves: {{{b}_window: 1.0}}}}"
        )
        reviewers = f"serves: {{{b}_review: 1.0, {b}_opinion: [1.0, 2], {b}_window: [0.8, 3]}}"
        lines.append(f"  {b}_reviewers: {{{where}, members: 4, absence: 0.1, {reviewers}}}")
        lines.append(
            f"  {b}_advisers: {{{where}, members: 1, absence: 0.1, serves: {{{b}_opinion: 1.0, "
            f"{b}_review: [0.6, 2]}}}}"
        )
        lines.append(
            f"  {b}_signers: {{{where}, members: 1, absence: 0.1, serves: {{{b}_sign: 1.0}}}}"
        )
    lines.append("services:")
    for i, b in enumerate(BUREAUS):
        lines += _service(f"{b}_quick", b, BUREAUS[(i + 1) % len(BUREAUS)], asks=False)
        lines += _service(f"{b}_joint", b, BUREAUS[(i + 2) % len(BUREAUS)], asks=True)
    merged = ", ".join(f"{b}_window" for b in BUREAUS)
    lines += [
        "reform:",
        "  one_window:",
        "    bundle: window",
        "    kind: merger",
        f"    merge_desks: {{desks: [{merged}], efficiency: 0.9}}",
        "experiment: {replications: 10, seed: 1}",
    ]
    return "\n".join(lines) + "\n"


def _service(name: str, bureau: str, other: str, *, asks: bool) -> list[str]:
    supplement = (
        "{chance: 0.2, again: 0.1, attempts: 3, then: rejected, tolerated: 0.3, takes: "
        "{lognormal: {mean: 5 days, cv: 1}}}"
    )
    effort = "{lognormal: {mean: 10 min, cv: 0.5}}"
    paper = (
        'leaves: ["16:00"], takes: 1 working day, paper: 0.5, electronic_takes: 0.2 working days, '
        "calendar: office"
    )
    route = [
        (
            f"      - {{review: intake, desk: {bureau}_window, effort: {effort}, supplement: "
            f"{supplement}, reject: 0.02}}"
        ),
        "      - {mark: accepted}",
        (
            f"      - {{task: first_review, desk: {bureau}_review, effort: {{gamma: {{mean: 40 "
            f"min, cv: 0.8}}}}}}"
        ),
    ]
    if asks:
        route += [
            f"      - {{transfer: to_{other}, to: {other}, {paper}}}",
            (
                f"      - {{task: opinion, desk: {other}_opinion, effort: {{gamma: {{mean: 20 min, "
                f"cv: 0.8}}}}}}"
            ),
            f"      - {{transfer: back, to: {bureau}, {paper}}}",
            "      - {meeting: joint_meeting, at: joint}",
            (
                f"      - {{task: sign_1, desk: {bureau}_sign, effort: {{lognormal: {{mean: 6 min, "
                f"cv: 0.5}}}}}}"
            ),
        ]
    route += [
        (
            f"      - {{task: sign_2, desk: {bureau}_sign, effort: {{lognormal: {{mean: 6 min, cv: "
            f"0.5}}}}}}"
        ),
        "      - {mark: decided}",
    ]
    demand = f"demand: {{per_year: {CASES_PER_SERVICE}}}"
    return [
        f"  {name}:",
        f"    department: {bureau}",
        f"    {demand}",
        "    promise: 10 working days",
        "    route:",
        *route,
    ]


if __name__ == "__main__":
    print(text(), end="")
