"""Windows events from XML and ``.evtx``: the same events from both, and input that is broken or hostile."""

from __future__ import annotations

import io

import pytest

from parsing.errors import DamagedSourceError
from parsing.formats.evidence.event_rows import event_frame
from parsing.formats.evidence.event_xml import DEEPEST, LONGEST_EVENT, is_event_xml, read_event_xml
from parsing.formats.evidence.evtx_file import read_evtx
from parsing.formats.evidence.windows_event import LONGEST_VALUE, ReadingLosses, WindowsEvent, event_time
from tests.written_events import Written, crash, event_xml, events_xml, evtx_bytes, service, was

EVENTS = [
    was(5011, "2026-06-15T14:10:02.517000Z", "Legacy Orders", 28828),
    crash("2026-06-15T14:10:01Z", 28828),
    crash("2026-06-15T14:10:01Z", 28828, is_named=True),
    service("2026-06-15T14:20:00Z", "W3SVC", 1),
    Written(
        "ASP.NET 4.0.30319.0", 1309, "2026-06-15T14:21:00Z", ["3005"] * 8 + ["/LM/W3SVC/7/ROOT/shop-1", "Full", "/shop"]
    ),
    Written("Microsoft-Windows-HttpEvent", 15021, "2026-06-15T14:22:00Z", {"Endpoint": "[::]:443"}),
]


def from_xml(text: str | bytes) -> tuple[list[WindowsEvent], ReadingLosses]:
    losses = ReadingLosses()
    data = text.encode() if isinstance(text, str) else text
    return list(read_event_xml(io.BytesIO(data), losses)), losses


def from_evtx(data: bytes) -> tuple[list[WindowsEvent], ReadingLosses]:
    losses = ReadingLosses()
    return list(read_evtx(io.BytesIO(data), losses)), losses


def test_both_readers_give_the_same_rows() -> None:
    by_xml, losses = from_xml(events_xml(EVENTS))
    by_evtx, others = from_evtx(evtx_bytes(EVENTS))
    assert not losses
    assert not others
    one, other = event_frame(by_xml, 3), event_frame(by_evtx, 3)
    assert one.drop("line").equals(other.drop("line"))
    assert one["line"].to_list() == [3, 4, 5, 6, 7, 8]
    assert other["line"].to_list() == [1, 2, 3, 4, 5, 6]


def test_what_links_an_event_is_found_whatever_its_form() -> None:
    frame = event_frame(from_xml(events_xml(EVENTS))[0], 1)
    assert frame["provider"].to_list()[:2] == ["WAS", "Application Error"]
    assert frame["pid"].to_list() == [28828, 28828, 28828, None, None, None]
    assert frame["pool"].to_list()[0] == "Legacy Orders"
    assert frame["process"].to_list()[1:3] == ["w3wp.exe", "w3wp.exe"]
    assert frame["site"].to_list()[4] == "7"
    assert '"service":"W3SVC"' in frame["data"][3]


def test_events_without_a_root_and_without_a_namespace_are_read() -> None:
    bare = event_xml(EVENTS[0]).replace(" xmlns='http://schemas.microsoft.com/win/2004/08/events/event'", "")
    found, losses = from_xml(bare * 3)
    assert [event.id for event in found] == [5011] * 3
    assert not losses


def test_an_event_of_which_windows_says_no_number_is_counted_as_lost() -> None:
    found, losses = from_xml(events_xml(EVENTS).replace(">15021<", "><"))
    assert len(found) == len(EVENTS) - 1
    assert losses.events == 1


@pytest.mark.parametrize(
    "broken",
    [
        "<Event><System>",
        "<Event><System></Event>",
        "<Event>&undefined;</Event>",
        "<Event>" + "<a>" * (DEEPEST + 1) + "</a>" * (DEEPEST + 1) + "</Event>",
        "<Event>" + "<a/>" * 6000 + "</Event>",
        "<Event a=1></Event>",
        "<Event>\0</Event>",
    ],
    ids=["cut", "crossed", "entity", "deep", "wide", "attribute", "NUL"],
)
def test_a_broken_event_costs_no_other(broken: str) -> None:
    found, losses = from_xml(event_xml(EVENTS[0]) + broken + event_xml(EVENTS[1]))
    assert [event.id for event in found] == [5011, 1000]
    assert losses.events == 1


