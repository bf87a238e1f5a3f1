"""Counts: ``breakdown`` and ``histogram``."""

from __future__ import annotations

from argparse import Namespace

from parsing.errors import UsageError
from parsing.questions import ENOUGH, PERCENTILE_ERROR, BreakdownTable, Histogram, answer, breakdown_in_order
from parsing.wording import counted
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
    least = whole_number(arguments.least_count, "--least-count")
    names = split_names(arguments.by)
    if not names:
        raise UsageError("names no field", where="--by")
    order = arguments.sort or "-count"
    if order.removeprefix("-") not in ORDERS:
        raise UsageError(f"cannot sort values by {order}", where="--sort", hint=f"there are: {', '.join(ORDERS)}")
    with logs(arguments) as found:
        fields = tuple(known_field(name, found.snapshot, "--by") for name in names)
        question = breakdown_in_order(found.where, fields, top, order, arguments.log, least=least)
        values = answer(found.snapshot, question)
        write_frame(arguments, values.table)
        _remark_on_order(arguments, values, order.removeprefix("-"), least)
        if values.without:
            remark(arguments, f"{values.without:,} rows are of a log that does not have this field")
        return found.status(arguments)


def _remark_on_order(arguments: Namespace, values: BreakdownTable, order: str, least: int | None) -> None:
    """How exact the figures are, and which values come last or not at all."""
    if order in TAKEN:
        shown = [name for name in TAKEN if name != "max"]
        within = f"each within {PERCENTILE_ERROR * 100:.0f} %, max exact"
        remark(arguments, f"{', '.join(shown)} and max are milliseconds of time-taken, {within}")
    if values.few and least is None:
        many = counted(values.few, "value comes", "values come")
        remark(arguments, f"{many} last: {order} needs {ENOUGH[order]} rows (--least-count 1 for all in one order)")
    if values.left_out:
        few = (
            f"{values.few:,} of them as they have fewer than {least:,} rows"
            if values.few and least
            else "--top 0 for all"
        )
        more = counted(values.left_out, "more value", "more values")
        remark(arguments, f"{more}, in {values.rows_left_out:,} rows, left out ({few})")


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
