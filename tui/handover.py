"""What leaves the explorer: rows and reports as files, command lines as text. Blocking: called in threads."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import tzinfo
from pathlib import Path
from typing import IO, TYPE_CHECKING

import platformdirs

from parsing.errors import CancelledError, LogError, UsageError
from tui.entries import OUTCOME, needed_fields
from tui.question import Question

if TYPE_CHECKING:
    import polars as pl

    from parsing.export.redaction import Redaction
    from parsing.index.log_set import LogSet
    from parsing.index.snapshot import Snapshot

FORMS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet", ".txt": "table"}
REPORTS = {".md": "markdown", ".html": "html", ".json": "json", ".txt": "text"}

MOST_COPIED = 64_000
"""Bytes sent to a terminal's clipboard at most; many take less, and none says so."""


def form_of(name: str, forms: dict[str, str]) -> str:
    """The form that a file name's ending asks for. Raises ``UsageError`` for another ending."""
    form = forms.get(Path(name).suffix.lower())
    if form is None:
        raise UsageError("the name has to end in one of " + " ".join(forms), where=name)
    return form


def export(
    snapshot: Snapshot,
    question: Question,
    name: str,
    *,
    redact: bool,
    told: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> tuple[Path, int]:
    """Write the rows of a question in its order; the file and how many rows it has. All fields, in the usual view."""
    from parsing.export.formats import write
    from parsing.export.records import of_frames
    from parsing.questions.order import rows_in_order

    form = form_of(name, FORMS)
    where, log, span = question.rows
    columns = needed_fields(question.columns) if question.columns else None
    sort = question.sort.replace(OUTCOME, "status") or None
    redaction = _redaction() if redact else None
    written = 0

    def counted(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        nonlocal written
        for frame in frames:
            if cancelled():
                raise CancelledError
            yield redaction.frame(frame) if redaction else frame
            written += frame.height
            told(written)

    frames = rows_in_order(snapshot, where, columns, log, sort, span=span, cancelled=cancelled)
    with _whole_file(name) as (out, path):
        write(of_frames(counted(frames)), form, out)  # type: ignore[arg-type]
    return path, written


def report(log_set: LogSet, snapshot: Snapshot, question: Question, name: str, tz: tzinfo, *, redact: bool) -> Path:
    """Write a report of the question."""
    from parsing.report.building import build_report
    from parsing.report.redacted import redacted
    from parsing.report.rendering import render

    form = form_of(name, REPORTS)
    problems = tuple((problem.name, problem.reason) for problem in log_set.problems)
    built = build_report(snapshot, question.whole(tz), rejects=log_set.rejects(), problems=problems)
    if redact:
        built = redacted(built, _redaction().value)
    with _whole_file(name) as (out, path):
        out.write(render(built, form, tz).encode())
    return path


def _redaction() -> Redaction:
    from parsing.export.redaction import Redaction, own_key

    return Redaction(own_key(platformdirs.user_config_path("dropline", appauthor=False)))


@contextmanager
def _whole_file(name: str) -> Iterator[tuple[IO[bytes], Path]]:
    """A file that appears when it is complete, and never in place of another."""
    path = Path(name).expanduser()
    if path.exists():
        raise UsageError("there is such a file already", where=str(path), hint="choose another name")
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise LogError(error.strerror or "cannot write", where=str(path)) from error
    try:
        with os.fdopen(handle, "wb") as out:
            yield out, path
        Path(temporary).replace(path)
    except OSError as error:
        raise LogError(error.strerror or "cannot write", where=str(path)) from error
    finally:
        with suppress(OSError):
            Path(temporary).unlink()


def command_line(paths: Sequence[str], question: Question, tz: tzinfo) -> str:
    """The command that prints the rows of this view."""
    words = ["dropline", "breakdown" if question.view == "reasons" else "query", *paths]
    text = question.as_text(tz)
    if text:
        words += ["--where", text]
    if question.view == "reasons":
        words += ["--by", ",".join(question.by)]
    else:
        if question.columns:
            words += ["--columns", ",".join(needed_fields(question.columns))]
        if question.sort:
            words += ["--sort", question.sort.replace(OUTCOME, "status")]
    return shlex.join(words)


def keep_text(text: str) -> Path:
    """Write text that is too long for a clipboard to a file; where it is."""
    folder = platformdirs.user_state_path("dropline", appauthor=False)
    path = folder / "copied.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise LogError(error.strerror or "cannot write", where=str(path)) from error
    return path