def test_a_file_with_a_doctype_is_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(DamagedSourceError, match="DOCTYPE"):
        from_xml(f"<?xml version='1.0'?>{laughs}<Events>{event_xml(EVENTS[0])}</Events>")


def test_an_event_without_end_takes_bounded_memory_and_the_rest_is_read() -> None:
    class Endless(io.RawIOBase):
        """Gives an event that never ends, and after 40 MB another one."""

        def __init__(self) -> None:
            self.given = 0
            self.most_kept = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            if self.given < 40 * LONGEST_EVENT:
                return (b"<Event><System>" + b"x" * size)[:size] if self.given <= size else b"x" * size
            return event_xml(EVENTS[0]).encode() if self.given < 41 * LONGEST_EVENT else b""

    losses = ReadingLosses()
    found = list(read_event_xml(Endless(), losses))
    assert losses.events == 1
    assert [event.id for event in found] == [5011] * len(found)
    assert found


def test_a_long_value_is_cut() -> None:
    [event], _ = from_xml(event_xml(Written("ASP.NET 4.0", 1309, "2026-06-15T14:21:00Z", ["x" * 9000])))
    assert len(event.values["0"]) == LONGEST_VALUE


def test_another_encoding_is_read_as_it_says() -> None:
    text = events_xml([was(5002, "2026-06-15T14:10:02Z", "Müller")]).replace("utf-8", "windows-1252")
    [event], _ = from_xml(text.encode("cp1252"))
    assert event.values["AppPoolID"] == "Müller"


def test_text_that_is_no_export_of_events_is_not_taken_for_one() -> None:
    assert is_event_xml(events_xml(EVENTS).encode())
    assert not is_event_xml(b"<configuration><EventID/></configuration>")


def test_a_whole_event_log_has_lost_nothing() -> None:
    found, losses = from_evtx(evtx_bytes(EVENTS * 20))
    assert len(found) == len(EVENTS) * 20
    assert not losses


def test_a_cut_event_log_says_how_much_is_gone() -> None:
    whole = evtx_bytes(EVENTS * 20)
    found, losses = from_evtx(whole[: 4096 + 2 * 65536 + 700])
    assert len(found) == 40
    assert losses.sentences == ["is cut: 4 of its 6 chunks are missing", "80 of 120 records could not be read"]


def test_a_damaged_chunk_costs_its_own_records_only() -> None:
    whole = bytearray(evtx_bytes(EVENTS * 20))
    whole[4096 + 65536 : 4096 + 65536 + 600] = b"\0" * 600
    found, losses = from_evtx(bytes(whole))
    assert len(found) == 100
    assert losses.sentences == ["1 of its 6 chunks are damaged", "20 of 120 records could not be read"]


@pytest.mark.parametrize("data", [b"", b"ElfFile\0", b"no event log" * 1000, evtx_bytes(EVENTS)[:4096]])
def test_what_is_no_event_log_is_refused_or_empty(data: bytes) -> None:
    try:
        found, _ = from_evtx(data)
    except DamagedSourceError:
        return
    assert not found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2017-06-15T14:27:10.000000000Z", "2017-06-15 14:27:10"),
        ("2017-07-12T17:16:28.2141616Z", "2017-07-12 17:16:28.214161"),
        ("2020-08-01T17:54:42Z", "2020-08-01 17:54:42"),
        ("6/11/2014 9:28:33 PM", "None"),
        ("", "None"),
    ],
)
def test_times_are_read_to_the_microsecond(text: str, shown: str) -> None:
    assert str(event_time(text)) == shown
