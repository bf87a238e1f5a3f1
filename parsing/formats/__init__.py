"""What log bytes mean: formats found by content, and parsed into typed columns."""

from parsing.formats.detect import Detection, detect
from parsing.formats.layouts import Layout
from parsing.formats.lexer import LogLexer
from parsing.formats.lines import code_page
from parsing.formats.parser import Parser
from parsing.formats.rows import LOCAL_AS_UTC, Log, ParsedBlock, ParsedRows

__all__ = [
    "LOCAL_AS_UTC",
    "Detection",
    "Layout",
    "Log",
    "LogLexer",
    "ParsedBlock",
    "ParsedRows",
    "Parser",
    "code_page",
    "detect",
]
