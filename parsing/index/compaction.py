"""Joining what small commits leave behind, so that a log set that grows for days stays quick to ask."""

from __future__ import annotations

from parsing.index import segments
from parsing.index.dictionaries import join_parts, joinable_parts
from parsing.index.records import Change
from parsing.index.store import Store


def join_small(store: Store, *, is_thorough: bool) -> None:
    """Join small files of the same kind; readers of older snapshots keep theirs until the index is next cleaned.

    ``is_thorough``: after a long reading, leave as few files as possible; otherwise join only what has piled up.
    """
    state = store.state
    groups = segments.joinable(state.files.values(), at_least=2 if is_thorough else segments.JOINED)
    change = Change(done=state.done, total=state.total, is_whole=state.is_whole)
    for group, number in zip(groups, store.file_numbers(len(groups)), strict=True):
        change.files.append(segments.join(group, store.folder, number))
        change.gone_files.extend(group)
    parts = joinable_parts(state.parts.values())
    if parts:
        change.parts = [join_parts(parts, store.folder, store.file_numbers(1)[0])]
        change.gone_parts = parts
    if change.files or change.parts:
        store.commit(change)
