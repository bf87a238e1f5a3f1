"""A timeline as the screen shows it: events of both logs as lines of two lanes, and what is said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from parsing.knowledge import CLAIMED, CLAIMS
from parsing.safe_text import safe
from parsing.wording import brief_duration, elapsed
from tui.model.entry import Notation, outcome
from tui.model.question import Span
from tui.model.scene import Scene, entry_of, path_of
from tui.widgets.lanes import LaneLine, LaneLines, Remark, Request
from tui.wording import confidence, local

if TYPE_CHECKING:
    from parsing.correlation import Event, Link
    from parsing.correlation import MomentInterval as Began

RELATIONS = {
    "same-request": "same request",
    "same-connection": "same connection",
    "retry": "retry by the same client",
    "same-client": "same client",
    "same-target": "same path at that time, another client",
}
_SHORT = {"retry": "retry", "same-target": "same path, another client"}
_TIED = {"same-request": "own", "retry": "retry"}
_SHORTEST = {"retry": "retry", "same-target": "same path"}

_BEGAN = {
    "Connection_Dropped": ("about here the client left", "here the client left"),
    "Timer_ConnectionIdle": ("the connection fell silent about here", "silence"),
    "Timer_HeaderWait": ("HTTP.sys began to wait for a request", "wait for headers"),
    "Timer_EntityBody": ("the body stopped arriving about here", "the body stopped"),
    "Timer_MinBytesPerSecond": ("the client read too slowly from here", "slow reading"),
    "Timer_AppPool": ("the request waited in the queue", "wait in the queue"),
}
_OTHER_BEGAN = ("the request arrived about here", "the request came")
_NARROW = timedelta(seconds=15)
"""A beginning that is known as well as this is one line; a wider one has a second line for its latest moment."""


def _clock(moment: datetime, notation: Notation) -> str:
    return f"{local(moment, notation.tz):%H:%M:%S}"


# Lines


@dataclass(frozen=True, slots=True)
class Row:
    """A line with the event behind it: a line about a beginning belongs to its error."""

    line: LaneLine
    event: Event | None
    moment: datetime


def rows(scene: Scene, notation: Notation, log: str | None = None) -> list[Row]:
    """The lines of the window in order of time: a request where it starts, an error where it was written."""
    events = [event for event in scene.events if (log in (None, event.log)) and _is_in(event, scene.window)]
    sweeps = Counter((event.end, event.values.get("reason")) for event in events if _is_swept(event))
    places: Counter[object] = Counter()
    found: list[Row] = []
    remark: Remark | None
    focus = next((event for event in scene.events if scene.error and event.key == scene.key), None)
    candidates = _candidates(focus)
    for event in events:
        moment = _moment(event)
        if event.is_error:
            group = (event.end, event.values.get("reason"))
            places[group] += 1
            remark = _error(event, scene, notation, (places[group], sweeps[group]))
            line = LaneLine(event.key, _clock(moment, notation), None, remark)
        else:
            remark = _linked(event, scene, notation, candidates)
            line = LaneLine(event.key, _clock(moment, notation), _request(event, scene, notation), remark)
        found.append(Row(line, event, moment))
    if focus is not None and log != "iis":
        found += _beginning(focus, scene, notation)
    found.sort(key=lambda row: (row.moment, row.event is not None and row.event.is_error))  # else as the events come
    return [_railed(row, scene, notation) for row in found]


def row_near(found: Sequence[Row], key: object, here: datetime | None) -> int:
    """The number of the line with a key; where there is none, of the one nearest in time to where the cursor was."""
    keys = [row.line.key for row in found]
    if key in keys:
        return keys.index(key)
    if here is None:
        return 0
    near = [abs(row.moment - here) for row in found]
    return near.index(min(near)) if near else 0


def drawn(found: Sequence[Row], scene: Scene) -> LaneLines:
    return LaneLines([row.line for row in found], scene.part(scene.error.time) if scene.error else None)


def _moment(event: Event) -> datetime:
    return event.end if event.is_error or event.start is None else event.start


def _is_in(event: Event, window: Span) -> bool:
    return _moment(event) <= window[1] and event.end >= window[0]


def _is_swept(event: Event) -> bool:
    """Whether the timers' sweep writes such rows, maybe several at once."""
    reason = str(event.values.get("reason") or "")
    return event.is_error and (reason.startswith("Timer_") or reason == "Connection_Dropped")


def _subject(event: Event, scene: Scene) -> str:
    """What distinguishes this event from the others of the focus."""
    client = str(event.values.get("client") or "-")
    if scene.asked.kind == "path":
        return safe(client)
    path = path_of(event)
    return safe(f"{client} {path}" if scene.asked.kind == "queue" and path else path or client)


def _request(event: Event, scene: Scene, notation: Notation) -> Request:
    text, tone = outcome(entry_of(event), notation.glyphs)
    taken = event.values.get("taken")
    return Request(
        safe(str(event.values.get("method") or "")),
        _subject(event, scene),
        text.strip(),
        brief_duration(taken) if taken is not None else "",
        scene.part(event.start) if event.start is not None else None,
        scene.part(event.end),
        tone,
    )


def _error(event: Event, scene: Scene, notation: Notation, place: tuple[int, int]) -> Remark:
    is_focus = scene.error is not None and event.key == scene.key
    mark = "" if is_focus else notation.glyphs.error
    number, together = place
    sweep = f", {number} of {together} in one sweep" if together > 1 else ""
    brief = f" {number}/{together}" if together > 1 else ""
    text = f"{mark} {safe(str(event.values.get('reason') or '-'))}"
    method = safe(str(event.values.get("method") or ""))
    tied = "" if is_focus else _tied(event.links)
    texts = (f"{text}{sweep}{tied}", f"{text}{brief}{tied}", f"{text}{tied}", f"{text}{brief}", text)
    return Remark(texts, "httperr", _subject(event, scene), method)


