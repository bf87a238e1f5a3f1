"""Generate logs, run dropline and its yardsticks on them in turn, print the table. Takes minutes and some gigabytes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import against, beyond, correlating, ingest, link, live, queries
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

COMPARED = ("queries", "ingest", "correlate")
"""Parts that can be compared with an earlier checkout."""

ON_REQUEST = ("beyond",)
"""Parts that run only where they are named: ten minutes and twenty gigabytes."""


def _measures(options: argparse.Namespace, folder: Path) -> Iterator[Measure]:
    if options.against:
        for name in options.parts or COMPARED:
            yield from against.measures(options.against, folder, name, options.lines, options.pairs)
        return
    for name in options.parts or [name for name in PARTS if name not in ON_REQUEST]:
        yield from PARTS[name](folder, options.lines, options.long)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all but the last unless named")
    parser.add_argument("--lines", type=int, default=6_000_000, help="entries of the IIS log")
    parser.add_argument("--long", action="store_true", help="also ten times the lines")
    parser.add_argument("--folder", type=Path, help="where to write the logs; a temporary folder unless named")
    parser.add_argument("--against", type=Path, metavar="OLD", help="compare with the checkout OLD instead, in pairs")
    parser.add_argument("--pairs", type=int, default=7, help="runs of each checkout")
    options = parser.parse_args()
    unknown = set(options.parts) - (set(COMPARED) if options.against else set(PARTS))
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    measured: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="dropline-bench-", dir=options.folder) as folder:
        for measure in _measures(options, Path(folder)):
            print(f"{measure.what}: {measure.value:.2f} {measure.unit}  {measure.detail}", file=sys.stderr)
            measured.append(measure)
    print(table(measured))


if __name__ == "__main__":
    main()
