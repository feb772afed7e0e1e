"""Print one of the README's set-up commands (`run` or `tests`): CI calls what the README promises,
not a copy of it.
"""

import pathlib
import re
import sys

readme = (pathlib.Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
found = re.search(rf"<!-- command: {sys.argv[1]} -->\s*```\w*\n(.*?)```", readme, re.S)
if found is None:
    sys.exit(f"README.md has no command named {sys.argv[1]!r}")
print(found.group(1))
