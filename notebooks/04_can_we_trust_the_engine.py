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
# # Can we trust the engine
#
# Three ways to find out, none of which trusts another: two engines that were written apart and must
# agree to the last bit; queues whose answer is known in closed form; and intervals that are tried
# on systems whose truth is known.

# %%
import pathlib

import govsim as gs

here = pathlib.Path.cwd()
scenarios = (here if (here / "scenarios").is_dir() else here.parent) / "scenarios"

import numpy as np

# %% [markdown]
# ## Two engines, one case
#
# The reference engine reads like a page of a textbook (SimPy), the compiled one is fast (Numba).
# The same scenario, seed and replication give the same bytes.

# %%
kelan = gs.load(scenarios / "kelan.yaml")
model = gs.compile_model(gs.configure(kelan, "after"))
ours = gs.simulate(model, seed=1, replication=0)
theirs = gs.simulate(model, seed=1, replication=0, engine="reference")
print(ours)
for table in ("cases", "activities", "duty"):
    assert getattr(ours, table).tobytes() == getattr(theirs, table).tobytes(), table
print("equal, byte for byte")

# %%
ours.to_frame(model).query("service == 'st_project'").head(3).T

# %% [markdown]
# ## Queues with a known answer
#
# Four windows at load 0.8, each with its own queue, then one queue for all four. Theory says that
# the mean wait falls from 4 service times to 0.7455, though nobody works faster. A service time
# here is an hour.

# %%
windows = gs.run(
    gs.load(scenarios / "four_windows.yaml"),
    n=60,
    configurations=("before", "after"),
    progress=False,
)
measured = windows.measures().query(
    "measure == 'window_wait' and statistic == 'mean' and scope == 'mix' and cohort == 'counted'"
)
found = measured.groupby("configuration", observed=True)["value"].agg(["mean", "sem"]) / 60
found["theory"] = [4.0, 0.7455]
found

# %%
assert (abs(found["mean"] - found["theory"]) < 4 * found["sem"]).all()

# %% [markdown]
# ## Nothing from nothing
#
# A reform that only changes the signs on the doors must change nothing, in no replication,
# not by a rounding error.

# %%
null = gs.run(
    gs.load(scenarios / "null_reform.yaml"),
    n=10,
    configurations=("before", "after"),
    progress=False,
)
values = [arrays for _, arrays in null.arrays()]
assert all(
    np.array_equal(each["before/values"], each["after/values"], equal_nan=True) for each in values
)
gs.claims(null)

# %% [markdown]
# ## Intervals that keep their promise
#
# A 95 % interval must contain the truth 19 times in 20. Thirty replications of a skewed quantity,
# many times over: Student's t over replications, which ours are never narrower than, and what would
# be wrong, an interval over all cases pooled, as if cases of one day were independent.

# %%
rng = np.random.default_rng(4)
ours, pooled, tries, days, cases = 0, 0, 2000, 30, 40
for _ in range(tries):
    level = rng.gamma(4.0, 0.25, days)  # a busy day is busy for everybody
    times = level[:, None] * rng.exponential(1.0, (days, cases))
    means, every = times.mean(axis=1), times.ravel()
    ours += abs(means.mean() - 1) < 2.045 * means.std(ddof=1) / days**0.5
    pooled += abs(every.mean() - 1) < 1.96 * every.std(ddof=1) / every.size**0.5
print(
    f"over replications {100 * ours / tries:.1f} %, over pooled cases {100 * pooled / tries:.1f} %"
)
assert ours / tries > 0.93 > pooled / tries

# %% [markdown]
# The full study of all our intervals is `benchmarks/interval_coverage.py`;
# its results are committed beside it.
