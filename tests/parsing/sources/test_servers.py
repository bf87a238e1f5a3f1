"""Which server a log comes from, by its folders."""

from __future__ import annotations

import pytest

from parsing.sources.names import server_of, servers_of


@pytest.mark.parametrize(
    ("folders", "server"),
    [
        ("web01", "web01"),
        ("web01/W3SVC1", "web01"),
        ("web01/inetpub/logs/LogFiles/W3SVC12", "web01"),
        ("WEB-02/C$/Windows/System32/LogFiles/HTTPERR", "WEB-02"),
        ("web01/2026-06/june", "web01"),
        ("10.1.2.3/HTTPERR", "10.1.2.3"),
        ("web01.zip/W3SVC1", "web01"),
        ("LogFiles/W3SVC1", ""),
        ("logs-2026-06.zip", ""),
        ("july", ""),
        ("", ""),
    ],
)
def test_the_innermost_folder_that_may_be_a_servers(folders: str, server: str) -> None:
    assert server_of(folders.split("/")) == server


def servers(*names: str, top: str = "/logs") -> list[str]:
    return servers_of([(name, f"{top}/{name}") for name in names], [top])


def test_folders_with_both_logs_are_of_servers() -> None:
    names = ("web01/u_ex260615.log", "web01/httperr1.log", "web02/u_ex260615.log", "iis.log")
    assert servers(*names) == ["web01", "web01", "web02", ""]


def test_folders_of_which_each_has_one_kind_of_log_are_of_no_servers() -> None:
    assert servers("shop/u_ex260615.log", "intranet/u_ex260615.log", "HTTPERR/httperr1.log") == ["", "", ""]
    assert servers("web01/u_ex260615.log", "web02/u_ex260615.log") == ["web01", "web02"]


def test_several_folders_of_the_command_line_may_be_of_servers() -> None:
    sources = [("u_ex260614.log", "/a/web01/u_ex260614.log"), ("u_ex260615.log", "/a/web02/u_ex260615.log")]
    assert servers_of(sources, ["/a/web01", "/a/web02"]) == ["web01", "web02"]
    assert servers_of(sources, ["/a/web01"]) == ["", ""]
