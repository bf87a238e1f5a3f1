"""Styles as the parameters of their sequence, what of them is seen, and the shortest way from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

_DRAWN_ON_BLANKS = {"4", "7", "9", "21", "53"}
"""Attributes that show where there is nothing but a blank: underlines, reverse, strike, overline."""
_ENDED_BY = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "9": "29"}
"""What takes an attribute back, for those that every terminal can take back one by one."""

_LEVELS = (0, 95, 135, 175, 215, 255)
_PALETTE = {
    "2;{};{};{}".format(*(_LEVELS[place // step % 6] for step in (36, 6, 1))): f"5;{16 + place}"
    for place in range(6, 216)
} | {f"2;{level};{level};{level}": f"5;{232 + place}" for place, level in enumerate(range(8, 240, 10))}
"""Colours that have a shorter name, as they are in every terminal of 256 colours. The first 22 are often changed."""


@dataclass(frozen=True, slots=True)
class Style:
    """The parameters of a style, apart: those of both colours, and the attributes."""

    front: str = ""
    back: str = ""
    attributes: frozenset[str] = frozenset()

    @property
    def is_seen_on_blanks(self) -> bool:
        return not self.attributes.isdisjoint(_DRAWN_ON_BLANKS)


@lru_cache(2048)
def style_of(style: str) -> Style:
    front, back, attributes = "", "", set()
    rest = style.split(";") if style else []
    while rest:
        length = {"2": 5, "5": 3}.get(rest[1], 1) if rest[0] in ("38", "48") and len(rest) > 1 else 1
        taken, rest = rest[:length], rest[length:]
        number, colour = int(taken[0] or 0), ";".join(taken[1:])
        named = f"{taken[0]};{_PALETTE.get(colour, colour)}" if colour else taken[0]
        if number in range(30, 40) or number in range(90, 98):
            front = named
        elif number in range(40, 50) or number in range(100, 108):
            back = named
        else:
            attributes.add(taken[0])
    return Style(front, back, frozenset(attributes))


@lru_cache(4096)
def turned(old: str | None, new: str) -> str:
    """The shortest sequence from one style to another; nothing is known of the style ``None``."""
    if old == new:
        return ""
    after = style_of(new)
    parts = ["0", *sorted(after.attributes), after.front, after.back] if new else ["0"]
    whole = f"\x1b[{';'.join(filter(None, parts))}m"
    if old is None:
        return whole
    before = style_of(old)
    gone = before.attributes - after.attributes
    if not gone <= _ENDED_BY.keys():
        return whole
    ends = {_ENDED_BY[attribute] for attribute in gone}
    lost = {attribute for attribute in after.attributes if _ENDED_BY.get(attribute) in ends}
    parts = sorted(ends) + sorted(after.attributes - before.attributes | lost)
    parts += [after.front or "39"] if after.front != before.front else []
    parts += [after.back or "49"] if after.back != before.back else []
    return min(f"\x1b[{';'.join(parts)}m" if parts else "", whole, key=len)


@lru_cache(4096)
def are_blanks_alike(one: str, other: str) -> bool:
    first, second = style_of(one), style_of(other)
    return first.back == second.back and not (first.is_seen_on_blanks or second.is_seen_on_blanks)
