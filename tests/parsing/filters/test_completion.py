"""Completion offers what could really stand at the cursor, and what it offers parses."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsing.filters.completion import Completion, complete
from parsing.filters.language.grammar import parse
from parsing.filters.language.operations import Cell

FIELDS = ("c-ip", "cs-uri-stem", "s-reason", "sc-status", "time-taken", "X-Team", "x:y")


def values(field: str, typed: str) -> Iterable[tuple[Cell, int]]:
    known: dict[str, list[tuple[Cell, int]]] = {
        "s-reason": [("Timer_ConnectionIdle", 544), ("BadRequest", 12), ("a b", 3), (None, 2)],
        "sc-status": [(503, 7), (200, 5)],
    }
    return [(value, count) for value, count in known.get(field, []) if typed.lower() in str(value).lower()]


def at(text: str) -> Completion:
    """Completion at the bar in a text."""
    return complete(text.replace("|", ""), text.index("|"), fields=FIELDS, values=values)


def texts(found: Completion) -> list[str]:
    return [suggestion.text for suggestion in found.suggestions]


def test_fields_that_begin_so_come_first_and_those_of_the_set_before_others() -> None:
    found = at("rea|")
    assert texts(found)[0] == "reason:"
    assert found.suggestions[0].hint
    assert (found.start, found.end) == (0, 3)
    assert texts(at("x-|"))[0] == "X-Team:"
    assert texts(at("s|"))[0] in ("status:", "s-reason:", "sc-status:", "site:", "source:")
    assert "cs-uri-stem:" in texts(at("stem|"))
    assert '"x:y":' in texts(at("|"))
    for before in ("a |", "a and |", "(|", "-|", "not |", "status:5xx |"):
        assert "reason:" in texts(at(before)), before


def test_a_field_before_an_operator_is_replaced_alone() -> None:
    found = at("rea|xx:abc")
    assert texts(found)[0] == "reason"
    assert (found.start, found.end) == (0, 5)


def test_operators_follow_a_whole_name() -> None:
    assert texts(at("reason|"))[:5] == ["reason:", "reason=", "reason!=", "reason~", "reason!~"]
    assert "taken>" in texts(at("taken|"))
    assert "taken~" not in texts(at("taken|"))


@pytest.mark.parametrize(
    ("text", "first", "span"),
    [
        ("reason:|", ["Timer_ConnectionIdle", "BadRequest", '"a b"', "-"], (7, 7)),
        ("reason:tim|", ["Timer_ConnectionIdle"], (7, 10)),
        ("reason: tim|er and x", ["Timer_ConnectionIdle"], (8, 13)),
        ("reason:(BadRequest, T|", ["Timer_ConnectionIdle", "BadRequest"], (20, 21)),
        ('reason:"a |', ['"a b"'], (7, 10)),
        ("status:|", ["503", "200", "5xx", "4xx", "500..503", "-"], (7, 7)),
        ("time:-|", ["-15m..", "-"], (5, 6)),
        ("(path:/a or reason!=bad|", ["BadRequest"], (20, 23)),
    ],
)
def test_values_with_their_counts(text: str, first: list[str], span: tuple[int, int]) -> None:
    found = at(text)
    assert texts(found) == first
    assert (found.start, found.end) == span
    assert dict(zip(texts(found), found.suggestions, strict=True)).get("BadRequest", found.suggestions[0]).count != 0


@pytest.mark.parametrize("text", ["reason~Tim|", "nothing:a|", '"abc|', "reason~|", "(reason:a)|"])
def test_nothing_is_offered_where_nothing_is_known(text: str) -> None:
    assert texts(at(text)) == []


@settings(max_examples=300)
@given(st.text(st.sampled_from("aresontimx:=(),-\"' ~"), max_size=15), st.data())
def test_what_is_offered_fits_the_text(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    found = complete(text, cursor, fields=FIELDS, values=values)
    assert 0 <= found.start <= cursor <= found.end <= len(text)


@pytest.mark.parametrize("text", ["reason:|", "status:|", "|", "reason|", "time:|", "taken:|", "status:(|"])
def test_what_is_offered_parses(text: str) -> None:
    found = at(text)
    assert found.suggestions
    for suggestion in found.suggestions:
        made = text.replace("|", "")[: found.start] + suggestion.text
        missing = {":": "-", "=": "-", "<": "10:00" if made.startswith("time") else "5", "~": "x"}
        made += missing.get(made[-1].replace(">", "<"), "")
        assert parse(made + ")" * made.startswith("status:("), custom=FIELDS)


def test_a_field_is_suggested_once_whatever_its_names() -> None:
    texts = [found.text for found in complete("que", 3, fields=("s-queuename", "cs-uri-query")).suggestions]
    assert texts.count("queue:") == 1
    assert len(texts) == len(set(texts))
