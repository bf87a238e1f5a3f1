"""What leaves the explorer as files: rows and reports. Writing blocks: it is called in threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from parsing.errors import CancelledError, UsageError
from parsing.files import whole_file, why
from tui.model.endings import RECORDS, REPORTS, form_of
from tui.model.entry import needed_fields, sort_field
from tui.model.question import ScreenQuestion
from tui.model.scene import Scene

if TYPE_CHECKING:
    import polars as pl

    from parsing.export import Redaction
    from parsing.incidents import Incident
    from parsing.index import LogSet, Snapshot, Source

OnProgress = Callable[[int, int], None]
"""Called with how many rows are written, and of how many."""


def check_name(name: str, forms: Mapping[str, str]) -> None:
    """Raises ``UsageError`` for a name of another ending, and for one that no new file can have."""
    _form(name, forms)
    path = _new(name)
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", where=str(path), hint="choose another one")


def _form(name: str, forms: Mapping[str, str]) -> str:
    form = form_of(name, forms)
    if form is None:
        raise UsageError("the name has to end in one of " + " ".join(forms), where=name)
    return form


def _new(name: str) -> Path:
    """The path of a file that is not there yet. Raises ``UsageError`` where it is, and where there cannot be any."""
    try:
        path = Path(name).expanduser()
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return path
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"cannot write there: {why(error)}", where=name) from error
    raise UsageError("there is such a file already", where=str(path), hint="choose another name")


def next_name(name: str) -> str:
    """The name, or with a number the first of it that is free here."""
    path = Path(name)
    names = [name, *(f"{path.stem}-{number}{path.suffix}" for number in range(2, 100))]
    return next((free for free in names if not os.path.lexists(free)), name)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be written: the view of a question, with the scene of its timeline, its files, incidents and how many rows it has.

    Among the files are those that could not be opened, which no snapshot has.
    """

    snapshot: Snapshot
    question: ScreenQuestion
    scene: Scene | None
    sources: tuple[Source, ...]
    incidents: tuple[Incident, ...]
    total: int


def export(
    shown: Shown, name: str, redaction: Redaction | None, on_progress: OnProgress, cancelled: Callable[[], bool]
) -> tuple[Path, int]:
    """Write what a view shows in its order; the file and how many rows it has.

    Of rows all fields, or those of the columns that were chosen.
    """
    from parsing.export import of_frames, write

    form = _form(name, RECORDS)
    written = 0

    def counted(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        nonlocal written
        for frame in frames:
            if cancelled():
                raise CancelledError
            yield redaction.frame(frame) if redaction and shown.question.view != "incidents" else frame
            written += frame.height
            on_progress(written, shown.total)

    path = _new(name)
    with whole_file(path) as out:
        write(of_frames(counted(_frames(shown, redaction, cancelled))), form, out)  # type: ignore[arg-type]
    return path, written


def _frames(shown: Shown, redaction: Redaction | None, cancelled: Callable[[], bool]) -> Iterator[pl.DataFrame]:
    """What the view shows: rows, counted values, events or files."""
    snapshot, question = shown.snapshot, shown.question
    where, log, span = question.rows
    if question.view == "timeline" and shown.scene is not None:
        return _events(shown.scene, redaction)
    if question.view == "incidents":
        from parsing.incidents import incident_records
        from parsing.report import redacted_incident

        found = [redacted_incident(one, redaction.value) if redaction else one for one in shown.incidents]
        return iter([incident_records(found)])
    if question.view == "sources":
        from parsing.export import source_records

        return iter([source_records(shown.sources)])
    if question.view == "reasons":
        from parsing.questions import answer, breakdown_in_order

        counts = breakdown_in_order(where, question.by, None, question.order, log, span)
        return iter([answer(snapshot, counts, cancelled).table])
    from parsing.questions import rows_in_order

    columns = needed_fields(question.columns) if question.columns else None
    sort = sort_field(question.sort)
    return rows_in_order(snapshot, where, columns, log, sort, span=span, cancelled=cancelled)


def _events(scene: Scene, redaction: Redaction | None) -> Iterator[pl.DataFrame]:
    """The events in the window of a scene, and those that belong to its error also outside it."""
    import polars as pl

    from parsing.correlation import EVENT, event_record

    start, end = scene.window
    kept = [event for event in scene.events if event.links or event.key == scene.key or start <= event.end < end]
    hide = redaction.value if redaction else (lambda _, value: value)
    yield pl.DataFrame([event_record(event, hide) for event in kept], schema=EVENT)


def report(
    log_set: LogSet,
    shown: Shown,
    name: str,
    tz: tzinfo,
    redaction: Redaction | None,
    client_port: str | None,
    cancelled: Callable[[], bool],
) -> Path:
    """Write a report of the question."""
    from parsing.report import build_report, redacted, render

    form = _form(name, REPORTS)
    problems = tuple((problem.name, problem.reason) for problem in log_set.problems)
    path = _new(name)
    with whole_file(path) as out:
        built = build_report(
            shown.snapshot,
            shown.question.whole(tz),
            rejects=log_set.rejects(),
            problems=problems,
            client_port=client_port,
            cancelled=cancelled,
        )
        if redaction is not None:
            built = redacted(built, redaction.value)
        out.write(render(built, form, tz).encode())
    return path
