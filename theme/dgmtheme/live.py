"""Write with the book open: `python -m dgmtheme.live [PROJECT]` is `myst start --execute` in the book's environment."""

import argparse
import subprocess
import sys
from pathlib import Path

from .environment import command, environment, refresh_cache


def main() -> None:
    """Command line; further arguments go to `myst start`."""
    parser = argparse.ArgumentParser(description="Serve the book while writing; pages reload when a source changes.")
    parser.add_argument("project", nargs="?", default=".", type=Path, help="folder of myst.yml (default: here)")
    options, further = parser.parse_known_args()
    root = options.project.resolve()
    refresh_cache(root)
    with environment(root) as variables:
        try:
            sys.exit(subprocess.call(command("start", "--execute", *further), cwd=root, env=variables))
        except KeyboardInterrupt:
            sys.exit(130)


if __name__ == "__main__":
    main()
