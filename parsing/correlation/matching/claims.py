"""The pairs of an error and a request that may belong together, and how strongly the facts speak for each.

Every pair gets odds: how much likelier it is that the facts arise because the two belong together than because an
unrelated request of that client and URI happened to fit. Unrelated ones are counted in the minutes around; where an
address belongs to one client only, nobody else can have asked.
"""

from __future__ import annotations

import polars as pl

from parsing.correlation.assumptions import UNSEEN
from parsing.correlation.logs.keys import ANY
from parsing.correlation.logs.requests import BROKEN_WRITE, ENDED
from parsing.correlation.logs.targets import agrees, owners
from parsing.correlation.logs.windows import Ordered
from parsing.correlation.matching.chances import bins_of
from parsing.correlation.server.began import (
    BODY,
    CONFIDENCE,
    LIST_FULL,
    NOW,
    SECOND,
    SLOW_CLIENT,
    SLOW_READER,
    STALLED,
    ZOMBIE,
)

PATIENCE = 900 * SECOND
"""A request that started longer before its client left is not looked for."""
AGAIN = 600 * SECOND
"""A client that asks again later than this after its loss is not said to retry."""
AROUND = 300 * SECOND
"""How far to either side unrelated requests are counted."""
TOGETHER = (2 * SECOND, 8 * SECOND)
"""How much earlier and later than the error's row that of the same request may be, where they end together."""
BESIDE = 60 * SECOND
"""How far to either side of an error requests are counted that ended beside it."""

_FIRST = 8
_CROWD = 20
_ROUNDING = 1500
BARE = (SLOW_CLIENT, SLOW_READER, BODY, "timer_response", "timer_sslrenegotiation")
"""Reasons whose row may have no URI although there was a request."""
_FAILED = 4
OTHERWISE = 1 << 30
"""Added to the number of an error where it stands for the other way in which its request may have been lost."""
_RETRY = (
    "e",
    "error",
    "likely",
    "row",
    "kind",
    "key",
    "span",
    "single",
    "count",
    "asked",
    "lost_at",
    "is_spread",
    "is_elsewhere",
)
_MEANWHILE = 24
"""Requests that are looked at while a body stalls."""

_IS_PARKING = (pl.col("kind") == ZOMBIE) | (pl.col("key") == LIST_FULL)
_IS_PARKED = pl.col("target").is_not_null() & _IS_PARKING
"""Drops whose request a worker still has: it may end in the IIS log, at any time, as a write to a dead connection."""
IS_BARE = pl.col("key").is_in(BARE) & pl.col("uri").is_null()
_OWN_GROUP = (BODY, SLOW_READER, SLOW_CLIENT)
"""Reasons whose share of requests in both logs is learned apart from the others."""

_SIDES = (
    "e",
    "error",
    "likely",
    "t",
    "key",
    "kind",
    "lost_low",
    "lost_high",
    "lost_at",
    "single",
    "group",
    "server_number",
    "e_server_port",
    "method_number",
    "is_bare",
    "span",
)


def same_group() -> pl.Expr:
    is_own = pl.col("key").is_in(_OWN_GROUP)
    return pl.when(_IS_PARKING).then(pl.lit(ZOMBIE)).when(is_own).then("key").otherwise(pl.lit(""))


def _span() -> pl.Expr:
    """How many seconds long the interval is that holds the loss, in steps of five; 0 where the row itself is the loss."""
    seconds = (pl.col("lost_high") - pl.col("lost_low")) / SECOND
    return pl.when(pl.col("kind") == NOW).then(0).otherwise((seconds / 5).ceil() * 5).cast(pl.Int32)


