"""What log bytes mean: formats found by content, and parsed into typed columns."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsing.formats.layouts import Layout
    from parsing.formats.lexer import LogLexer
    from parsing.formats.lines import code_page
    from parsing.formats.parser import Parser
    from parsing.formats.rows import LOCAL_AS_UTC, Log, ParsedBlock, ParsedRows
else:
    from parsing.public_names import loaded_when_asked

    __getattr__ = loaded_when_asked(
        __name__,
        {
            "layouts": "Layout",
            "lexer": "LogLexer",
            "lines": "code_page",
            "parser": "Parser",
            "rows": "LOCAL_AS_UTC Log ParsedBlock ParsedRows",
        },
    )

__all__ = ["LOCAL_AS_UTC", "Layout", "Log", "LogLexer", "ParsedBlock", "ParsedRows", "Parser", "code_page"]
