"""The Resolver: reads an organisation in plain numbers from a plain tree and one world.

The levers are applied to the tree already.

Configurations share most of what they are made of: a piece (a desk, a group, a service) is resolved
again only where its text or a parameter that it names has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path as File
from typing import Any

from govsim.organisation.calendars import Span, calendar, days_of
from govsim.organisation.demand import demand
from govsim.organisation.edits import every_step
from govsim.organisation.nouns import (
    Attribute,
    AttributeValue,
    Calendar,
    Desk,
    Group,
    Learning,
    Meeting,
    Organisation,
    Path,
    Service,
)
from govsim.organisation.parameters import Refused, Values
from govsim.organisation.pieces import Pieces, Tell, Told
from govsim.organisation.routes import Routes
from govsim.organisation.staff import Rules, positive, serve
from govsim.scenario import limits
from govsim.scenario.holidays import dated
from govsim.scenario.problems import did_you_mean, step_name
from govsim.scenario.routes import AT_AN_END, ends
from govsim.scenario.units import DAY, Kind, UnitError, time

Mapped = Mapping[str, Any]
DISCIPLINES = ("fifo", "priority", "due_date", "shortest")
DESK_KINDS = ("window", "review", "signature", "internal")
REST = Path(0.0)
NOTHING: Mapped = {}  # one object, so that pieces of a section that is not there are known again


class Resolver:
    """Resolves one tree; `problems` lists what is wrong with it."""

    def __init__(
        self, tree: Mapped, span: Span, folder: File, values: Values, pieces: Pieces
    ) -> None:
        self.tree, self.span, self.folder, self.values, self.pieces = (
            tree,
            span,
            folder,
            values,
            pieces,
        )
        self.problems: list[Told] = []

    def section(self, name: str) -> Mapped:
        """A section of the tree, empty where the file has none."""
        return self.tree.get(name) or NOTHING

    def organisation(self) -> Organisation:
        """Everything of one regime; incomplete where there are problems."""
        self._parameters()
        calendars = self._each(
            "calendars",
            lambda spec, told: calendar(
                dated(spec, self.section("holidays")), self.span, self.values
            ),
        )
        departments = self._departments()
        desks = self._each("desks", lambda spec, told: self._desk(spec))
        meetings = self._each("meetings", lambda spec, told: self._meeting(spec), calendars)
        staff = self._staff()
        services = self._services(calendars)
        return Organisation(
            calendars, meetings, departments, desks, staff, services, self._learning()
        )

    def members(self) -> dict[str, int]:
        """Posts of each group."""
        return {
            name: self.values.whole(spec, "members", Kind.COUNT, most=limits.MEMBERS)
            for name, spec in self.section("staff").items()
        }

    # --------------------------------------------------------------------------------------- pieces

    def _piece(self, where: str, parts: Sequence[Any], build: Callable[[Tell], Any]) -> Any:
        """What `build` makes of these parts of the tree, perhaps remembered;
        None if it is told to be wrong.
        """
        made, told = self.pieces.made(where, parts, self.values, build)
        self.problems += told
        return made

    def _each(
        self, section: str, build: Callable[[Mapped, Tell], Any], *also: Any
    ) -> dict[str, Any]:
        """All pieces of a section; those that are wrong are left out."""
        made = {
            name: self._piece(f"{section}.{name}", (spec, *also), partial(build, spec))
            for name, spec in self.section(section).items()
        }
        return {name: piece for name, piece in made.items() if piece is not None}

    def _known_in(self, section: str, word: str, spec: Mapped, key: str) -> str:
        name = spec.get(key)
        if not isinstance(name, str) or name not in self.section(section):
            raise Refused(key, f"no {word} '{name}'{did_you_mean(name, self.section(section))}")
        return str(name)

    # ------------------------------------------------------------------------------------- sections

    def _parameters(self) -> None:
        for name in self.section("parameters"):
            with suppress(UnitError):
                self.values.parameter(name)
        self.problems += [
            (f"parameters.{name}", message) for name, message in self.values.problems.items()
        ]

    def _departments(self) -> dict[str, str]:
        specs = self.section("departments")
        roots = {}
        for name in specs:
            chain = [name]
            while (above := (specs[chain[-1]] or {}).get("part_of")) is not None:
                if above not in specs or above in chain:
                    what = (
                        f"no department '{above}'{did_you_mean(above, specs)}"
                        if above not in specs
                        else (
                            "departments are part of each other in a circle: "
                            f"{' -> '.join([*chain, above])}"
                        )
                    )
                    self.problems.append((f"departments.{chain[-1]}.part_of", what))
                    break
                chain.append(above)
            roots[name] = chain[-1]
        return roots

    def _desk(self, spec: Mapped) -> Desk:
        factors = spec.get("factor", 1.0)
        stated = (
            {"factor": {"product": factors}} if isinstance(factors, list) else {"factor": factors}
        )
        factor = self.values.number(stated, "factor", Kind.NUMBER)
        if factor < 0.0:
            raise Refused("factor", "must not be negative")
        discipline, kind = spec.get("discipline", "fifo"), spec["kind"]
        for key, word, words in (
            ("discipline", discipline, DISCIPLINES),
            ("kind", kind, DESK_KINDS),
        ):
            if word not in words:
                raise Refused(key, f"'{word}' is not possible here{did_you_mean(word, words)}")
        return Desk(
            self._known_in("departments", "department", spec, "department"),
            kind,
            discipline,
            factor,
        )

    def _meeting(self, spec: Mapped) -> Meeting:
        seats = self.values.whole(spec, "seats", Kind.COUNT) if "seats" in spec else None
        if seats == 0:
            raise Refused("seats", "must be at least 1")
        try:
            return self._sessions(spec["sessions"], seats)
        except Refused as problem:
            raise problem.inside("sessions") from None

    def _sessions(self, spec: Mapped, seats: int | None) -> Meeting:
        if sum(key in spec for key in ("every", "monthly", "dates")) != 1:
            raise Refused("", "sessions are either `every` so many days, `monthly` or on `dates`")
        try:
            at = time(spec["at"])
        except UnitError as problem:
            raise Refused("at", str(problem)) from None
        name = self._known_in("calendars", "calendar", spec, "calendar")
        if "every" in spec:
            return Meeting(
                name, at, every=positive(self.values, spec, "every", Kind.WORKING_DAYS), seats=seats
            )
        if "monthly" in spec:
            return Meeting(
                name,
                at,
                monthly=self.values.whole(
                    spec, "monthly", Kind.COUNT, least=1, most=limits.LATEST_OF_MONTH
                ),
                seats=seats,
            )
        days = sorted({self.span.day(when) for when in days_of(spec, "dates")})
        return Meeting(
            name, at, dates=tuple(day for day in days if 0 <= day < self.span.horizon), seats=seats
        )

    def _learning(self) -> Learning | None:
        spec = self.tree.get("learning")
        if spec is None:
            return None

        def build(told: Tell) -> Learning:
            if ("half_life" in spec) == ("exponent" in spec):
                raise Refused("", "learning goes either by `half_life` or by `exponent`")
            start = self.values.number(spec, "start", Kind.NUMBER, least=1)
            if "half_life" in spec:
                return Learning(
                    start, half_life=positive(self.values, spec, "half_life", Kind.CLOCK) / DAY
                )
            return Learning(
                start,
                exponent=positive(self.values, spec, "exponent", Kind.NUMBER, limits.EXPONENT),
            )

        learning: Learning | None = self._piece("learning", (spec,), build)
        return learning

    # ---------------------------------------------------------------------------------------- staff

    def _staff(self) -> dict[str, Group]:
        roles = self.section("roles")
        own = self._each(
            "staff", lambda spec, told: self._group(spec), roles, self.section("calendars")
        )
        posts = self._each(
            "staff",
            lambda spec, told: (
                self.values.whole(spec, "members", Kind.COUNT, most=limits.MEMBERS),
            ),
        )
        members = {name: posts[name][0] for name in own if name in posts}
        rules = self.section("rules")
        part = [rules, self.section("staff"), roles, self.section("desks")] if rules else []
        stated = {name: dict(own[name].serves[0]) for name in members}
        given = {name: [serves] * members[name] for name, serves in stated.items()}
        if rules:
            served = self._piece(
                "reform",
                part,
                lambda told: Rules(self.values, self.section("desks"), stated, members).serve(
                    rules
                ),
            )
            given = served if served is not None else given
        return {
            name: Group(
                own[name].department,
                own[name].calendar,
                tuple(given[name]),
                own[name].absence,
                own[name].presence,
            )
            for name in members
        }

    def _group(self, stated: Mapped) -> Group:
        """A group with its role's fields filled in; `serves` holds what the file says
        of every member.
        """
        role = (
            self.section("roles")[self._known_in("roles", "role", stated, "role")]
            if "role" in stated
            else {}
        )
        spec = {**role, **stated}
        serves = {}
        for desk in spec.get("serves") or {}:
            if desk not in self.section("desks"):
                raise Refused(
                    "serves", f"no desk '{desk}'{did_you_mean(desk, self.section('desks'))}"
                )
            try:
                serves[desk] = serve(self.values, spec["serves"][desk])
            except Refused as problem:
                raise Refused(f"serves.{desk}", problem.message) from None
        return Group(
            self._known_in("departments", "department", spec, "department"),
            self._known_in("calendars", "calendar", spec, "calendar"),
            (serves,),
            self.values.path(spec, "absence", Kind.SHARE, 0.0),
            self.values.path(spec, "presence", Kind.SHARE, 1.0),
        )

    # ------------------------------------------------------------------------------------- services

    def _services(self, calendars: Mapping[str, Calendar]) -> dict[str, Service]:
        # the names of desks, departments, meetings never change
        also = (self.section("profiles"), self.section("calendars"))
        made: dict[str, Service | None] = {}
        for name, spec in self.section("services").items():
            stated = (spec.get("attributes") or NOTHING).values()
            shared = [
                self.section("attributes").get(one, NOTHING)
                for one in stated
                if isinstance(one, str)
            ]
            build = partial(self._service, spec, calendars)
            made[name] = self._piece(f"services.{name}", (spec, *also, *shared), build)
        return {name: service for name, service in made.items() if service is not None}

    def _service(self, spec: Mapped, calendars: Mapping[str, Calendar], told: Tell) -> Service:
        calendar = self._calendar(spec)
        attributes = tuple(
            self._attribute(name, stated) for name, stated in (spec.get("attributes") or {}).items()
        )
        filing = spec["demand"].get("calendar", calendar)
        if filing != "always" and filing not in self.section("calendars"):
            raise Refused(
                "demand.calendar",
                "no calendar "
                f"'{filing}'{did_you_mean(filing, ['always', *self.section('calendars')])}",
            )
        try:
            filed = demand(
                spec["demand"],
                self.section("profiles"),
                None if filing == "always" else filing,
                self.span,
                self.values,
                self.folder,
            )
        except Refused as problem:
            raise problem.inside("demand") from None
        routes = Routes(
            self.values,
            calendars,
            self.section("calendars"),
            self.section("desks"),
            self.section("meetings"),
            self.section("departments"),
            {attribute.name: attribute for attribute in attributes},
            calendar,
            self.folder,
            self.pieces,
            told,
        )
        names = [step_name(step) or "" for step in every_step(spec["route"])]
        if "promise_from" in spec and spec["promise_from"] not in names:
            told(
                "promise_from",
                f"no step '{spec['promise_from']}' in the "
                f"route{did_you_mean(spec['promise_from'], names)}",
            )
        elif ends(spec["route"], spec.get("promise_from")):
            told("promise_from", AT_AN_END)
        return Service(
            self._known_in("departments", "department", spec, "department"),
            calendar,
            filed,
            routes.sequence(spec["route"]),
            attributes,
            self._term(spec, "promise"),
            self._term(spec, "limit"),
            spec.get("promise_from"),
            self.values.whole(spec, "class", Kind.COUNT, 1, least=1),
            bool(spec.get("internal")),
        )

    def _term(self, spec: Mapped, key: str) -> int | None:
        return self.values.whole(spec, key, Kind.TERM) if key in spec else None

    def _calendar(self, spec: Mapped) -> str:
        """The service's calendar: the one named, else `office`, else the only one."""
        calendars = self.section("calendars")
        only = next(iter(calendars)) if len(calendars) == 1 else None
        name = spec.get("calendar", "office" if "office" in calendars else only)
        if name is None:
            raise Refused(
                "calendar", "is missing: there is no calendar `office`, and more than one"
            )
        return self._known_in("calendars", "calendar", {"calendar": name}, "calendar")

    def _attribute(self, name: str, stated: Any) -> Attribute:
        where = f"attributes.{name}"
        if isinstance(stated, str):
            stated = self.section("attributes")[
                self._known_in("attributes", "shared attribute", {where: stated}, where)
            ]
        values = []
        for value, spec in stated.items():
            rest = spec["share"] == "rest"
            if rest != (value == list(stated)[-1]) and rest:
                raise Refused(f"{where}.{value}.share", "only the last share can be the rest")
            try:
                share = REST if rest else self.values.path(spec, "share", Kind.SHARE)
            except Refused as problem:
                raise problem.inside(f"{where}.{value}") from None
            values.append(AttributeValue(value, share, spec.get("files")))
        return Attribute(name, tuple(values))
