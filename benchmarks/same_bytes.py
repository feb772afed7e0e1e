"""Whether two trees of govsim produce the same bytes: the proof that a refactoring moved nothing.

    python -m venv /tmp/a && /tmp/a/bin/pip install -e TREE_A      # TREE_B likewise
    python benchmarks/same_bytes.py /tmp/a/bin/python /tmp/b/bin/python [--keep DIR]

Both trees do the same commands in a folder of the same path, one tree after the other, two commands
at a time. What they print, with exit codes, and every file that they write is compared byte for
byte, once the rules below have blanked what names the tree or the hour. Only the command line and
public names are used, so modules may move. Both run on this machine, so what govsim tells of the
machine has to be equal too. Sets are hashed differently in each tree, so an order that hangs on a
hash is a difference.

Exit codes: 0 all equal; 1 something differs; 2 the first tree does not do what it should, so that
nothing is proven.
"""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import repeat, takewhile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"


class Rule(NamedTuple):
    """What may differ: a pattern, and what stands in its place before two artefacts are compared.

    In a pattern PACKAGE is the folder of the tree's own package and GOVSIM its version; one with
    NAME and VERSION stands for each of VERSIONED, with the version that the environment has.
    """

    name: str
    where: str  # names of the artefacts that it is for
    pattern: str
    put: str
    why: str


VERSIONED = ("govsim", "numba", "numpy", "python", "scipy", "simpy")

RULES = (
    Rule(
        "program, in run.json",
        "*/run.json",
        r'(?<=^ "command": ")PACKAGE/__main__\.py(?= )',
        "<program>",
        "the first word of the command line is the path of the tree",
    ),
    Rule(
        "program, in a report",
        "*.html",
        r"PACKAGE/__main__\.py(?= run )",
        "<program>",
        "the same, as the report tells it",
    ),
    Rule(
        "start, in run.json",
        "*/run.json",
        rf'(?<=^ "started": "){INSTANT}(?="$)',
        "<instant>",
        "when the run was started",
    ),
    Rule(
        "start, in a report",
        "*.html",
        rf'(?<=<td class="">){INSTANT}(?=</td>)',
        "<instant>",
        "the same, as the report tells it",
    ),
    Rule(
        "time of a line of run.log",
        "*/run.log",
        r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}(?= )",
        "<instant>",
        "when it was logged",
    ),
    Rule(
        "versions, in run.json",
        "*/run.json",
        r'(?<=^  "NAME": ")VERSION(?=",?$)',
        "<version>",
        "packages of the environment",
    ),
    Rule(
        "versions, in a report",
        "*.html",
        r'(?<=[ ">]NAME )VERSION(?=[,<"])',
        "<version>",
        "the same, as the report tells them",
    ),
    Rule(
        "version of govsim",
        "said/govsim --version/*",
        r"(?<=, version )GOVSIM$",
        "<version>",
        "a release between the two trees",
    ),
    Rule(
        "half-width while a run goes on",
        "said/*",
        r"^( *\d\d?%  \d+ of \d+ replications  [a-z ]+ ±)"
        r"(?:[\d.]+|less than 0\.001)(?= working days$)",
        r"\1<half-width>",
        "replications 2 and 3 may be stored in either order; that of 100 % is compared",
    ),
    Rule(
        "how long a run will take",
        "said/*",
        r"^about \d[\d.]* (?:s|min|h) and [\d,.]+ [MG]B for \d+ replications on \d+ threads?\n",
        "",
        "said where the first replication took long, which a busy machine decides",
    ),
)

# Public names that the second tree may have and the first may not: nothing else may come or go.
NEW_NAMES = ("GovsimError",)
NAMES = "python/names.txt"

COMMANDS = (
    "attribute", "calendar", "check", "claims", "explore", "export", "new", "report", "resume",
    "run", "schema", "show", "staff",
)  # fmt: skip
ONE = ("--workers", "1")
# The claims of Kelan that are explored: with all of them it takes four times as long, most worlds
# being unresolved in some claim after few replications.
CLAIMS = ("C3", "C5", "C7", "C8", "C11", "C14", "C15", "C16", "C18")
BROKEN = 30  # of tests/broken that the command line checks; Python loads all of them
SHOWN = 10  # lines of a difference
WIDTH = 150  # characters of such a line

