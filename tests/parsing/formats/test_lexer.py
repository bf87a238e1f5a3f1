"""A raw line in tokens: every character is in one, and each word is what its field says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import Comment, Generic, Literal, Name, Punctuation, _TokenType

from parsing.formats.lexer import LogLexer

HTTPERR = (
    "2026-06-15 10:31:40 192.0.2.7 50123 10.0.0.1 443 HTTP/1.1 GET /a.asp?x=1 503 1 QueueFull Pool1",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename".split(),
)


def kinds(text: str, fields: list[str] | None = None) -> dict[str, _TokenType]:
    return {value: kind for kind, value in LogLexer(fields=fields or ()).get_tokens(text) if not value.isspace()}


def test_words_are_what_their_fields_say() -> None:
    found = kinds(*HTTPERR)
    assert found["2026-06-15"] is Literal.Date
    assert found["192.0.2.7"] is Name.Attribute
    assert found["GET"] is Name.Function
    assert found["/a.asp?x=1"] is Literal.String
    assert found["503"] is Generic.Error
    assert found["QueueFull"] is Name.Exception
    assert found["Pool1"] is Name.Namespace


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("2026-06-15", Literal.Date),
        ("fe80::1%4", Name.Attribute),
        ("PROPFIND", Name.Function),
        ("Timer_ConnectionIdle", Name.Exception),
        ("-", Punctuation),
        ("500", Generic.Error),
        ("404", Literal.Number.Integer),
        ("12345", Literal.Number),
    ],
)
def test_without_a_layout_words_are_known_by_their_shape(word: str, kind: _TokenType) -> None:
    assert kinds(f"x {word} y")[word] is kind


def test_a_line_of_another_width_than_the_layout_is_read_by_shape() -> None:
    assert kinds("GET /x 500", HTTPERR[1])["GET"] is Name.Function


def test_a_directive_is_a_comment() -> None:
    assert kinds("#Fields: date time") == {"#Fields: date time": Comment}


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_every_character_is_in_one_token(text: str) -> None:
    assert "".join(value for _, _, value in LogLexer().get_tokens_unprocessed(text)) == text
