"""Records written as table, CSV, NDJSON or Parquet, as they come and in bounded memory."""

from parsing.export.formats import Format, OutputStyle, write
from parsing.export.records import Records, of_frame, of_frames
from parsing.export.redacted_text import redacted_filter, redacted_line
from parsing.export.redaction import Hide, Redaction, own_key
from parsing.export.sources import source_records
from parsing.export.spreadsheet import guarded
from parsing.filters.expressions import printable

__all__ = [
    "Format",
    "Hide",
    "OutputStyle",
    "Records",
    "Redaction",
    "guarded",
    "of_frame",
    "of_frames",
    "own_key",
    "printable",
    "redacted_filter",
    "redacted_line",
    "source_records",
    "write",
]