FACTS = """
import importlib.metadata as metadata, json, pathlib, re, sys
import govsim
lines = [line for line in metadata.requires("govsim") if "extra ==" not in line]
needed = [re.match(r"[\\w.-]+", line)[0] for line in lines]
versions = {name: metadata.version(name) for name in ("govsim", *needed)}
versions["python"] = sys.version.split()[0]
print(json.dumps({"package": str(pathlib.Path(govsim.__file__).parent), "versions": versions}))
"""

# A line for every name, so that a new one is a new line.
PUBLIC = f"""
import inspect
import govsim as gs

lines = [f"dir: {{name}}" for name in dir(gs) if not name.startswith("_")]
lines += [f"all: {{name}}" for name in gs.__all__]
try:
    gs.nothing
except AttributeError as error:
    lines += [f"refusal: {{part}}" for part in str(error).replace("; it has ", ", ").split(", ")]
for name in gs.__all__:
    try:
        lines.append(f"signature: {{name}}{{inspect.signature(getattr(gs, name))}}")
    except ValueError:
        lines.append(f"signature: {{name}}, none")
with open("{Path(NAMES).name}", "w", encoding="utf-8") as file:
    file.write("\\n".join(lines) + "\\n")
"""

LOADED = """
import pathlib
import govsim as gs

for path in sorted(pathlib.Path("broken").glob("*.yaml")) + sorted(pathlib.Path().glob("*.yaml")):
    try:
        scenario = gs.load(path)
        print(repr(scenario), scenario.claims_hash, scenario.folder)
    except gs.ScenarioError as error:
        print(error)
"""

# Begins every piece that keeps results: texts, frames, pictures, whatever a result can be told as.
KEEP = """
import hashlib, json, pathlib
import matplotlib.pyplot as plt
import govsim as gs

plt.rcParams.update({"svg.hashsalt": "same", "svg.fonttype": "none"})
OFFICE = gs.load("office.yaml")


def write(name, text):
    pathlib.Path(name).write_text(text, encoding="utf-8")


def table(name, frame):
    frame.to_csv(f"{name}.csv")


def result(name, value):
    write(f"{name}.txt", f"{value!r}\\n{value}\\n")
    table(name, value.to_frame())
    write(f"{name}.html", value._repr_html_())
    write(f"{name}.json", json.dumps(value.to_dict(), ensure_ascii=False, indent=1))


def picture(name, axes):
    axes.figure.savefig(f"{name}.svg", metadata={"Date": None, "Creator": None})
    plt.close(axes.figure)


def whole(name, runs):
    for frame in runs.tables():
        table(f"{name} {frame}", getattr(runs, frame)())
    said = f"{runs!r}\\n{runs.configurations}\\n{runs.replications}\\n{runs._repr_html_()}"
    write(f"{name} runs.txt", said)
    result(f"{name} summary", runs.summary())
    result(f"{name} comparison", gs.compare(runs))
    result(f"{name} verdicts", gs.claims(runs))
    write(f"{name} verdicts zh.txt", gs.claims(runs).text("zh"))
    write(f"{name} report en.html", gs.report(runs))
    picture(f"{name} times", runs.plot())
    picture(f"{name} comparison", gs.compare(runs).plot())
    picture(f"{name} verdicts", gs.claims(runs).plot())


def records(name, model, engine):
    record = gs.simulate(model, 7, 3, engine)
    lines = [repr(record), f"end {record.end!r}"]
    for table_name in ("cases", "attributes", "activities", "duty"):
        array = getattr(record, table_name)
        digest = hashlib.sha256(array.tobytes()).hexdigest()
        lines.append(f"{table_name} {array.dtype} {array.shape} {digest}")
    write(f"{name} records.txt", "\\n".join(lines) + "\\n")
    table(f"{name} duty", record.to_frame(model, "duty"))
"""

IN_MEMORY = """
engine = "ENGINE"
whole(engine, gs.run(OFFICE, 2, engine=engine, keep="activities", workers=1))
for name in ("office", "null_reform"):
    for configuration in ("before", "after"):
        model = gs.compile_model(gs.configure(gs.load(f"{name}.yaml"), configuration))
        records(f"{engine} {name} {configuration}", model, engine)
"""

