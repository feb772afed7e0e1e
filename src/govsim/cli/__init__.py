"""The command line: arguments in, results on stdout, messages on stderr, exit codes out.

Every heavy import happens inside the command that needs it.
"""

from govsim.cli import runs as runs
from govsim.cli import scenarios as scenarios
from govsim.cli import studies as studies
from govsim.cli.app import main as main
