"""The set at a glance: ``report``, and what ``dropline PATH...`` prints without a terminal."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from parsing.errors import UsageError
from parsing.filters import EVERYTHING
from parsing.incidents import find_incidents
from parsing.report import build_report, redacted, render
from parsing.wording import counted
from tui.case import ENDING, CaseFile, case_of, missing, on_these_logs, save_case
from tui.cli.console import destination, form_of, remark, say
from tui.cli.logs import logs, port_field, zone
from tui.session import Session, load_session, session_file
from tui.settings import own_redaction

if TYPE_CHECKING:
    from parsing.index import Snapshot

_USUAL, _WIDEST = 80, 120


def report(arguments: Namespace) -> int:
    """The report, or where ``--out`` names a case file, the case."""
    if arguments.out and not arguments.format and arguments.out.lower().endswith(ENDING):
        return _case(arguments)
    form = form_of(arguments, is_report=True)
    case: CaseFile | None = getattr(arguments, "case", None)
    incident = getattr(arguments, "incident", None) or ""
    with logs(arguments) as found:
        problems = tuple(found.missing().items())
        port = port_field(arguments, found.snapshot)
        built = build_report(
            found.snapshot,
            found.where,
            rejects=found.log_set.rejects(),
            problems=problems,
            client_port=port,
            incident="" if incident == "all" else incident,
            proves=bool(incident),
        )
        if arguments.redact:
            built = redacted(built, own_redaction().value)
        with destination(arguments, is_text=form in ("text", "markdown")) as goal:
            width = min(goal.width or _USUAL, _WIDEST)
            text = render(built, form, zone(arguments.tz), width)
            goal.stream.write(text.encode())
        if case is not None:
            _say_missing(case, found.snapshot)
        return found.status(arguments, is_told=True)


def _say_missing(case: CaseFile, snapshot: Snapshot) -> None:
    for sentence in missing(on_these_logs(case, snapshot), snapshot, find_incidents(snapshot)):
        say(sentence)


def _case(arguments: Namespace) -> int:
    """Write the question of the command line, the marks and notes of the explorer, and the incidents."""
    if arguments.redact or getattr(arguments, "incident", None):
        hint = "it has no text of the logs but what filter and notes quote"
        raise UsageError("is for a report, and this is a case file", where="--redact or --incident", hint=hint)
    with logs(arguments) as found:
        session = load_session(session_file(arguments.words)) or Session()
        if found.where != EVERYTHING:
            session = replace(session, filter=str(found.where), span=None)
        case = case_of(arguments.words, session, found.snapshot, find_incidents(found.snapshot, found.where))
        save_case(Path(arguments.out), case)
        marks, incidents = counted(len(session.marks), "mark"), counted(len(case.incidents), "incident")
        remark(arguments, f"wrote the question, {marks} and {incidents} to {arguments.out}")
        return found.status(arguments)
