"""Cuts the logs of a simulated server to some minutes, and says which line became which."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

STAMP = "%Y-%m-%d %H:%M:%S"
SPANS = 3
"""How many spans of a log are cut out."""


def densest(logs: Path, minutes: int) -> list[datetime]:
    """Begins of the spans of so many minutes with the most errors that no timer wrote; they do not overlap."""
    counts: dict[int, int] = {}
    width = timedelta(minutes=minutes)
    epoch = datetime(2000, 1, 1)  # noqa: DTZ001
    for path in (logs / "HTTPERR").glob("*.log"):
        for line in path.read_text("latin-1").splitlines():
            if not line.startswith("#") and " Timer_ConnectionIdle" not in line:
                place = (_time(line) - epoch) // width
                counts[place] = counts.get(place, 0) + 1
    best = sorted(counts, key=lambda place: (-counts[place], place))[:SPANS]
    return [epoch + place * width for place in best]


def cut_logs(logs: Path, cut: Path, begin: datetime, minutes: int) -> dict[tuple[str, int], tuple[str, int]]:
    """Writes what lies in a span to the folder ``cut``; old places of its rows and the new ones."""
    end = begin + timedelta(minutes=minutes)
    kept: dict[tuple[str, int], tuple[str, int]] = {}
    for path in sorted(logs.rglob("*.log")):
        name = path.relative_to(logs).as_posix()
        lines: list[str] = []
        rows = 0
        with path.open("r", encoding="latin-1", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if not line.startswith("#"):
                    if not begin <= _time(line) < end:
                        continue
                    rows += 1
                    kept[name, number] = (name, len(lines) + 1)
                lines.append(line)
        if rows:
            target = cut / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("".join(lines), "latin-1", newline="")
    return kept


def _time(line: str) -> datetime:
    return datetime.strptime(line[:19], STAMP)  # noqa: DTZ007
