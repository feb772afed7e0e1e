"""Who serves what: what the file says of a group, and what levers add for some members."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govsim.organisation.nouns import Serve
from govsim.organisation.parameters import Refused, Values
from govsim.scenario.units import MOST, Kind


def serve(values: Values, stated: Any) -> Serve:
    """An efficiency, or an efficiency and a preference."""
    efficiency, preference = stated if isinstance(stated, list) else (stated, 1)
    spec = {"efficiency": efficiency, "preference": preference}
    gladly = values.whole(spec, "preference", Kind.COUNT)
    if gladly < 1:
        raise Refused("preference", "must be at least 1")
    return Serve(positive(values, spec, "efficiency", Kind.NUMBER), gladly)


def positive(
    values: Values, spec: Mapping[str, Any], key: str, kind: Kind, most: float = MOST
) -> float:
    """One number above 0."""
    number = values.number(spec, key, kind, most=most)
    if not number > 0.0:
        raise Refused(key, "must be more than 0")
    return number


@dataclass
class Rules:
    """Who serves what once `serves` and `merge_desks` are applied: the best efficiency wins,
    so their order is no matter.
    """

    values: Values
    desks: Mapping[str, Any]  # the section of the file
    own: Mapping[str, Mapping[str, Serve]]  # group -> desk -> what the file says of every member
    members: Mapping[str, int]

    def serve(self, rules: Mapping[str, Any]) -> dict[str, list[dict[str, Serve]]]:
        """Group -> member -> desk -> how."""
        served = {
            name: [dict(desks) for _ in range(self.members[name])]
            for name, desks in self.own.items()
        }
        for rule in rules.get("serves", ()):
            self._share(rule, served)
        merges = [self._merge(rule) for rule in rules.get("merge_desks", ())]
        for name, members in served.items():
            for desks in members:
                self._merged(merges, desks, self.own[name])
        return served

    def _share(self, rule: Mapping[str, Any], served: Mapping[str, list[dict[str, Serve]]]) -> None:
        how = serve(self.values, [rule.get("efficiency", 1), rule.get("preference", 1)])
        share = self.values.number(rule, "share", Kind.SHARE, 1)
        listed = [desks for group in rule["groups"] for desks in served.get(group, ())]
        for desks in listed[: math.floor(share * len(listed) + 0.5)]:
            for desk in rule["desks"]:
                _offer(desks, desk, how)

    def _merge(self, rule: Mapping[str, Any]) -> tuple[frozenset[str], Serve]:
        for desk in rule["desks"]:
            discipline = self.desks[desk].get("discipline", "fifo")
            if discipline != "fifo":
                raise Refused(
                    "",
                    f"merge_desks: the desk '{desk}' has the discipline {discipline}; only fifo "
                    "desks can be merged",
                )
        return frozenset(rule["desks"]), serve(self.values, rule.get("efficiency", 1))

    def _merged(
        self,
        merges: Sequence[tuple[frozenset[str], Serve]],
        desks: dict[str, Serve],
        own: Mapping[str, Serve],
    ) -> None:
        """Let a member of one merged desk serve all, until nothing changes:
        merged desks may overlap.
        """
        before = None
        while before != desks:
            before = dict(desks)
            for together, how in merges:
                if together & desks.keys():
                    for desk in sorted(together - own.keys()):
                        _offer(desks, desk, how)
        for together, _ in merges:
            for desk in together & desks.keys():
                desks[desk] = Serve(desks[desk].efficiency, 1)


def _offer(desks: dict[str, Serve], desk: str, how: Serve) -> None:
    """Let a member serve a desk so, unless they serve it better already."""
    known = desks.get(desk)
    if known is None or (how.efficiency, -how.preference) > (known.efficiency, -known.preference):
        desks[desk] = how
