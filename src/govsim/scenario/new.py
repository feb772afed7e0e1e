"""A first scenario of one's own: small, commented, and it runs."""

from __future__ import annotations

import re

TEMPLATE = """\
# {title}: two offices become one.
# Every number is made up; change it, and run `govsim check` on this file. docs/scenario.md lists everything that can stand here.
govsim: 1
title: "{title}"
purpose: Do applicants get their decision sooner when two offices become one?
start: 2024-01-01
reform_day: 2024-03-01         # from 00:00 of this day the new organisation is in force
count_from: 2024-04-01         # filings of these days count, first and last included
count_until: 2024-09-30
horizon: 2024-12-31            # the simulation stops here at the latest

parameters:                    # a number with a name; say where it comes from, and how far off it may be
  absent:   {{value: 0.10, range: [0.05, 0.20], source: assumption, about: chance that somebody is away on a day}}
  sister:   {{value: 0.8, range: [0.6, 1.0], source: assumption, about: "speed at the other office's work"}}

calendars:
  office:
    day: 7 h                   # one working day as a duration
    week: {{mon-fri: ["08:30-12:00", "14:30-18:00"]}}
    # `govsim calendar china 2024` prints these three lines; for a horizon in 2025: 2024..2025
    closed_days: [2024-01-01, 2024-02-10..2024-02-17, 2024-04-04..2024-04-06, 2024-05-01..2024-05-05, 2024-06-10,
      2024-09-15..2024-09-17, 2024-10-01..2024-10-07]
    worked_days: [2024-02-04, 2024-02-18, 2024-04-07, 2024-04-28, 2024-05-11, 2024-09-14, 2024-09-29, 2024-10-12]
    until: 2024-12-31

departments:
  north: {{name: Northern office}}
  south: {{name: Southern office}}

desks:                         # a desk is a queue of work of one kind: window, review, signature, internal
  north_window: {{department: north, kind: window}}
  south_window: {{department: south, kind: window}}
  north_review: {{department: north, kind: review}}
  south_review: {{department: south, kind: review}}

# A group is interchangeable; it serves desks at a speed (1 is normal). Give each desk more hands than its work needs: cases
# per year x minutes / (members x 250 days x 420 minutes x share of days present) well below 1, or its queue grows for ever.
staff:
  north_clerks:    {{department: north, calendar: office, members: 2, absence: absent, serves: {{north_window: 1.0}}}}
  south_clerks:    {{department: south, calendar: office, members: 1, absence: absent, serves: {{south_window: 1.0}}}}
  north_reviewers: {{department: north, calendar: office, members: 2, absence: absent, serves: {{north_review: 1.0}}}}
  south_reviewers: {{department: south, calendar: office, members: 2, absence: absent, serves: {{south_review: 1.0}}}}

services:                      # what applicants can file: how often, what was promised, and the way it takes
  permit:
    name: Building permit
    department: north
    demand: {{per_year: 1500}}
    promise: 10 working days
    route:
      - review: intake
        desk: north_window
        effort: {{gamma: {{mean: 20 min, cv: 0.6}}}}
        supplement: {{chance: 0.3, again: 0.1, attempts: 3, then: rejected, takes: {{lognormal: {{mean: 5 days, cv: 1}}}}}}
      - {{mark: accepted}}         # the legal clock runs from here ...
      - {{task: check, desk: north_review, effort: {{gamma: {{mean: 90 min, cv: 0.8}}}}}}
      - {{transfer: to_south, to: south, leaves: ["16:00"], takes: 1 working day}}
      - {{task: opinion, desk: south_review, effort: {{gamma: {{mean: 60 min, cv: 0.8}}}}}}
      - {{mark: decided}}          # ... to here
  licence:
    name: Trade licence
    department: south
    demand: {{per_year: 900}}
    promise: 5 working days
    route:
      - {{task: intake, desk: south_window, effort: {{gamma: {{mean: 25 min, cv: 0.6}}}}}}
      - {{mark: accepted}}
      - {{task: check, desk: south_review, effort: {{gamma: {{mean: 45 min, cv: 0.8}}}}}}
      - {{mark: decided}}

# Levers: named changes. kind: merger needs the merger; process does not, and gives the column process_only.
reform:
  one_window:
    about: One queue before all clerks
    kind: merger
    bundle: window
    merge_desks: {{desks: [north_window, south_window], efficiency: sister}}
  one_house:
    about: Files need no courier
    kind: merger
    bundle: files
    set:
      departments.south.part_of: north
      services.permit.to_south.leaves: any time
      services.permit.to_south.takes: 0.1 working days
  checklist:
    about: A list of the papers is on the web, so fewer are missing
    kind: process
    bundle: papers
    set: {{services.permit.intake.supplement.chance: {{times: 0.6}}}}

claims:                        # what is said about the reform, declared before anything is run (judged by: govsim claims RUN)
  sooner:
    quote: Decisions come sooner
    holds_if: [{{measure: cycle_time, statistic: mean, change: decrease, at_least: 10 %}}]

experiment: {{replications: 100, seed: 1}}
"""


def text(name: str) -> str:
    """The text of a small commented scenario called `name`."""
    title = re.sub(r"[^\w .,-]", "", name.replace("_", " ")).strip()
    return TEMPLATE.format(title=title or "A first scenario")
