"""The applications of the simulated site: what can be asked for, how long it takes and how much comes back."""

from __future__ import annotations

from dataclasses import dataclass, field

from parsing.httpsys.chance import Chance, LogNormal, Weighted

WORDS = (
    "pump",
    "valve",
    "hose+clamp",
    "caf%C3%A9",
    "o%27ring",
    "Gro%C3%9Fhandel",
    "10%25+rabatt",
    "m8x40",
    "a%2Fb",
    "kabel",
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of request. ``{n}`` in path or query becomes a number below ``numbers``, ``{word}`` a search word.

    ``service`` is the time in a worker, ``size`` the length of the response, both without regard to the network.
    """

    pool: str
    path: str
    query: str = ""
    method: str = "GET"
    cooked: str = ""
    """The path as IIS and a parsing HTTP.sys decode it, where that differs from the path as sent."""
    numbers: int = 1
    service: LogNormal = field(default_factory=lambda: LogNormal(12, 0.7))
    size: LogNormal = field(default_factory=lambda: LogNormal(9_000, 0.8))
    body: LogNormal | None = None
    """Length of the request's own body, for uploads."""
    status: int = 200
    is_cached: bool = False
    """Static and public: HTTP.sys answers from the kernel cache once it is warm."""
    needs_database: bool = False
    needs_sign_in: bool = False
    is_compressed: bool = False
    closes_early: float = 0.0
    """Chance that the application closes the connection instead of finishing the response."""
    appends_errors: bool = False
    """Classic ASP: an error's line, code and text are appended to the query that IIS logs."""

    def target(self, chance: Chance) -> tuple[str, str]:
        """A path and a query to ask for; the query is empty where there is none."""
        path, query = self.path, self.query
        if self.numbers > 1:
            number = str(int(chance.unit() * self.numbers) + 1)
            if "{n}" in path:
                path = path.replace("{n}", number)
            query = query.replace("{n}", number)
        if "{word}" in query:
            query = query.replace("{word}", chance.one_of(WORDS))
        return path, query


_QUICK = LogNormal(9, 0.6)
_PAGE = LogNormal(70, 0.8)
_DATABASE = LogNormal(160, 0.9)
_SMALL = LogNormal(900, 0.5)
_STATIC = LogNormal(14_000, 1.0)

HOME = Endpoint("DefaultAppPool", "/", service=_PAGE, size=LogNormal(24_000, 0.3))
PAGES = Weighted(
    (
        (6, HOME),
        (9, Endpoint("DefaultAppPool", "/products/{n}", numbers=2_500, service=_PAGE)),
        (5, Endpoint("DefaultAppPool", "/search", "q={word}", service=_DATABASE, needs_database=True)),
        (
            4,
            Endpoint(
                "DefaultAppPool", "/orders/details", "id={n}", numbers=6_000, service=_DATABASE, needs_database=True
            ),
        ),
        (3, Endpoint("DefaultAppPool", "/cart", service=_DATABASE, needs_database=True)),
        (1, Endpoint("DefaultAppPool", "/checkout", method="POST", service=_DATABASE, needs_database=True, status=302)),
        (1, Endpoint("DefaultAppPool", "/account/login", method="POST", service=_PAGE, status=302, size=_SMALL)),
        (
            1,
            Endpoint(
                "DefaultAppPool", "/wiki/%7Eteam/start%20page", "rev={n}", cooked="/wiki/~team/start page", numbers=40
            ),
        ),
        (0.6, Endpoint("DefaultAppPool", "/old/index.html", status=404, service=_QUICK, size=_SMALL)),
        (0.2, Endpoint("DefaultAppPool", "/news/[2026]/summer", service=_PAGE)),
    )
)
ASSETS = Weighted(
    (
        (5, Endpoint("DefaultAppPool", "/static/site.css", "v=3", service=_QUICK, size=_STATIC, is_cached=True)),
        (5, Endpoint("DefaultAppPool", "/static/app.js", "v=17", service=_QUICK, size=_STATIC, is_cached=True)),
        (
            9,
            Endpoint(
                "DefaultAppPool", "/static/img/{n}.png", numbers=300, service=_QUICK, size=_STATIC, is_cached=True
            ),
        ),
        (2, Endpoint("DefaultAppPool", "/static/fonts/plain.woff2", service=_QUICK, size=_STATIC, is_cached=True)),
        (2, Endpoint("DefaultAppPool", "/thumbnails/{n}.jpg", "w=240", numbers=2_500, service=LogNormal(25, 0.7))),
        (1, Endpoint("DefaultAppPool", "/favicon.ico", status=404, service=_QUICK, size=_SMALL)),
    )
)
FILES = Weighted(
    (
        (3, Endpoint("DefaultAppPool", "/files/catalogue-2026.pdf", service=_QUICK, size=LogNormal(2_600_000, 0.05))),
        (
            1,
            Endpoint(
                "DefaultAppPool",
                "/files/Preisliste%20M%C3%A4rz.pdf",
                cooked="/files/Preisliste März.pdf",
                service=_QUICK,
                size=LogNormal(180_000, 0.05),
            ),
        ),
        (
            2,
            Endpoint(
                "DefaultAppPool", "/files/archive-{n}.zip", numbers=60, service=_QUICK, size=LogNormal(9_000_000, 0.9)
            ),
        ),
    )
)
BROCHURE = Endpoint(
    "DefaultAppPool", "/files/brochure-{n}.pdf", numbers=25, service=_QUICK, size=LogNormal(32_000, 0.4)
)
UPLOADS = Weighted(
    (
        (
            3,
            Endpoint(
                "DefaultAppPool",
                "/upload/{n}",
                method="POST",
                numbers=9_000,
                body=LogNormal(2_000_000, 1.1),
                size=_SMALL,
            ),
        ),
        (1, Endpoint("Api", "/api/v1/documents", method="PUT", body=LogNormal(600_000, 1.0), size=_SMALL, status=201)),
    )
)

REPORT_PAGES = Weighted(
    (
        (3, Endpoint("Reports", "/reports/", service=_PAGE, needs_sign_in=True)),
        (
            5,
            Endpoint(
                "Reports",
                "/reports/view.aspx",
                "id={n}&period=2026-05",
                numbers=400,
                service=LogNormal(900, 1.2),
                needs_database=True,
                needs_sign_in=True,
                is_compressed=True,
            ),
        ),
        (
            4,
            Endpoint(
                "Reports",
                "/reports/export.ashx",
                "id={n}&format=xlsx",
                numbers=150,
                service=LogNormal(11_000, 1.05),
                size=LogNormal(700_000, 0.8),
                needs_database=True,
                needs_sign_in=True,
                is_compressed=True,
            ),
        ),
        (1, Endpoint("Reports", "/reports/query", method="POST", service=LogNormal(2_500, 1.2), needs_database=True)),
    )
)

STATUS_POLL = Endpoint(
    "Api", "/api/v1/orders/{n}/status", numbers=6_000, service=_QUICK, size=_SMALL, needs_database=True
)
STOCK_POLL = Endpoint(
    "Api", "/api/v1/stock", "site={n}", numbers=80, service=LogNormal(30, 0.8), size=_SMALL, needs_database=True
)
HEALTH = Endpoint("Api", "/api/health", service=_QUICK, size=LogNormal(120, 0.1))
API_CALLS = Weighted(
    (
        (5, Endpoint("Api", "/api/v1/prices", "sku={n}", numbers=4_000, service=LogNormal(22, 0.8), size=_SMALL)),
        (
            4,
            Endpoint(
                "Api",
                "/api/v1/orders/{n}",
                numbers=6_000,
                service=_DATABASE,
                size=LogNormal(3_000, 0.6),
                needs_database=True,
            ),
        ),
        (3, Endpoint("Api", "/api/v1/messages", "since={n}", numbers=100_000, service=LogNormal(35, 0.9), size=_SMALL)),
        (2, Endpoint("Api", "/api/v1/events", method="POST", service=_QUICK, size=_SMALL, status=202)),
        (
            1,
            Endpoint(
                "Api",
                "/api/v1/search",
                "filter=" + "sku%3D4711%20or%20" * 260,
                service=LogNormal(700, 1.0),
                needs_database=True,
            ),
        ),
    )
)

LEGACY_PAGES = Weighted(
    (
        (4, Endpoint("Legacy", "/legacy/default.asp", service=LogNormal(40, 0.7))),
        (
            5,
            Endpoint(
                "Legacy", "/legacy/orders.asp", "id={n}", numbers=900, service=LogNormal(300, 1.1), appends_errors=True
            ),
        ),
        (3, Endpoint("Legacy", "/mypage.asp", "q={word}", service=LogNormal(450, 1.2), appends_errors=True)),
        (
            3,
            Endpoint(
                "Legacy", "/legacy/print.dll", "doc={n}", numbers=700, service=LogNormal(1_500, 0.7), closes_early=0.12
            ),
        ),
    )
)

PARTNER_CALLS = Weighted(
    (
        (6, Endpoint("Api", "/api/v1/orders/{n}", numbers=6_000, service=_DATABASE, needs_database=True)),
        (2, Endpoint("Api", "/api/v1/stock", "site={n}", numbers=80, service=LogNormal(30, 0.8), size=_SMALL)),
        (1, Endpoint("Reports", "/reports/query", method="POST", service=LogNormal(2_500, 1.2), needs_database=True)),
        (1, Endpoint("Legacy", "/legacy/orders.asp", "id={n}", numbers=900, service=LogNormal(300, 1.1))),
    )
)

POOLS = {"DefaultAppPool": 1.0, "Reports": 0.7, "Api": 1.0, "Legacy": 0.2}
"""Each application pool with its threads, relative to the largest."""
