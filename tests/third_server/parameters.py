"""What differs between two servers of this kind. Times are seconds; everything is drawn anew for each seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Target:
    """What can be asked for: the median time of its answer, how far times spread (sigma of their logarithms), its pool."""

    path: str
    pool: str
    median: float
    sigma: float
    closes_itself: float = 0.0


@dataclass(frozen=True, slots=True)
class Parameters:
    """One server with its clients over a span of hours. ``*_count`` are clients of a kind over the whole span."""

    seed: int
    hours: float
    zombie: float
    idle: float
    header: float
    body: float
    phase: float
    layout: int
    logs_agent: bool
    shared: float
    nat_addresses: int
    ports_of_an_address: int
    clock_steps: tuple[tuple[float, float], ...]
    left_says_64: float
    dropped_is_logged: float
    body_timer_is_logged: float
    gives_up_stalled_body: float
    again_after_stall: tuple[float, float]
    stall_share: float
    slow_response: tuple[float, float]
    service_timeouts: tuple[float, ...]
    pages: tuple[Target, ...]
    reports: tuple[Target, ...]
    calls: tuple[Target, ...]
    poll: Target
    upload: Target
    download: Target
    browser_count: int
    poller_count: int
    service_count: int
    uploader_count: int
    downloader_count: int
    scanner_count: int
    is_planned: bool = True

    @property
    def seconds(self) -> float:
        return self.hours * 3600

    @property
    def pools(self) -> tuple[str, ...]:
        targets = (*self.pages, *self.reports, *self.calls, self.poll, self.upload, self.download)
        return tuple(dict.fromkeys(target.pool for target in targets))

    @classmethod
    def drawn(
        cls, seed: int, *, hours: float = 24, requests: int = 150_000, shared: float = 0.05, is_planned: bool = True
    ) -> Parameters:
        """A server that sees about ``requests`` requests; ``shared`` of its clients are behind a few addresses."""
        random = Random(f"third server {seed}")
        closes = random.uniform(0.005, 0.03)
        pages = tuple(
            Target(f"/shop/{name}", "Shop", random.uniform(0.05, 0.5), random.uniform(0.5, 1.0))
            for name in ("", "search", "basket", "item", "account")
        )
        reports = tuple(
            Target(f"/office/{name}.aspx", "Office", random.uniform(8, 45), random.uniform(0.7, 1.3), closes)
            for name in ("ledger", "stock", "month")
        )
        calls = tuple(
            Target(f"/api/{name}", "Api", random.uniform(0.1, 3), random.uniform(0.8, 1.6), closes)
            for name in ("orders", "stock", "prices")
        )
        scale = requests / 150_000
        return cls(
            seed=seed,
            hours=hours,
            zombie=random.choice((60.0, 120.0, float(random.randrange(60, 121)))),
            idle=random.choice((120.0, 120.0, 60.0, 180.0)),
            header=random.choice((120.0, 120.0, 60.0)),
            body=random.choice((120.0, 120.0, 90.0)),
            phase=random.uniform(0, 5),
            layout=random.choice((13, 14, 16)),
            logs_agent=random.random() < 0.8,
            shared=shared,
            nat_addresses=random.randrange(3, 9),
            ports_of_an_address=random.randrange(40, 400),
            clock_steps=_steps(random, hours),
            left_says_64=random.uniform(0.7, 1),
            dropped_is_logged=random.choice((0.0, random.uniform(0, 0.15))),
            body_timer_is_logged=random.uniform(0.1, 0.8),
            gives_up_stalled_body=random.choice((0.05, random.uniform(0.05, 0.6))),
            again_after_stall=random.choice(((3.0, 45.0), (0.5, 5.0), (10.0, 90.0))),
            stall_share=random.uniform(0.01, 0.04),
            slow_response=(random.uniform(15, 30), random.uniform(40, 70)),
            service_timeouts=tuple(random.sample((10.0, 20.0, 30.0, 45.0, 60.0, 100.0), 3)),
            pages=pages,
            reports=reports,
            calls=calls,
            poll=Target("/chat/poll", "Chat", random.uniform(0.2, 2), random.uniform(0.8, 1.5)),
            upload=Target("/files/upload", "Files", random.uniform(1, 6), 0.7),
            download=Target("/files/download", "Files", random.uniform(2, 8), 0.8),
            browser_count=int(900 * scale * random.uniform(0.7, 1.3)),
            poller_count=int(45 * scale * random.uniform(0.6, 1.5)) + 1,
            service_count=int(9 * scale * random.uniform(0.6, 1.5)) + 2,
            uploader_count=int(18 * scale * random.uniform(0.6, 1.5)) + 1,
            downloader_count=int(150 * scale * random.uniform(0.6, 1.5)),
            scanner_count=3,
            is_planned=is_planned,
        )


def _steps(random: Random, hours: float) -> tuple[tuple[float, float], ...]:
    """When the clock is set, and by how many seconds it jumps."""
    number = random.choice((0, 1, 2)) if hours >= 6 else 0
    return tuple(
        sorted((random.uniform(0.1, 0.9) * hours * 3600, random.choice((-2.0, 3.0, 17.0, 41.0))) for _ in range(number))
    )
