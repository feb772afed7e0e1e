"""Execute notebooks (py:percent) from top to bottom; `--keep DIR` writes them with their outputs.

Also refuses a twin .ipynb whose cells are not those of its .py.
"""

import argparse
import pathlib
import sys
import time

import jupytext
import nbclient
import nbformat

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("notebooks", nargs="+", type=pathlib.Path)
parser.add_argument("--keep", type=pathlib.Path)
options = parser.parse_args()
for path in options.notebooks:
    notebook = jupytext.read(path)
    twin = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    if [c.source for c in twin.cells] != [c.source for c in notebook.cells]:
        sys.exit(
            f"{path.with_suffix('.ipynb')}: not the twin of {path}; run: jupytext --to ipynb {path}"
        )
    began = time.perf_counter()
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    print(f"{path}: {len(notebook.cells)} cells, {time.perf_counter() - began:.1f} s")
    if options.keep:
        nbformat.write(notebook, options.keep / path.with_suffix(".ipynb").name)
