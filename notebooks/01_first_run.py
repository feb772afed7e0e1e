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
# # A first run
#
# Four bureaus of a small county became one. An announcement says that approvals are faster now.
# This notebook runs the county before and after, and says how much faster, for whom, and how sure
# that is. Nothing here was measured in the county: the numbers are assumptions with ranges, so read
# the result as "what such a reform does in such an office".

# %%
import pathlib

import govsim as gs

here = pathlib.Path.cwd()
scenarios = (here if (here / "scenarios").is_dir() else here.parent) / "scenarios"
kelan = gs.load(scenarios / "kelan.yaml")
kelan

# %% [markdown]
# ## Before, process only, after
#
# `process_only` holds the levers that need no merger. It is the honest column in between: what a
# county could have had without merging anything. `merger_only`, the merger without them, is run
# too: it tells whose doing a gain is.

# %%
runs = gs.run(kelan, n=40, progress=False)
runs

# %% [markdown]
# The whole distribution says more than a mean.

# %%
runs.plot()
# %% [markdown]
# ## Who loses?
#
# Two different questions. Which *services* take longer in the mean or in the slowest tenth? And
# what share of the *same applicants* would have been served sooner before?

# %%
summary = runs.summary()
summary.losers()

# %%
summary.matched

# %% [markdown]
# ## Every number as a table
#
# One row per configuration, replication, measure, statistic, scope (the mix or a service)
# and cohort.

# %%
measures = runs.measures()
settled = measures.query("cohort == 'settled' and scope == 'mix' and statistic == 'mean'")
settled.groupby(["measure", "configuration"], observed=True)["value"].mean().unstack().round(2)

# %% [markdown]
# ## One queue is not always better
#
# Quick and slow cases, a clerk each, are pooled. The overall mean wait falls. That of the quick
# cases, ten in eleven, rises from 1.0 to 1.59 minutes. Most of them notice nothing: a sixth wait
# longer, half as long as before, a third shorter. But who comes behind a slow case loses more than
# the others gain.

# %%
pooling = gs.run(
    gs.load(scenarios / "harmful_pooling.yaml"),
    n=20,
    configurations=("before", "after"),
    progress=False,
)
pooling

# %%
waits = pooling.measures().query(
    "measure == 'window_wait' and statistic == 'mean' and cohort == 'counted'"
)
waits.groupby(["scope", "configuration"], observed=True)["value"].mean().unstack().round(2)
