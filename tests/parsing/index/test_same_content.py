"""The same content under two names is counted once, whichever came first and however the copies change."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parsing.index import LogSet, Source
from parsing.index.reading import byte_stage, same_content
from parsing.sources.stream import Stream
from tests.written_logs import (
    HTTPERR_HEAD,
    IIS_HEAD,
    append,
    httperr_lines,
    iis_lines,
    rows_indexed,
    rows_written,
    write,
)

CONTENT = IIS_HEAD + iis_lines(30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def log_set(tmp_path: Path, folder: Path) -> Iterator[LogSet]:
    folder.mkdir()
    with LogSet.open([str(folder)], index_dir=tmp_path / "index") as opened:
        yield opened


def read(log_set: LogSet) -> dict[str, Source]:
    """The sources by name, once all is read."""
    log_set.read()
    snapshot = log_set.snapshot()
    assert snapshot.progress.is_whole
    for source in snapshot.sources:
        assert source.lines == source.rows + source.directives + source.blank + source.rejected
    assert sum(source.rows for source in snapshot.sources) == len(rows_indexed(snapshot))
    return {source.name: source for source in snapshot.sources}


def rows(sources: dict[str, Source]) -> dict[str, int]:
    return {name: source.rows for name, source in sources.items()}


def packed(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"W3SVC1/{name}.log", content)
    return path


def as_gzip(folder: Path, content: str) -> None:
    write(folder / "u_ex1.log.gz", gzip.compress(content.encode()))


def as_zip(folder: Path, content: str) -> None:
    packed(folder / "bundle.zip", u_ex1=content)


def as_copy(folder: Path, content: str) -> None:
    write(folder / "backup" / "u_ex1.log", content)


COPIES = [as_gzip, as_zip, as_copy]
Copy = Callable[[Path, str], None]


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("is_first", [False, True])
def test_a_copy_counts_nothing_and_says_where_its_lines_count(
    folder: Path, log_set: LogSet, copy: Copy, is_first: bool
) -> None:
    if is_first:
        copy(folder, CONTENT)
        read(log_set)
    path = write(folder / "u_ex1.log", CONTENT)
    copy(folder, CONTENT)
    sources = read(log_set)
    assert rows_indexed(log_set.snapshot()) == rows_written(path, "u_ex1.log")
    (other,) = (source for name, source in sources.items() if name != "u_ex1.log")
    assert (other.status, other.format, other.lines) == ("ok", "iis-w3c", 0)
    assert other.notes == ("its lines are in u_ex1.log too, and are counted there",)
    assert sources["u_ex1.log"].notes == ()


@pytest.mark.parametrize("copy", COPIES)
def test_the_copy_counts_when_the_other_goes(folder: Path, log_set: LogSet, copy: Copy) -> None:
    path = write(folder / "u_ex1.log", CONTENT)
    copy(folder, CONTENT)
    read(log_set)
    path.unlink()
    (source,) = read(log_set).values()
    assert (source.rows, source.notes) == (30, ())
    assert [row[1:] for row in rows_indexed(log_set.snapshot())] == [
        row[1:] for row in rows_written(write(folder.parent / "x", CONTENT), "")
    ]


@pytest.mark.parametrize("copy", COPIES)
def test_the_log_grows_after_it_was_packed(folder: Path, log_set: LogSet, copy: Copy) -> None:
    path = write(folder / "u_ex1.log", CONTENT)
    copy(folder, CONTENT)
    read(log_set)
    append(path, iis_lines(5, first=30))
    assert sorted(rows(read(log_set)).values()) == [0, 35]
    copy(folder, CONTENT + iis_lines(5, first=30))
    assert sorted(rows(read(log_set)).values()) == [0, 35]
    path.unlink()
    assert list(rows(read(log_set)).values()) == [35]


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_of_the_beginning_is_no_other_log_when_both_are_read_at_once(
    folder: Path, log_set: LogSet, copy: Copy
) -> None:
    copy(folder, CONTENT)
    path = write(folder / "u_ex1.log", CONTENT, iis_lines(5, first=30))
    read(log_set)
    assert rows_indexed(log_set.snapshot()) == rows_written(path, "u_ex1.log")


@pytest.mark.parametrize("copy", COPIES)
def test_the_copy_grows(folder: Path, log_set: LogSet, copy: Copy) -> None:
    write(folder / "u_ex1.log", CONTENT)
    copy(folder, CONTENT)
    read(log_set)
    copy(folder, CONTENT + iis_lines(5, first=30))
    sources = rows(read(log_set))
    assert sources.pop("u_ex1.log") == 0
    assert list(sources.values()) == [35]


@pytest.mark.parametrize("copy", COPIES)
def test_copies_that_go_on_differently_are_two_logs(folder: Path, log_set: LogSet, copy: Copy) -> None:
    path = write(folder / "u_ex1.log", CONTENT)
    copy(folder, CONTENT)
    read(log_set)
    copy(folder, CONTENT + iis_lines(1, first=40))
    append(path, iis_lines(2, first=30))
    assert sorted(rows(read(log_set)).values()) == [31, 32]
    append(path, iis_lines(2, first=32))
    assert sorted(rows(read(log_set)).values()) == [31, 34]


def test_equal_logs_of_other_names_count_once_and_longer_ones_are_named(folder: Path, log_set: LogSet) -> None:
    write(folder / "u_ex1.log", CONTENT)
    write(folder / "u_ex1 - Copy.log", CONTENT)
    write(folder / "monday.log", CONTENT)
    assert rows(read(log_set)) == {"monday.log": 0, "u_ex1 - Copy.log": 0, "u_ex1.log": 30}
    append(folder / "monday.log", iis_lines(1, first=30))
    sources = read(log_set)
    assert rows(sources) == {"monday.log": 31, "u_ex1 - Copy.log": 0, "u_ex1.log": 30}
    assert sources["monday.log"].notes == ("begins with all lines of u_ex1.log; both are counted",)


def test_logs_of_two_servers_are_two_logs(folder: Path, log_set: LogSet) -> None:
    for server, errors in (("web01", 3), ("web02", 3), ("web03", 5)):
        write(folder / server / "HTTPERR" / "httperr1.log", HTTPERR_HEAD, httperr_lines(errors))
        write(folder / server / "W3SVC1" / "u_ex1.log", CONTENT)
    sources = read(log_set)
    assert [source.rows for name, source in sources.items() if name.endswith("httperr1.log")] == [3, 3, 5]
    assert [source.rows for name, source in sources.items() if name.endswith("u_ex1.log")] == [30, 30, 30]
    notes = [note for source in sources.values() for note in source.notes]
    assert any(note.startswith("has the same lines as web0") for note in notes)


def test_logs_that_begin_alike_are_read_each(folder: Path, log_set: LogSet) -> None:
    for number in range(20):
        write(folder / f"httperr{number}.log", HTTPERR_HEAD, httperr_lines(1), httperr_lines(3, path=f"/{number}"))
    assert set(rows(read(log_set)).values()) == {4}
    append(folder / "httperr3.log", httperr_lines(1))
    assert rows(read(log_set))["httperr3.log"] == 5


def test_logs_without_entries_are_no_copies(folder: Path, log_set: LogSet) -> None:
    for name in ("u_ex1.log", "u_ex2.log"):
        write(folder / name, IIS_HEAD)
    assert [source.directives for source in read(log_set).values()] == [4, 4]


def test_padding_at_the_end_is_no_content(folder: Path, log_set: LogSet) -> None:
    write(folder / "httperr1.log", HTTPERR_HEAD, httperr_lines(3), b"\0" * 3000)
    as_copied = write(folder / "saved" / "httperr1.log", HTTPERR_HEAD, httperr_lines(3))
    assert sorted(rows(read(log_set)).values()) == [0, 3]
    write(as_copied, HTTPERR_HEAD, httperr_lines(3), b"\0" * (3 << 20))
    assert sorted(rows(read(log_set)).values()) == [0, 3]


def test_a_damaged_copy_is_told_and_counts_nothing(folder: Path, log_set: LogSet) -> None:
    whole = IIS_HEAD + iis_lines(3000)
    write(folder / "u_ex1.log.gz", gzip.compress(whole.encode())[:9000])
    assert 0 < read(log_set)["u_ex1.log.gz"].rows < 3000
    write(folder / "u_ex1.log", whole)
    sources = read(log_set)
    assert rows(sources) == {"u_ex1.log": 3000, "u_ex1.log.gz": 0}
    assert sources["u_ex1.log.gz"].status == "partial"
    assert sources["u_ex1.log.gz"].error


def test_three_copies_and_the_one_that_counts_goes(folder: Path, log_set: LogSet) -> None:
    write(folder / "u_ex1.log", CONTENT)
    for copy in COPIES:
        copy(folder, CONTENT)
    assert sum(rows(read(log_set)).values()) == 30
    (folder / "u_ex1.log").unlink()
    assert sum(rows(read(log_set)).values()) == 30
    (folder / "backup" / "u_ex1.log").unlink()
    assert sum(rows(read(log_set)).values()) == 30


def test_what_is_read_already_is_not_read_again_for_a_plain_copy(
    folder: Path, log_set: LogSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_gzip(folder, CONTENT)
    read(log_set)
    monkeypatch.setattr(byte_stage, "_first_state", None)
    path = write(folder / "u_ex1.log", CONTENT)
    assert rows(read(log_set)) == {"u_ex1.log": 30, "u_ex1.log.gz": 0}
    path.unlink()
    assert rows(read(log_set)) == {"u_ex1.log.gz": 30}


def test_two_logs_that_grow_alike_are_compared_from_where_they_stand(
    folder: Path, log_set: LogSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same_content, "_CHUNK", 512)
    paths = [write(folder / name / "u_ex1.log", CONTENT) for name in ("a", "mirror")]
    read(log_set)
    compared: list[int] = []
    original = same_content._chunk

    def counted(stream: Stream) -> tuple[bytes, str]:
        found = original(stream)
        compared.append(len(found[0]))
        return found

    monkeypatch.setattr(same_content, "_chunk", counted)
    for path in paths:
        append(path, iis_lines(2, first=30))
    assert rows(read(log_set)) == {"a/u_ex1.log": 32, "mirror/u_ex1.log": 0}
    assert sum(compared) == 2 * len(iis_lines(2, first=30))
