"""A Pygments lexer for lines of the two logs: what each word is, seen by its shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from pygments.lexer import RegexLexer
from pygments.token import Comment, Generic, Literal, Name, Punctuation, Text, Whitespace, _TokenType

_METHOD = (
    r"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|CONNECT|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH"
    r"|RPC_IN_DATA|RPC_OUT_DATA|DEBUG|REPORT|MERGE|SUBSCRIBE|POLL|NOTIFY)(?=[ ,]|$)"
)
_REASON = (
    r"(?:Timer|Connection|Connections|Client|Request|App|Forbidden|Invalid|Queue|Disabled|Bad|BadRequest|Internal"
    r"|Length|Url|URL|Header|Hostname|Host|Verb|Version|Field|Entity|Precondition|N)_?[A-Za-z_]*(?=[ ,]|$)"
)


class LogLexer(RegexLexer):
    """Tokens of an entry or a directive. ``log`` is ``iis`` or ``httperr``; reasons are looked for in the latter."""

    name = "IIS and Httperr.log"
    aliases: ClassVar[list[str]] = ["iislog", "httperr"]
    filenames: ClassVar[list[str]] = ["u_ex*.log", "httperr*.log"]
    flags = re.NOFLAG
    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"#[^\n]*", Comment),
            (r"[ \t]+", Whitespace),
            (r"\n", Whitespace),
            (r"\d{4}-\d\d-\d\d(?=[ ,]|$)", Literal.Date),
            (r"\d\d:\d\d:\d\d(?:\.\d+)?(?=[ ,]|$)", Literal.Date),
            (r"-(?=[ ,]|$)", Punctuation),
            (_METHOD, Name.Function),
            (r"HTTP/\d(?:\.\d)?(?=[ ,]|$)", Name.Class),
            (r"\d{1,3}(?:\.\d{1,3}){3}(?:%\d+)?(?=[ ,]|$)", Name.Attribute),
            (r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%\w+)?(?=[ ,]|$)", Name.Attribute),
            (r"[1-5]\d\d(?=[ ,]|$)", Literal.Number.Integer),
            (r"\d+(?=[ ,]|$)", Literal.Number),
            (r"[/*][^ \n]*", Literal.String),
            (_REASON, Name.Exception),
            (r",", Punctuation),
            (r"[^\s,]+", Text),
            (r".", Text),
        ]
    }

    def __init__(self, **options: Any) -> None:
        self.log = options.pop("log", "iis")
        super().__init__(stripnl=False, ensurenl=False, **options)

    def get_tokens_unprocessed(
        self, text: str, stack: Iterable[str] = ("root",)
    ) -> Iterator[tuple[int, _TokenType, str]]:
        """Tokens with their positions; server errors stand out, and only Httperr.log has reasons."""
        for position, kind, value in super().get_tokens_unprocessed(text, stack):
            if kind is Name.Exception and self.log != "httperr":
                yield position, Text, value
            elif kind is Literal.Number.Integer and value[0] == "5" and len(value) == 3:
                yield position, Generic.Error, value
            else:
                yield position, kind, value
