"""What the workers tell the screen. An answer that may come late carries what it answers, so that it can be dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

from parsing.errors import LogError
from tui.model.entry import Entry
from tui.model.question import Question, Span
from tui.scenes import Scene
from tui.widgets.histogram import Bars

if TYPE_CHECKING:
    from parsing.filters import Completion
    from parsing.index.log_set import LogSet
    from parsing.index.snapshot import Progress, Snapshot
    from parsing.questions import BreakdownTable, InFlightCurve, RowCounts
    from tui.breakdowns import Trend
    from tui.jobs.breakdowns import Change
    from tui.jobs.engine import Anchor, Found
    from tui.model.page import Rows
    from tui.screens.nearby import Nearby


@dataclass
class Opened(Message):
    """The index is open; reading can begin."""

    log_set: LogSet


@dataclass
class ReadOn(Message):
    """More has been read and committed."""

    progress: Progress


@dataclass
class ReadToEnd(Message):
    """There is nothing more to read."""


@dataclass
class Grown(Message):
    """Rows were added while following."""


@dataclass
class Answered(Message):
    """The rows of a question."""

    found: Found


@dataclass
class Drawn(Message):
    """The histogram of a question."""

    question: Question
    bars: Bars | None


@dataclass
class Valued(Message):
    """The counted values of a question."""

    question: Question
    tally: BreakdownTable
    kept: frozenset[tuple[Any, ...]] | None
    is_whole: bool


@dataclass
class Trended(Message):
    """How the counted values came over time."""

    question: Question
    trends: dict[tuple[Any, ...], Trend]


@dataclass
class Learned(Message):
    """Answers for rows of a view, by the names that ``about`` has for them."""

    about: Nearby[Any]
    answers: Mapping[Any, Any]
    is_whole: bool = True
    is_last: bool = False


@dataclass
class Differed(Message):
    """What changed in a span of a question."""

    question: Question
    span: Span
    changes: list[Change]


@dataclass
class Paged(Message):
    """More rows of a view."""

    rows: Rows
    chunks: dict[int, list[Entry]]


@dataclass
class Detailed(Message):
    """A row with every field; ``raw`` is its exact line, or why there is none."""

    entry: Entry
    raw: bytes | LogError


@dataclass
class Typed(Message):
    """How many rows a filter that is being typed would keep."""

    text: str
    counts: RowCounts


@dataclass
class Completed(Message):
    """What could be typed at a place of a text."""

    text: str
    cursor: int
    completion: Completion


@dataclass
class Failed(Message):
    """Something could not be done; ``what`` names it as the object of "cannot", ``group`` its kind of work."""

    what: str
    error: LogError
    group: str = ""


@dataclass
class Located(Message):
    """A row whose timeline is to be shown; ``missing`` is said where there is none."""

    entry: Entry | None
    missing: str
    kind: str
    is_next: bool


@dataclass
class Laid(Message):
    """A scene of the timeline, as far as it is known by now; ``wanted`` is what was asked for."""

    wanted: object
    snapshot: Snapshot
    scene: Scene


@dataclass
class Curved(Message):
    """Requests in flight over a window."""

    window: Span
    curve: InFlightCurve


@dataclass
class Placed(Message):
    """Where something is in the rows of a question; ``missing`` is said where it is nowhere.

    ``anchor`` finds it in newer rows of the question. With ``moves``, it only holds while the cursor was not moved since.
    """

    question: Question
    rows: Rows
    row: int | None
    anchor: Anchor
    missing: str = ""
    moves: int | None = None
    fields: tuple[str, ...] = ()
    """Where in the row the text that was looked for is."""


@dataclass
class Given(Message):
    """Something was found for a command, which goes on with it."""

    go_on: Callable[[], None]


@dataclass
class Told(Message):
    """A line for the user."""

    text: str
