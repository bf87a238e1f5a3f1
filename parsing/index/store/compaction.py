"""Joining what small commits leave behind, so that a log set that grows for days stays quick to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parsing.index.store import segments
from parsing.index.store.dictionaries import join_parts, joinable_parts
from parsing.index.store.records import Change
from parsing.index.store.store import Store


def join_small(store: Store, cancelled: Callable[[], bool], *, is_thorough: bool) -> None:
    """Join small files of the same kind, a group at a time; readers of older snapshots keep theirs.

    ``is_thorough``: after a long reading, leave as few files as possible; otherwise join only what has piled up. What
    is left when it is cancelled, the next reading joins.
    """
    state = store.state
    groups = segments.joinable(state.files.values(), at_least=2 if is_thorough else segments.JOINED)
    for group, number in zip(groups, store.file_numbers(len(groups)), strict=True):
        if cancelled():
            return
        joined = segments.join(group, store.folder, number)
        store.commit(_change(store, files=[joined], gone_files=group))
    parts = joinable_parts(state.parts.values())
    if parts and not cancelled():
        whole = join_parts(parts, store.folder, store.file_numbers(1)[0])
        store.commit(_change(store, parts=[whole], gone_parts=parts))


def _change(store: Store, **files: Any) -> Change:
    return Change(done=store.state.done, total=store.state.total, is_whole=store.state.is_whole, **files)
