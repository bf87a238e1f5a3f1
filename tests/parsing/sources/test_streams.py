"""Streams give the bytes of a source whatever it is compressed with, and as many of a damaged one as they can."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from parsing.errors import SourceError
from parsing.sources import stream as cutting
from parsing.sources.discovery import SourceFile
from parsing.sources.stream import Block, Stream, blocks, open_source


def log_text(lines: int = 20_000) -> bytes:
    chance = random.Random(7)
    return b"".join(
        b"2026-06-15 10:00:00 10.0.0.%d GET /%x\r\n" % (n % 9, chance.getrandbits(64)) for n in range(lines)
    )


TEXT = log_text()

COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def source(folder: Path, data: bytes, name: str = "x.log") -> SourceFile:
    path = folder / name
    path.write_bytes(data)
    return SourceFile(name, path)


def everything(file: SourceFile, size: int = 50_000) -> bytes:
    with open_source(file) as stream:
        found = b"".join(iter(lambda: stream.read(size), b""))
        assert stream.position == len(found)
        return found


@pytest.mark.parametrize("how", COMPRESSED)
@pytest.mark.parametrize("size", [100, 65_536, 10**7])
def test_compression_is_told_by_content(tmp_path: Path, how: str, size: int) -> None:
    file = source(tmp_path, COMPRESSED[how](TEXT[:200_000] if size == 100 else TEXT))
    assert everything(file, size) == (TEXT[:200_000] if size == 100 else TEXT)
    with open_source(file) as stream:
        while stream.read(10**7):
            pass
        assert stream.disk_position == file.path.stat().st_size


@pytest.mark.parametrize("how", COMPRESSED)
def test_several_members_in_one_file_are_one_stream(tmp_path: Path, how: str) -> None:
    parts = [b"one\n", b"", TEXT, b"two\n"]
    assert everything(source(tmp_path, b"".join(map(COMPRESSED[how], parts)))) == b"".join(parts)


def test_padding_behind_gzip_is_no_damage(tmp_path: Path) -> None:
    assert everything(source(tmp_path, gzip.compress(TEXT) + bytes(100_000))) == TEXT


@pytest.mark.parametrize("how", COMPRESSED)
def test_a_cut_file_gives_what_is_there_then_says_so(tmp_path: Path, how: str) -> None:
    data = COMPRESSED[how](TEXT)
    file = source(tmp_path, data[: len(data) * 3 // 4], "cut.log")
    found, error = until_damage(file)
    assert TEXT.startswith(found)
    assert len(found) > len(TEXT) // 2 or how in ("bz2",)
    assert (error.where, error.reason) == ("cut.log", "ends in the middle of its compressed data")


@pytest.mark.parametrize("how", COMPRESSED)
def test_damage_inside_gives_what_is_before_it(tmp_path: Path, how: str) -> None:
    data = bytearray(COMPRESSED[how](TEXT))
    middle = len(data) // 2
    data[middle : middle + 64] = random.Random(3).randbytes(64)
    found, error = until_damage(source(tmp_path, bytes(data), "bad.log"))
    assert "damaged" in error.reason
    if how == "gz":
        assert len(found) > len(TEXT) // 3
        assert TEXT[: len(TEXT) // 3] == found[: len(TEXT) // 3]


def test_a_wrong_sum_of_gzip_is_damage_found_at_the_end(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(TEXT))
    data[-8] ^= 1
    found, error = until_damage(source(tmp_path, bytes(data)))
    assert TEXT.startswith(found)
    assert len(found) > len(TEXT) - 2000
    assert "incorrect data check" in error.reason


def until_damage(file: SourceFile) -> tuple[bytes, SourceError]:
    """What a stream gives before its error, and the error."""
    parts: list[bytes] = []
    with open_source(file) as stream:
        try:
            while data := stream.read(30_000):
                parts.append(data)
        except SourceError as error:
            return b"".join(parts), error
    pytest.fail("came to its end without an error")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_of_archives(tmp_path: Path, method: int) -> None:
    path = tmp_path / "july.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("first.log", b"first\n")
        made.writestr("folder/second.log", TEXT)
        made.writestr("empty.log", b"")
    file = SourceFile("july.zip/folder/second.log", path, "folder/second.log")
    assert everything(file) == TEXT
    assert everything(SourceFile("july.zip/empty.log", path, "empty.log")) == b""
    with open_source(file) as stream:
        stream.skip_to(len(TEXT) - 5)
        assert stream.read(100) == TEXT[-5:]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_compressed_files_inside_archives(tmp_path: Path, method: int) -> None:
    path = tmp_path / "july.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("x.log.gz", gzip.compress(TEXT))
    assert everything(SourceFile("july.zip/x.log.gz", path, "x.log.gz")) == TEXT


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_member_gives_what_is_before_the_damage(tmp_path: Path, method: int) -> None:
    path = tmp_path / "july.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("x.log", TEXT)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    found, error = until_damage(SourceFile("july.zip/x.log", path, "x.log"))
    assert "damaged" in error.reason
    assert found[: len(TEXT) // 4] == TEXT[: len(TEXT) // 4]


def test_what_is_gone_forbidden_or_replaced_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = SourceFile("gone.log", tmp_path / "gone.log")
    with pytest.raises(SourceError, match=r"gone\.log: no such file or folder"):
        open_source(gone)
    with pytest.raises(SourceError, match="no such file or folder"):
        open_source(SourceFile("z.zip/a", tmp_path / "z.zip", "a"))
    path = tmp_path / "z.zip"
    path.write_bytes(b"no archive at all")
    with pytest.raises(SourceError, match="is no zip archive"):
        open_source(SourceFile("z.zip/a", path, "a"))
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("b", "b")
    with pytest.raises(SourceError, match="is in the archive no more"):
        open_source(SourceFile("z.zip/a", path, "a"))

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(SourceError, match="permission denied"):
        open_source(gone)


def test_a_bomb_is_read_bite_by_bite(tmp_path: Path) -> None:
    file = source(tmp_path, gzip.compress(bytes(50_000_000)))
    with open_source(file) as stream:
        assert len(stream.read(1000)) == 1000
        assert stream.position == 1000


def test_skipping(tmp_path: Path) -> None:
    for file in (source(tmp_path, TEXT), source(tmp_path, gzip.compress(TEXT), "x.gz")):
        with open_source(file) as stream:
            stream.skip_to(100_000)
            assert stream.read(7) == TEXT[100_000:100_007]
    with open_source(file) as stream:
        stream.skip_to(50)
        with pytest.raises(ValueError, match="forward only"):
            stream.skip_to(10)


class Trickle:
    """Bytes that come a few at a time, and an error behind them if there is one."""

    disk_position = 0

    def __init__(self, data: bytes, step: int, error: SourceError | None = None) -> None:
        self._data = io.BytesIO(data)
        self._step = step
        self._error = error

    def read(self, size: int) -> bytes:
        data = self._data.read(min(size, self._step))
        if not data and self._error is not None:
            raise self._error
        return data

    def close(self) -> None:
        pass


def trickle(data: bytes, step: int, error: SourceError | None = None) -> Stream:
    slow = Trickle(data, step, error)
    return Stream("slow.log", slow, slow)


small_texts = st.text("ab\n\r", max_size=60).map(str.encode)


@given(small_texts, st.integers(1, 9), st.integers(1, 30), st.integers(1, 30))
def test_blocks_are_whole_lines_and_nothing_is_lost(data: bytes, step: int, size: int, first: int) -> None:
    found = list(blocks(trickle(data, step), size=size, first_size=first))
    assert b"".join(block.data for block in found) == data
    assert [block.is_last for block in found] == [False] * (len(found) - 1) + [True]
    for number, block in enumerate(found):
        assert block.offset == sum(len(before.data) for before in found[:number])
        assert block.is_last or block.data.endswith(b"\n")


@given(small_texts, st.integers(1, 9), st.integers(1, 30))
def test_before_an_error_come_the_whole_lines(data: bytes, step: int, size: int) -> None:
    found, error = blocks_and_error(trickle(data, step, SourceError("broken")), size)
    assert error is not None
    assert error.reason == "broken"
    assert not any(block.is_last for block in found)
    assert b"".join(block.data for block in found) == data[: data.rfind(b"\n") + 1]


def blocks_and_error(stream: Stream, size: int) -> tuple[list[Block], SourceError | None]:
    found = []
    try:
        for block in blocks(stream, size=size, first_size=size):
            found.append(block)
    except SourceError as error:
        return found, error
    return found, None


def test_blocks_of_a_plain_file_come_from_where_it_stands(tmp_path: Path) -> None:
    file = source(tmp_path, TEXT)
    with open_source(file) as stream:
        start = TEXT.index(b"\n") + 1
        stream.skip_to(start)
        found = list(blocks(stream, size=100_000, first_size=40_000))
    assert found[0].offset == start
    assert b"".join(block.data for block in found) == TEXT[start:]
    assert 20_000 < len(found[0].data) <= 40_000 < len(found[1].data) <= 100_000


def test_a_line_without_end_is_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LONGEST_LINE", 1 << 20)
    file = source(tmp_path, b"ok\n" + b"x" * (3 << 20))
    with open_source(file) as stream:
        found, error = blocks_and_error(stream, 1000)
    assert [block.data for block in found] == [b"ok\n"]
    assert "a line longer than 1 MiB" in str(error)


def test_raw_deflate_is_not_taken_for_gzip(tmp_path: Path) -> None:
    data = zlib.compress(b"text\n")
    assert everything(source(tmp_path, data)) == data


def test_a_frame_without_data_may_come_first(tmp_path: Path) -> None:
    path = tmp_path / "a.log.zst"
    path.write_bytes(b"\x50\x2a\x4d\x18\x04\x00\x00\x00note" + zstandard.compress(b"a line\n"))
    with open_source(SourceFile("a.log.zst", path)) as stream:
        assert b"".join(block.data for block in blocks(stream)) == b"a line\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_utf_16_is_read_with_or_without_a_mark(tmp_path: Path, encoding: str) -> None:
    text = "#Fields: date time\r\n" + "2026-06-15 10:00:00 \u00fcber\U0001f600\r\n" * 9000
    path = tmp_path / "ps_out.log"
    path.write_bytes(text.encode(encoding))
    with open_source(SourceFile("ps_out.log", path)) as stream:
        assert b"".join(block.data for block in blocks(stream, 5000, 5000)).decode() == text
