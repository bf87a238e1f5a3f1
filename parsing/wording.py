"""How numbers, durations, sizes, shares and sparklines are written, on the screen, in reports and in verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

LEVELS = " ▁▂▃▄▅▆▇█"
"""What fills one character from below, in eighths."""


def count(number: int) -> str:
    """``1,204``."""
    return f"{number:,}"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 request``, ``1,204 requests``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def notes_by_text(noted: Iterable[tuple[str, Iterable[str]]]) -> list[str]:
    """What is noted on sources, each sentence once: ``u_ex1.log and 11 more: ...``. Names come with their notes."""
    names: dict[str, list[str]] = {}
    for name, notes in noted:
        for note in notes:
            names.setdefault(note, []).append(name)
    return [
        f"{found[0]}{f' and {len(found) - 1:,} more' if found[1:] else ''}: {note}" for note, found in names.items()
    ]


def short(number: float) -> str:
    """At most five characters: ``999``, ``12.3k``, ``4.5M``."""
    if number < 1000:
        return f"{number:.0f}"
    for unit in "kMGT":
        number /= 1000
        if number < 99.95:
            return f"{number:.1f}{unit}"
        if number < 999.5:
            return f"{number:.0f}{unit}"
    return f"{number:.0f}P"


def size(number: float) -> str:
    """Bytes in powers of 1000, as in filters: ``512 B``, ``1.2 MB``, ``230 GB``."""
    if abs(number) < 999.5:
        return f"{number:.0f} B"
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if abs(number) < 999.5:
            return f"{number:.1f} {unit}" if abs(number) < 99.95 else f"{number:.0f} {unit}"
    return f"{number / 1000:.1f} TB"


def duration(milliseconds: float) -> str:
    """``850 ms``, ``1.2 s``, ``51.4 s``, ``94 s`` below two minutes, then ``9 min 30 s``, ``1 h 05 min``, ``3 d 04 h``."""
    if milliseconds < 0:
        return f"-{duration(-milliseconds)}"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f}".removesuffix(".0") + " s"
    seconds = round(milliseconds / 1000)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 3600:
        return _two_units(seconds, 60, "min", "s")
    minutes = round(seconds / 60)
    if minutes < 48 * 60:
        return _two_units(minutes, 60, "h", "min")
    return _two_units(round(minutes / 60), 24, "d", "h")


def rough_duration(milliseconds: float) -> str:
    """A duration that is known to a second at best: from ten seconds on without a fraction."""
    return duration(round(milliseconds, -3) if abs(milliseconds) >= 9_950 else milliseconds)


def _two_units(amount: int, units: int, whole: str, part: str) -> str:
    wholes, parts = divmod(amount, units)
    return f"{wholes} {whole} {parts:02} {part}" if parts else f"{wholes} {whole}"


def brief_duration(milliseconds: float) -> str:
    """``duration`` for a narrow column, at most seven characters: ``94 s``, ``3.3 min``, ``26 min``, ``2.1 h``."""
    if milliseconds < 119_500:
        return duration(milliseconds)
    minutes = milliseconds / 60_000
    if minutes < 99.5:
        return f"{minutes:.1f} min" if minutes < 9.95 else f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 5970 else f"{minutes / 1440:.0f} d"


def elapsed(span: timedelta) -> str:
    return duration(span / timedelta(milliseconds=1))


def share(part: float, whole: float = 1) -> str:
    """``12.3 %``; what is there but less than a tenth of a percent is ``<0.1 %``."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    return "<0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def level(number: float, most: float, levels: int = 8) -> int:
    """How many of ``levels`` steps stand for a number beside the highest; anything above nothing is seen."""
    return max(1, round(number * levels / most)) if number else 0


def sparkline(counts: Iterable[int], levels: Sequence[str] = LEVELS) -> str:
    """One character a count, against the highest."""
    values = list(counts)
    most = max(values, default=0)
    return "".join(levels[level(value, most, len(levels) - 1)] for value in values)
