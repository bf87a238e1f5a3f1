"""Which value governs a reason on these servers, and whether the logs agree with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec
import polars as pl

from parsing.correlation.server.habits import habits_of
from parsing.evidence.evidence import evidence_of, pool_name
from parsing.evidence.linking import event_spans
from parsing.index import Snapshot
from parsing.knowledge.settings import KnownSetting, settings_that_govern
from parsing.wording import counted, duration

_MOST_NAMES = 3
_SLACK = 2.0
"""Seconds by which a learned time-out may be off: logs write whole seconds."""
_SEEN = 12
"""Fewer closes of a kind than this say nothing about a time-out."""
_TIME = re.compile(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d)")
_OF_IIS = " (the default of IIS)"


@dataclass(frozen=True, slots=True)
class SettingHere:
    """One value of a setting and what has it. ``agrees``: whether the logs show it; ``None`` where they say nothing about it.

    ``text`` is a sentence with values of the configuration, which are as hostile as any log text.
    """

    name: str
    value: str
    of: tuple[str, ...]
    text: str
    agrees: bool | None = None


def settings_here(snapshot: Snapshot, reason: str) -> tuple[SettingHere, ...]:
    """The values that govern a reason, a record for each value; none where no configuration is here, or none governs it."""
    frame = evidence_of(snapshot).filter(pl.col("kind") == "setting")
    found = []
    for known in settings_that_govern(reason):
        of_value: dict[tuple[str, bool], list[str]] = {}
        for row in frame.iter_rows(named=True):
            values = msgspec.json.decode(row["data"], type=dict[str, str])
            if values["setting"] == known.name:
                owner = (
                    row["pool"] or values.get("site_name") or (f"site {row['site']}" if row["site"] else "the server")
                )
                owners = of_value.setdefault((values["value"], values["set_by"] == "IIS"), [])
                owners += [] if owner in owners else [owner]
        for (value, is_default), owners in of_value.items():
            agrees, why = _agreement(snapshot, known, value, owners, reason)
            text = f"{known.name} is {value}{_OF_IIS if is_default else ''} for {_names(owners)}: {known.says}"
            found.append(SettingHere(known.name, value, tuple(owners), f"{text}. {why}" if why else text, agrees))
    return tuple(found)


def _names(owners: list[str]) -> str:
    if len(owners) <= _MOST_NAMES + 1:
        return ", ".join(owners)
    return f"{', '.join(owners[:_MOST_NAMES])} and {len(owners) - _MOST_NAMES} more"


def _agreement(
    snapshot: Snapshot, known: KnownSetting, value: str, owners: list[str], reason: str
) -> tuple[bool | None, str]:
    if known.name in ("limits.connectionTimeout", "webLimits.connectionTimeout"):
        return _timeout_agreement(snapshot, value, reason)
    if known.name == "failure.rapidFailProtectionMaxCrashes":
        return _crash_agreement(snapshot, value, owners)
    return None, ""


def _timeout_agreement(snapshot: Snapshot, value: str, reason: str) -> tuple[bool | None, str]:
    """A time-out of the configuration next to the one that the logs' own rows show."""
    seconds = seconds_of(value)
    is_idle = reason.lower() == "timer_connectionidle"
    if seconds is None or not snapshot.segments:
        return None, ""
    servers = habits_of(snapshot).servers
    learned = [server.idle if is_idle else server.body for server in servers]
    seen = [timeout for timeout in learned if timeout.seen >= _SEEN]
    if not seen:
        return None, ""
    likely = seen[0].likely
    what = "idle closes come" if is_idle else "rows of this timer come"
    since = "after the last answer" if is_idle else "after the request began, or its body stopped"
    if all(timeout.earliest - _SLACK <= seconds <= timeout.latest + _SLACK for timeout in seen):
        return True, f"The logs agree: {what} {duration(seconds * 1000)} {since}"
    return False, f"The logs do not agree: {what} {duration(likely * 1000)} {since}"


def _crash_agreement(snapshot: Snapshot, value: str, owners: list[str]) -> tuple[bool | None, str]:
    """How many failures WAS counted before it switched one of these pools off."""
    pools = {pool_name(owner) for owner in owners}
    spans = event_spans(evidence_of(snapshot))
    counts = sorted({span.failures for span in spans if span.known.id == 5002 and span.pool in pools and span.failures})
    if not counts or not value.isdecimal():
        return None, ""
    if counts == [int(value)]:
        return True, f"The event log agrees: {counted(counts[0], 'failure')} came before WAS switched the pool off"
    shown = " or ".join(map(str, counts))
    return False, f"The event log does not agree: it has {shown} failures before WAS switched the pool off"


def seconds_of(value: str) -> int | None:
    """A time of the configuration (``00:02:00``, ``1.05:00:00``) in seconds."""
    found = _TIME.fullmatch(value.strip())
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
