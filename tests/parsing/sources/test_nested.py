"""Archives inside of archives: read like folders, to a bounded depth and size."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from parsing.sources import nested
from parsing.sources.discovery import SourceFile, discover
from parsing.sources.names import server_of
from parsing.sources.stream import open_source


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "\\"), data)
    return file.getvalue()


def of(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def content(file: SourceFile) -> bytes:
    with open_source(file) as stream:
        return stream.read(1 << 20)


def test_members_of_an_archive_in_an_archive_are_sources(tmp_path: Path) -> None:
    inner = of("W3SVC1\\u_ex260615.log", b"a row\n")
    (tmp_path / "case.zip").write_bytes(of("WEB01_IISLogs.zip", inner))
    found = discover([str(tmp_path / "case.zip")])
    assert [file.name for file in found.files] == ["case.zip/WEB01_IISLogs.zip/W3SVC1/u_ex260615.log"]
    assert [file.server for file in found.files] == ["WEB01"]
    assert [content(file) for file in found.files] == [b"a row\n"]
    assert not found.problems


def test_text_in_utf_16_inside_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_bytes(of("b.zip", of("a.txt", "État\r\n".encode("utf-16"))))
    assert content(discover([str(tmp_path)]).files[0]).decode() == "État\r\n"


def test_hostile_names_stay_inside(tmp_path: Path) -> None:
    inner = packed(**{"../../up.log": b"x", "C:__Windows__y.log": b"y", "/etc/z.log": b"z"})
    (tmp_path / "case.zip").write_bytes(of("..\\..\\in.zip", inner))
    found = discover([str(tmp_path)])
    assert sorted(file.name for file in found.files) == [
        "case.zip/in.zip/Windows/y.log",
        "case.zip/in.zip/etc/z.log",
        "case.zip/in.zip/up.log",
    ]
    assert sorted(content(file) for file in found.files) == [b"x", b"y", b"z"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["case.zip"]


def test_too_many_archives_in_each_other_are_a_problem(tmp_path: Path) -> None:
    data = of("a.log", b"x")
    for _ in range(nested.DEEPEST):
        data = of("in.zip", data)
    (tmp_path / "fits.zip").write_bytes(data)
    (tmp_path / "deep.zip").write_bytes(of("in.zip", data))
    found = discover([str(tmp_path)])
    assert [content(file) for file in found.files] == [b"x"]
    [problem] = found.problems
    assert problem.name == "deep.zip/in.zip/in.zip/in.zip/in.zip"
    assert problem.reason == "is inside of more than 3 archives; it is not read"


def test_a_bomb_is_a_problem_and_what_lies_next_to_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nested, "LARGEST", 1 << 20)
    bomb = of("in.zip", of("zeros.log", b"\0" * (1 << 21)) + b"\0" * (1 << 21))
    (tmp_path / "bomb.zip").write_bytes(bomb)
    (tmp_path / "good.log").write_bytes(b"x")
    found = discover([str(tmp_path)])
    assert [file.name for file in found.files] == ["good.log"]
    assert [problem.name for problem in found.problems] == ["bomb.zip/in.zip"]
    assert "GB inside of another" in found.problems[0].reason


def test_an_archive_that_says_it_is_small_is_unpacked_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nested, "LARGEST_IN_ALL", sum(nested._sizes) + 100)
    (tmp_path / "many.zip").write_bytes(of("in.zip", of("a.log", bytes(range(256)) * 40)))
    found = discover([str(tmp_path)])
    assert not found.files
    assert "4 GB" in found.problems[0].reason


def test_a_damaged_archive_inside_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "case.zip").write_bytes(packed(**{"in.zip": b"PK no more", "a.log": b"x"}))
    found = discover([str(tmp_path)])
    assert [file.name for file in found.files] == ["case.zip/a.log"]
    assert [problem.name for problem in found.problems] == ["case.zip/in.zip"]


@pytest.mark.parametrize(
    ("folders", "server"),
    [
        ("LogCatcher-26-06-15-12-00-00.zip/General/HttpERR", ""),
        ("LogCatcher-26-06-15-12-00-00.zip/Sites/Shop/IISLogs", ""),
        ("web01/General/HttpERR", "web01"),
        ("web01/Sites/Shop/IISLogs", "web01"),
        ("case.zip/WEB01_HttpErrorLogs.zip", "WEB01"),
        ("LogFiles/http/RawLogs", ""),
    ],
)
def test_folders_of_bundles_are_of_no_server(folders: str, server: str) -> None:
    assert server_of(folders.split("/")) == server