STUDIES = """
runs = gs.run(gs.load("kelan.yaml"), 3, workers=1, out="runs", progress=False)
chinese = gs.compare(runs, cohort="settled", lang="zh")
result("kelan comparison", chinese)
write("kelan who.txt", f"{chinese.who('gains')}\\n{chinese.who('loses')}\\n{chinese.unstable}\\n")
result("kelan handovers", gs.compare(runs, "after", "process_only", measure="handovers"))
result("kelan summary", runs.summary("transition", 0.5, "zh"))
runs = gs.resume(runs.folder, 4, workers=1)
result("kelan verdicts", gs.claims(gs.Runs.open(runs.folder)))
table("kelan backlog", runs.backlog())
studies = {
    "attribution": gs.attribute(OFFICE, 3, workers=1),
    "p90": gs.attribute(OFFICE, 3, ["window"], 1, statistic="p90", scope="permit"),
    "staffing": gs.staff(OFFICE, 2, workers=1, promise=0.8),
    "worlds": gs.explore(OFFICE, 16, workers=1),
}
for name, study in studies.items():
    result(f"office {name}", study)
    picture(f"office {name}", study.plot())
"""

REFUSED = """
runs = gs.run(OFFICE, 1, ("before", "after"), progress=False)
MODEL = gs.compile_model(gs.configure(OFFICE, "after"))
refused = {
    "load": lambda: gs.load("absent.yaml"),
    "text": lambda: gs.load("text.yaml", "govsim: 2"),
    "configure": lambda: gs.configure(OFFICE, "aftr"),
    "run": lambda: gs.run(3),
    "n": lambda: gs.run(OFFICE, 0),
    "half": lambda: gs.run(OFFICE, 1.5),
    "seed": lambda: gs.run(OFFICE, 1, seed=-1),
    "engine": lambda: gs.run(OFFICE, 1, engine="turbo"),
    "keep": lambda: gs.run(OFFICE, 1, keep="all"),
    "workers": lambda: gs.run(OFFICE, 1, workers=0),
    "names": lambda: gs.run(OFFICE, 1, ("before", "before")),
    "variant": lambda: gs.run(OFFICE, 1, variant="none"),
    "resume": lambda: gs.resume("absent"),
    "open": lambda: gs.Runs.open("absent"),
    "cases": lambda: runs.cases(),
    "itself": lambda: gs.compare(runs, "after", "after"),
    "configuration": lambda: gs.compare(runs, "process_only"),
    "measure": lambda: gs.compare(runs, measure="speed"),
    "claim": lambda: gs.claims(runs)["none"],
    "of": lambda: gs.attribute(3),
    "bundles": lambda: gs.attribute(OFFICE, 2, ["none"]),
    "statistic": lambda: gs.attribute(OFFICE, 2, statistic="worst"),
    "alone": lambda: gs.attribute(OFFICE, 1),
    "promise": lambda: gs.staff(OFFICE, 2, promise=2),
    "staff": lambda: gs.staff(OFFICE, 0),
    "worlds": lambda: gs.explore(OFFICE, 3),
    "certain": lambda: gs.explore(gs.load("slow_helper.yaml"), 16),
    "lang": lambda: gs.report(runs, "fr"),
    "checklist": lambda: gs.report(runs, checklist="all"),
    "out": lambda: gs.report(runs, out="absent/report.html"),
    "replication": lambda: gs.simulate(MODEL, 1, -1),
    "instants": lambda: gs.simulate(MODEL, 1, 0, max_instants=5),
    "plot": lambda: runs.plot(scope="none"),
}
for name, call in refused.items():
    try:
        print(f"{name}: not refused: {call()!r}")
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
"""


WRONG = """
nonsense
run
check
show
report
--wrong
run absent.yaml
check absent.yaml
check .
check --json absent.yaml
new office
new absent/mine
new .yaml
calendar china 2035
calendar china soon
calendar france 2024
run office.yaml --configurations before,aftr
run office.yaml --configurations ,
run office.yaml --engine turbo
run office.yaml -n 0
run office.yaml -n many
run office.yaml -n 9999999
run office.yaml --keep all
run office.yaml --workers 0
run office.yaml --seed -1
run office.yaml --cohort counte
run office.yaml --variant none
run office.yaml --precision 0
run office.yaml --wrong
run office.yaml -n 1 --out office.yaml
run broken/desks_kind.yaml
show absent
resume absent
export absent --csv
claims absent
report absent
attribute absent
attribute absent.yaml
staff absent
explore absent
explore slow_helper.yaml
show office.yaml
show RUN --cohort counte
show RUN --lang xx
show RUN/attribution
resume RUN/attribution
resume RUN -n 0
export RUN
export RUN --csv --out office.yaml
report RUN --out report.pdf
report RUN --out absent/report.html
report RUN --lang fr
report RUN --checklist all
explore RUN --worlds 8
staff RUN --promise 3
staff RUN --promise 0%
staff RUN --keep-p90 soon
staff RUN -n 0
attribute RUN/attribution
attribute RUN --bundles none
attribute RUN --measure speed
attribute RUN --statistic worst
attribute RUN --scope none
attribute RUN --cohort none
attribute RUN -n 1
"""


