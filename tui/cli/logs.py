"""From the options of a command to a log set that has been read and a filter that has been parsed."""

from __future__ import annotations

import calendar
import contextlib
import re
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from parsing.errors import FilterError, SourceError, UsageError
from parsing.filters import EVERYTHING, Ago, Clock, Filter, Instant, Term, both, parse
from parsing.wording import notes_by_text
from tui.cli.console import remark, say
from tui.cli.progress import meter

if TYPE_CHECKING:
    from parsing.index import LogSet, Snapshot, Source
    from parsing.questions import Span

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")

_MOST_TOLD = 10
"""Notes on sources that a command says; ``index`` has all of them."""


@dataclass(frozen=True, slots=True)
class Logs:
    """A log set that has been read, and the rows of it that the command is about."""

    log_set: LogSet
    snapshot: Snapshot
    where: Filter

    def missing(self) -> dict[str, str]:
        """The input that could not be read, or not to its end, and why."""
        found = {problem.name: problem.reason for problem in self.log_set.problems}
        for source in self.snapshot.sources:
            if source.status in ("failed", "partial"):
                found.setdefault(source.name, source.error or "not read to its end")
        return found

    def refuse_without_any(self, arguments: Namespace) -> None:
        """Raise ``SourceError`` where the paths hold no log at all: an answer of 0 would look healthy."""
        if self.snapshot.newest or any(source.status in ("ok", "partial") for source in self.snapshot.sources):
            return
        self.status(arguments)
        hint = "a folder is read with all folders in it; dropline index PATH says what each file is"
        if any(source.evidence and source.evidence.format for source in self.snapshot.sources):
            hint = "there are Windows events, which dropline evidence shows"
        raise SourceError("no log of IIS or HTTP.sys is here", where=", ".join(arguments.words), hint=hint)

    def say_hints(self, arguments: Namespace, tz: tzinfo) -> None:
        """Say why the filter keeps nothing, or what in it looks like a mistake."""
        if arguments.quiet or self.where == EVERYTHING:
            return
        from parsing.questions import filter_hints

        log = getattr(arguments, "log", None)
        is_redacted = getattr(arguments, "redact", False)
        for hint in filter_hints(self.snapshot, self.where, log=log, tz=tz, shows_values=not is_redacted):
            remark(arguments, hint)

    def status(self, arguments: Namespace, *, is_told: bool = False) -> int:
        """Say which input could not be read, and unless ``is_told`` how many files are no logs; 3 if anything is missing."""
        known = [source.evidence for source in self.snapshot.sources if source.evidence and source.evidence.format]
        aside = sum(source.status == "not-a-log" for source in self.snapshot.sources) - len(known)
        if aside and not is_told:
            files = "1 file is" if aside == 1 else f"{aside:,} files are"
            remark(arguments, f"{files} set aside, not a log of IIS or HTTP.sys (dropline index names them)")
        unread = 0 if is_told else sum(evidence.lacks_library for evidence in known)
        if unread:
            files = "1 event log is" if unread == 1 else f"{unread:,} event logs are"
            remark(arguments, f"{files} not read: {next(one.error for one in known if one.lacks_library)}")
        if not is_told and any(source.notes for source in self.snapshot.sources):
            self._remark_on_notes(arguments)
        missing = self.missing()
        for name, reason in missing.items():
            say(f"{name}: {reason}")
        return 3 if missing else 0

    def _remark_on_notes(self, arguments: Namespace) -> None:
        from parsing.correlation import with_offset_notes

        sources = with_offset_notes(self.snapshot, self.snapshot.sources)
        notes = notes_by_text((source.name, source.notes) for source in sources)
        for note in notes[:_MOST_TOLD]:
            remark(arguments, note)
        if len(notes) > _MOST_TOLD:
            remark(arguments, f"{len(notes) - _MOST_TOLD:,} more notes: dropline index has them")


@contextlib.contextmanager
def logs(arguments: Namespace) -> Iterator[Logs]:
    """The logs of a command's paths, read with progress shown. The filter is parsed before anything is read."""
    tz = zone(arguments.tz)
    if hasattr(arguments, "where"):
        where_of(arguments, tz, None)
    from parsing.index import LogSet

    index_dir = Path(arguments.index_dir) if arguments.index_dir else None
    with LogSet.open(
        arguments.words,
        index_dir=index_dir,
        cache=not arguments.no_cache,
        tz=log_zone(arguments),
        exclude=arguments.exclude or (),
        encoding=log_encoding(arguments),
    ) as log_set:
        with meter("reading", is_quiet=arguments.quiet) as shown:
            log_set.read(on_progress=lambda progress: shown.bytes(progress.done, progress.total))
        snapshot = log_set.snapshot()
        where = where_of(arguments, tz, snapshot.field_names) if hasattr(arguments, "where") else EVERYTHING
        found = Logs(log_set, snapshot, where)
        if hasattr(arguments, "where"):
            found.refuse_without_any(arguments)
        yield found
        if hasattr(arguments, "where"):
            found.say_hints(arguments, tz)


