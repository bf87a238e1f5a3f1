"""The difference that is written shows the same as the frames themselves would, in fewer bytes."""

from __future__ import annotations

from typing import Any

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.driver import Driver

from tui.terminal.driver import differential_driver
from tui.terminal.painted import Painted

COLUMNS, LINES = 40, 6
STYLES = (
    "",
    "1",
    "31",
    "1;38;2;1;2;3;48;2;9;9;9",
    "38;2;1;2;3;48;2;9;9;9",
    "4;31",
    "7;42",
    "38;5;9;48;5;20",
    "94;104",
    "1;38;2;135;215;255;48;2;28;28;28",
    "2;38;2;135;215;255;48;2;28;28;28",
)
TEXTS = st.text(st.sampled_from("ab   …█─◆界é\u0301"), min_size=1, max_size=8)


def painted(row: int, column: int, *parts: tuple[str, str]) -> str:
    text = "".join(f"\x1b[{style}m{text}\x1b[0m" if style else text for style, text in parts)
    return f"\x1b[{row + 1};{column + 1}H{text}"


SPANS = st.builds(
    painted,
    st.integers(0, LINES - 1),
    st.integers(0, 7),
    st.tuples(st.sampled_from(STYLES), TEXTS),
    st.tuples(st.sampled_from(STYLES), TEXTS),
)
FRAMES = st.lists(st.lists(SPANS, min_size=1, max_size=8), min_size=1, max_size=6)


def framed(spans: list[str]) -> str:
    return "".join(spans) + "\x1b[1;1H"


