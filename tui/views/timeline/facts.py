"""What is said of a timeline: a line above it, the sentence about its error, and the facts about each event."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from parsing.knowledge import CLAIMED, CLAIMS, NO_PORT
from parsing.safe_text import safe
from parsing.wording import brief_duration, counted, short
from tui.model.entry import Notation
from tui.model.fact import Fact, Part, said
from tui.model.scene import Scene
from tui.views.timeline.lines import RELATIONS
from tui.wording import confidence, ended_by, local

if TYPE_CHECKING:
    from parsing.correlation import Event, Link
    from parsing.questions import InFlightCurve


def headline(scene: Scene, notation: Notation) -> list[Part]:
    """What the lanes are about."""
    dot = notation.glyphs.dot
    error, kind = scene.error, scene.asked.kind
    parts: list[Part] = []
    if error is not None and kind == "error":
        parts.append((f" {notation.glyphs.error} {safe(error.reason)}", "httperr"))
        parts.append((f" ended by {ended_by(error.ended_by, error.ended_by_confidence)}", "strong"))
    if kind != "error" or error is None:
        requests = sum(not event.is_error for event in scene.events)
        errors = len(scene.events) - requests
        said_ = f"{counted(requests, 'request')}, {counted(errors, 'error')}"
        parts += [(" ", "dim"), (safe(scene.title), "strong"), (f" {dot} {said_}", "plain")]
    elif error.client:
        port = f" port {error.port}" if error.port else ""
        parts.append((f" {dot} {safe(error.client)}{port}", "plain"))
    if scene.left_out:
        parts.append((f" {dot} {counted(scene.left_out, 'more row')}: zoom in", "warn"))
    if not scene.is_whole:
        parts.append((" correlating", "warn"))
    return parts


def curve_note(curve: InFlightCurve, scene: Scene) -> str:
    """What stands next to the curve of requests in flight: its highest point, and how long it is."""
    if curve.without_start and not any(curve.counts):
        return "no time-taken"
    length = brief_duration((scene.window[1] - scene.window[0]) / timedelta(milliseconds=1))
    return f"max {short(max(curve.counts, default=0))} in {length}"


def said_of(scene: Scene) -> str:
    """What the lanes show where that is not plain, else the sentence about the error in focus."""
    is_plain = scene.asked.kind == "error" or not scene.note
    return verdict(scene) if is_plain else f"{scene.note[:1].upper()}{scene.note[1:]}."


def verdict(scene: Scene) -> str:
    """The sentence about the error in focus."""
    return safe(scene.error.verdict) if scene.error else ""


def story_facts(scene: Scene, event: Event, notation: Notation) -> list[Fact]:
    """What correlation knows of an event besides who ended it: of the error in focus everything, of a request its links."""
    error = scene.error
    if error is None or event.key != scene.key:
        return [*_began(event, notation), *(_link_fact(link, scene, notation) for link in event.links)]
    facts = _began(event, notation)
    if not error.claims:
        facts.append(said("No request of the IIS log was found to be its own, or its retry.", "dim"))
    facts += [_link_fact(link, scene, notation) for link in event.links if link.relation in CLAIMS]
    if scene.lacks_port:
        facts.append(said(NO_PORT, "dim"))
    return facts


def _began(event: Event, notation: Notation) -> list[Fact]:
    """Since when the wait of an error lasted."""
    if event.began is None:
        return []
    earliest, latest = (local(moment, notation.tz) for moment in (event.began.earliest, event.began.latest))
    return [Fact("began", ((f"{earliest:%H:%M:%S} to {latest:%H:%M:%S}", "plain"),))]


def _link_fact(link: Link, scene: Scene, notation: Notation) -> Fact:
    name = RELATIONS[link.relation]
    if link.relation in CLAIMS and link.confidence < CLAIMED:
        name = f"perhaps: {name}"
    where = f"{link.source}:{link.line}" if link.source != scene.asked.entry.source else f"line {link.line}"
    parts: list[Part] = [
        (f"{name} ({confidence(link.confidence)})", "accent" if link.relation in CLAIMS else "plain"),
        (f"  {local(link.time, notation.tz):%H:%M:%S} {safe(where)}", "plain"),
        (f"  {safe(', '.join(link.evidence))}", "dim"),
    ]
    return Fact("linked", tuple(parts))