# ------------------------------------------------------------------------------------------ trees


class Tree:
    """One of the two trees: its interpreter, what is known of it, what it did unexpectedly."""

    def __init__(self, label: str, python: str, home: Path) -> None:
        self.label, self.python = label, str(Path(python).absolute())
        self.work, self.result = home / "work", home / label
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            "MPLBACKEND": "Agg",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONHASHSEED": str(ord(label)),
        }
        facts = json.loads(self.do("-c", FACTS).stdout or b"{}")
        if not facts:
            raise SystemExit(f"{python}: govsim cannot be imported there")
        self.package, self.versions = facts["package"], facts["versions"]
        self.uses: Counter[str] = Counter()
        self.surprises: list[str] = []
        self.given: set[str] = set()
        self.gained: list[str] = []
        self.patterns = {rule.name: re.compile(self._literal(rule.pattern), re.M) for rule in RULES}

    def _literal(self, pattern: str) -> str:
        """A rule's pattern with what is literally true of this tree."""
        if "NAME" in pattern:
            one = [pattern.replace("NAME", name) for name in VERSIONED]
            versions = [re.escape(self.versions[name]) for name in VERSIONED]
            return "|".join(map(str.replace, one, repeat("VERSION"), versions))
        facts = {"PACKAGE": self.package, "GOVSIM": self.versions["govsim"]}
        return re.sub("|".join(facts), lambda match: re.escape(facts[match[0]]), pattern)

    def do(self, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        """Start the interpreter with some words and wait for it."""
        return subprocess.run(
            [self.python, *words],
            cwd=folder or tempfile.gettempdir(),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )

    def settled(self, text: str, name: str) -> str:
        """An artefact without what may differ; counts how often each rule was used."""
        for rule in RULES:
            if fnmatch.fnmatchcase(name, rule.where):
                text, times = self.patterns[rule.name].subn(rule.put, text)
                self.uses[rule.name] += times
        return text


class Place:
    """A folder in which commands of one tree run one after another."""

    def __init__(self, tree: Tree, name: str) -> None:
        self.tree, self.name, self.folder = tree, name, tree.work / name
        self.number = 0

    def govsim(self, *words: str, code: int | None = 0, kind: str = "") -> None:
        """Run a command; `code` is the exit code that it should have, None where any may come."""
        kind = kind or f"govsim {words[0]}"
        self._say(kind, shlex.join(("govsim", *words)), ("-m", "govsim", *words), code)

    def python(self, name: str, code: str) -> None:
        """Run a piece of Python that uses public names."""
        self._say("Python", name, ("-c", code), 0)

    def run(self, file: str, *words: str, out: str = "runs") -> str:
        """Run a scenario and give the folder of its run, from here."""
        self.govsim("run", file, *ONE, "--out", out, *words)
        folders = sorted((self.folder / out).glob("*"))
        return str(folders[0].relative_to(self.folder)) if folders else f"{out}/none"

    def _say(self, kind: str, title: str, words: tuple[str, ...], code: int | None) -> None:
        done = self.tree.do(*words, folder=self.folder)
        self.number += 1
        if code is not None and done.returncode != code:
            what = f"{title}: exit code {done.returncode} instead of {code}"
            self.surprise(f"{what}\n{done.stderr.decode(errors='replace')}")
        form = b"$ %s\n%s--- stderr\n%s--- exit code %d\n"
        text = form % (os.fsencode(title), done.stdout, done.stderr, done.returncode)
        folder = self.tree.work / "said" / kind
        folder.mkdir(parents=True, exist_ok=True)
        label = f"{self.name} {self.number:03d} {title.replace('/', '_')[:80]}.txt"
        (folder / label).write_bytes(text)

    def rewrite(self, file: str, old: str, new: str, copy: str = "") -> None:
        """Let a scenario, or a copy of it, say something else."""
        text = (self.folder / file).read_text(encoding="utf-8")
        if old not in text:
            raise LookupError(f"{file} does not say {old!r}")
        (self.folder / (copy or file)).write_text(text.replace(old, new), encoding="utf-8")

    def surprise(self, what: str) -> None:
        """Note what should not have happened; in the first tree, nothing is proven then."""
        self.tree.surprises.append(f"{self.name}: {what}")


# ------------------------------------------------------------------------------------ what is done


def tell(place: Place, run: str) -> None:
    """The verdicts in every form."""
    for words in ((), ("--lang", "zh"), ("--json",)):
        place.govsim("claims", run, *words)


def show(place: Place, run: str) -> None:
    """The table in every form."""
    for words in ((), ("--lang", "en"), ("--lang", "zh"), ("--json",), ("--precision", "0.5")):
        place.govsim("show", run, *words)


def worlds(place: Place) -> None:
    """The exploration and the staffing of Kelan, and what they change elsewhere."""
    text = (place.folder / "kelan.yaml").read_text(encoding="utf-8")
    claim = re.compile(r"^  (C\d+):\n(?:    .*\n)+", re.M)
    text = claim.sub(lambda match: match[0] if match[1] in CLAIMS else "", text)
    (place.folder / "claims.yaml").write_text(text, encoding="utf-8")
    run = place.run("claims.yaml", "-n", "2")
    place.govsim("explore", run, *ONE, "--worlds", "16")
    tell(place, run)
    place.govsim("staff", run, *ONE, "-n", "3")
    tell(place, run)
    place.govsim("report", run, "--lang", "both")


def kelan(place: Place) -> None:
    """Runs of Kelan, and its attribution."""
    run = place.run("kelan.yaml", "-n", "3", "--keep", "cases", "--lang", "zh")
    show(place, run)
    place.govsim("show", run, "--cohort", "settled")
    tell(place, run)
    place.govsim("attribute", run, *ONE, "-n", "2")
    place.govsim("claims", run, "--strict", code=None)
    place.govsim("report", run, "--lang", "zh", "--out", "zh.html")
    place.govsim("report", run, "--lang", "both", "--checklist", "stress", "--strict", code=None)
    place.govsim("export", run, "--csv")
    place.run("kelan.yaml", "-n", "2", "--variant", "approval_bureau", out="variant")
    configurations = ("--configurations", "before,merger_only,after,after_stressed")
    stressed = place.run("kelan.yaml", "-n", "2", *configurations, "--seed", "5", out="stressed")
    place.govsim("show", stressed, "--json")
    tell(place, stressed)
    slow = ("-n", "1", "--engine", "reference", "--keep", "activities")
    reference = place.run("kelan.yaml", *slow, out="reference")
    tell(place, reference)
    place.govsim("export", reference, "--csv", "--all")


def office(place: Place) -> None:
    """Everything that can be done with a scenario of `govsim new`."""
    for words in ((), ("--show-defaults",), ("--json",), ("--show-defaults", "--json")):
        place.govsim("check", "office.yaml", *words)
        place.govsim("check", "kelan.yaml", *words)
    run = place.run("office.yaml", "-n", "2", "--keep", "activities")
    name = Path(run).name
    show(place, name)
    tell(place, name)
    place.govsim("report", name, "--lang", "both", "--out", "no studies.html")
    for command in ("attribute", "explore", "staff"):
        size = ("--worlds", "16") if command == "explore" else ("-n", "2")
        place.govsim(command, name, *ONE, *size)
        place.govsim(command, name, *ONE, *size, "--json")
    narrow = ("--bundles", "window,papers", "--measure", "visits", "--scope", "permit")
    place.govsim("attribute", "office.yaml", *ONE, "-n", "2", *narrow)
    place.govsim("staff", "office.yaml", *ONE, "-n", "3", "--keep-p90", "50%", "--promise", "80%")
    tell(place, name)
    for lang in ("en", "zh", "both"):
        place.govsim("report", name, "--lang", lang, "--out", f"{lang}.html")
    place.govsim("report", name, "--checklist", "stress", "--strict", code=None)
    place.govsim("export", name, "--csv")
    place.govsim("export", name, "--csv", "--all", "--out", "all")
    place.govsim("resume", name, "-n", "4", "--workers", "2")
    place.govsim("resume", name)
    place.govsim("resume", name, "--json", "--lang", "zh")
    place.govsim("report", name)
    reference = place.run("office.yaml", "-n", "2", "--engine", "reference", out="reference")
    tell(place, reference)
    place.govsim("report", reference)
    place.govsim("export", reference, "--csv")
    rule = "until: {measure: cycle_time, half_width: 0.5 days, at_most: 12}"
    place.rewrite("office.yaml", "replications: 100", rule, "until.yaml")
    until = place.run("until.yaml", out="until")
    place.govsim("resume", until)
    place.rewrite("office.yaml", "at_least: 10 %", "at_least: 90 %")
    tell(place, name)
    place.govsim("report", name, "--out", "changed.html")
    (place.folder / "office.yaml").unlink()
    tell(place, name)
    place.govsim("resume", name, "-n", "5", *ONE)


def small(place: Place) -> None:
    """The small scenarios, one of them in both engines."""
    for name in ("four_windows", "harmful_pooling", "null_reform", "slow_helper"):
        run = place.run(f"{name}.yaml", "-n", "2", out=name)
        place.govsim("show", run, "--lang", "zh")
        tell(place, run)
        place.govsim("claims", run, "--strict", code=None)
    place.govsim("report", run, "--lang", "both")
    whole = ("-n", "2", "--engine", "reference", "--keep", "activities")
    reference = place.run("null_reform.yaml", *whole, out="reference")
    tell(place, reference)
    place.govsim("export", reference, "--csv")


def words_only(place: Place) -> None:
    """What needs no run: help, schema, calendars, new scenarios, broken files."""
    for words in ((), ("--help",), *((command, "--help") for command in COMMANDS)):
        place.govsim(*words, code=0 if words else None, kind="govsim --help")
    place.govsim("--version")
    place.govsim("schema")
    for years in ("2024", "2024..2026"):
        place.govsim("calendar", "china", years)
    for name in ("mine", "岢岚 县", "a_b.yaml"):
        place.govsim("new", name)
    files = sorted(path.name for path in (place.folder / "broken").glob("*.yaml"))
    for k in range(BROKEN):
        file = f"broken/{files[k * len(files) // BROKEN]}"
        words = ("--json",) if k % 6 == 0 else ()
        place.govsim("check", file, *words, code=2, kind="govsim check of a broken file")


def usage(place: Place) -> None:
    """Wrong usages and damaged folders: messages and exit codes."""
    run = place.run("office.yaml", "-n", "2")
    place.govsim("attribute", run, *ONE, "-n", "2")

    def refused(*words: str, code: int | None = 2) -> None:
        place.govsim(*words, code=code, kind="wrong usage")

    for line in WRONG.strip().splitlines():
        refused(*shlex.split(line.replace("RUN", run)))
    for name, damage in DAMAGES.items():
        folder = place.folder / name
        shutil.copytree(place.folder / run, folder)
        damage(folder)
        for command in ("show", "resume", "report"):
            refused(command, name, code=None)
    place.rewrite("office.yaml", "per_year: 1500", "per_year: 1400")
    for command in ("resume", "attribute", "explore"):
        refused(command, run)


def cut(folder: Path) -> None:
    """Leave the beginning of run.json, of one length whatever the command line is."""
    text = (folder / "run.json").read_text(encoding="utf-8")
    (folder / "run.json").write_text(text.partition('"seed"')[0], encoding="utf-8")


def restate(folder: Path, **settings: object) -> None:
    """Let run.json say something else."""
    stated = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    text = json.dumps({**stated, **settings}, ensure_ascii=False, indent=1)
    (folder / "run.json").write_text(text, encoding="utf-8")


def alter(folder: Path, statement: str) -> None:
    """Change the rows of a run."""
    with closing(sqlite3.connect(folder / "run.sqlite", isolation_level=None)) as connection:
        connection.execute(statement)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": cut,
    "list": lambda folder: (folder / "run.json").write_text("[]", encoding="utf-8"),
    "gone": lambda folder: (folder / "run.json").unlink(),
    "results": lambda folder: restate(folder, results=1),
    "about": lambda folder: restate(folder, about={}),
    "seed": lambda folder: restate(folder, seed="one"),
    "rowless": lambda folder: (folder / "run.sqlite").unlink(),
    "noise": lambda folder: (folder / "run.sqlite").write_bytes(b"noise " * 1000),
    "layout": lambda folder: alter(folder, "PRAGMA user_version = 99"),
    "blob": lambda folder: alter(folder, "UPDATE replications SET measures = x'00'"),
    "study": lambda folder: (folder / "attribution" / "attribution.json").write_text("{}"),
}


