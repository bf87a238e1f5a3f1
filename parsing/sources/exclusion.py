"""Sources that the user wants left out."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence


def exclusion(globs: Sequence[str]) -> Callable[[str], bool]:
    """Whether a source of a name is left out: a glob matches the name, the last part of it, or a folder that it is in.

    Case and the kind of slash are ignored, as on Windows.
    """
    patterns = [re.compile(fnmatch.translate(glob.replace("\\", "/").lower().strip("/"))) for glob in globs]

    def is_excluded(name: str) -> bool:
        parts = name.replace("\\", "/").lower().split("/")
        above = ("/".join(parts[: number + 1]) for number in range(len(parts)))
        texts = {*parts, *above}
        return any(pattern.match(text) for pattern in patterns for text in texts)

    return is_excluded
