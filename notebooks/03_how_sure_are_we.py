# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How sure are we
#
# Two kinds of not knowing, never mixed. *Chance in the simulation* shrinks with replications.
# *Assumptions that may be off* do not: most numbers of the county are assumptions with a range. So
# every claim is judged twice: with all numbers as stated, and in many possible offices, each with
# all uncertain numbers drawn anew.

# %%
import pathlib

import govsim as gs

here = pathlib.Path.cwd()
scenarios = (here if (here / "scenarios").is_dir() else here.parent) / "scenarios"
kelan = gs.load(scenarios / "kelan.yaml")
runs = gs.run(kelan, n=60, progress=False)

# %% [markdown]
# ## The claims, with all numbers as stated
#
# The claims stand in the scenario file and were declared before anything was run. A claim *holds*
# when the whole interval lies beyond the smallest effect that counts, or reaches it, and is
# *refuted* when the whole interval lies on the near side; else it is open. A gain must also be that
# of the same people: nobody is faster because slow cases have left
# (docs/judgement.md tells who is counted).

# %%
verdicts = gs.claims(runs)
verdicts

# %% [markdown]
# Whose doing a gain is, is a second answer: this one is true, and mostly the process levers'.

# %%
print(*verdicts["C2"].reasons["en"], sep="\n")

# %% [markdown]
# ## In many possible offices
#
# The county has 89 uncertain numbers and needs 256 offices (`govsim explore scenarios/kelan.yaml`,
# some minutes). The small office that `govsim new` writes has two, so 64 show how it goes: how
# often a claim holds, what its size depends on, and what is worth measuring.

# %%
from govsim.scenario.new import text

office = gs.load("office.yaml", text("office"))
worlds = gs.explore(office, worlds=64, progress=False)
worlds

# %% [markdown]
# ## A claim that holds, and harms

# %%
pooling = gs.load(scenarios / "harmful_pooling.yaml")
print(gs.claims(gs.run(pooling, n=60, configurations=("before", "after"), progress=False)))

# %% [markdown]
# "The average wait falls" is supported, with a warning: the quick cases, ten in eleven, wait
# longer on average. "Everybody gains" is refuted, and names them. A mean says nothing about who
# pays for it.
#
# ## How many replications are enough
#
# Precision is stated in working days, never as a share of a mean that may be near zero, and nobody
# stops because a result has just become significant.

# %%
summary = runs.summary(precision=0.02)
print(f"±0.02 working days needs {summary.still_needed} replications more")
