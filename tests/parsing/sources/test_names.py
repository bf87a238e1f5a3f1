"""Names of sources: their order, and what is left of hostile ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsing.sources.names import distinct, member_name, natural_key


def test_numbers_in_names_are_ordered_as_numbers() -> None:
    listed = ["httperr10.log", "httperr9.log", "httperr009.log", "HTTPERR1.log", "a/2", "a10/1", "a9/1", "a/10", "x"]
    assert sorted(listed, key=natural_key) == [
        "a/2",
        "a/10",
        "a9/1",
        "a10/1",
        "HTTPERR1.log",
        "httperr009.log",
        "httperr9.log",
        "httperr10.log",
        "x",
    ]
    assert natural_key("9" * 5000) < natural_key("1" + "0" * 5000)


@given(st.lists(st.text("a19B/", max_size=6)))
def test_natural_order_is_an_order(listed: list[str]) -> None:
    backwards = listed[::-1]
    assert sorted(listed, key=natural_key) == sorted(backwards, key=natural_key)


@given(st.text(r"ab./\:C", max_size=20))
def test_member_names_stay_below_their_archive(member: str) -> None:
    parts = member_name(member).split("/")
    assert parts == [""] or not {"", ".", ".."} & set(parts)


def test_names_that_nothing_can_tell_apart_stay_as_they_are() -> None:
    assert distinct([("a", ()), ("a", ()), ("b", ("x",))]) == ["a", "a", "b"]
    assert distinct([("a", ("x", "y")), ("a", ("z", "y"))]) == ["x/y/a", "z/y/a"]
