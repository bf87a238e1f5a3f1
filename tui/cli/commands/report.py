"""The set at a glance: ``report``, and what ``dropline PATH...`` prints without a terminal."""

from __future__ import annotations

from argparse import Namespace

from parsing.report import build_report, redacted, render
from tui.cli.console import destination, form_of
from tui.cli.logs import logs, port_field, zone
from tui.settings import own_redaction

_USUAL, _WIDEST = 80, 120


def report(arguments: Namespace) -> int:
    form = form_of(arguments, is_report=True)
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
        return found.status(arguments, is_told=True)
