"""What can be asked of a log set: questions, how they are asked, and their answers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsing.questions.count import Count, RowCounts
    from parsing.questions.question import (
        Answer,
        PartialT,
        Question,
        ValueT,
        answer,
        ask,
        damage_worded,
        stop_if_cancelled,
    )
    from parsing.questions.rows.all_rows import rows_in_order
    from parsing.questions.rows.ordered_rows import OrderedRows, Page
    from parsing.questions.rows.records import field_dtype, resolve_field
    from parsing.questions.selection import Selection, Span
    from parsing.questions.times.gaps import Gaps
    from parsing.questions.times.histogram import Histogram, HistogramCounts
    from parsing.questions.times.in_flight import InFlight, InFlightCurve
    from parsing.questions.times.sparklines import SparklineCounts, Sparklines
    from parsing.questions.usual_closes import idle_closes, no_idle_closes, only_idle_closes, without_idle_closes
    from parsing.questions.values.breakdown import Breakdown, BreakdownTable
    from parsing.questions.values.buckets import PERCENTILE_ERROR
    from parsing.questions.values.field_counts import field_counts, known_fields
    from parsing.questions.values.percentiles import Percentiles, PercentileTable
    from parsing.questions.values.slowest import ENOUGH, breakdown_in_order
    from parsing.questions.values.top_values import TopValues, ValueSummary
    from parsing.questions.why_empty import filter_hints
else:
    from parsing.public_names import loaded_when_asked

    __getattr__ = loaded_when_asked(
        __name__,
        {
            "count": "Count RowCounts",
            "usual_closes": "idle_closes no_idle_closes only_idle_closes without_idle_closes",
            "question": "Answer PartialT Question ValueT answer ask damage_worded stop_if_cancelled",
            "rows.all_rows": "rows_in_order",
            "rows.ordered_rows": "OrderedRows Page",
            "rows.records": "field_dtype resolve_field",
            "selection": "Selection Span",
            "times.gaps": "Gaps",
            "times.histogram": "Histogram HistogramCounts",
            "times.in_flight": "InFlight InFlightCurve",
            "times.sparklines": "SparklineCounts Sparklines",
            "values.breakdown": "Breakdown BreakdownTable",
            "values.buckets": "PERCENTILE_ERROR",
            "values.field_counts": "field_counts known_fields",
            "values.percentiles": "Percentiles PercentileTable",
            "values.slowest": "ENOUGH breakdown_in_order",
            "values.top_values": "TopValues ValueSummary",
            "why_empty": "filter_hints",
        },
    )

__all__ = [
    "ENOUGH",
    "PERCENTILE_ERROR",
    "Answer",
    "Breakdown",
    "BreakdownTable",
    "Count",
    "Gaps",
    "Histogram",
    "HistogramCounts",
    "InFlight",
    "InFlightCurve",
    "OrderedRows",
    "Page",
    "PartialT",
    "PercentileTable",
    "Percentiles",
    "Question",
    "RowCounts",
    "Selection",
    "Span",
    "SparklineCounts",
    "Sparklines",
    "TopValues",
    "ValueSummary",
    "ValueT",
    "answer",
    "ask",
    "breakdown_in_order",
    "damage_worded",
    "field_counts",
    "field_dtype",
    "filter_hints",
    "idle_closes",
    "known_fields",
    "no_idle_closes",
    "only_idle_closes",
    "resolve_field",
    "rows_in_order",
    "stop_if_cancelled",
    "without_idle_closes",
]
