"""Papers are checked: complete, incomplete, tolerated, rejected (all chances are 0 or 1).

`permit` (window, 20 minutes): always incomplete at first, never again;
the applicant takes a clock day; the second
   attempt takes half the effort. Monday 09:00-09:20, back on Tuesday at 09:20, 10 minutes:
   completed 09:30.
`licence` (desk, 30 minutes): incomplete at both of two attempts, then rejected;
the supplement takes 420 working minutes.
   Monday 10:00-10:30; 90 minutes until noon, 210 in the afternoon, 120 on Tuesday: 10:30. Second
   attempt until 11:00: rejected.
`notice` (desk, 30 minutes): incomplete but tolerated: passes at once. Monday 11:00-11:30.
`claim` (desk, 30 minutes): complete but rejected. Monday 11:30-12:00.
"""

from govsim.organisation.nouns import Configuration, Review, Service, Task
from plain import (
    DESK,
    WINDOW,
    at,
    clock,
    configuration,
    constant,
    group,
    recorded,
    review,
    weekly,
    working,
)
from plain import organisation as describe


def organisation() -> Configuration:
    def service(filed: str, desk: str, effort: float, what: Review) -> Service:
        return Service(
            "hall", "office", recorded(at(0, filed)), (Task("check", desk, constant(effort), what),)
        )

    services = {
        "permit": service(
            "09:00",
            "window",
            20.0,
            review(1.0, 0.0, supplement=clock(constant(1440.0)), again_effort=0.5),
        ),
        "licence": service(
            "10:00",
            "desk",
            30.0,
            review(1.0, 1.0, 2, "rejected", supplement=working(constant(420.0))),
        ),
        "notice": service("11:00", "desk", 30.0, review(1.0, 1.0, tolerated=1.0, reject=1.0)),
        "claim": service("11:30", "desk", 30.0, review(reject=1.0)),
    }
    staff = {"front": group({"window": 1.0}), "back": group({"desk": 1.0})}
    return configuration(
        describe({"window": WINDOW, "desk": DESK}, staff, services, {"office": weekly(28)}), days=28
    )


ACTIVITIES = """
case  step   attempt  kind        variant    member   joined     started    ended
0     check  1        task        plain      front 1  Mon 09:00  Mon 09:00  Mon 09:20
0     check  1        supplement  plain      -        Mon 09:20  Mon 09:20  Tue 09:20
0     check  2        task        plain      front 1  Tue 09:20  Tue 09:20  Tue 09:30
1     check  1        task        plain      back 1   Mon 10:00  Mon 10:00  Mon 10:30
1     check  1        supplement  plain      -        Mon 10:30  Mon 10:30  Tue 10:30
1     check  2        task        plain      back 1   Tue 10:30  Tue 10:30  Tue 11:00
2     check  1        task        tolerated  back 1   Mon 11:00  Mon 11:00  Mon 11:30
3     check  1        task        plain      back 1   Mon 11:30  Mon 11:30  Mon 12:00
"""

CASES = """
case  service  outcome    ended      part_service  part_applicant
0     permit   completed  Tue 09:30  30            1440
1     licence  rejected   Tue 11:00  60            1440
2     notice   completed  Mon 11:30  30            0
3     claim    rejected   Mon 12:00  30            0
"""
