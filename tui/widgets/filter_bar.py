"""The filter bar: what keeps the rows that are seen, how many there are, and while typing what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import lru_cache

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal

from parsing.errors import FilterError
from parsing.filters import Filter, parse
from parsing.safe_text import safe
from tui.glyphs import Glyphs
from tui.model.fact import Part
from tui.widgets.line_edit import LineEdit
from tui.widgets.toned import OneLine

_TONES = {
    "Token.Name.Attribute": "accent",
    "Token.Operator": "dim",
    "Token.Punctuation": "dim",
    "Token.Keyword": "key",
    "Token.Literal.String.Regex": "good",
    "Token.Literal.Number": "good",
    "Token.Literal.Number.Hex": "good",
    "Token.Literal.Date": "good",
    "Token.Error": "error",
}


_SIGN = 3
"""Cells of ``/`` before the text."""


@lru_cache(maxsize=64)
def highlighted(text: str) -> tuple[Part, ...]:
    """Filter text in the tones of its tokens."""
    from parsing.filters import FilterLexer  # the first paint does not wait for it

    tokens = FilterLexer(mistakes=False).get_tokens_unprocessed(text)
    return tuple((part, _TONES.get(str(kind), "plain")) for _, kind, part in tokens)


class FilterBar(Horizontal):
    """The key that leads here, the text, and at the right a word about it."""

    DEFAULT_CSS = """
    FilterBar { height: 1; width: 1fr; }
    FilterBar #filter-sign { width: 3; }
    FilterBar #filter-says { width: auto; }
    """

    def __init__(self, glyphs: Glyphs, *, sign: str = "/", tz: tzinfo = UTC, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.sign = sign if len(sign) == 1 else ">"
        self.glyphs = glyphs
        self.tz = tz
        self.custom: tuple[str, ...] = ()
        self._said: tuple[Part, ...] = ()

    def compose(self) -> ComposeResult:
        sign = OneLine(self.glyphs, id="filter-sign")
        sign.left = ((f" {self.sign} ", "key"),)
        yield sign
        hint = "every row; type what to keep: reason:Timer_* status:5xx taken>5s"
        yield LineEdit(self.glyphs, id="filter", hint=hint, highlight=highlighted)
        yield OneLine(self.glyphs, id="filter-says")

    @property
    def edit(self) -> LineEdit:
        return self.query_one("#filter", LineEdit)

    def parsed(self) -> Filter | FilterError:
        """What the text means, or why it means nothing."""
        try:
            return parse(self.edit.value, tz=self.tz, custom=self.custom)
        except FilterError as error:
            return error

    def point_at(self, error: FilterError | None) -> None:
        """Underline the mistake."""
        self.edit.mistake = (error.start, error.end) if error else None
        self.edit.refresh()

    def say(self, parts: Sequence[Part]) -> None:
        """Say something at the right end. Texts are made safe here."""
        self._said = tuple((safe(text), tone) for text, tone in parts)
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        """The word has the room that the text does not need; of a long text, two fifths of the line stay."""
        says = self.query_one("#filter-says", OneLine)
        says.say(self._said)
        width = sum(cell_len(text) for text, _ in self._said) + 1
        if line := max(0, self.size.width - _SIGN):
            width = min(width, line - max(len("every row "), min(cell_len(safe(self.edit.value)) + 1, line * 2 // 5)))
        if says.styles.width is None or says.styles.width.value != width:
            says.styles.width = max(0, width)