def _tied(links: Sequence[Link]) -> str:
    """What is claimed of another error than the one in focus: ``: retry 0.93``."""
    sure: dict[str, float] = {}
    for link in links:
        if link.relation in CLAIMS and link.relation != "same-connection":
            sure[link.relation] = max(link.confidence, sure.get(link.relation, 0))
    ties = [f"{_TIED[relation]} {confidence(chance)}" for relation, chance in sorted(sure.items(), reverse=True)]
    return f": {', '.join(ties)}" if ties else ""


# What ties requests to the error in focus


def _candidates(focus: Event | None) -> Counter[str]:
    links = focus.links if focus else ()
    return Counter(link.relation for link in links if link.relation in CLAIMS and link.confidence < CLAIMED)


def _linked(event: Event, scene: Scene, notation: Notation, candidates: Counter[str]) -> Remark | None:
    link = best(event.links, scene.key)
    if link is not None and (link.source, link.line) != scene.key:
        return _linked_elsewhere(link, notation)
    if link is None or (link.relation == "same-client" and scene.asked.kind in ("error", "client", "connection")):
        return None
    lead = notation.glyphs.across
    lag = _lag(event, scene) if link.relation == "retry" else ""
    sure = f" ({confidence(link.confidence)})"
    texts: tuple[str, ...]
    if link.relation not in CLAIMS:
        client = safe(str(event.values.get("client") or ""))
        texts = (f"{RELATIONS[link.relation]} {client}", f"{_short(link)} {client}", _short(link), _least(link))
        return Remark(tuple(f"{lead}{text}" for text in texts), "dim")
    if link.confidence < CLAIMED:
        many = f", 1 of {candidates[link.relation]}" if candidates[link.relation] > 1 else ""
        texts = (f"perhaps: {RELATIONS[link.relation]}{lag}{many}{sure}", f"perhaps {_short(link)}{many}{sure}")
        return Remark(tuple(f"{lead}{text}" for text in (*texts, f"perhaps{sure}")), "warn")
    texts = (f"{RELATIONS[link.relation]}{lag}{sure}", f"{_short(link)}{lag}{sure}", f"{_short(link)}{sure}")
    return Remark(tuple(f"{lead}{text}" for text in texts), "accent")


def best(links: Sequence[Link], focus: tuple[str, int]) -> Link | None:
    """The link that says most: a claim before what is near by chance, of those the one to the focus."""

    def weight(link: Link) -> tuple[bool, bool, float]:
        return link.relation in CLAIMS, (link.source, link.line) == focus, link.confidence

    return max(links, key=weight, default=None)


def _linked_elsewhere(link: Link, notation: Notation) -> Remark:
    """What ties a request to another error than the one in focus."""
    of, sure = f" of {_clock(link.time, notation)}", f" ({confidence(link.confidence)})"
    texts = (f"{RELATIONS[link.relation]}{of}{sure}", f"{_short(link)}{of}{sure}", f"{_short(link)}{sure}")
    return Remark(tuple(f"{notation.glyphs.across}{text}" for text in texts), "plain")


def _short(link: Link) -> str:
    return _SHORT.get(link.relation, RELATIONS[link.relation])


def _least(link: Link) -> str:
    return _SHORTEST.get(link.relation, RELATIONS[link.relation])


def _lag(event: Event, scene: Scene) -> str:
    """How long after the client lost its request it asked again: `` after 4 s``."""
    error = scene.error
    if error is None or event.start is None:
        return ""
    is_dead = error.reason == "Connection_Dropped" and error.ended_by == "client"
    began = error.began if is_dead else None
    lost = began.earliest + (began.latest - began.earliest) / 2 if began else error.time
    seconds = round((event.start - lost).total_seconds())
    if seconds < 1:
        return " at once"
    return f" after {'~' if began and began.seconds > 2 else ''}{elapsed(timedelta(seconds=seconds))}"


# The beginning of the error in focus


def _beginning(focus: Event, scene: Scene, notation: Notation) -> list[Row]:
    began = scene.error.began if scene.error else None
    if began is None or began.earliest >= focus.end:
        return []
    what, brief = _BEGAN.get(str(focus.values.get("reason")), _OTHER_BEGAN)
    if scene.error is not None and scene.error.ended_by == "worker":
        what, brief = "the application closed after this", "closed after this"
    texts: tuple[str, ...] = (f" began: {what}", f" began: {brief}", " began")
    lines = [(began.earliest, "earliest", texts)]
    width = began.latest - began.earliest
    if width > _NARROW and began.latest < focus.end:
        latest = (f" began before this, within {elapsed(width)}", " began before this")
        lines.append((began.latest, "latest", latest))
    return [
        Row(LaneLine((which, focus.key), _clock(moment, notation), None, Remark(text, "httperr")), focus, moment)
        for moment, which, text in lines
        if scene.window[0] <= moment <= scene.window[1]
    ]


def _railed(row: Row, scene: Scene, notation: Notation) -> Row:
    """The line with its part of the wait that the error in focus ended."""
    error = scene.error
    if error is None:
        return row
    if row.line.key == scene.key:
        return replace(row, line=replace(row.line, rail=notation.glyphs.error))
    began: Began | None = error.began
    is_waiting = began is not None and began.earliest <= row.moment <= error.time
    return replace(row, line=replace(row.line, rail=notation.glyphs.shade)) if is_waiting else row
