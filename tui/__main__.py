"""``python -m tui``; in the wheel this file is also ``dropline.py``, for ``python -m dropline``."""

from __future__ import annotations

import sys

from tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
