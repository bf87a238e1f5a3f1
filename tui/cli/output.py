"""Writing the records of a command in the format that was asked for."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, cast

from parsing.errors import UsageError
from tui.cli.console import destination, form_of
from tui.cli.logs import zone

if TYPE_CHECKING:
    import polars as pl

    from parsing.export import Format, Hide, Records


def hiding(arguments: Namespace) -> Hide:
    """The user's pseudonyms if they were asked for, else values as they are."""
    if not arguments.redact:
        return lambda _, value: value
    from tui.settings import own_redaction

    return own_redaction().value


def write_records(
    arguments: Namespace, records: Records, *, has_header: bool = True, is_redacted: bool = False
) -> None:
    """The records on standard output or into ``--out``, with pseudonyms if asked for and not there already."""
    from parsing.export import OutputStyle, guarded, write

    form = cast("Format", form_of(arguments))
    if getattr(arguments, "redact", False) and not is_redacted:
        from tui.settings import own_redaction

        records = records.through(own_redaction().frame)
    if getattr(arguments, "csv_safe", False):
        if form != "csv":
            raise UsageError(f"is for csv, and this is {form}", where="--csv-safe", hint="--format csv")
        records = guarded(records)
    with destination(arguments, is_text=form == "table") as goal:
        style = OutputStyle(goal.is_terminal, goal.width, zone(getattr(arguments, "tz", None)), has_header)
        write(records, form, goal.stream, style)


def write_frame(arguments: Namespace, frame: pl.DataFrame, *, has_header: bool = True) -> None:
    from parsing.export import of_frame

    write_records(arguments, of_frame(frame), has_header=has_header)
