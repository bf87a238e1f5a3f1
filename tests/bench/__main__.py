"""Generate logs, run dropline and its yardsticks on them in turn, print the table. Takes minutes and some gigabytes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import beyond, correlating, ingest, link, live, queries
from tests.bench.table import Measure, table

Part = Callable[[Path, int, bool], Iterator[Measure]]

PARTS: dict[str, Part] = {
    "ingest": lambda folder, lines, is_long: ingest.measures(folder, lines, is_long=is_long),
    "correlate": lambda folder, lines, is_long: correlating.measures(folder, lines, is_long=is_long),
    "link": lambda folder, lines, is_long: link.measures(folder, lines, is_long=is_long),
    "queries": lambda folder, lines, is_long: queries.measures(folder, lines, is_long=is_long),
    "live": lambda folder, lines, _is_long: live.measures(folder, lines),
    "beyond": lambda folder, _lines, _is_long: beyond.measures(folder),
}
"""What can be measured: from a scratch folder, a number of lines, and whether long runs are wanted."""

ON_REQUEST = ("beyond",)
"""Parts that run only where they are named: ten minutes and twenty gigabytes."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all but the last unless named")
    parser.add_argument("--lines", type=int, default=6_000_000, help="entries of the IIS log")
    parser.add_argument("--long", action="store_true", help="also ten times the lines")
    parser.add_argument("--folder", type=Path, help="where to write the logs; a temporary folder unless named")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    measured: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="dropline-bench-", dir=options.folder) as folder:
        for name in options.parts or [name for name in PARTS if name not in ON_REQUEST]:
            for measure in PARTS[name](Path(folder), options.lines, options.long):
                print(f"{measure.what}: {measure.value:.2f} {measure.unit}  {measure.detail}", file=sys.stderr)
                measured.append(measure)
    print(table(measured))


if __name__ == "__main__":
    main()
