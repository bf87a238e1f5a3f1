"""Mistakes are found before anything runs, each with its place and the name that was meant."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parsing.errors import FilterError
from parsing.filters.language.field_names import custom_names
from parsing.filters.language.grammar import parse
from parsing.filters.language.tree import EVERYTHING, And, Filter, Not, Or, Text, terms


def mistake(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        parse(text, custom=("X-Team",))
    return caught.value


@pytest.mark.parametrize(
    ("text", "marked", "hint"),
    [
        ("reson:x", "reson", "did you mean reason?"),
        ("status:200 sc-staus:1", "sc-staus", "did you mean sc-status?"),
        ("x-tam:a", "x-tam", "did you mean X-Team?"),
        ("qqqq:a", "qqqq", "quote it"),
        ("time:25:99", "25:99", "23:59:59"),
        ("time:2026-02-30", "2026-02-30", ""),
        ("time:10:00..2026-06-15", "10:00..2026-06-15", ""),
        ("time:2026-06-16..2026-06-15", "2026-06-16..2026-06-15", "swap"),
        ("time:-15m", "-15m", "-15m.."),
        ("time:-5parsecs..", "-5parsecs..", "-90s"),
        ("time~10", "10", ""),
        ("c-ip:10.2.0.0/40", "10.2.0.0/40", "32"),
        ("c-ip:300.1.1.1", "300.1.1.1", ""),
        ("c-ip:10.2", "10.2", "10.2.*"),
        ("c-ip:1::2..10.0.0.1", "1::2..10.0.0.1", ""),
        ("taken>5parsecs", "5parsecs", "ms, s, m, h or d"),
        ("taken>5MB", "5MB", "ms, s, m, h or d"),
        ("status>5s", "5s", ""),
        ("status:20x", "20x", ""),
        ("status:500.19", "500.19", "status:500 substatus:19"),
        ("status:>=500", ">=500", "status>=500"),
        ("status==500", "=500", "write ="),
        ("path=~x", "~x", "write ~"),
        ("taken:5xx", "5xx", ""),
        ("status>5xx", "5xx", ""),
        ("status:500..400", "500..400", "swap"),
        ("status:..", "..", ""),
        ("status>(1, 2)", "(", "single"),
        ("status>-", "-", ""),
        ("reason>abc", "abc", ""),
        ("log:httper", "httper", "did you mean httperr?"),
        ("path~a(b", "(", ""),
        ("path~a)", ")", ""),
        ('path~"a[" x', "[", ""),
        ('path~"a"b', '"a"b', "blank"),
        ("path~", "~", ""),
        ("reason:", ":", "reason:-"),
        ("(reason:)", ":", ""),
        ('reason:"abc', '"abc', ""),
        ('"abc', '"abc', ""),
        ("status:(1, 2", "(", ""),
        ("status:(1 2)", "2", "comma"),
        ("status:(1,, 2)", ",", ""),
        ("status:()", ")", ""),
        ("status:(1, (2))", "(2)", ""),
        ("(a or b", "(", ""),
        ("a)", ")", ""),
        ("()", "(", ""),
        ("a and", "and", ""),
        ("or a", "or", ""),
        ("a or or b", "or", ""),
        ("not", "not", ""),
        ("-", "-", ""),
        (":x", ":", ""),
        ("http://x", "http", ""),
        ('""', '""', ""),
        ("status:200 || status:304", "||", "write or"),
        ("status:500 && taken>1s", "&&", "write and"),
        ("'two'", "'two'", 'write "two"'),
        ("reason='QueueFull'", "'QueueFull'", 'write "QueueFull"'),
        ("reason:('QueueFull', AppOffline)", "'QueueFull'", 'write "QueueFull"'),
    ],
)
def test_a_mistake_is_marked_and_explained(text: str, marked: str, hint: str) -> None:
    error = mistake(text)
    assert text[error.start : error.end] == marked
    assert hint in f"{error.reason} {error.hint}"
    assert error.text == text


def test_unknown_fields_may_be_accepted_while_no_log_is_read() -> None:
    found = parse("X-Team:red status:200 -Y:(1, 2) x-team:blue", unknown_fields="accept")
    assert custom_names(found) == ["X-Team", "Y", "x-team"]
    assert str(found) == "X-Team:red and status:200 and -Y:(1, 2) and x-team:blue"
    with pytest.raises(FilterError, match="status is a number; x is not"):
        parse("X-Team:red status:x", unknown_fields="accept")


def test_depth_and_length_have_bounds() -> None:
    for text in ("(" * 10_000, "(" * 10_000 + "a" + ")" * 10_000, "-" * 10_000 + "a", "not " * 10_000 + "a"):
        assert "inside each other" in mistake(text).reason
    assert "conditions" in mistake("a " * 5_000).reason
    assert len(list(terms(parse("a or " * 999 + "a")))) == 1_000
    assert parse("(" * 50 + "a" + ")" * 50) == Text("a")


_CHARS = st.text(st.sampled_from("ab:=<>!~().,*-\"'\\ 0159/%xmsXreason[]{}|^$\t\ud800é\x00"), max_size=40)
_PARTS = (
    "reason : ( ) status 5xx .. - not and or time 10:00 ~ a(b , = c-ip taken > 1.5s != path * 10.0.0.0/8 -15m X-Team"
)
_WORDS = st.lists(st.sampled_from([*_PARTS.split(), " ", '"']), max_size=12).map("".join)


def outcome(text: str) -> Filter | FilterError:
    try:
        return parse(text, custom=("X-Team",))
    except FilterError as error:
        return error


@settings(max_examples=1_500)
@given(st.one_of(_CHARS, _WORDS, st.text(max_size=30)))
@example("time:9000-12-31T23:59..")
@example("time:-999999999d..")
@example("path~(a{1000}){1000}")
@example("status:" + "9" * 5_000)
@example('"a""b"c')
def test_any_text_parses_or_says_where_it_does_not(text: str) -> None:
    found = outcome(text)
    if isinstance(found, FilterError):
        assert 0 <= found.start < found.end <= len(text)
        assert found.reason
    else:
        assert outcome(str(found)) == found


def test_grouping() -> None:
    a, b, c = Text("a"), Text("b"), Text("c")
    assert parse("a or b and c") == Or((a, And((b, c))))
    assert parse("a b or c") == Or((And((a, b)), c))
    assert parse("a AND not b or -c") == Or((And((a, Not(b))), Not(c)))
    assert parse("not(a or b)c") == And((Not(Or((a, b))), c))
    assert parse("(a and (b and c))") == And((a, b, c))
    assert parse('"and"') == Text("and")
    assert parse(" \t ") == EVERYTHING
    assert str(EVERYTHING) == ""


def test_what_was_written_stays_as_it_was() -> None:
    for text in ("taken>1.5s", "Reason:Timer_*", "sc-status:5xx", "time:2026-06-15T10:00..10:15", "c-ip:10.2.0.0/16"):
        assert str(parse(text)) == text


def test_parsing_needs_no_polars() -> None:
    code = (
        "import sys; from parsing.filters.language.grammar import parse; parse('status:5xx time:-15m.. client:10.0.0.0/8');"
        "assert 'polars' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
