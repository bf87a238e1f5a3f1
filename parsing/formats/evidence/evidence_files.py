"""Which files may be evidence, by their names, and which kinds there are."""

from __future__ import annotations

from typing import Literal

EvidenceFormat = Literal["", "evtx", "event-xml", "host-config", "netsh"]

HOST_CONFIG = "applicationHost.config"

_HISTORY = "/cfghistory_"
"""In folders of this name IIS keeps what its configuration was before."""


def may_be_evidence(name: str) -> bool:
    """Whether a file that is no log is worth a look, by its name."""
    path = name.lower()
    base = path.rpartition("/")[2]
    if base == HOST_CONFIG.lower():
        return _HISTORY not in path
    return path.endswith((".evtx", ".xml")) or (path.endswith(".txt") and "servicestate" in base)