def python(place: Place) -> None:
    """What public names give to whoever imports govsim."""
    place.python("public names", PUBLIC)
    place.python("every scenario and every broken file", LOADED)
    place.python("refusals", KEEP + REFUSED)
    for engine in ("reference", "compiled"):
        place.python(f"in memory, {engine} engine", KEEP + IN_MEMORY.replace("ENGINE", engine))
    place.python("studies", KEEP + STUDIES)


CHAINS = (worlds, kelan, office, python, usage, small, words_only)  # the longest first


def prepare(tree: Tree, scenarios: Path) -> None:
    """Give every chain its folder with scenario files, and note which files were put there."""
    warm = tree.work / "warm"
    warm.mkdir(parents=True)
    # Compiles kernels and lists fonts where that was never done: it is said once, never again.
    tree.do("-m", "govsim", "new", "office", folder=warm)
    tree.do("-m", "govsim", "run", "office.yaml", "-n", "1", folder=warm)
    for run in (warm / "runs").glob("*"):
        tree.do("-m", "govsim", "report", str(run), folder=warm)
    for chain in CHAINS:
        folder = tree.work / chain.__name__
        shutil.copytree(ROOT / "tests" / "broken", folder / "broken")
        for path in (*scenarios.glob("*.yaml"), *warm.glob("office.yaml")):
            shutil.copy(path, folder)
    shutil.rmtree(warm)
    tree.given = artefacts(tree.work)