def where_of(arguments: Namespace, tz: tzinfo, custom: tuple[str, ...] | None = ()) -> Filter:
    """All conditions of the options together. ``custom`` are the field names of the logs; ``None`` takes any."""
    parts = [filter_of(text, tz, custom) for text in (*_preset(arguments), *(arguments.where or []))]
    parts += [_bound(text, sign, tz) for text, sign in ((arguments.since, ">="), (arguments.until, "<")) if text]
    return reduce(both, parts, EVERYTHING)


def filter_of(text: str, tz: tzinfo, custom: tuple[str, ...] | None) -> Filter:
    """The filter of an option, for logs with these custom fields; ``None`` takes any name for one."""
    return parse(text, tz=tz, custom=custom or (), unknown_fields="accept" if custom is None else "refuse")


def _preset(arguments: Namespace) -> list[str]:
    if not arguments.preset:
        return []
    from parsing.filters import placeholders
    from tui.presets import Presets, folder_of_logs

    preset = Presets(logs=folder_of_logs(arguments.words)).find(arguments.preset)
    if wanted := placeholders(preset.where):
        raise UsageError(
            f"preset {preset.name} needs a focused row",
            where="--preset",
            hint=f"it takes {', '.join(wanted)} from the row under the cursor in the explorer",
        )
    return [preset.where]


def span_of(arguments: Namespace, snapshot: Snapshot) -> Span | None:
    """The time from ``--since`` to ``--until`` as far as the set has any; ``None`` where neither bounds it.

    Its ends are equal where nothing is left between them. Times of every day bound no single span.
    """
    if snapshot.oldest is None or snapshot.newest is None:
        return None
    tz = zone(arguments.tz)
    typed = ((arguments.since, ">="), (arguments.until, "<"))
    since, until = (_moment(_typed_time(text, sign, tz), snapshot.newest) for text, sign in typed)
    if since is None and until is None:
        return None
    first = max(since or snapshot.oldest, snapshot.oldest)
    end = snapshot.newest + timedelta(milliseconds=1)
    last = min(until or end, end)
    return first, max(first, last)


def bounds_of(arguments: Namespace, newest: object) -> tuple[datetime | None, datetime | None]:
    """The moments of ``--since`` and ``--until``, counted back from ``newest`` where they are relative.

    Raises ``UsageError`` for times of every day, which bound no single span.
    """
    tz = zone(arguments.tz)
    found: list[datetime | None] = []
    for text, sign, option in ((arguments.since, ">=", "--since"), (arguments.until, "<", "--until")):
        value = _typed_time(text, sign, tz)
        if text and not isinstance(value, Instant | Ago):
            raise UsageError("needs a date here", where=option, hint="2026-06-15T10:00, or -15m")
        found.append(_moment(value, newest))
    return found[0], found[1]


def moment_of(text: str, option: str, arguments: Namespace, snapshot: Snapshot) -> datetime:
    """A single moment in UTC; a time of day is that of the last day on which the logs have it.

    Raises ``UsageError`` for a time of day that the logs never have, and ``FilterError`` for what is no time.
    """
    value = _typed_time(text, ">=", zone(arguments.tz))
    found = _on_a_day(value, snapshot) if isinstance(value, Clock) else _moment(value, snapshot.newest)
    if found is None:
        raise UsageError(f"the logs have no {text}", where=option, hint="write the date too: 2026-06-15T10:00")
    return found


def _typed_time(text: str | None, sign: str, tz: tzinfo) -> object:
    """What an option says of a time: an ``Instant``, ``Ago`` or ``Clock``; ``None`` where it is not given."""
    bound = _bound(text, sign, tz) if text else None
    return bound.value if isinstance(bound, Term) else None


def _moment(value: object, newest: object) -> datetime | None:
    """The single moment of a time, which may count back from the newest row; ``None`` for times of every day."""
    if isinstance(value, Instant):
        return value.start
    return newest - value.before if isinstance(value, Ago) and isinstance(newest, datetime) else None


