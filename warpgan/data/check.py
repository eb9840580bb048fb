"""What is wrong with a data folder, from the command line: `python -m warpgan.data.check ROOT`.

The exit status is 0 if a loader would take the folder (warnings and notes may be there), and 1 if it has errors or is
not there. The function `warpgan.data.check` does the work.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from warpgan.data.inspection import check


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m warpgan.data.check", description=__doc__.splitlines()[0])
    parser.add_argument("root", help="the folder that holds the data set")
    parser.add_argument("--limit", type=int, default=20, help="problems shown of each kind, by default 20")
    parser.add_argument("--sample", type=int, default=8, help="pictures decoded in each folder, by default 8")
    given = parser.parse_args(arguments)
    try:
        report = check(given.root, limit=given.limit, sample=given.sample)
    except FileNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(report)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
