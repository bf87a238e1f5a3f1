"""Runs the program over a folder of public logs: ``python -m tests.public_logs FOLDER``.

Every log is read, its lines are counted a second time, each row's values are looked for in its line, and each command
runs over the whole folder. It ends with status 1 where a sum is off, a value was not in its line or a command failed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from parsing.formats.detect import HEAD, detect
from parsing.formats.parser import Parser
from parsing.sources.discovery import discover
from tests.parsing.formats.plain_reader import plain_text

COMMANDS = (
    ("index",),
    ("rejects",),
    ("count",),
    ("query",),
    ("breakdown", "--by", "reason"),
    ("breakdown", "--by", "path"),
    ("histogram",),
    ("correlate",),
    ("client-gone",),
    ("report",),
    ("report", "--redact"),
)
FINE = {0, 3}
"""Exit statuses that are no fault: 3 says that some input could not be read."""


def problems_of_file(path: Path, name: str) -> Iterator[str]:
    """What is wrong with how this file is read. A file that is no log is fine where that is said."""
    data = path.read_bytes()
    detection = detect(data[:HEAD], name)
    if not detection.is_log:
        if not detection.why:
            yield "set aside without a reason"
        return
    block = Parser(detection.format, name).parse(data, 1, is_last=True)
    lines = data.split(b"\n") if not data.endswith(b"\n") else data.split(b"\n")[:-1]
    if not block.lines == len(lines) == block.rows + block.directives + block.blank + block.rejected:
        yield f"{len(lines)} lines, but {block.rows} rows, {block.directives} directives, {block.rejected} rejects"
    if detection.format in ("iis-w3c", "httperr"):
        texts = [plain_text(line.rstrip(b"\r")) for line in lines]
        for section in block.sections:
            for row in section.frame.iter_rows(named=True):
                number = row.pop("line")
                row.pop("time")
                missing = [value for value in row.values() if value is not None and str(value) not in texts[number - 1]]
                if missing:
                    yield f"line {number}: {missing} is not in the line"


def problems_of_command(arguments: tuple[str, ...], folder: str) -> Iterator[str]:
    command = [sys.executable, "-m", "tui", arguments[0], folder, *arguments[1:], "--no-cache", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=600)
    if done.returncode not in FINE or "Traceback" in done.stderr:
        yield f"{' '.join(arguments)}: exit status {done.returncode}: {done.stderr[-500:]}"


def problems_of(folder: str) -> Iterator[str]:
    for file in discover([folder]).files:
        if file.path.suffix.lower() in (".log", ".txt") and file.path.is_file():
            yield from (f"{file.name}: {problem}" for problem in problems_of_file(file.path, file.name))
    for arguments in COMMANDS:
        yield from problems_of_command(arguments, folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = list(problems_of(sys.argv[1]))
    print("\n".join(found) or "every log was read as it is written")
    sys.exit(1 if found else 0)
