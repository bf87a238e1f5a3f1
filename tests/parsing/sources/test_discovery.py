"""Arguments become sources: files, folders, globs and archives, with names one can find them by."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from parsing.sources import spool
from parsing.sources.discovery import Problem, discover


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x\n")


def names(*arguments: object) -> list[str]:
    found = discover([str(argument) for argument in arguments])
    assert not found.problems
    return [file.name for file in found.files]


def test_folders_are_read_recursively_and_named_from_there(tmp_path: Path) -> None:
    touch(tmp_path, "W3SVC1/u_ex1.log", "W3SVC1/deep/a.txt", "httperr10.log", "httperr9.log", ".git/x", ".hidden")
    assert names(tmp_path) == ["httperr9.log", "httperr10.log", "W3SVC1/deep/a.txt", "W3SVC1/u_ex1.log"]


def test_a_file_is_named_by_its_last_part(tmp_path: Path) -> None:
    touch(tmp_path, "W3SVC1/u_ex1.log")
    assert names(tmp_path / "W3SVC1" / "u_ex1.log") == ["u_ex1.log"]


def test_globs_are_named_from_their_first_wildcard(tmp_path: Path) -> None:
    touch(tmp_path, "logs/W3SVC1/u_ex1.log", "logs/W3SVC2/u_ex1.log", "logs/W3SVC2/other.txt", "logs/deep/er/u_ex2.log")
    assert names(tmp_path / "logs" / "W3SVC*" / "u_*.log") == ["W3SVC1/u_ex1.log", "W3SVC2/u_ex1.log"]
    assert names(tmp_path / "logs" / "**" / "u_ex2.log") == ["deep/er/u_ex2.log"]
    assert names(tmp_path / "logs" / "d*") == ["deep/er/u_ex2.log"]
    assert names(tmp_path / "logs" / "W3SVC[2]") == ["W3SVC2/other.txt", "W3SVC2/u_ex1.log"]


def test_a_file_with_wildcards_in_its_name_is_that_file(tmp_path: Path) -> None:
    touch(tmp_path, "log[1].log")
    assert names(tmp_path / "log[1].log") == ["log[1].log"]


def test_a_file_named_twice_is_one_source(tmp_path: Path) -> None:
    touch(tmp_path, "a/u_ex1.log")
    assert names(tmp_path / "a" / "u_ex1.log", tmp_path, tmp_path / "a" / ".." / "a" / "*.log") == ["u_ex1.log"]


def test_files_of_the_same_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    touch(tmp_path, "web1/W3SVC1/u_ex1.log", "web2/W3SVC1/u_ex1.log", "web2/other.log")
    first, second = tmp_path / "web1" / "W3SVC1" / "u_ex1.log", tmp_path / "web2" / "W3SVC1" / "u_ex1.log"
    assert names(first, second, tmp_path / "web2" / "other.log") == [
        "other.log",
        "web1/W3SVC1/u_ex1.log",
        "web2/W3SVC1/u_ex1.log",
    ]
    assert names(tmp_path / "web1", tmp_path / "web2") == [
        "other.log",
        "web1/W3SVC1/u_ex1.log",
        "web2/W3SVC1/u_ex1.log",
    ]


def test_what_is_not_there_is_a_problem_and_the_rest_is_found(tmp_path: Path) -> None:
    touch(tmp_path, "a.log")
    missing, pattern = str(tmp_path / "gone.log"), str(tmp_path / "*.zzz")
    found = discover([missing, pattern, str(tmp_path / "a.log"), "bad\0name"])
    assert [file.name for file in found.files] == ["a.log"]
    assert [problem.name for problem in found.problems] == [missing, pattern, "bad\0name"]
    assert [problem.reason for problem in found.problems][:2] == ["no such file or folder", "no file matches"]


def test_a_forbidden_folder_is_a_problem_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "open/a.log", "shut/b.log")
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = discover([str(tmp_path)])
    assert [file.name for file in found.files] == ["open/a.log"]
    assert found.problems == (Problem("shut", "permission denied"),)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_that_lead_back_are_followed_once(tmp_path: Path) -> None:
    touch(tmp_path, "logs/a.log")
    (tmp_path / "logs" / "loop").symlink_to(tmp_path / "logs")
    (tmp_path / "logs" / "again.log").symlink_to(tmp_path / "logs" / "a.log")
    (tmp_path / "logs" / "self").symlink_to(tmp_path / "logs" / "self")
    found = discover([str(tmp_path / "logs")])
    assert [file.name for file in found.files] in (["a.log"], ["again.log"])
    assert [problem.name for problem in found.problems] == ["self"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_read_to_its_end_and_other_devices_are_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"one\ntwo\n"))
    writer.start()
    (file,) = discover([str(pipe)]).files
    writer.join()
    assert (file.name, file.is_temporary, file.path.read_bytes()) == ("pipe", True, b"one\ntwo\n")
    assert discover(["/dev/null"]).problems == (Problem("null", "is neither a file nor a folder"),)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_pipes_of_the_same_name_are_two_sources(tmp_path: Path) -> None:
    pipes = [tmp_path / name / "pipe" for name in ("a", "b")]
    for pipe in pipes:
        pipe.parent.mkdir()
        os.mkfifo(pipe)
        threading.Thread(target=pipe.write_text, args=[pipe.parent.name], daemon=True).start()
    files = discover([str(pipe) for pipe in pipes]).files
    assert {file.name: file.path.read_text() for file in files} == {"pipe": "a", pipes[1].as_posix(): "b"}


def test_standard_input_is_kept_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO(b"one\ntwo\n")

    spool.spooled_standard_input.cache_clear()
    monkeypatch.setattr(sys, "stdin", Standard())
    try:
        (first,), (second,) = discover(["-"]).files, discover(["-"]).files
    finally:
        spool.spooled_standard_input.cache_clear()
    assert (first.name, first.is_temporary) == ("-", True)
    assert first == second
    assert first.path.read_bytes() == b"one\ntwo\n"