class Pairs:
    """What fits the errors of one stretch: frames with ``e row odds`` and the facts behind them."""

    def __init__(
        self, errors: pl.DataFrame, requests: pl.DataFrame, rows: pl.DataFrame, otherwise: pl.DataFrame | None = None
    ) -> None:
        """``otherwise`` are errors once more, with their moments if not the likelier but the other explanation is true."""
        likely = pl.col(CONFIDENCE)
        described = [errors.with_columns(pl.col("e").alias("error"), likely.alias("likely"))]
        if otherwise is not None:
            number = (pl.col("e") + OTHERWISE).cast(pl.UInt32).alias("e")
            described.append(otherwise.with_columns(pl.col("e").alias("error"), (1 - likely).alias("likely"), number))
        self._lost = pl.concat(described).with_columns(IS_BARE.alias("is_bare"), _span().alias("span"))
        self._errors = self._lost.filter(pl.col("e") == pl.col("error"))
        self._sides = self._lost.select(*_SIDES, pl.col("port").alias("e_port"))
        self._requests = requests.with_columns(pl.col("row").alias("head"))
        self.rows = rows
        self._owners = owners(self.rows, errors)
        self._other_servers = _other_servers(errors)
        heads = self.rows.filter(pl.col("head") == pl.col("row"))
        self._asked = Ordered(heads.with_columns(pl.col("attempted").alias("asked")), "target", "asked")

    def retries(self) -> pl.DataFrame:
        """Requests for the URI of an error that began from the moment its client lost it.

        A request that failed in its turn is among them under a negative ``row``: it is in no IIS log, but what the
        client asked for after it repeats that one.
        """
        errors = self._lost.filter(pl.col("target").is_not_null())
        low, high = errors["lost_low"] - _ROUNDING, errors["lost_high"] + AGAIN
        probes = errors.select("e", "kind", pl.col("target").alias("key")).with_columns(
            low.alias("low"), high.alias("high"), (errors["lost_high"] - 2 * SECOND).alias("row_at")
        )
        # What is sent before the row of a stalled body must not crowd out what is sent after it.
        is_stalled = pl.col("kind") == STALLED
        stalled = probes.filter(is_stalled)
        parts = (
            (probes.filter(~is_stalled), _FIRST),
            (stalled.with_columns(pl.col("row_at").alias("high")), _MEANWHILE),
            (stalled.with_columns((pl.col("row_at") + 1).alias("low")), _FIRST),
        )
        fitting = pl.concat([self._asked.within(part, most) for part, most in parts])
        pairs = self._matched(fitting, server=False).with_columns(pl.col("row").cast(pl.Int64))
        pairs = pairs.filter(~_may_be_own()).with_columns(pl.lit(value=False).alias("is_spread"))
        failed = self._failed_retries(errors).join(
            self._owners.select((-1 - pl.col("e").cast(pl.Int64)).alias("row"), "head", "attempted"),
            on="row",
            how="left",
            maintain_order="left",
        )
        failed = failed.with_columns(
            pl.coalesce(pl.col("head").cast(pl.Int64), "row").alias("row"),
            pl.coalesce("attempted", "asked").alias("asked"),
            pl.col("is_spread") & pl.col("head").is_null(),
        )
        begun = self._owners.select(pl.col("head").cast(pl.Int64).alias("row"))
        pairs = pairs.join(begun, on="row", how="anti", maintain_order="left")
        pairs = pl.concat([pairs.select(_RETRY), failed.select(_RETRY)]).unique(["e", "row"], keep="first")
        own = self._owners.select(pl.col("e").alias("error"), pl.col("attempted").alias("begun"))
        pairs = pairs.join(own, on="error", how="left")
        pairs = pairs.filter((pl.col("asked") > pl.col("begun")).fill_null(value=True)).drop("begun")
        lag = ((pl.col("asked") - pl.col("lost_at")) / SECOND).alias("lag")
        pairs = pairs.with_columns(lag).join(self._unrelated(errors), on="e")
        pairs = pairs.join(errors.select("e", "target"), on="e", maintain_order="left")
        pairs = pairs.join(self._paces(), on="target", how="left", maintain_order="left").drop("target")
        return pairs.with_columns(bins_of(pairs["lag"]).alias("bin"))

    def _failed_retries(self, errors: pl.DataFrame) -> pl.DataFrame:
        """Later errors of the same target; ``is_spread`` where the request may have begun at any time before."""
        lost = pl.when(pl.col("kind") == NOW).then("at").otherwise((pl.col("lost_low") + pl.col("lost_high")) // 2)
        errors = errors.with_columns(lost.alias("asked"))
        lowest = pl.when(pl.col("kind") == NOW).then("asked").otherwise("lost_low")
        later = errors.filter(pl.col("e") == pl.col("error")).select(
            "target",
            "asked",
            pl.col("server_number").alias("server"),
            pl.col("e_server_port").alias("server_port"),
            pl.col("method_number").alias("method"),
            pl.col("status").is_null().alias("is_spread"),
            (-1 - pl.col("e").cast(pl.Int64)).alias("row"),
        )
        probes = errors.select("e", pl.col("target").alias("key"), lowest.alias("low"))
        probes = probes.with_columns((errors["lost_high"] + AGAIN).alias("high"))
        pairs = self._matched(Ordered(later, "target", "asked").within(probes, _FAILED), server=False)
        is_other = -1 - pl.col("row") != pl.col("error")
        is_later = pl.col("asked") > (pl.col("lost_low") + pl.col("lost_high")) // 2 + SECOND
        is_written_later = ~pl.col("is_spread") & (-1 - pl.col("row") > pl.col("error"))
        is_within = ~pl.col("is_spread") & (pl.col("kind") != NOW) & (pl.col("asked") > pl.col("lost_low"))
        return pairs.filter(is_other & (is_later | is_written_later | is_within))

    def with_legs(self, claims: pl.DataFrame) -> pl.DataFrame:
        """Claims on a request hold for all legs of its sign-in."""
        legs = self.rows.filter(pl.col("head") != pl.col("row")).select(
            pl.col("head").alias("row"), pl.col("row").alias("leg")
        )
        more = claims.join(legs.unique(), on="row").with_columns(pl.col("leg").alias("row")).drop("leg")
        return pl.concat([claims, more])

    def _unrelated(self, errors: pl.DataFrame) -> pl.DataFrame:
        """How many requests of the target a second there are around the time in which a retry is looked for.

        Where few are seen, those for the other lost URIs of the same address tell how many to expect (a gamma prior).
        """
        before = self._asked.counts(errors["target"], errors["lost_low"] - AROUND, errors["lost_low"] - _ROUNDING - 1)
        after = self._asked.counts(errors["target"], errors["lost_high"] + 60 * SECOND, errors["lost_high"] + AROUND)
        number = (before["high"] - before["low"]) + (after["high"] - after["low"])
        seconds = (2 * AROUND - 60 * SECOND) / SECOND
        seen = errors.select("e", "address", "target", number.alias("number"))
        mean = (pl.col("number").sum() + UNSEEN) / pl.len()
        usual = seen.unique(["address", "target"]).group_by("address").agg(mean.alias("usual"))
        rate = (pl.col("number") + 1) / (1 + 1 / pl.col("usual")) / seconds
        return seen.join(usual, on="address", how="left", maintain_order="left").select("e", rate.alias("rate"))

    def _paces(self) -> pl.DataFrame:
        """``target begun under_way``: how many requests of a target began while another of it was under way, in how many seconds.

        A client that asks for one thing at a time begins none then; what the others of several begin is their own pace.
        """
        rows = self._asked.rows.filter((pl.col("ending") == ENDED) & pl.col("start").is_not_null())
        first, last = rows["start"] + _ROUNDING, rows["start"] + rows["taken"] - _ROUNDING
        found = self._asked.counts(rows["target"], first, pl.select(pl.max_horizontal(first - 1, last)).to_series())
        seconds = ((last - first).clip(0) / SECOND).alias("seconds")
        begun = (found["high"] - found["low"]).alias("begun")
        return (
            rows.select("target")
            .with_columns(begun, seconds)
            .group_by("target")
            .agg(pl.col("begun").sum(), pl.col("seconds").sum().alias("under_way"))
        )

    def asked_for(self) -> pl.DataFrame:
        """``mode group kind key span`` of every error for which something was looked for: ``retry``, or a mode of ``same``.

        ``likely`` is the chance that it was lost in just this way.
        """
        has_target = pl.col("target").is_not_null()
        mode = (
            pl.when(IS_BARE)
            .then(pl.lit("address"))
            .when(_IS_PARKED)
            .then(pl.lit("start"))
            .when(has_target & pl.col("may_be_logged"))
            .then(pl.lit("end"))
        )
        facts = ("kind", "key", "span", "likely")
        own = self._errors.select(mode.alias("mode"), same_group().alias("group"), *facts).drop_nulls()
        retried = self._lost.filter(has_target).select(
            pl.lit("retry").alias("mode"), pl.col("kind").alias("group"), *facts
        )
        return pl.concat([own, retried])

    def same(self) -> pl.DataFrame:
        """Requests that may be the very request of an error."""
        parts = [self.same_by_start(), self.same_by_end(), self.same_by_address()]
        columns = [
            "e",
            "row",
            "group",
            "single",
            "ending",
            "lag",
            "bin",
            "rate",
            "mode",
            "count",
            "taken",
            "head",
            "between",
            "beside",
        ]
        parts = [part.with_columns(pl.col("row").cast(pl.Int64), *_absent(part)) for part in parts]
        return pl.concat([part.with_columns(same_group().alias("group")).select(columns) for part in parts])

    def same_by_start(self) -> pl.DataFrame:
        """Requests that ended with a dead client and were under way when the client of a drop left."""
        errors = self._errors.filter(_IS_PARKED)
        broken = Ordered(self.rows.filter(pl.col("ending") != ENDED), "target", "asked")
        low, high = errors["lost_low"] - PATIENCE, errors["lost_high"] + _ROUNDING
        probes = errors.select("e", pl.col("target").alias("key")).with_columns(low.alias("low"), high.alias("high"))
        pairs = self._matched(broken.within(probes, _FIRST, latest=True)).filter(_same_port())
        is_late = (pl.col("end") >= pl.col("t") - _ROUNDING) & (pl.col("kind") == ZOMBIE)
        is_broken = (pl.col("ending") == BROKEN_WRITE) & (pl.col("end") >= pl.col("lost_low") - _ROUNDING)
        pairs = pairs.filter(is_late | is_broken)
        lag = (pl.col("lost_high") - pl.col("asked")) / SECOND
        pairs = pairs.with_columns(
            self._losses_between(pairs),
            lag.alias("lag"),
            ((pl.col("count") - 0.98) / (PATIENCE / SECOND)).alias("rate"),
        )
        return pairs.with_columns(bins_of(pairs["lag"]).alias("bin"), pl.lit("start").alias("mode"))

    def _losses_between(self, pairs: pl.DataFrame) -> pl.Series:
        """How many other requests of the target were lost between the start of each pair's request and its loss.

        A client that asks for one thing at a time lost the request which began first, first.
        """
        losses = Ordered(self._errors.select("target", "lost_high"), "target", "lost_high")
        found = losses.counts(pairs["target"], pairs["asked"], pairs["lost_high"] - 2 * SECOND)
        return (found["high"] - found["low"]).alias("between")

    def same_by_end(self) -> pl.DataFrame:
        """Requests for the URI of an error that ended when the error was written."""
        errors = self._errors.filter(pl.col("target").is_not_null() & ~_IS_PARKED & ~IS_BARE & pl.col("may_be_logged"))
        return self._together(errors, Ordered(self.rows, "target", "end"), "target", "end")

    def same_by_address(self) -> pl.DataFrame:
        """Requests that ended with a dead client when an error without URI was written for their client."""
        errors = self._errors.filter(IS_BARE)
        rows = self._requests.filter(pl.col("ending") != ENDED)
        return self._together(errors, Ordered(rows, "address", "end"), "address", "address")

    def _together(self, errors: pl.DataFrame, rows: Ordered, key: str, mode: str) -> pl.DataFrame:
        probes = errors.select(
            "e",
            pl.col(key).alias("key"),
            (pl.col("t") - TOGETHER[0]).alias("low"),
            (pl.col("t") + TOGETHER[1]).alias("high"),
        )
        pairs = self._matched(rows.within(probes, _FIRST), method=mode != "address").filter(_same_port())
        pairs = pairs.filter((pl.col("start") <= pl.col("t") + SECOND).fill_null(value=True))
        around = rows.counts(errors[key], errors["t"] - AROUND, errors["t"] + AROUND)
        beside = self._beside(errors, rows, key, method=mode != "address")
        number = (around["high"] - around["low"]).rename("number")
        pairs = pairs.join(errors.select("e").with_columns(number), on="e")
        pairs = pairs.with_columns(
            ((pl.col("end") - pl.col("t")) / SECOND).alias("lag"),
            ((pl.col("number") - pl.col("count")).clip(0) + 0.2).truediv(2 * AROUND / SECOND).alias("rate"),
        )
        pairs = pairs.with_columns(bins_of(pairs["lag"]).alias("bin"), pl.lit(mode).alias("mode"))
        return pairs.with_columns(same_group().alias("group")).join(
            beside, on=["group", "ending"], how="left", maintain_order="left"
        )

    def _beside(self, errors: pl.DataFrame, rows: Ordered, key: str, *, method: bool) -> pl.DataFrame:
        """``group ending beside``: how many requests a second end in some way beside the errors, but not with them.

        What a client has asked before ends when it likes, often with the client gone when that is the client's habit.
        """
        probes = errors.select(
            "e",
            pl.col(key).alias("key"),
            (pl.col("t") - BESIDE).alias("low"),
            (pl.col("t") + BESIDE).alias("high"),
        )
        found = self._matched(rows.within(probes, _CROWD), method=method)
        is_apart = ~(pl.col("end") - pl.col("t")).is_between(-TOGETHER[0], TOGETHER[1])
        found = found.filter(is_apart).with_columns(same_group().alias("group"))
        number = errors.select(same_group().alias("group")).group_by("group").agg(pl.len().alias("errors"))
        seconds = pl.col("errors") * ((2 * BESIDE - sum(TOGETHER)) / SECOND)
        counts = found.group_by("group", "ending").agg(pl.len().alias("found")).join(number, on="group")
        return counts.select("group", "ending", (pl.col("found") / seconds).alias("beside"))

    def _matched(self, pairs: pl.DataFrame, *, method: bool = True, server: bool = True) -> pl.DataFrame:
        found = pairs.join(self._sides, on="e", maintain_order="left").filter(agrees(method=method, server=server))
        if self._other_servers.height:
            found = found.join(self._other_servers, on=["group", "server"], how="anti", maintain_order="left")
        return found.with_columns((~agrees(method=False)).alias("is_elsewhere"))


def _other_servers(errors: pl.DataFrame) -> pl.DataFrame:
    """``group server``: addresses that are another server's. Its clock may differ, so no moment can be compared."""
    known = errors.filter(pl.col("server_number") != ANY).select("group", pl.col("server_number").alias("server"))
    known = known.unique().filter(pl.col("group").is_not_null())
    own = known.filter(pl.len().over("server") == 1)
    groups = known.select("group").unique()
    found = groups.join(own.rename({"group": "owner"}), how="cross").filter(pl.col("group") != pl.col("owner"))
    return found.select("group", "server")


def _may_be_own() -> pl.Expr:
    """Whether a request may be the one from which the URI of an error was taken, or one that ended with it."""
    late = pl.col("end") - pl.col("t")
    return pl.col("is_bare") & (pl.col("ending") != ENDED) & late.is_between(-TOGETHER[0], TOGETHER[1])


def _absent(pairs: pl.DataFrame) -> list[pl.Expr]:
    """What only some ways to look for the same request tell."""
    nothing = (pl.lit(0, dtype=pl.Int64).alias("between"), pl.lit(None, dtype=pl.Float64).alias("beside"))
    return [column for column in nothing if column.meta.output_name() not in pairs.columns]


def _same_port() -> pl.Expr:
    """The same request came over the same connection; a port that is not logged agrees."""
    return pl.col("port").is_null() | pl.col("e_port").is_null() | (pl.col("port") == pl.col("e_port"))
