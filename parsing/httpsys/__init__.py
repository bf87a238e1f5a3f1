"""A model of HTTP.sys's connection life cycle; the demo's pair of logs comes from it.

Everything here is driven by one seed and whole milliseconds: the same seed gives the same bytes on every system.
"""

from parsing.httpsys.demo import write_demo

__all__ = [
    "write_demo",
]
