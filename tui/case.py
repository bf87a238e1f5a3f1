"""Case files: a question, marks with notes and incidents in a file, to go on with them on another copy of the logs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsing.errors import UsageError
from parsing.files import whole_file
from parsing.wording import counted
from tui.session import Mark, Session
from tui.settings import toml_mistake

if TYPE_CHECKING:
    from parsing.incidents import Incident
    from parsing.index import Snapshot

ENDING = ".dropline"
VERSION = 1
MOST_BYTES = 4_000_000
MOST_NAMED = 5
"""Names in a sentence on what is missing."""


@dataclass(frozen=True, slots=True)
class CaseSource:
    """A file of the logs as they were. Of its text, nothing is kept."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class CaseIncident:
    """An incident by its id and severity; the logs say the rest."""

    id: str
    severity: str
    errors: int
    requests: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What is handed over. ``paths`` are where the logs lay; ``session`` has the question and the marks, no history."""

    paths: tuple[str, ...]
    session: Session
    sources: tuple[CaseSource, ...] = ()
    incidents: tuple[CaseIncident, ...] = ()


def is_case(words: Sequence[str]) -> bool:
    """Whether the words of a command name a case file, and maybe where the logs lie now."""
    return bool(words) and words[0].lower().endswith(ENDING) and Path(words[0]).is_file()


def case_of(paths: Iterable[str], session: Session, snapshot: Snapshot, incidents: Iterable[Incident]) -> CaseFile:
    """A case of logs as they are now."""
    return CaseFile(
        tuple(path if path == "-" else str(Path(path).absolute()) for path in paths),
        replace(session, filters=(), place=None),
        tuple(CaseSource(source.name, source.rows) for source in snapshot.logs),
        tuple(CaseIncident(one.id, one.severity, one.errors, one.requests) for one in incidents),
    )


def save_case(path: Path, case: CaseFile) -> None:
    """Write the file whole. Raises ``OSError`` or ``LogError`` where it cannot be."""
    import tomlkit

    session = case.session
    question: dict[str, Any] = {"filter": session.filter, "view": session.view, "by": list(session.by)}
    question |= {"log": session.log, "columns": list(session.columns), "sort": session.sort, "order": session.order}
    if session.span:
        question["span"] = [moment.replace(tzinfo=UTC) for moment in session.span]
    table = {
        "version": VERSION,
        "paths": list(case.paths),
        "question": question,
        "mark": [
            {"source": mark.source, "line": mark.line, "time": mark.time.replace(tzinfo=UTC), "note": mark.note}
            for mark in session.marks
        ],
        "source": [{"name": source.name, "rows": source.rows} for source in case.sources],
        "incident": [
            {"id": one.id, "severity": one.severity, "errors": one.errors, "requests": one.requests}
            for one in case.incidents
        ],
    }
    with whole_file(path) as file:
        file.write(tomlkit.dumps(table).encode("utf-8", "replace"))


def load_case(path: Path) -> CaseFile:
    """The case of a file. Raises ``UsageError`` where it cannot be read or is none."""
    try:
        with path.open("rb") as file:
            table = tomllib.loads(file.read(MOST_BYTES).decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the case cannot be read: {error}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the case is no TOML: {toml_mistake(error)}", where=str(path)) from error
    try:
        return _case(table)
    except ValueError as error:
        raise UsageError(f"this is no case of dropline: {error}", where=str(path)) from error


@dataclass(frozen=True, slots=True)
class _Question:
    """The table ``question`` of a case."""

    filter: str
    view: str
    by: tuple[str, ...]
    log: str
    columns: tuple[str, ...]
    sort: str
    order: str
    span: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of a case, by their names in the file."""

    version: int
    paths: tuple[str, ...]
    question: _Question
    mark: tuple[Mark, ...]
    source: tuple[CaseSource, ...]
    incident: tuple[CaseIncident, ...]


def _case(table: Mapping[str, Any]) -> CaseFile:
    """The case of a file's tables. Raises ``ValueError`` where they are none."""
    import msgspec

    if table.get("version", VERSION) != VERSION:
        raise ValueError(f"version {table['version']}, and this program reads {VERSION}")
    tables = msgspec.convert(table, _Tables)
    question = tables.question
    session = Session(
        filter=question.filter,
        log=question.log,
        span=(_in_utc(question.span[0]), _in_utc(question.span[1])) if question.span else None,
        view=question.view,
        columns=question.columns,
        sort=question.sort,
        by=question.by,
        order=question.order,
        marks=tuple(replace(mark, time=_in_utc(mark.time)) for mark in tables.mark),
    )
    return CaseFile(tables.paths, session, tables.source, tables.incident)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def on_these_logs(case: CaseFile, snapshot: Snapshot) -> CaseFile:
    """The case with its marks on the files of this copy: a file that lies elsewhere now is known by its base name."""
    names = {source.name for source in snapshot.logs}
    by_base: dict[str, list[str]] = {}
    for name in names:
        by_base.setdefault(name.rpartition("/")[2], []).append(name)

    def here(name: str) -> str:
        found = by_base.get(name.rpartition("/")[2], [])
        return found[0] if name not in names and len(found) == 1 else name

    marks = tuple(replace(mark, source=here(mark.source)) for mark in case.session.marks)
    sources = tuple(replace(source, name=here(source.name)) for source in case.sources)
    return replace(case, session=replace(case.session, marks=marks), sources=sources)


def missing(case: CaseFile, snapshot: Snapshot, incidents: Iterable[Incident] | None = None) -> list[str]:
    """What the case has and this copy of the logs has not, in sentences. Incidents are compared where they are known."""
    rows = {source.name: source.rows for source in snapshot.logs}
    gone = [source.name for source in case.sources if source.name not in rows]
    shorter = [source for source in case.sources if rows.get(source.name, source.rows) < source.rows]
    marks = [mark for mark in case.session.marks if mark.source not in rows]
    found = []
    if gone:
        found.append(f"{counted(len(gone), 'file')} of the case not here: {_named(gone)}")
    found += [f"{one.name} has {rows[one.name]:,} rows here, {one.rows:,} in the case" for one in shorter[:MOST_NAMED]]
    if marks:
        found.append(
            f"{counted(len(marks), 'mark')} on rows that are not here: {_named(_place(mark) for mark in marks)}"
        )
    if incidents is not None:
        known = {one.id for one in incidents}
        lost = [one.id for one in case.incidents if one.id not in known]
        if lost:
            found.append(f"{counted(len(lost), 'incident')} of the case not found here: {_named(lost)}")
    return found


def _place(mark: Mark) -> str:
    return f"{mark.source}:{mark.line}"


def _named(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else ""
    return ", ".join(known[:MOST_NAMED]) + more
