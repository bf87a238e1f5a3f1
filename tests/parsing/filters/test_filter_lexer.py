"""The lexer gives every character back, and marks the mistake that the grammar finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.token import Error, Keyword, Literal, Name, Number, Operator, Punctuation, String

from parsing.filters.language.filter_lexer import FilterLexer


def kinds(text: str, *custom: str) -> list[tuple[object, str]]:
    found = FilterLexer(custom=custom).get_tokens_unprocessed(text)
    return [(kind, part) for _, kind, part in found if part.strip()]


def test_what_the_parts_of_a_filter_are() -> None:
    text = 'status:5xx and -(path~^/a time:10:00) "b c" client:(::1, -)'
    assert kinds(text) == [
        (Name.Attribute, "status"),
        (Operator, ":"),
        (Number, "5xx"),
        (Keyword, "and"),
        (Keyword, "-"),
        (Punctuation, "("),
        (Name.Attribute, "path"),
        (Operator, "~"),
        (String.Regex, "^/a"),
        (Name.Attribute, "time"),
        (Operator, ":"),
        (Literal.Date, "10:00"),
        (Punctuation, ")"),
        (String.Double, '"b c"'),
        (Name.Attribute, "client"),
        (Operator, ":"),
        (Punctuation, "("),
        (Number.Hex, "::1"),
        (Punctuation, ","),
        (Number.Hex, "-"),
        (Punctuation, ")"),
    ]


def test_a_mistake_is_an_error_and_nothing_else_is() -> None:
    for text, wrong in (("a reson:x", "reson"), ("taken>5parsecs b", "5parsecs"), ('a "b', '"b'), ("path~a(b c", "(")):
        assert [part for kind, part in kinds(text) if kind is Error] == [wrong]
    assert kinds("x-team:a", "X-Team")[0] == (Name.Attribute, "x-team")
    assert kinds("x-team:a")[0] == (Error, "x-team")


@settings(max_examples=300)
@given(st.text(max_size=30))
def test_every_character_comes_back(text: str) -> None:
    assert "".join(part for _, _, part in FilterLexer().get_tokens_unprocessed(text)) == text
