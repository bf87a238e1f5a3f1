"""Records written as table, CSV, NDJSON or Parquet, as they come and in bounded memory."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsing.export.formats import Format, OutputStyle, write
    from parsing.export.records import Records, of_frame, of_frames
    from parsing.export.redacted_text import redacted_filter, redacted_line
    from parsing.export.redaction import Hide, Redaction, own_key
    from parsing.export.sources import source_records
    from parsing.export.spreadsheet import guarded
else:
    from parsing.public_names import loaded_when_asked

    __getattr__ = loaded_when_asked(
        __name__,
        {
            "formats": "Format OutputStyle write",
            "records": "Records of_frame of_frames",
            "redacted_text": "redacted_filter redacted_line",
            "redaction": "Hide Redaction own_key",
            "sources": "source_records",
            "spreadsheet": "guarded",
        },
    )

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
    "redacted_filter",
    "redacted_line",
    "source_records",
    "write",
]