def do_everything(tree: Tree) -> None:
    """All chains in one tree, two at a time; a chain that cannot go on leaves what stopped it."""

    def go(chain: Callable[[Place], None]) -> None:
        place = Place(tree, chain.__name__)
        try:
            chain(place)
        except (OSError, LookupError, ValueError, sqlite3.Error) as error:
            place.surprise(f"cannot go on: {error!r}")
            (place.folder / "stopped.txt").write_text(f"{error!r}\n", encoding="utf-8")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(go, CHAINS))


# ------------------------------------------------------------------------------- what is compared


# What files are called in the table, where their names do not say it: run.json is a name that does.
FILES = {".csv": "exported tables", ".html": "reports", ".yaml": "scenarios written"}


def kind_of(name: str) -> str:
    """In which line of the table an artefact is counted."""
    first, *rest = Path(name).parts
    if first == "said":
        return rest[0]
    if first == "python" and "runs" not in rest:
        return f"from Python, {Path(name).suffix}"
    return FILES.get(Path(name).suffix, Path(name).name)


def artefacts(folder: Path) -> set[str]:
    """Every file below a folder, by its name from there, without what SQLite keeps beside one."""
    paths = [path for path in folder.rglob("*") if not path.name.endswith(("-shm", "-wal"))]
    return {str(path.relative_to(folder)) for path in paths if path.is_file()}


