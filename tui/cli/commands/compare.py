"""What differs between two sets of rows: ``compare``."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, timedelta

import polars as pl

from parsing.compare import SURE, Comparison, Side, SideFacts, before_and_after, two_filters, with_earlier_days
from parsing.compare import compare as differences
from parsing.errors import UsageError
from parsing.export import of_frame
from parsing.filters import Filter
from parsing.wording import counted, elapsed
from tui.cli.commands.rows import known_field, split_names
from tui.cli.console import form_of, refuse_parquet_on_terminal, remark
from tui.cli.logs import Logs, filter_of, logs, moment_of, span_of, where_of, zone
from tui.cli.numbers import bucket_length
from tui.cli.output import hiding, write_records
from tui.cli.progress import meter

_USUAL_LENGTH = timedelta(minutes=30)

_RECORD = {
    "field": pl.String(),
    "value": pl.String(),
    "measure": pl.String(),
    "a": pl.Float64(),
    "b": pl.Float64(),
    "a_count": pl.Int64(),
    "b_count": pl.Int64(),
    "difference": pl.Float64(),
    "sure": pl.Float64(),
    "summary": pl.String(),
}
_LISTED = ("sure", "measure", "a_count", "b_count", "summary")
"""The columns of a table for people; the other forms have the whole record."""


def compare(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    length = bucket_length(getattr(arguments, "for"), "--for")
    _refuse_other_ways(arguments)
    _filters(arguments, None)
    with logs(arguments) as found:
        names = split_names(arguments.by or "")
        fields = [known_field(name, found.snapshot, "--by") for name in names]
        a, b = _sides(arguments, found, length or _USUAL_LENGTH)
        with meter("comparing", is_quiet=arguments.quiet) as shown:
            for answer in differences(found.snapshot, a, b, fields=fields, log=arguments.log):
                shown.values(answer.looked_at)
        hide = hiding(arguments)
        frame = pl.DataFrame([finding.hidden(hide).record() for finding in answer.findings], schema=_RECORD)
        is_table = form_of(arguments) == "table"
        write_records(arguments, of_frame(_for_people(frame, answer) if is_table else frame), is_redacted=True)
        _remark_on_sides(arguments, answer)
        return found.status(arguments)


def _refuse_other_ways(arguments: Namespace) -> None:
    """There are three ways to say what is compared, and one of them has to be taken."""
    given = [name for name in ("--at", "--usual") if getattr(arguments, name.strip("-"))]
    if arguments.a or arguments.b:
        given.insert(0, "--a and --b")
    if len(given) > 1:
        raise UsageError(f"takes {given[0]} or {given[1]}, not both", where="compare")
    if not given:
        hint = "--at TIME for before and after a moment, --a and --b for two filters, or --usual 7d with --since"
        raise UsageError("compare what with what?", where="compare", hint=hint)
    if getattr(arguments, "for") and not arguments.at:
        raise UsageError("is for --at", where="--for")
    if arguments.usual and not (arguments.since or arguments.until):
        raise UsageError("needs --since or --until: the span that is compared", where="--usual")


def _filters(arguments: Namespace, custom: tuple[str, ...] | None) -> tuple[Filter | None, Filter | None]:
    """The filters of ``--a`` and ``--b``, for logs with these custom fields (any, where they are not known yet)."""

    tz = zone(arguments.tz)
    a, b = (None if text is None else filter_of(text, tz, custom) for text in (arguments.a, arguments.b))
    return a, b


def _sides(arguments: Namespace, found: Logs, length: timedelta) -> tuple[Side, Side]:
    if found.snapshot.oldest is None:
        return Side("in a"), Side("in b")
    if arguments.at:
        return before_and_after(moment_of(arguments.at, "--at", arguments, found.snapshot), length, found.where)
    if not arguments.usual:
        return two_filters(*_filters(arguments, found.snapshot.field_names), found.where)
    span = span_of(arguments, found.snapshot)
    if span is None or span[0] >= span[1]:
        hint = "write them with their date: --since 2026-06-15T10:00"
        raise UsageError("--since and --until name no span of these logs", where="--usual", hint=hint)
    unbounded = Namespace(**{**vars(arguments), "since": None, "until": None})
    where = where_of(unbounded, zone(arguments.tz), found.snapshot.field_names)
    return with_earlier_days(span, int(arguments.usual.removesuffix("d")), where)


def _for_people(frame: pl.DataFrame, answer: Comparison) -> pl.DataFrame:
    certainty = pl.Series([finding.certainty for finding in answer.findings], dtype=pl.String)
    return frame.with_columns(sure=certainty).select(_LISTED)


def _remark_on_sides(arguments: Namespace, answer: Comparison) -> None:
    for name, side in (("a", answer.a), ("b", answer.b)):
        remark(arguments, f"{name}: {_worded(arguments, side)}")
    if not answer.findings:
        what = "nothing differs by more than chance" if answer.looked_at else "there is nothing to compare"
        remark(arguments, f"{what} ({counted(answer.looked_at, 'value')} looked at)")
    else:
        sure = sum(finding.sure >= SURE for finding in answer.findings)
        remark(arguments, f"{counted(answer.looked_at, 'value')} looked at; {sure} sure to differ")


def _worded(arguments: Namespace, side: SideFacts) -> str:
    rows = f"{counted(side.requests, 'request')}, {counted(side.errors, 'error')}"
    idle = f", {counted(side.idle_closes, 'idle close')} set apart" if side.idle_closes else ""
    if side.begin is None:
        return f"{side.label}, {rows}{idle}"
    begin = side.begin.replace(tzinfo=UTC).astimezone(zone(arguments.tz))
    return f"{side.label}, {elapsed(side.length)} from {begin:%Y-%m-%d %H:%M:%S}, {rows}{idle}"
