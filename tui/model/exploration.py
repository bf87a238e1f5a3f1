"""What is explored: the log set that is open, what is read of it, and the question that is asked of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tui.glyphs import Glyphs
from tui.keymap import Action, with_keys
from tui.model.entry import Notation
from tui.model.options import Options
from tui.model.question import History, ScreenQuestion
from tui.session import Mark
from tui.wording import NO_FILES, NO_LOGS, local

if TYPE_CHECKING:
    from parsing.index import LogSet, Snapshot


@dataclass
class Exploration:
    """The state that the screen shares with views and commands. Only screen, reading and commands change it; views read it."""

    options: Options
    glyphs: Glyphs
    actions: Sequence[Action]
    notation: Notation
    history: History = field(default_factory=History)
    log_set: LogSet | None = None
    snapshot: Snapshot | None = None
    is_reading: bool = False
    is_following: bool = False
    marks: dict[tuple[str, int], Mark] = field(default_factory=dict)

    @property
    def question(self) -> ScreenQuestion:
        return self.history.now

    @property
    def is_growing(self) -> bool:
        """Whether more rows may come at any moment."""
        return self.is_reading or self.is_following

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the logs have."""
        return self.snapshot.field_names if self.snapshot is not None else ()

    def take(self, snapshot: Snapshot) -> None:
        """Questions are asked of this snapshot from now on."""
        self.snapshot = snapshot
        if snapshot.oldest and snapshot.newest:
            first, last = (local(moment, self.notation.tz).date() for moment in (snapshot.oldest, snapshot.newest))
            self.notation = replace(self.notation, days=(last - first).days)

    def keyed(self, sentence: str) -> str:
        """A sentence of ours with the keys of the actions that it names by id, as this terminal can show it."""
        return self.glyphs.clean(with_keys(sentence, self.actions))

    def emptiness(self, usual: str) -> str:
        """Why a table is empty; ``usual`` where that is the question's doing."""
        snapshot = self.snapshot
        if snapshot is None or any(segment.rows for segment in snapshot.segments):
            return self.keyed(usual)
        return self.keyed(NO_LOGS if snapshot.sources else NO_FILES)
