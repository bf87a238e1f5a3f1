"""One append-only dictionary for each text field of a log set: text in, dense codes out.

A code is the position of a value in its dictionary, in the order in which values were first met. Polars keeps the
mapping (a ``Categories`` of its own for each field), since nothing else encodes as fast; the values are stored in
Parquet parts, one for all fields a commit, and are read field by field when they are first asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path

import polars as pl

from parsing.index.store.records import DictionaryPart
from parsing.index.store.stored_files import HINT, DamagedError, check_file, write_parquet

BYTES_JUDGED = 32 * 2**20
"""A field whose dictionary takes less memory always has codes: half a million addresses, or fewer cookies."""

FRESH_SHARE = 0.7
"""A field of more values stays text once more than this share of a block's values was never met before."""

BYTES_FOR_VALUES = 256 * 2**20
"""Memory that all dictionaries together may take; beyond it, fields that keep growing stay text."""

SMALL = 2**20
"""A dictionary of fewer bytes may always grow."""

ROWS_FOR_THREADS = 10_000
"""Rows for which handing columns to other threads pays."""

OVERHEAD_PER_VALUE = 40
"""Bytes that the mapping takes for a value, about, in addition to its text."""


class Dictionaries:
    """The committed dictionaries as readers see them: series that only ever grow. Safe to use from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._parts: tuple[DictionaryPart, ...] = ()
        self._loaded: dict[str, pl.Series] = {}
        self._checked: set[str] = set()

    def show(self, parts: Iterable[DictionaryPart]) -> None:
        """From now on these parts are the committed ones."""
        with self._lock:
            self._parts = tuple(sorted(parts, key=lambda part: part.id))

    def load(self, name: str) -> pl.Series:
        """The values of a field in order of their codes. Raises ``IndexStoreError`` when a file is damaged."""
        with self._lock:
            known = self._loaded.get(name)
            height = 0 if known is None else known.len()
            spans = [(*part.spans[name], part) for part in self._parts if name in part.spans]
            fresh = [] if known is None else [known]
            for start, count, part in sorted(spans, key=lambda span: span[0]):
                if start > height:
                    raise _gap(self._folder / part.name)
                if start + count > height:
                    self._check(part)
                    fresh.append(read_values(self._folder, part, name).slice(height - start))
                    height = start + count
            if known is None or len(fresh) > 1:
                known = pl.concat(fresh, rechunk=True) if fresh else pl.Series(name, [], dtype=pl.String)
                self._loaded[name] = known
            return known

    def _check(self, part: DictionaryPart) -> None:
        if part.name not in self._checked:
            check_file(self._folder / part.name, part.digest)
            self._checked.add(part.name)


_DAMAGED = "a dictionary of the index is damaged"


def _gap(path: Path) -> DamagedError:
    return DamagedError("the dictionaries of the index have gaps", where=str(path), hint=HINT)


def read_values(folder: Path, part: DictionaryPart, name: str) -> pl.Series:
    """The values of a field in one part. Raises ``DamagedError`` when they are not all there."""
    path = folder / part.name
    try:
        values = pl.read_parquet(path, columns=[name]).to_series().head(part.spans[name][1])
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DamagedError(_DAMAGED, where=str(path), hint=HINT) from error
    if values.len() != part.spans[name][1] or values.dtype != pl.String or values.null_count():
        raise DamagedError(_DAMAGED, where=str(path), hint=HINT)
    return values


class _Field:
    """The growing dictionary of one field: codes given, and values not yet stored."""

    def __init__(self, values: pl.Series) -> None:
        self._type = pl.Categorical(pl.Categories.random())
        self._keeps_mapping = pl.Series([], dtype=self._type)
        self.stored = values.len()
        self.height = 0
        self.bytes = 0
        self.fresh: list[pl.Series] = []
        self.fresh_share = 0.0
        if self.stored:
            self.encode(values)
            self.fresh.clear()
            if self.height != self.stored:
                raise DamagedError("a dictionary of the index holds a value twice")

    def encode(self, values: pl.Series) -> pl.Series:
        codes = values.cast(self._type).to_physical()
        highest = codes.max()
        self.fresh_share = 0.0
        if isinstance(highest, int) and highest >= self.height:
            new = pl.DataFrame({"code": codes, "value": values}).filter(pl.col("code") >= self.height)
            added = new.unique("code").sort("code")["value"]
            self.fresh.append(added)
            self.fresh_share = added.len() / (values.len() - values.null_count())
            self.height = highest + 1
            self.bytes += int(added.estimated_size()) + added.len() * OVERHEAD_PER_VALUE
        return codes.cast(pl.UInt32).alias(values.name)

    def repeats_enough(self, budget_used: float) -> bool:
        """Whether codes pay: values repeat, and there is room for more of them."""
        if self.bytes < SMALL:
            return True
        if budget_used > 1.25:
            return self.fresh_share == 0.0
        if budget_used > 1.0 and self.fresh_share > 0.02:
            return False
        return self.bytes < BYTES_JUDGED or self.fresh_share <= FRESH_SHARE


class Encoder:
    """Gives codes to the text of new rows and keeps the new values until they are stored. For one thread."""

    def __init__(self, committed: Dictionaries, text_fields: Iterable[str]) -> None:
        self._committed = committed
        self._fields: dict[str, _Field] = {}
        self._text = set(text_fields)
        self._judged: list[str] = []

    def encode(self, frame: pl.DataFrame, names: Iterable[str], pool: Executor) -> tuple[pl.DataFrame, frozenset[str]]:
        """The frame with codes in place of text, and the names of the columns that have them.

        The columns of a frame that is worth it are encoded in parallel in the pool: Polars takes one thread for each.
        """
        coded = [name for name in names if name not in self._text]
        fields = [self._field(name) for name in coded]
        each = pool.map if frame.height > ROWS_FOR_THREADS else map
        columns = list(each(_Field.encode, fields, (frame[name] for name in coded)))
        self._judge(coded)
        return frame.with_columns(columns), frozenset(coded)

    def _field(self, name: str) -> _Field:
        known = self._fields.get(name)
        if known is None:
            known = self._fields[name] = _Field(self._committed.load(name))
        return known

    def _judge(self, names: Iterable[str]) -> None:
        """From the next rows on, keep those fields as text for which codes do not pay."""
        used = sum(field.bytes for field in self._fields.values()) / BYTES_FOR_VALUES
        judged = [name for name in names if not self._fields[name].repeats_enough(used)]
        self._text.update(judged)
        self._judged.extend(judged)

    def take_text_fields(self) -> list[str]:
        """Fields that were judged since the last call to stay text."""
        judged, self._judged = self._judged, []
        return judged

    def store(self, folder: Path, number: int) -> DictionaryPart | None:
        """Write the new values of all fields as one part; ``None`` when there are none."""
        fresh = {name: pl.concat(field.fresh) for name, field in self._fields.items() if field.fresh}
        if not fresh:
            return None
        spans = {name: (self._fields[name].stored, values.len()) for name, values in fresh.items()}
        for name in fresh:
            field = self._fields[name]
            field.stored = field.height
            field.fresh.clear()
        for name in self._text & self._fields.keys():
            del self._fields[name]
        return store_values(folder, number, fresh, spans)


def store_values(
    folder: Path, number: int, values: Mapping[str, pl.Series], spans: Mapping[str, tuple[int, int]]
) -> DictionaryPart:
    """Write the values of each field as a column; shorter columns end in nulls, which a dictionary never holds."""
    name = f"words-{number}.parquet"
    columns = [series.alias(field).to_frame() for field, series in values.items()]
    size, digest = write_parquet(pl.concat(columns, how="horizontal_extend"), folder / name)
    return DictionaryPart(number, name, size, digest, dict(spans))


PARTS_JOINED = 8
"""How many small parts of dictionaries are joined into one."""


def joinable_parts(parts: Iterable[DictionaryPart]) -> list[DictionaryPart]:
    """The newest parts, back to one that is much larger than those after it; none while they are few."""
    found: list[DictionaryPart] = []
    size = 0
    for part in sorted(parts, key=lambda part: part.id, reverse=True):
        if found and part.bytes > 2 * size + SMALL:
            break
        found.append(part)
        size += part.bytes
    return found[::-1] if len(found) >= PARTS_JOINED else []


def join_parts(parts: Iterable[DictionaryPart], folder: Path, number: int) -> DictionaryPart:
    """One part with the values of several that follow each other."""
    values: dict[str, list[pl.Series]] = {}
    spans: dict[str, tuple[int, int]] = {}
    for part in parts:
        check_file(folder / part.name, part.digest)
        for name, (start, count) in part.spans.items():
            begin, height = spans.get(name, (start, 0))
            if begin + height != start:
                raise _gap(folder / part.name)
            values.setdefault(name, []).append(read_values(folder, part, name))
            spans[name] = (begin, height + count)
    return store_values(folder, number, {name: pl.concat(series) for name, series in values.items()}, spans)
