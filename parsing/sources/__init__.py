"""Where log bytes come from: files, folders, archives, standard input; read as blocks of whole lines."""

from parsing.sources.discovery import STANDARD_INPUT, Discovery, Problem, SourceFile, discover, is_pipe
from parsing.sources.names import natural_key
from parsing.sources.stream import Stream, open_source

__all__ = [
    "STANDARD_INPUT",
    "Discovery",
    "Problem",
    "SourceFile",
    "Stream",
    "discover",
    "is_pipe",
    "natural_key",
    "open_source",
]
