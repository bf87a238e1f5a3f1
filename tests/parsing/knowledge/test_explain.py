from __future__ import annotations

import subprocess
import sys

import pytest

from parsing.errors import UsageError
from parsing.knowledge.explain import explain, explain_all
from parsing.knowledge.statuses import known_statuses, status
from parsing.knowledge.win32 import known_codes, win32


@pytest.mark.parametrize(
    ("word", "kind", "name"),
    [
        ("connection_DROPPED", "reason", "Connection_Dropped"),
        ("N/A", "reason", "N/A"),
        ("404", "status", "404 Not Found"),
        ("500.19", "status", "500.19 Configuration is invalid"),
        ("404.13", "status", "404.13 Content length too large"),
        ("64", "win32", "64 ERROR_NETNAME_DELETED"),
        ("0x40", "win32", "64 ERROR_NETNAME_DELETED"),
        ("2147942464", "win32", "64 ERROR_NETNAME_DELETED"),
        ("-2147024832", "win32", "64 ERROR_NETNAME_DELETED"),
        ("0x80070040", "win32", "64 ERROR_NETNAME_DELETED"),
        ("0x8009030E", "win32", "2148074254 SEC_E_NO_CREDENTIALS"),
        ("121", "win32", "121 ERROR_SEM_TIMEOUT"),
        ("109", "win32", "109 ERROR_BROKEN_PIPE"),
        ("101", "status", "101 Switching Protocols"),
        ("12030", "win32", "12030 ERROR_WINHTTP_CONNECTION_ERROR"),
        ("error_operation_aborted", "win32", "995 ERROR_OPERATION_ABORTED"),
    ],
)
def test_a_word_is_taken_for_what_it_is(word: str, kind: str, name: str) -> None:
    found = explain(word)[0]
    assert (found.word, found.kind, found.name) == (word, kind, name)


@pytest.mark.parametrize("word", ["500.19.64", "500 19 64", "500.19·64", "500.19.2147942464"])
def test_the_misleading_triple_is_told_first(word: str) -> None:
    found = explain(word)
    assert [part.kind for part in found] == ["combination", "status", "win32"]
    assert "client had already left" in found[0].meaning
    assert found[0].ended_by == "client"
    assert {part.word for part in found} == {word}


def test_three_words_of_an_iis_row_are_one() -> None:
    assert explain_all(["500", "19", "64"]) == explain("500 19 64")
    assert [part.word for part in explain_all(["404", "64", "995"])] == ["404", "64", "995"]
    assert [part.kind for part in explain_all(["QueueFull", "503"])] == ["reason", "status"]


@pytest.mark.parametrize("word", ["200.0.64", "206.0.995", "200.0.995"])
def test_a_client_that_left_is_named(word: str) -> None:
    assert explain(word)[0].ended_by == "client"


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("Conection_Droped", "Connection_Dropped"),
        ("abandoned", "Connection_Abandoned_By_ReqQueue"),
        ("queful", "QueueFull"),
    ],
)
def test_an_unknown_word_names_what_is_near(word: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        explain(word)
    assert caught.value.where == word
    assert near in caught.value.hint


@pytest.mark.parametrize(
    "word", ["", "xyzzy", "99999", "598", "999.1", "0x12345678", "٣٤", "1" * 30, "[red]", "\x1b[31m"]
)
def test_what_is_in_no_table_is_a_mistake(word: str) -> None:
    with pytest.raises(UsageError):
        explain(word)


def test_an_undocumented_reason_says_so() -> None:
    assert "undocumented" in explain("NotFound")[0].source


def test_an_unknown_substatus_falls_back_to_its_status() -> None:
    unknown = status(404, 99)
    assert (unknown.name, unknown.is_known) == ("Not Found", False)
    assert "99" in unknown.meaning
    assert not status(777).is_known


def test_the_tables_are_complete() -> None:
    for key in known_statuses():
        code, _, substatus = key.partition(".")
        known = status(int(code), int(substatus) if substatus else None)
        assert known.is_known, key
        assert known.source, key
        assert known.meaning.endswith("."), key
    assert {f"404.{number}" for number in range(21)} <= set(known_statuses())
    assert all(win32(code).meaning.endswith(".") for code in known_codes())
    gone = {code for code in known_codes() if win32(code).is_client_gone}
    assert {64, 109, 121, 995, 1229, 1236, 10053, 10054} <= gone
    assert not gone & {0, 5, 12002, 12030}


def test_the_knowledge_needs_no_polars() -> None:
    code = (
        "import sys; import parsing.knowledge.explain, parsing.knowledge.describe; assert 'polars' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_reason_says_which_status_goes_with_it() -> None:
    assert "HTTP.sys answers 414 URI Too Long." in explain("URL_Length")[0].meaning
    assert "HTTP.sys answers 503 Service Unavailable, or resets the connection." in explain("QueueFull")[0].meaning
    assert "answers" not in explain("Timer_ConnectionIdle")[0].meaning


def test_a_503_says_who_may_have_written_it_and_where_to_look() -> None:
    check = explain("503")[0].first_check
    for word in ("IIS or the application", "HTTP.sys", "Httperr.log", "QueueFull", "AppOffline", "Disabled"):
        assert word in check


@pytest.mark.parametrize(
    ("word", "says"),
    [("500.16", "UNC"), ("500.17", "store"), ("500.18", "store"), ("500.121", "230 s"), ("500.1013", "node.exe")],
)
def test_substatuses_of_500_that_were_unknown(word: str, says: str) -> None:
    found = explain(word)[0]
    assert says in f"{found.name} {found.meaning}"


def test_a_connection_that_the_server_aborted_is_not_laid_at_the_door_of_the_client() -> None:
    found = explain("1236")[0]
    assert found.ended_by == ""
    assert "server" in found.meaning
    assert explain("64")[0].ended_by == "client"
