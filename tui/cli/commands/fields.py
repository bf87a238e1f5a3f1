"""Which fields there are, and with paths which of them the logs have: ``fields``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

import polars as pl

from parsing.errors import UsageError
from parsing.questions import field_counts, known_fields
from tui.cli.console import form_of, refuse_parquet_on_terminal, remark
from tui.cli.logs import logs
from tui.cli.output import write_frame
from tui.cli.progress import Meter, meter

_LISTED = ("field", "short", "log", "unit", "meaning")
_LISTED_OF_LOGS = ("field", "short", "log", "share", "values", "meaning")
"""The columns of a table for people; the other forms have all of them."""


def fields(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    is_table = form_of(arguments) == "table"
    if not arguments.words:
        _refuse_conditions(arguments)
        known = known_fields()
        write_frame(arguments, known.select(_LISTED) if is_table else known)
        return 0
    with logs(arguments) as found:
        with meter("counting", is_quiet=arguments.quiet) as shown:
            counted = pl.concat(_metered(field_counts(found.snapshot, found.where, arguments.log), shown))
        write_frame(arguments, _for_people(counted) if is_table else counted)
        if is_table:
            remark(arguments, "share: how many of the rows whose log has the field have a value in it")
        return found.status(arguments)


def _refuse_conditions(arguments: Namespace) -> None:
    given = [f"--{name}" for name in ("where", "preset", "since", "until", "log") if getattr(arguments, name)]
    if given:
        raise UsageError(f"{' and '.join(given)} without a path", where="fields", hint="name the logs")


def _metered(tables: Iterator[pl.DataFrame], shown: Meter) -> Iterator[pl.DataFrame]:
    for number, table in enumerate(tables):
        shown.fields(number)
        yield table


def _for_people(table: pl.DataFrame) -> pl.DataFrame:
    """How often each field has a value as a share of the rows that could have one."""
    return table.with_columns(share=pl.col("logged") / pl.col("rows")).select(_LISTED_OF_LOGS)