def content(path: Path) -> str:
    """A file as text, losing no byte; a database as its rows."""
    if path.name == "run.sqlite":
        try:
            return "\n".join(rows(path)) + "\n"
        except sqlite3.DatabaseError:
            pass  # one that was damaged on purpose is compared as it is
    return path.read_bytes().decode("utf-8", "surrogateescape")


def rows(path: Path) -> Iterator[str]:
    """All that a database holds, in the order of its first column."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        yield f"user_version {connection.execute('PRAGMA user_version').fetchone()[0]}"
        tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        for name, statement in tables:
            yield f"{name}: {statement}"
            for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY 1'):
                yield "  ".join(map(cell, row))


def cell(value: object) -> str:
    """A number or text as it is; bytes by their digest, and by that of what they unpack to."""
    if not isinstance(value, bytes):
        return repr(value)
    digests = [f"{len(value)} bytes {hashlib.sha256(value).hexdigest()}"]
    try:
        inside = zlib.decompress(value)
        digests.append(f"of {len(inside)} bytes {hashlib.sha256(inside).hexdigest()}")
    except zlib.error:
        pass
    return " ".join(digests)


def without_new_names(text: str, other: str) -> tuple[str, list[str]]:
    """The second tree's public names without those that it alone may have, and which these are."""
    gained = [name for name in NEW_NAMES if re.search(rf"\b{name}\b", text) and name not in other]
    for name in gained:
        text = re.sub(rf"^(?:dir: |all: |refusal: |signature: ){name}\b.*\n", "", text, flags=re.M)
    return text, gained


