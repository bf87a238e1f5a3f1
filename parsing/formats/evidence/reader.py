"""Which files are evidence, and their content as frames."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import IO

import polars as pl

from parsing.errors import SourceError
from parsing.formats.evidence.event_rows import event_frame
from parsing.formats.evidence.event_xml import is_event_xml, read_event_xml
from parsing.formats.evidence.evidence_files import EvidenceFormat
from parsing.formats.evidence.evtx_file import EVTX_MAGIC, read_evtx
from parsing.formats.evidence.host_config import is_host_config, read_host_config
from parsing.formats.evidence.netsh_text import is_netsh_text, read_netsh_text
from parsing.formats.evidence.setting import setting_frame
from parsing.formats.evidence.windows_event import ReadingLosses, WindowsEvent
from parsing.sources.discovery import SourceFile
from parsing.sources.stream import open_source

EVENTS_AT_ONCE = 50_000
"""Events that are read into one frame: some 30 MB."""

LARGEST_EVTX = 2 << 30
"""Bytes of an ``.evtx`` file that are unpacked from an archive; Windows keeps 20 MB unless set otherwise."""

_IN_MEMORY = 64 << 20
_HEAD = 1 << 16
_CHUNK = 1 << 20
_PRIVATE = "security"
"""The channel that is never kept: its events name accounts and command lines, and none explains a row."""


def evidence_format(file: SourceFile) -> EvidenceFormat:
    """What a file is by its content; empty for what is no evidence. Raises ``SourceError`` where it cannot be opened."""
    with closing(open_source(file)) as stream:
        head = stream.read(_HEAD)
    if head.startswith(EVTX_MAGIC):
        return "evtx"
    if file.name.lower().endswith(".config"):
        return "host-config" if is_host_config(head) else ""
    if is_netsh_text(head):
        return "netsh"
    return "event-xml" if is_event_xml(head) else ""


def read_evidence(file: SourceFile, form: EvidenceFormat, source: int, losses: ReadingLosses) -> Iterator[pl.DataFrame]:
    """The rows of a file in frames of ``EVIDENCE_SCHEMA``; what it has lost goes into ``losses``.

    Raises ``SourceError`` for what cannot be read at all, or not further.
    """
    if form in ("host-config", "netsh"):
        with closing(open_source(file)) as stream:
            read = read_host_config if form == "host-config" else read_netsh_text
            yield setting_frame(read(stream), source)
        return
    events = (event for event in _events(file, form, losses) if _is_kept(event, losses))
    while batch := list(islice(events, EVENTS_AT_ONCE)):
        yield event_frame(batch, source)


def _is_kept(event: WindowsEvent, losses: ReadingLosses) -> bool:
    if event.channel.lower() != _PRIVATE:
        return True
    losses.left_out += 1
    return False


def _events(file: SourceFile, form: EvidenceFormat, losses: ReadingLosses) -> Iterator[WindowsEvent]:
    if form == "event-xml":
        with closing(open_source(file)) as stream:
            yield from read_event_xml(stream, losses)
    elif form == "evtx":
        with _seekable(file) as opened:
            yield from read_evtx(opened, losses)


def _seekable(file: SourceFile) -> IO[bytes]:
    """The bytes of a file, or of a member of an archive, with places that can be gone to."""
    if not file.member:
        try:
            opened = file.path.open("rb")
        except OSError as error:
            raise SourceError(error.strerror or str(error), where=file.name) from error
        start = opened.read(len(EVTX_MAGIC))
        if start == EVTX_MAGIC:
            return opened
        opened.close()
    spooled = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with closing(open_source(file)) as stream:
        while data := stream.read(_CHUNK):
            spooled.write(data)
            if stream.position > LARGEST_EVTX:
                spooled.close()
                raise SourceError("unpacks to more than any event log; it is not read", where=file.name)
    return spooled
