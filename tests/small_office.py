"""A small office as text, for tests of levers and of what they become.

One bureau, a sister bureau, a permit.
"""

from __future__ import annotations

from govsim.organisation.load import load
from govsim.scenario import Scenario

OFFICE = """
govsim: 1
title: A small office
start: 2024-01-01
reform_day: 2024-03-01
count_from: 2024-03-01
count_until: 2024-06-30
horizon: 2024-12-31
parameters:
  incomplete: {value: 0.4, range: [0.2, 0.7], source: assumption}
  better: {value: 0.5, range: [0.25, 1.0], source: assumption}
  minutes: {value: 20 min, range: [10, 40], source: assumption}
  settling: {value: 2 months, range: [1, 4], source: assumption}
  sister: {value: 0.75, range: [0.5, 1.0], source: assumption}
calendars:
  office: {day: 7 h, week: {mon-fri: ["08:30-12:00", "14:30-18:00"]}}
departments:
  here: {}
  there: {}
  both: {}
desks:
  window: {department: here, kind: window, factor: [1.5, 2]}
  other_window: {department: there, kind: window}
  review: {department: here, kind: review, discipline: due_date}
  opinion: {department: there, kind: review}
staff:
  clerks: {department: here, calendar: office, members: 2, serves: {window: 1.0}}
  others: {department: there, calendar: office, members: 2, serves: {other_window: 1.0}}
  reviewers: {department: here, calendar: office, members: 3, absence: 0.1, serves: {review: 1.0}}
  experts: {department: there, calendar: office, members: 2, serves: {opinion: 1.0}}
services:
  permit:
    department: here
    demand: {per_year: {value: 1000, range: [500, 2000], source: assumption}}
    promise: 10 working days
    route:
      - review: intake
        desk: window
        effort: {lognormal: {mean: minutes, cv: 0.5}}
        supplement:
          chance: incomplete
          again: 0.1
          attempts: 3
          then: rejected
          tolerated: 0.3
          takes: {lognormal: {median: 4 days, p90: 15 days}}
      - {mark: accepted}
      - {task: first_review, desk: review, effort: 60 min}
      - {transfer: to_there, to: there, leaves: ["16:00"], takes: 1 working day, paper: 0.7,
          electronic_takes: 0.25 working days}
      - {task: opinion, desk: opinion, effort: 30 min}
      - {transfer: from_there, to: here, leaves: ["16:00"], takes: 1 working day, paper: 0.7,
          electronic_takes: 0.25 working days}
      - {task: decision, desk: review, effort: 10 min}
      - {mark: decided}
  enquiry:
    department: there
    demand: {per_year: 2000, factor: 1}
    route: [{task: ask, desk: other_window, effort: 10 min}]
"""


def office(more: str = "", **instead: str) -> Scenario:
    """The small office with `more` text at its end, and pieces
    of its text replaced (underscores mean nothing).
    """
    text = OFFICE
    for new in instead.values():
        old, _, put = new.partition(" => ")
        assert old in text, old
        text = text.replace(old, put)
    return load("office.yaml", text + more)


def problems(more: str, **instead: str) -> str:
    """The message with which that file is refused, without the file's name."""
    from govsim.errors import ScenarioError

    try:
        office(more, **instead)
    except ScenarioError as error:
        return "\n".join(str(problem).split(": ", 1)[1] for problem in error.problems)
    return ""
