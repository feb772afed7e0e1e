"""A county in plain Python, for speed work: some 10 000 cases a year, 24 members, a merger."""

from __future__ import annotations

from dataclasses import replace

from govsim.organisation.nouns import (
    Attribute,
    AttributeValue,
    Choice,
    Configuration,
    Delay,
    Desk,
    Distribution,
    Group,
    Learning,
    Mark,
    Meet,
    Meeting,
    Misdirected,
    Parallel,
    Path,
    Serve,
    Service,
    Step,
    Task,
    Transfer,
)
from plain import (
    WINDOW,
    clock,
    configuration,
    constant,
    exponential,
    group,
    minute,
    organisation,
    poisson,
    review,
    term,
    weekly,
    working,
)


def county_route(k: int) -> tuple[Step, ...]:
    """The route of the county's k-th service: hall, bureau, opinions, signature, publicity,
    hall.
    """
    bureau = f"bureau_{k % 6}"
    mean = 20.0 + 5.0 * (k % 5)
    opinions = Parallel(
        "opinions",
        (
            (Task("opinion", f"review_{(k + 1) % 6}", Distribution("gamma", 25.0, (1.0,))),),
            (
                Delay(
                    "survey",
                    "outside",
                    working(Distribution("lognormal", 900.0, (0.6,))),
                    stops_clock=True,
                ),
            ),
        ),
    )
    wire = clock(constant(5.0))
    return (
        Task(
            "hand_in",
            f"window_{k % 3}",
            Distribution("lognormal", 12.0, (0.7,)),
            review(0.25, 0.1, 3, "withdrawn", 0.1, 0.0, clock(exponential(5000.0)), 0.6),
            Misdirected(Path(0.1), f"window_{(k + 1) % 3}", exponential(4.0)),
            exponential(400.0) if k % 4 == 0 else None,
        ),
        Mark("accept", "accepted"),
        Transfer(
            "out",
            bureau,
            Path(0.8),
            working(exponential(200.0)),
            wire,
            (minute("10:00"), minute("16:00")),
        ),
        Task(
            "examine",
            f"review_{k % 6}",
            Distribution("lognormal", mean, (1.0,)),
            review(0.1, 0.05, 2, "passes", 0.0, 0.03, working(exponential(1000.0))),
        ),
        *((Meet("hearing", "committee"),) if k % 5 == 0 else ()),
        Choice("opinions_needed", ((opinions,), ()), by="size"),
        Task("sign", f"signature_{k % 2}", exponential(6.0)),
        Mark("decide", "decided"),
        *((Delay("publicity", "notice", term(5)),) if k % 3 == 0 else ()),
        Transfer(
            "home",
            "hall",
            Path(0.8),
            working(exponential(200.0)),
            wire,
            (minute("10:00"), minute("16:00")),
        ),
        Task("issue", f"window_{k % 3}", exponential(5.0)),
    )


def county_staff(merged: bool) -> dict[str, Group]:
    """Twenty-four members; merged, the windows are one pool and the bureaus help their neighbours
    at 80 % speed.
    """
    windows = [
        {f"window_{w}": 1.0 for w in range(3)} if merged else {f"window_{k}": 1.0} for k in range(3)
    ]
    helped: list[dict[str, float | Serve]] = [{f"review_{k}": 1.0} for k in range(6)]
    if merged:
        for k, desks in enumerate(helped):
            desks[f"review_{(k + 1) % 6}"] = Serve(0.8, 2)
    away = Path(0.05)
    return {
        **{f"front_{k}": group(windows[k], 2, absence=away) for k in range(3)},
        **{
            f"bureau_{k}_staff": group(
                helped[k], 3 if k < 4 else 2, department=f"bureau_{k}", absence=away
            )
            for k in range(6)
        },
        **{f"head_{k}": group({f"signature_{k}": 1.0}, department=f"bureau_{k}") for k in range(2)},
    }


def county(per_year: float = 10_000.0, days: int = 448, services: int = 14) -> Configuration:
    """A county for speed work: services of unlike size, 24 members, a merger on day 112."""
    weights = [1.0 / (1 + k) for k in range(services)]
    size = Attribute(
        "size", (AttributeValue("large", Path(0.3)), AttributeValue("small", Path(0.7)))
    )
    catalogue = {
        f"service_{k}": Service(
            "hall",
            "office",
            poisson(per_year / 525_960.0 * weights[k] / sum(weights), days, "office"),
            county_route(k),
            (size,),
            promise=10,
            limit=20,
            priority=1 + k % 2,
        )
        for k in range(services)
    }
    desks = {
        **{f"window_{k}": WINDOW for k in range(3)},
        **{
            f"review_{k}": Desk(f"bureau_{k}", "review", ("fifo", "due_date")[k % 2])
            for k in range(6)
        },  # type: ignore[arg-type]
        **{f"signature_{k}": Desk(f"bureau_{k}", "signature") for k in range(2)},
    }
    apart = {name: name for name in ("hall", *(f"bureau_{k}" for k in range(6)), "centre")}
    together = dict.fromkeys(apart, "centre")
    sessions = {"committee": Meeting("office", minute("09:30"), every=5.0, seats=12)}
    office = {"office": weekly(days, closed=range(40, 47), worked=(47, 48))}
    before = organisation(desks, county_staff(False), catalogue, office, sessions, apart)
    after = replace(
        before,
        staff=county_staff(True),
        departments=together,
        learning=Learning(1.3, half_life=30.0),
    )
    return configuration(before, after, days, reform_day=112, count_from=28, count_until=364)
