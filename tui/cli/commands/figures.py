"""Counts: ``breakdown`` and ``histogram``."""

from __future__ import annotations

from argparse import Namespace

from parsing.errors import UsageError
from parsing.questions import PERCENTILE_ERROR, Histogram, answer, breakdown_in_order
from tui.cli.commands.rows import known_field, split_names
from tui.cli.console import refuse_parquet_on_terminal, remark
from tui.cli.logs import logs, span_of
from tui.cli.numbers import bucket_length, whole_number
from tui.cli.output import write_frame
from tui.model.question import ORDERS, TAKEN

_BARS = 80
_MOST_BUCKETS = 5_000_000


def breakdown(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    top = whole_number(arguments.top, "--top") or None
    names = split_names(arguments.by)
    if not names:
        raise UsageError("names no field", where="--by")
    order = arguments.sort or "-count"
    if order.removeprefix("-") not in ORDERS:
        raise UsageError(f"cannot sort values by {order}", where="--sort", hint=f"there are: {', '.join(ORDERS)}")
    with logs(arguments) as found:
        fields = tuple(known_field(name, found.snapshot, "--by") for name in names)
        values = answer(found.snapshot, breakdown_in_order(found.where, fields, top, order, arguments.log))
        write_frame(arguments, values.table)
        if order.removeprefix("-") in TAKEN:
            remark(
                arguments,
                f"{', '.join(TAKEN)} are milliseconds of time-taken, each within {PERCENTILE_ERROR * 100:.0f} %",
            )
        if values.left_out:
            remark(
                arguments,
                f"{values.left_out:,} more values, in {values.rows_left_out:,} rows, are left out (--top 0 for all)",
            )
        if values.without:
            remark(arguments, f"{values.without:,} rows are of a log that does not have this field")
        return found.status(arguments)


def histogram(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    every = bucket_length(arguments.every, "--every")
    with logs(arguments) as found:
        span = span_of(arguments, found.snapshot)
        question = Histogram(found.where, every, _BARS, span, log=arguments.log)
        axis = question.axis(found.snapshot)
        if axis is not None and axis.count > _MOST_BUCKETS:
            why = f"{arguments.every} makes {axis.count:,} buckets, and {_MOST_BUCKETS:,} are the most"
            raise UsageError(why, where="--every", hint="take longer ones")
        bars = answer(found.snapshot, question)
        write_frame(arguments, bars.table)
        return found.status(arguments)
