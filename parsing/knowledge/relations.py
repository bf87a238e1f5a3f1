"""How a request can belong to an error, and which of it is claimed. Needs no Polars, so that the screen can start without."""

from __future__ import annotations

from typing import Literal, get_args

Relation = Literal["same-request", "same-connection", "retry", "same-client", "same-target"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
CLAIMS: frozenset[Relation] = frozenset({"same-request", "same-connection", "retry"})
"""Relations that are claimed of a request at a confidence of 0.5 and more; the others are context."""

CLAIMED = 0.5

NO_PORT = (
    "The IIS log has no client port, so a request is tied to its connection by address and time only. To log it, add a"
    " custom field to the site's log with the server variable REMOTE_PORT as its source (IIS 8.5 and later)."
)
