"""The requests that belong to each error: ``correlate``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

import polars as pl

from parsing.correlation import Correlated, Related, lacks_client_port
from parsing.correlation import correlate as correlated
from parsing.evidence import log_coverage_notes
from parsing.export import Hide, Records, of_frames
from parsing.knowledge import NO_PORT
from parsing.questions import Count, answer
from tui.cli.console import form_of, refuse_parquet_on_terminal, remark
from tui.cli.logs import logs, port_field
from tui.cli.numbers import whole_number
from tui.cli.output import hiding, write_records
from tui.cli.progress import Meter, meter
from tui.wording import confidence

_TIME = pl.Datetime("ms")
_RECORD = {
    "source": pl.String(),
    "line": pl.Int64(),
    "time": _TIME,
    "s-reason": pl.String(),
    "c-ip": pl.String(),
    "c-port": pl.UInt16(),
    "cs-method": pl.String(),
    "cs-uri": pl.String(),
    "s-queuename": pl.String(),
    "began": pl.Struct({"earliest": _TIME, "latest": _TIME}),
    "ended_by": pl.String(),
    "ended_by_confidence": pl.Float64(),
    "verdict": pl.String(),
    "related": pl.List(
        pl.Struct(
            {
                "relation": pl.String(),
                "source": pl.String(),
                "line": pl.Int64(),
                "time": _TIME,
                "confidence": pl.Float64(),
                "evidence": pl.List(pl.String()),
            }
        )
    ),
}
_TABLE = {
    "time": _TIME,
    "s-reason": pl.String(),
    "c-ip": pl.String(),
    "cs-uri": pl.String(),
    "ended_by": pl.String(),
    "began": _TIME,
    "claims": pl.String(),
    "verdict": pl.String(),
}


def correlate(arguments: Namespace) -> int:
    refuse_parquet_on_terminal(arguments)
    limit = whole_number(arguments.limit, "--limit")
    with logs(arguments) as found:
        port = port_field(arguments, found.snapshot)
        total = answer(found.snapshot, Count(found.where, "httperr")).total
        with meter("correlating", is_quiet=arguments.quiet) as shown:
            batches = correlated(found.snapshot, found.where, client_port=port)
            errors = _counted(batches, shown, total, limit)
            write_records(arguments, _records(arguments, errors), is_redacted=True)
        if lacks_client_port(found.snapshot, port):
            remark(arguments, NO_PORT)
        for note in log_coverage_notes(found.snapshot):
            remark(arguments, note)
        return found.status(arguments)


def _counted(
    batches: Iterator[list[Correlated]], shown: Meter, total: int, limit: int | None
) -> Iterator[list[Correlated]]:
    done = 0
    for batch in batches:
        wanted = batch if limit is None else batch[: limit - done]
        done += len(wanted)
        shown.rows(done, total)
        yield wanted
        if limit is not None and done >= limit:
            return


def _records(arguments: Namespace, batches: Iterator[list[Correlated]]) -> Records:
    hide = hiding(arguments)
    is_table = form_of(arguments) == "table"
    schema, record = (_TABLE, _line) if is_table else (_RECORD, _record)

    def frames() -> Iterator[pl.DataFrame]:
        yield pl.DataFrame(schema=schema)
        for batch in batches:
            yield pl.DataFrame([record(error, hide) for error in batch], schema=schema)

    return of_frames(frames())


def _hidden(field: str, value: str | None, hide: Hide) -> str | None:
    return None if value is None else hide(field, value)


def _record(error: Correlated, hide: Hide) -> dict[str, object]:
    began = error.began
    return {
        "source": error.source,
        "line": error.line,
        "time": error.time,
        "s-reason": error.logged_reason,
        "c-ip": _hidden("c-ip", error.client, hide),
        "c-port": error.port,
        "cs-method": error.method,
        "cs-uri": _hidden("cs-uri", error.uri, hide),
        "s-queuename": error.queue,
        "began": {"earliest": began.earliest, "latest": began.latest} if began else None,
        "ended_by": error.ended_by,
        "ended_by_confidence": error.ended_by_confidence,
        "verdict": hide("verdict", error.verdict),
        "related": [_related(request, hide) for request in error.related],
    }


def _related(request: Related, hide: Hide) -> dict[str, object]:
    return {
        "relation": request.relation,
        "source": request.source,
        "line": request.line,
        "time": request.time,
        "confidence": request.confidence,
        "evidence": [hide("evidence", fact) for fact in request.evidence],
    }


def _line(error: Correlated, hide: Hide) -> dict[str, object]:
    claims = [f"{one.relation} {one.source}:{one.line} ({confidence(one.confidence)})" for one in error.claims]
    return {
        "time": error.time,
        "s-reason": error.logged_reason,
        "c-ip": _hidden("c-ip", error.client, hide),
        "cs-uri": _hidden("cs-uri", error.uri, hide),
        "ended_by": error.ended_by,
        "began": error.began.earliest if error.began else None,
        "claims": ", ".join(claims) or None,
        "verdict": hide("verdict", error.verdict),
    }
