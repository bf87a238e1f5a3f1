"""After the logs: what lies next to them is read into the index, one file after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from parsing.errors import SourceError
from parsing.formats.evidence.evidence_files import EvidenceFormat, may_be_evidence
from parsing.index.reading.plan import Key
from parsing.index.snapshot import SourceEvidence
from parsing.index.store import segments
from parsing.index.store.records import Change, SourceRecord, StoredFile
from parsing.index.store.store import Store
from parsing.sources.discovery import SourceFile
from parsing.wording import counted


def update_evidence(store: Store, files: Mapping[Key, SourceFile], cancelled: Callable[[], bool]) -> bool:
    """Read the evidence that is new or has changed; false when it was cancelled. The caller holds the writer's lock."""
    for record in list(store.state.sources.values()):
        file = files.get((record.path, record.member))
        if file is None or not _has_changed(record):
            continue
        if cancelled():
            return False
        is_log = record.status != "not-a-log"
        evidence, stored = (None, []) if is_log else _read(store, record, file)
        before = [one for one in store.state.files.values() if one.kind == "evidence" and record.id in one.sources]
        state = store.state
        change = Change(done=state.done, total=state.total, is_whole=state.is_whole)
        change.sources, change.files, change.gone_files = [replace(record, evidence=evidence)], stored, before
        store.commit(change)
    return True


def _has_changed(record: SourceRecord) -> bool:
    """Whether there is evidence to be read, or a log has taken the place of some."""
    known = record.evidence
    if record.status != "not-a-log":
        return known is not None
    if known is None or known.stamp != record.stamp or not known.stamp:
        return may_be_evidence(record.name)
    return known.lacks_library and _can_read_evtx()


def _can_read_evtx() -> bool:
    from parsing.formats.evidence.evtx_file import can_read_evtx

    return can_read_evtx()


def _read(store: Store, record: SourceRecord, file: SourceFile) -> tuple[SourceEvidence, list[StoredFile]]:
    # Loaded where there is evidence only: most logs have none next to them.
    from parsing.formats.evidence.evtx_file import MissingLibraryError
    from parsing.formats.evidence.reader import evidence_format, read_evidence
    from parsing.formats.evidence.windows_event import ReadingLosses

    losses = ReadingLosses()
    form: EvidenceFormat = ""
    stored: list[StoredFile] = []
    rows = 0
    lacks_library = False
    times: list[datetime] = []
    try:
        form = evidence_format(file)
        for frame in read_evidence(file, form, record.id, losses) if form else ():
            stored.append(segments.write_evidence(store.folder, store.file_numbers(1)[0], frame))
            rows += frame.height
            times += [time for time in (frame["time"].min(), frame["time"].max()) if isinstance(time, datetime)]
    except MissingLibraryError as error:
        lacks_library = True
        losses.sentences.append(error.reason)
    except (SourceError, OSError) as error:
        losses.sentences.append(error.reason if isinstance(error, SourceError) else error.strerror or str(error))
    except Exception as error:  # noqa: BLE001 one file among many must not stop the others
        losses.sentences.append(f"cannot be read: {type(error).__name__}: {error}")
    if losses.events:
        losses.sentences.append(f"{counted(losses.events, 'event')} could not be read")
    summary = SourceEvidence(
        form,
        record.stamp,
        rows,
        min(times, default=None),
        max(times, default=None),
        "; ".join(losses.sentences),
        losses.left_out,
        lacks_library,
    )
    return summary, stored
