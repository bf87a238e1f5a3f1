"""Which requests of the IIS log belong to an error of Httperr.log, and how sure that is."""

from parsing.correlation.client_gone import ClientsGone, client_gone, client_gone_of
from parsing.correlation.clock_offset import ClockOffset, clock_offset, is_local, with_offset_notes
from parsing.correlation.correlate import (
    ErrorFrames,
    correlate,
    correlate_one,
    correlate_window,
    correlated_frames,
)
from parsing.correlation.correlated import Correlated, MomentInterval, Related
from parsing.correlation.event_records import EVENT, NAMES, event_record
from parsing.correlation.logs.requests import lacks_client_port
from parsing.correlation.neighbours import with_neighbours
from parsing.correlation.server.habits import Habits, ServerHabits, habits_of
from parsing.correlation.timeline import FIELDS, Event, Focus, Kind, Link, Timeline, focus_on, lanes, timeline
from parsing.knowledge.relations import CLAIMED, CLAIMS, NO_PORT, RELATIONS, Relation

__all__ = [
    "CLAIMED",
    "CLAIMS",
    "EVENT",
    "FIELDS",
    "NAMES",
    "NO_PORT",
    "RELATIONS",
    "ClientsGone",
    "ClockOffset",
    "Correlated",
    "ErrorFrames",
    "Event",
    "Focus",
    "Habits",
    "Kind",
    "Link",
    "MomentInterval",
    "Related",
    "Relation",
    "ServerHabits",
    "Timeline",
    "client_gone",
    "client_gone_of",
    "clock_offset",
    "correlate",
    "correlate_one",
    "correlate_window",
    "correlated_frames",
    "event_record",
    "focus_on",
    "habits_of",
    "is_local",
    "lacks_client_port",
    "lanes",
    "timeline",
    "with_neighbours",
    "with_offset_notes",
]