def equal_ahead(first: Sequence[str], second: Sequence[str]) -> int:
    """How many lines, or characters, are equal before the first that differs."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def difference(first: str, second: str) -> list[str]:
    """The first lines of a unified diff, around the first line and character that differ."""
    texts = [text.split("\n") for text in (first, second)]
    same = equal_ahead(*texts)
    line, other = ("".join(lines[same : same + 1]) for lines in texts)
    column = max(0, equal_ahead(line, other) - WIDTH // 2)
    around, across = slice(max(0, same - 2), same + 4), slice(column, column + WIDTH)
    before, after = ([line[across] for line in lines[around]] for lines in texts)
    place = f"line {same + 1}" + (f", from character {column + 1}" if column else "")
    diff = list(difflib.unified_diff(before, after, lineterm="", n=2))
    return [f"@@ {place} @@", *diff[3 : 3 + SHOWN]]


def compared(name: str, first: Tree, second: Tree) -> list[str]:
    """What differs in an artefact, in a few lines; none where nothing does."""
    for one, other in ((first, second), (second, first)):
        if not (other.result / name).is_file():
            return [f"only in {one.label}"]
    before, after = (tree.settled(content(tree.result / name), name) for tree in (first, second))
    if name == NAMES:
        after, second.gained = without_new_names(after, before)
    return difference(before, after) if before != after else []


def compare(first: Tree, second: Tree) -> tuple[int, int]:
    """Compare all that two trees left, print it, and count what is equal and what differs."""
    counts: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    left = [artefacts(tree.result) - tree.given for tree in (first, second)]
    for name in sorted(left[0] | left[1]):
        counts[kind_of(name)] += 1
        lines = compared(name, first, second)
        if lines:
            differing[kind_of(name)] += 1
            print(f"DIFFERS {name}", *(f"    {line}" for line in lines), sep="\n")
    print(f"\n{'kind of artefact':<36}{'compared':>9}{'differ':>9}")
    for kind, number in sorted(counts.items()):
        print(f"{kind:<36}{number:>9}{differing[kind]:>9}")
    print(f"\n{'what may differ and was blanked':<36}{'in A':>9}{'in B':>9}  why")
    for rule in RULES:
        uses = f"{first.uses[rule.name]:>9}{second.uses[rule.name]:>9}"
        print(f"{rule.name:<36}{uses}  {rule.why}")
    print(f"\nnames that B alone may have: {', '.join(NEW_NAMES)}")
    print(f"names that B alone has of these: {', '.join(second.gained) or 'none'}")
    return counts.total() - differing.total(), differing.total()


def print_environments(first: Tree, second: Tree) -> None:
    """Which trees these are, and which of their packages are not the same."""
    for tree in (first, second):
        print(f"{tree.label}: {tree.python}, govsim {tree.versions['govsim']} in {tree.package}")
    for name in sorted({*first.versions, *second.versions} - {"govsim"}):
        one, other = first.versions.get(name, "none"), second.versions.get(name, "none")
        if one != other:
            print(f"note: {name} is {one} in A, {other} in B: may be why something differs")


def prove(first: Tree, second: Tree, scenarios: Path) -> int:
    """Do everything in both trees and compare it; gives the exit code."""
    for tree in (first, second):
        began = time.perf_counter()
        prepare(tree, scenarios)
        do_everything(tree)
        tree.work.rename(tree.result)
        print(f"{tree.label}: done in {time.perf_counter() - began:.0f} s")
        for surprise in tree.surprises:
            print(f"{tree.label}: {surprise}")
        if tree is first and tree.surprises:
            print("the first tree does not do what it should: nothing is proven")
            return 2
    equal, differing = compare(first, second)
    print(f"{equal} artefacts equal, {differing} differ")
    return 1 if differing else 0


def main() -> int:
    """Read the command line; leave nothing behind but what is to be kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("python_a", help="python of an environment with the first tree")
    parser.add_argument("python_b", help="python of an environment with the second tree")
    parser.add_argument("--scenarios", type=Path, default=ROOT / "scenarios", help="their folder")
    parser.add_argument("--keep", type=Path, help="new folder for what the trees left, in A and B")
    asked = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    if asked.keep and asked.keep.exists():
        parser.error(f"{asked.keep} exists already")
    home = Path(tempfile.mkdtemp(prefix="same_bytes-")).resolve()
    try:
        first, second = Tree("A", asked.python_a, home), Tree("B", asked.python_b, home)
        print_environments(first, second)
        return prove(first, second, asked.scenarios)
    finally:
        if asked.keep:
            shutil.copytree(home, asked.keep)
        shutil.rmtree(home)


if __name__ == "__main__":
    raise SystemExit(main())
