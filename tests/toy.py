"""A toy county for tests of runs: two services, a merged window, a levelled reform.

One of the services has an attribute.
"""

from __future__ import annotations

from pathlib import Path

TOY = """\
govsim: 1
title: {en: Two counters, zh: 两个窗口}
start: 2024-01-01
reform_day: 2024-01-15
count_from: 2024-01-15
count_until: 2024-02-11
horizon: 2024-03-31

parameters:
  absent: {value: 0.1, range: [0.05, 0.2], source: assumption}
  papers: {value: 0.3, range: [0.1, 0.5], source: "counted at a hall"}

calendars:
  office: {day: 8 h, week: {mon-fri: ["08:00-12:00", "14:00-18:00"]}}

departments:
  hall: {name: {en: Hall, zh: 大厅}}

desks:
  quick_window: {department: hall, kind: window}
  slow_window: {department: hall, kind: window}
  back: {department: hall, kind: review}

staff:
  quick_clerk: {department: hall, calendar: office, members: 1, absence: absent,
      serves: {quick_window: 1.0}}
  slow_clerk: {department: hall, calendar: office, members: 1, serves: {slow_window: 1.0}}
  reviewer: {department: hall, calendar: office, members: 1, serves: {back: 1.0}}

attributes:
  channel: {online: {share: 0.5, files: always}, counter: {share: rest, files: office}}

services:
  quick:
    name: {en: Quick matter, zh: 快件}
    department: hall
    calendar: office
    demand: {per_year: 900}
    promise: 2 working days
    route:
      - {task: ask, desk: quick_window, effort: {exponential: {mean: 20 min}}}
  slow:
    name: {en: <b>Slow</b>, zh: 慢件}
    department: hall
    calendar: office
    demand: {per_year: 500}
    attributes: {channel: channel}
    promise: 5 working days
    route:
      - {task: file, desk: slow_window, effort: {exponential: {mean: 60 min}}}
      - review: read
        desk: back
        effort: {gamma: {mean: 60 min, cv: 0.8}}
        supplement: {chance: papers, again: 0.1, attempts: 3, then: rejected,
            takes: {lognormal: {mean: 2 days, cv: 1}}}
  archive:
    department: hall
    calendar: office
    internal: true
    demand: {per_year: 200}
    route:
      - {task: sort, desk: back, effort: {constant: 10 min}}

service_sets:
  pair: [quick, slow]

reform:
  pool:
    about: One queue before both clerks
    kind: merger
    bundle: window
    merge_desks: {desks: [quick_window, slow_window], efficiency: 0.9}
  forms:
    about: Clearer forms
    kind: process
    bundle: papers
    set: {parameters.papers: {times: 0.5}}

experiment:
  replications: 6
  seed: 11
  mix: pair
  cohorts: {early: 2024-01-15..2024-01-28}
"""


def write(folder: Path, text: str = TOY) -> Path:
    """The toy as a file."""
    path = folder / "toy.yaml"
    path.write_text(text, encoding="utf-8")
    return path
