from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsing.safe_text import is_safe, safe


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\x00b\tc\r\nd\x7f", "a␀b␉c␍␊d␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("user\u202etxt.exe", "user<U+202E>txt.exe"),
        ("a\u200bb\u2028c\ufeff", "a<U+200B>b<U+2028>c<U+FEFF>"),
        ("\ud800", "<U+D800>"),
        ("\U000e0041", "<U+E0041>"),
    ],
)
def test_what_a_terminal_could_obey_or_hide_is_shown(hostile: str, shown: str) -> None:
    assert safe(hostile) == shown


@pytest.mark.parametrize("text", ["", "/a[b]c[/red]", "naïve café", "日本語", "emoji 🎉", "עברית", "a+b%20c"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text
    assert is_safe(text)


@given(st.text(st.characters(codec=None)))
def test_nothing_unsafe_is_left(text: str) -> None:
    shown = safe(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs")]
    assert not [
        c
        for c in shown
        if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    ]
    assert safe(shown) == shown
    assert is_safe(shown)
    shown.encode("utf-8")


def test_every_format_character_is_masked() -> None:
    assert not [c for c in map(chr, range(0x110000)) if unicodedata.category(c) == "Cf" and is_safe(c)]
