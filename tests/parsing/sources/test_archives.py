"""Zip archives: their members are sources, and nothing of them reaches the disk."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from random import Random

import inflate64
import pytest

from parsing.errors import SourceError
from parsing.sources.discovery import Problem, SourceFile, discover
from parsing.sources.stream import blocks, open_source


def archive(path: Path, *members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for member in members:
            made.writestr(member, f"{member}\n")
    return path


def content(file: SourceFile) -> bytes:
    with open_source(file) as stream:
        return b"".join(block.data for block in blocks(stream))


def test_members_of_archives_are_sources(tmp_path: Path) -> None:
    archive(tmp_path / "july.zip", "httperr10.log", "httperr9.log", "W3SVC1/u_ex1.log", "W3SVC1/")
    assert [file.name for file in discover([str(tmp_path)]).files] == [
        "july.zip/httperr9.log",
        "july.zip/httperr10.log",
        "july.zip/W3SVC1/u_ex1.log",
    ]
    (file,) = (file for file in discover([str(tmp_path)]).files if file.member == "W3SVC1/u_ex1.log")
    assert content(file) == b"W3SVC1/u_ex1.log\n"


def test_an_archive_under_another_name_is_one_if_it_is_named(tmp_path: Path) -> None:
    path = archive(tmp_path / "july.backup", "a.log")
    assert [file.name for file in discover([str(path)]).files] == ["july.backup/a.log"]


def test_hostile_names_in_archives_harm_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside.log"
    path = archive(tmp_path / "evil.zip", "../outside.log", "/etc/x.log", "C:\\w\\..\\y.log", "..", "ok.log")
    found = discover([str(path)])
    assert sorted(file.name for file in found.files) == [
        "evil.zip/etc/x.log",
        "evil.zip/ok.log",
        "evil.zip/outside.log",
        "evil.zip/w/y.log",
    ]
    for file in found.files:
        with open_source(file) as stream:
            assert stream.read(100)
    assert not outside.exists()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["evil.zip"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_are_read_whatever_they_are_packed_with(tmp_path: Path, method: int) -> None:
    text = b"".join(b"%d\n" % number**5 for number in range(20_000))
    with zipfile.ZipFile(tmp_path / "july.zip", "w", method) as made:
        made.writestr("a.log", text)
        made.writestr("b.log", b"b\n")
    a, b = discover([str(tmp_path)]).files
    assert content(a) == text
    assert content(b) == b"b\n"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("seed", range(20))
def test_damage_in_a_member_is_an_error_in_words(tmp_path: Path, method: int, seed: int) -> None:
    with zipfile.ZipFile(tmp_path / "july.zip", "w", method) as made:
        made.writestr("a.log", b"".join(b"%d\n" % number**5 for number in range(5_000)))
    data = bytearray((tmp_path / "july.zip").read_bytes())
    end = data.index(b"PK\x01\x02")
    for place in Random(seed).choices(range(35, end), k=3):
        data[place] ^= 1 << seed % 8
    (tmp_path / "july.zip").write_bytes(data)
    with pytest.raises(SourceError, match=r"july\.zip/a\.log: .*damaged|july.zip/a.log: ends in the middle"):
        content(*discover([str(tmp_path)]).files)


def test_an_unknown_way_of_packing_is_an_error_in_words(tmp_path: Path) -> None:
    data = bytearray(archive(tmp_path / "july.zip", "a.log").read_bytes())
    data[8] = data[data.index(b"PK\x01\x02") + 10] = 10
    (tmp_path / "july.zip").write_bytes(data)
    with pytest.raises(SourceError, match=r"july\.zip/a\.log: is compressed by a method that is not supported"):
        content(*discover([str(tmp_path)]).files)


def test_damaged_encrypted_and_repeated_members_are_problems(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 but no more")
    locked = archive(tmp_path / "locked.zip", "secret.log")
    data = bytearray(locked.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(data)
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive(tmp_path / "twice.zip", "a.log", "a.log")
    found = discover([str(tmp_path)])
    assert [file.name for file in found.files] == ["twice.zip/a.log"]
    assert found.problems == (
        Problem("broken.zip", "is no zip archive, or a damaged one"),
        Problem("locked.zip/secret.log", "is encrypted"),
        Problem("twice.zip/a.log", "is in the archive twice; only the last one is read"),
    )


def test_members_that_explorer_compresses_above_two_gigabytes_are_read(tmp_path: Path) -> None:
    text = b"2026-06-15 10:00:00 GET /a 200\n" * 20_000
    deflater = inflate64.Deflater()
    packed = deflater.deflate(text) + deflater.flush()
    data = bytearray(archive(tmp_path / "july.zip", "a.log").read_bytes())
    with zipfile.ZipFile(tmp_path / "july.zip", "w") as made:
        made.writestr("a.log", packed)
    data = bytearray((tmp_path / "july.zip").read_bytes())
    for start, method, total in ((b"PK\x03\x04", 8, 14), (b"PK\x01\x02", 10, 16)):
        at = data.index(start)
        data[at + method] = 9
        data[at + total : at + total + 4] = zlib.crc32(text).to_bytes(4, "little")
        data[at + total + 8 : at + total + 12] = len(text).to_bytes(4, "little")
    (tmp_path / "july.zip").write_bytes(data)
    (file,) = discover([str(tmp_path / "july.zip")]).files
    assert content(file) == text


def test_an_archive_whose_members_overlap_is_one_problem(tmp_path: Path) -> None:
    path = archive(tmp_path / "bomb.zip", *(f"{number}.log" for number in range(2000)))
    data = path.read_bytes()
    end = data.index(b"PK\x01\x02")
    first = re.sub(rb"(PK\x01\x02.{38})....", lambda found: found[1] + bytes(4), data[end:], flags=re.DOTALL)
    path.write_bytes(data[:end] + first)
    found = discover([str(path)])
    assert not found.files
    assert [problem.name for problem in found.problems] == ["bomb.zip"]
    assert "overlap" in found.problems[0].reason
