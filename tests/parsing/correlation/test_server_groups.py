"""Which sources are of one server, whose clock and time-outs are its own."""

from __future__ import annotations

import polars as pl

from parsing.correlation.server.survey import server_groups


def test_servers_of_two_names_with_one_address_are_two_and_rotated_files_of_one_are_one() -> None:
    pairs = pl.DataFrame(
        {"source": [1, 2, 3], "server": ["10.0.0.4"] * 3}, schema={"source": pl.UInt32(), "server": pl.String()}
    )
    assert server_groups(pairs)["group"].n_unique() == 1
    named = server_groups(pairs, {1: "web01", 2: "web02", 3: "web01"}).sort("source")["group"].to_list()
    assert named[0] == named[2] != named[1]
