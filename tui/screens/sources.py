"""What actions do among the files instead of what they do elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.screens.main import MainScreen


class OnSources:
    """Files are put in order here alone: it is no part of the question. Each command is named after its action."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def sort(self) -> None:
        """By this column, then turned round, then by name again."""
        table = self._screen.sources.table
        column = table.current_column
        if column is not None:
            self._sort({column.key: f"-{column.key}", f"-{column.key}": ""}.get(table.sorted_by, column.key))

    def sort_down(self) -> None:
        column = self._screen.sources.table.current_column
        if column is not None:
            self._sort(f"-{column.key}")

    def _sort(self, by: str) -> None:
        screen, column = self._screen, self._screen.sources.table.current_column
        screen.sources.table.sorted_by = by
        screen.details.show_sources()
        title = column.title if column is not None else ""
        screen.say(
            f"sorted by {title}, {'largest' if by.startswith('-') else 'smallest'} first" if by else "sorted by name"
        )
