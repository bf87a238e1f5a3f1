"""Names of sources, and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIGITS = re.compile(r"([0-9]+)")

NaturalKey = tuple[tuple[tuple[tuple[int, int, str], ...], ...], str]


def natural_key(name: str) -> NaturalKey:
    """Sorts folder by folder, and ``httperr2.log`` before ``httperr10.log``; case matters last of all."""
    folders = name.lower().split("/")
    return tuple(
        tuple(_part(part, number % 2 == 1) for number, part in enumerate(_DIGITS.split(folder))) for folder in folders
    ), name


def _part(text: str, is_number: bool) -> tuple[int, int, str]:
    digits = text.lstrip("0")
    return (1, len(digits), digits) if is_number else (0, 0, text)


def member_name(member: str) -> str:
    """An archive member's name as part of a source's name: with ``/``, and without ``..``, drives and roots."""
    parts = re.sub(r"^[A-Za-z]:", "", member.replace("\\", "/")).split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def distinct(names: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Names made distinct where files of different folders share one, by as many parent folders as that takes.

    Each name comes with its parent folders, outermost first.
    """
    pairs = list(names)
    depth = [0] * len(pairs)
    while True:
        current = ["/".join((*_last(parents, depth[i]), name)) for i, (name, parents) in enumerate(pairs)]
        places: dict[str, list[int]] = {}
        for index, name in enumerate(current):
            places.setdefault(name, []).append(index)
        clashing = [i for same in places.values() if len(same) > 1 for i in same if depth[i] < len(pairs[i][1])]
        if not clashing:
            return current
        for index in clashing:
            depth[index] += 1


def _last(parents: tuple[str, ...], count: int) -> tuple[str, ...]:
    return parents[len(parents) - count :]
