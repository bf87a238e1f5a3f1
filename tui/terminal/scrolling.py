"""Rows that are on the screen already, only higher or lower: the terminal can move them by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tui.terminal.brush import place
from tui.terminal.cells import CellRow

_FEWEST = 3
"""Rows that make it worth a try."""
_NOWHERE = -1
"""The place of a text that is on the screen twice, or not at all."""


@dataclass(frozen=True, slots=True)
class Scroll:
    """Rows ``top`` to ``bottom`` go up by some lines, or down where that is negative; nothing is left where they came from."""

    top: int
    bottom: int
    by: int

    @property
    def sequence(self) -> str:
        """A scrolling region and index, or reverse index, at its edge: as old as terminals, and in all of them."""
        edge, step = (self.bottom, "\x1bD") if self.by > 0 else (self.top, "\x1bM")
        return f"\x1b[{self.top + 1};{self.bottom + 1}r{place(edge, 0)}{step * abs(self.by)}\x1b[r"

    def after(self, rows: Mapping[int, CellRow]) -> dict[int, CellRow]:
        """What is known of the screen once they have gone."""
        moved = dict(rows)
        for number in range(self.top, self.bottom + 1):
            source = number + self.by
            moved[number] = rows.get(source, CellRow()) if self.top <= source <= self.bottom else CellRow()
        return moved


def scroll(before: Mapping[int, CellRow], now: Mapping[int, CellRow]) -> Scroll | None:
    """What brings most rows to where they are now; ``None`` where that is no matter of scrolling.

    Each row between the first and the last that move is wholly known, so that it can be painted where it goes wrong.
    """
    changed = [number for number, row in now.items() if before.get(number) != row]
    if len(changed) < _FEWEST:
        return None
    places: dict[str, int] = {}
    for number, row in before.items():
        text = _text(row)
        places[text] = _NOWHERE if not text or text in places else number
    moves = [(number, places.get(_text(now[number]), _NOWHERE) - number) for number in changed]
    counted = Counter(by for number, by in moves if by and number + by >= 0).most_common(1)
    if not counted or counted[0][1] < _FEWEST:
        return None
    by = counted[0][0]
    ends = [end for number, own in moves if own == by for end in (number, number + by)]
    found = Scroll(min(ends), max(ends), by)
    width = max(len(row.texts) for row in now.values())
    region = (now.get(number) for number in range(found.top, found.bottom + 1))
    return found if all(row is not None and _is_known(row, width) for row in region) else None


def _text(row: CellRow) -> str:
    """The text of a row but for its edges, where the scrollbar is; nothing of a row that is not known or blank."""
    texts = [text for text in row.texts if text is not None]
    return "".join(texts[1:-1]).strip() if len(texts) == len(row.texts) else ""


def _is_known(row: CellRow, width: int) -> bool:
    return len(row.texts) == width and None not in row.texts
