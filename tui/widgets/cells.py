"""Text cut and padded to terminal cells, where a character may take none, one or two of them."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from tui.model.column import Align


def fit(text: str, width: int, align: Align = "left", ellipsis: str = "…") -> str:
    """Exactly ``width`` cells; what does not fit ends in the ellipsis."""
    if width <= 0:
        return ""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width and align == "end":
        return fit(fit_end(text, width, ellipsis), width)
    if length > width:
        return set_cell_size(text, width - len(ellipsis)) + ellipsis if width > len(ellipsis) else text[:0].ljust(width)
    padding = " " * (width - length)
    return padding + text if align == "right" else text + padding


def fit_end(text: str, width: int, ellipsis: str = "…") -> str:
    """At most ``width`` cells of the end of a text, as of a path; none where there is room for less than the ellipsis."""
    if cell_len(text) <= width:
        return text
    room = width - len(ellipsis)
    if room < 0:
        return ""
    end = text[-room:] if room else ""
    while cell_len(end) > room:
        end = end[1:]
    return ellipsis + end
