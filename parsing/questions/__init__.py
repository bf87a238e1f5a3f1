"""What can be asked of a log set: questions, how they are asked, and their answers."""

from parsing.questions.count import Count, RowCounts
from parsing.questions.idle_closes import idle_closes, no_idle_closes, only_idle_closes, without_idle_closes
from parsing.questions.question import Answer, PartialT, Question, ValueT, answer, ask, damage_worded, stop_if_cancelled
from parsing.questions.rows.all_rows import rows_in_order
from parsing.questions.rows.ordered_rows import OrderedRows, Page
from parsing.questions.rows.records import field_dtype, resolve_field
from parsing.questions.selection import Selection, Span
from parsing.questions.times.gaps import Gaps
from parsing.questions.times.histogram import Histogram, HistogramCounts
from parsing.questions.times.in_flight import InFlight, InFlightCurve
from parsing.questions.times.sparklines import SparklineCounts, Sparklines
from parsing.questions.values.breakdown import Breakdown, BreakdownTable
from parsing.questions.values.buckets import PERCENTILE_ERROR
from parsing.questions.values.field_counts import field_counts, known_fields
from parsing.questions.values.percentiles import Percentiles, PercentileTable
from parsing.questions.values.slowest import ENOUGH, breakdown_in_order
from parsing.questions.values.top_values import TopValues, ValueSummary
from parsing.questions.why_empty import filter_hints

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