class Shown:
    """A terminal, and what can be seen on it."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.Stream(self.screen)

    def cells(self) -> list[list[Any]]:
        return [[self.seen(self.screen.buffer[row][column]) for column in range(COLUMNS)] for row in range(LINES)]

    @staticmethod
    def seen(cell: Any) -> Any:
        is_blank = cell.data == " " and not (cell.underscore or cell.reverse)
        return (cell.data, cell.bg) if is_blank else cell


@settings(max_examples=60)
@given(FRAMES)
def test_the_difference_shows_what_the_frames_show(frames: list[list[str]]) -> None:
    plain, thrift, known = Shown(), Shown(), Painted()
    for spans in frames:
        frame = framed(spans)
        plain.stream.feed(frame)
        thrift.stream.feed(known.change(frame))
        assert thrift.cells() == plain.cells()
        assert (thrift.screen.cursor.x, thrift.screen.cursor.y) == (plain.screen.cursor.x, plain.screen.cursor.y)


@settings(max_examples=60)
@given(st.lists(SPANS, min_size=1, max_size=8))
def test_it_needs_few_more_bytes_than_the_first_frame_and_fewer_for_the_next(spans: list[str]) -> None:
    known, resets = Painted(), len("\x1b[0;m") * 2 * len(spans)
    below = painted(LINES, 0, ("31", "x" * 40))
    assert len(known.change(framed([*spans, below]))) <= len(framed([*spans, below])) + resets
    assert len(known.change(framed([*spans, below]))) <= len(framed(spans)) + resets, "a row that is shown already"


LIST = [f"{number:3} {chr(97 + number % 26) * 30}" for number in range(30)]


def listed(top: int, cursor: int, lines: list[str], *, first: int = 1, last: int = LINES - 2) -> str:
    """A list between a line above it and one below, with a scrollbar and a row of another style."""
    shown = lines[top : top + last - first + 1]
    rows = [painted(0, 0, ("1", "above".ljust(COLUMNS))), painted(LINES - 1, 0, ("2", "below".ljust(COLUMNS)))]
    for place, line in enumerate(shown):
        style = "7" if top + place == cursor else "38;5;9;48;5;20"
        bar = "█" if place == top % len(shown) else "│"
        rows.append(painted(first + place, 0, (style, line + " " * (COLUMNS - 1 - cell_len(line))), ("31", bar)))
    return framed(rows)


WINDOWS = st.tuples(st.integers(0, 12), st.integers(0, 16))


@settings(max_examples=60)
@given(st.lists(WINDOWS, min_size=2, max_size=8), st.lists(st.sampled_from([*LIST, "", "界 wide"]), min_size=16))
def test_a_scrolled_list_shows_what_its_frames_show(windows: list[tuple[int, int]], lines: list[str]) -> None:
    plain, thrift, known = Shown(), Shown(), Painted()
    for top, cursor in windows:
        frame = listed(min(top, len(lines) - LINES + 2), cursor, lines)
        plain.stream.feed(frame)
        thrift.stream.feed(known.change(frame))
        assert thrift.cells() == plain.cells()
        assert thrift.screen.margins is None or thrift.screen.margins == (0, LINES - 1)


def test_a_list_that_moves_by_a_line_is_scrolled_by_the_terminal() -> None:
    for before, after in ((5, 6), (6, 5)):
        known = Painted()
        whole = known.change(listed(before, before, LIST))
        step = known.change(listed(after, after, LIST))
        kept = LIST[max(before, after) + 1]
        assert kept in whole
        assert kept not in step, "rows that the terminal has already are not sent again"
        assert step.count("\x1bD" if after > before else "\x1bM") == 1
        assert step.index("\x1b[r") < step.index("31m"), "the whole screen scrolls again before anything is painted"


def test_what_is_shown_already_is_not_written_again() -> None:
    known = Painted()
    frame = "\n".join([painted(0, 0, ("31", "red"), ("", " plain")), painted(3, 2, ("1", "bold"))]) + "\x1b[1;1H"
    assert known.change(frame)
    assert known.change(frame) == ""
    assert known.change(framed([painted(0, 0, ("31", "rod"), ("", " plain"))])) == "\x1b[1;2H\x1b[0;31mo\x1b[0m\x1b[H"


def test_colours_are_called_by_their_shortest_names() -> None:
    for colour, name in (
        ("2;135;215;255", "5;117"),
        ("2;38;38;38", "5;235"),
        ("2;1;2;3", "2;1;2;3"),
        ("2;0;0;95", "2;0;0;95"),
    ):
        written = Painted().change(framed([painted(0, 0, (f"38;{colour}", "text"))]))
        assert f"\x1b[0;38;{name}m" in written, "the first of the 256 colours are not the same everywhere"


def test_labels_and_values_of_a_list_cost_two_styles() -> None:
    label, value = "38;2;148;148;148", "38;2;218;218;218"
    frame = framed([painted(row, 1, (label, f"label {row}  "), (value, f"value {row}")) for row in range(LINES)])
    change = Painted().change(frame)
    assert change.count("38;5;246") == 1
    assert change.count("38;5;253") == 1


def test_an_attribute_ends_without_naming_the_colours_again() -> None:
    colours = "38;2;1;2;3;48;2;9;9;9"
    change = Painted().change(framed([painted(0, 0, (f"1;{colours}", "bold"), (colours, " not bold"))]))
    assert "bold \x1b[22mnot bold" in change


def test_forgetting_writes_everything_again() -> None:
    known = Painted()
    frame = framed([painted(0, 0, ("31", "red"))])
    first = known.change(frame)
    known.forget()
    assert known.change(frame) == first


def test_text_whose_width_terminals_disagree_about_is_written_whole() -> None:
    known = Painted()
    frame = framed([painted(0, 0, ("", "界 and more"))])
    assert known.change(frame).count("and more") == 1
    assert known.change(frame).count("and more") == 1


def test_what_is_no_frame_passes_as_it_is_and_nothing_is_trusted_after_it() -> None:
    known = Painted()
    frame = framed([painted(0, 0, ("31", "red"))])
    first = known.change(frame)
    strange = "\x1b[1;1H\x1b[2Jwiped\x1b[1;1H"
    assert known.change(strange) == strange
    assert known.change(frame) == first


class Recorded(Driver):
    """A driver whose terminal is a list of writes."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, data: str) -> None:
        self.written.append(data)

    def flush(self) -> None: ...

    def start_application_mode(self) -> None: ...

    def disable_input(self) -> None: ...

    def stop_application_mode(self) -> None: ...


def differential() -> Any:
    driver: Any = differential_driver(Recorded, Painted())
    return driver()


def test_a_frame_may_come_in_pieces_and_an_unchanged_one_writes_not_even_its_marks() -> None:
    driver = differential()
    frame = framed([painted(0, 0, ("31", "red"))])
    for _ in range(2):
        driver.write("\x1b[?2026h")
        driver.write(frame[:9])
        driver.write(frame[9:])
        driver.write("\x1b[?2026l")
        driver.flush()
    assert driver.written == [f"\x1b[?2026h{Painted().change(frame)}\x1b[?2026l"]
    for piece in (frame[:9], frame[9:]):
        driver.write(piece)
    driver.flush()
    assert len(driver.written) == 1


def test_everything_else_is_written_and_another_screen_is_painted_anew() -> None:
    driver = differential()
    frame = framed([painted(0, 0, ("31", "red"))])
    driver.write(frame)
    driver.flush()
    for harmless in ("\x07", "\x1b]52;c;aGk=\x07", "\x1b[?25l", "\x1b[?2048$p"):
        driver.write(harmless)
    driver.write(frame)
    driver.flush()
    assert driver.written[1:] == ["\x07", "\x1b]52;c;aGk=\x07", "\x1b[?25l", "\x1b[?2048$p"]
    driver.write("\x1b[?1049h")
    driver.write(frame)
    driver.flush()
    assert driver.written[-1] == driver.written[0]
