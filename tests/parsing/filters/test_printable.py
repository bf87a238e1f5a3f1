"""Filters with characters that no terminal passes on: as text that can be sent they keep the same rows."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsing.filters.expressions.printable import printable
from parsing.filters.language.grammar import parse
from parsing.filters.language.operations import only, without
from parsing.filters.language.tokens import quoted
from parsing.index.snapshot import Snapshot
from parsing.safe_text import is_safe
from tests.parsing.filters.generated import START, snapshot_of
from tests.parsing.filters.test_compiler_oracle import kept_rows
from tests.small_sets import Table

HOSTILE = (
    "\x1b",
    "a\x1bb",
    "A\x1bB",
    "a␛b",
    "evil\x1b[31m*(x)\x07",
    "/p?q=\x1b",
    "?\x9b",
    "a\u202eb",
    "\u202e\u200b",
    'say "\x00" \\ \x1b',
    "W3SVC1\x1b",
    "10.2.3.4\x1b",
    "fe80::1%\x1b",
    "::ffff:10.2.3.4%\x1b",
    "HTTP/2\x85",
    "tab\tand\nline",
    "plain",
)
FIELDS = {"client": "c-ip", "path": "cs-uri-stem", "query": "cs-uri-query", "uri": "cs-uri", "site": "s-sitename"}
FIELDS |= {"version": "cs-version", "agent": "cs(User-Agent)", "x-time": "X-Time", "source": "source"}
LAYOUTS = (
    ("iis", "a/u_ex\x1b.log", (*(name for name in FIELDS.values() if name not in ("source", "cs-uri")), "sc-status")),
    ("httperr", "httperr\u202e1.log", ("c-ip", "cs-uri", "s-reason", "cs-version")),
)


def tables() -> list[Table]:
    dice = random.Random(11)
    made: list[Table] = []
    for log, source, fields in LAYOUTS:
        rows: list[dict[str, Any]] = []
        for number in range(80):
            values = {name: 200 if name == "sc-status" else dice.choice((*HOSTILE, None)) for name in fields}
            rows.append({"time": (START + timedelta(seconds=number)).isoformat()} | values)
        made.append((log, source, fields, rows))  # type: ignore[arg-type]
    return made


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(tmp_path_factory.mktemp("hostile"), tables(), text=frozenset({"cs-uri-query", "cs(User-Agent)"}))


WORDS = st.sampled_from([*HOSTILE, "u_ex\x1b.log", "a/u_ex\x1b.log", "httperr\u202e1.log"]).map(quoted)
GLOBS = st.sampled_from(['"\x1b"*', '*"\u202e"', '*"\x1b"*', '"10.2"*"\x1b"', '*"x"*"\x07"'])
REGEXES = st.sampled_from(["\x1b", "[\x00-\x1f]", "^[^\x1b]+$", "a\\\x1bb", "(?i)A[\u202e\x1b]B", "\\\\ \x1b"]).map(
    quoted
)
SINGLE = st.one_of(WORDS, GLOBS, st.just("-"))
LISTS = st.lists(SINGLE, min_size=1, max_size=3).map(lambda values: f"({', '.join(values)})")
EXACT = st.lists(st.one_of(WORDS, st.just("-")), min_size=1, max_size=3).map(lambda values: f"({', '.join(values)})")
TERMS = st.tuples(
    st.sampled_from(sorted(FIELDS)),
    st.one_of(
        st.tuples(st.just(":"), st.one_of(SINGLE, LISTS)),
        st.tuples(st.sampled_from(["=", "!="]), st.one_of(WORDS, EXACT)),
        st.tuples(st.sampled_from(["~", "!~"]), REGEXES),
    ),
).map(lambda term: f"{term[0]}{term[1][0]}{term[1][1]}")
CONDITIONS = st.one_of(TERMS, WORDS, TERMS.map(lambda term: f"-{term}"), st.sampled_from(["log:iis", "status:2xx"]))
FILTERS = st.lists(CONDITIONS, min_size=1, max_size=3).flatmap(
    lambda parts: st.sampled_from([" ".join(parts), " or ".join(parts), f"not ({' or '.join(parts)})"])
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=FILTERS)
def test_what_can_be_sent_keeps_the_same_rows(text: str, snapshot: Snapshot) -> None:
    names = snapshot.field_names
    where = parse(text, custom=names)
    sent = str(printable(where, names))
    assert is_safe(sent)
    assert kept_rows(parse(sent, custom=names), snapshot) == kept_rows(where, snapshot)


@given(value=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8))
def test_the_value_of_any_cell_can_be_sent(value: str) -> None:
    for made in (only("agent", value), without("path", value)):
        sent = str(printable(made))
        assert is_safe(sent)
        assert str(printable(parse(sent))) == sent


def test_what_is_safe_stays_as_it_was_typed() -> None:
    where = parse('reason:Timer_* -agent="a b" (export or path~^/ä) taken>5s')
    assert str(printable(where)) == str(where)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ('agent="e\x1b[31m"', r"agent~(?-i)\Ae\x{1B}\[31m\z"),
        ('agent:"e\x1b"', r"agent~\Ae\x{1B}\z"),
        ('-agent=("e\x1b", curl)', r"not (agent=curl or agent~(?-i)\Ae\x{1B}\z)"),
        ('path:/a"\x1b"*', r"path~(?s)\A/a\x{1B}.*\z"),
        ('path~"[\x00-\x1f]"', r"path~[\x{0}-\x{1F}]"),
    ],
)
def test_what_is_sent(text: str, sent: str) -> None:
    assert str(printable(parse(text))) == sent


def test_what_no_text_can_say_stays() -> None:
    spaced = parse('path~"(?x)a \x1b"')
    assert printable(spaced) == spaced, "blanks mean nothing there, but escaped ones do"
    assert not is_safe(str(printable(parse('"X\x1b":1', custom=["X\x1b"]))))