def _on_a_day(value: Clock, snapshot: Snapshot) -> datetime | None:
    """A time of day on the last day on which the logs have it."""
    assert snapshot.oldest is not None
    assert snapshot.newest is not None
    last = snapshot.newest.replace(tzinfo=UTC).astimezone(value.tz)
    midnight = last.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    for days in range(2):
        local = midnight - timedelta(days=days) + timedelta(milliseconds=value.start)
        found = local.replace(tzinfo=value.tz).astimezone(UTC).replace(tzinfo=None)
        if snapshot.oldest <= found <= snapshot.newest:
            return found
    return None


def _bound(text: str, sign: str, tz: tzinfo) -> Filter:
    value = text.strip().replace(" ", "T", 1)
    term = f"time{sign}{value}"
    if not value or re.search(r"[\s()\"]", value):
        raise FilterError("not a time", text, 0, len(text), hint="write 2026-06-15T10:00, 10:00 or -15m")
    try:
        return parse(term, tz=tz)
    except FilterError as error:
        at = len(term) - len(value)
        raise FilterError(error.reason, value, max(error.start - at, 0), error.end - at, hint=error.hint) from None


def zone(text: str | None, *, where: str = "--tz") -> tzinfo:
    """A time zone by its name, its offset from UTC, or ``local``; ``where`` is blamed for one that is none."""
    if text is None or text.upper() in ("UTC", "Z"):
        return UTC
    if text.lower() == "local":
        return _Local()
    found = _OFFSET.fullmatch(text)
    if found and int(found[2]) < 24 and int(found[3]) < 60:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(offset if found[1] == "+" else -offset)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"{text} is no time zone", where=where, hint="write Europe/Oslo, +02:00 or local") from None


def log_zone(arguments: Namespace) -> tzinfo:
    """The zone of logs in local time, which has nothing to do with that of times that are shown."""
    found = zone(arguments.log_tz, where="--log-tz")
    # Where UTC was named it is no assumption, and nothing is noted on it.
    return timezone(timedelta(), "+00:00") if arguments.log_tz and found is UTC else found


def log_encoding(arguments: Namespace) -> str:
    """The code page of lines that are not UTF-8, as Python names it; empty where none is named."""
    if not arguments.encoding:
        return ""
    from parsing.formats import code_page

    try:
        return code_page(arguments.encoding)
    except LookupError:
        reason = f"{arguments.encoding} is no code page that logs can be in"
        raise UsageError(reason, where="--encoding", hint="write gbk, cp932, cp1251 or the like") from None


class _Local(tzinfo):
    """The zone of this computer, by its own rules for each moment; where it has none for a year, as without them."""

    def utcoffset(self, when: datetime | None) -> timedelta:
        if when is None:
            return timedelta()
        try:
            return timedelta(seconds=time.localtime(when.replace(tzinfo=None).timestamp()).tm_gmtoff)
        except (OverflowError, ValueError, OSError):
            return -timedelta(seconds=time.timezone)

    def fromutc(self, when: datetime) -> datetime:
        """What the clock here shows: ``tzinfo`` would ask for the offset at the same time of a clock that is set already."""
        try:
            shown = datetime.fromtimestamp(calendar.timegm(when.timetuple()))  # noqa: DTZ006 - this zone is meant
        except (OverflowError, ValueError, OSError):
            return when - timedelta(seconds=time.timezone)
        return shown.replace(microsecond=when.microsecond, tzinfo=self)

    def dst(self, when: datetime | None) -> timedelta:  # noqa: ARG002
        return timedelta()

    def tzname(self, when: datetime | None) -> str:  # noqa: ARG002
        return "local"

    def __str__(self) -> str:
        return f"local {time.tzname[0]}{-time.timezone}"


def sources_in_order(sources: Iterable[Source]) -> list[Source]:
    """The sources as a reader would order their names: numbers as numbers."""
    from parsing.sources import natural_key

    return sorted(sources, key=lambda source: natural_key(source.name))


def port_field(arguments: Namespace, snapshot: Snapshot) -> str | None:
    """The field that the user named for the client's port; raises ``UsageError`` if no log has it."""
    if not arguments.port_field:
        return None
    known = {name.lower(): name for name in snapshot.field_names}
    if arguments.port_field.lower() not in known:
        raise UsageError(f"no log has the field {arguments.port_field}", where="--port-field")
    return known[arguments.port_field.lower()]
