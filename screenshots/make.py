"""Make the pictures of the README from the demo: ``python -m screenshots.make``.

SVG always; PNG as well where Chromium is installed. The demo, the sizes and the theme are fixed, so that a
picture changes only when the program does.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from parsing.httpsys import write_demo
from tui.app import Explorer
from tui.model.options import Options
from tui.screens.main.screen import MainScreen

PATIENCE = 60.0
SETTLE = 0.5
"""Seconds after the last key until what follows the cursor has been asked for."""
SIZES = {"120x36": (120, 36), "80x24": (80, 24)}
WIDE, BOTH = ("120x36",), ("120x36", "80x24")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FONT = "font-family: Fira Code, monospace"
_WEB_FONTS = re.compile(r"@font-face\s*\{[^}]*\}\s*")


@dataclass(frozen=True, slots=True)
class Picture:
    """One view: its filter, keys pressed then, what it shows in the end, and the sizes it is taken at."""

    name: str
    where: str = ""
    keys: Sequence[str] = ()
    sizes: Sequence[str] = WIDE
    theme: str = ""
    typed: str = ""
    shows: str = ""
    ascii: bool = False


DROPS = "reason:Connection_Dropped path:/reports/*"

PICTURES = (
    Picture("entries", "path:/reports/*", ("t", *"12:41:18", "enter", "enter"), BOTH),
    Picture("incidents", "", ("j", "j", "j"), BOTH, shows="severity"),
    Picture("reasons", "", ("3", "j"), BOTH),
    Picture("timeline", DROPS, ("r",), BOTH),
    Picture("sources", "", ("5",), BOTH),
    Picture("breakdown", "log:iis taken>5s", ("3", "c", *"path", "enter", "j")),
    Picture("filter", "", ("slash",), typed="reason:Connection_Dropped queue:", shows="Reports"),
    Picture("mistake", "", ("slash",), typed="reasn:Timer_*", shows="did you mean"),
    Picture("brush", "", ("2", "v", *["left"] * 12)),
    Picture(
        "changed", "", ("2", "t", *"11:20", "enter", "v", *["right"] * 5, "enter", "w"), shows="against the time before"
    ),
    Picture("presets", "", ("p",)),
    Picture("palette", "", ("colon",)),
    Picture("help", "", ("question_mark",)),
    Picture("explain", "status:500 substatus:19", ("l", "x")),
    Picture("light", "", ("3", "j"), theme="light"),
    Picture("ascii", "", ("3", "j"), ("80x24",), ascii=True),
)


async def take(picture: Picture, size: str, logs: Path, home: Path) -> str:
    """The SVG of one picture."""
    options = Options(
        paths=(str(logs),),
        where=picture.where,
        theme=picture.theme,
        ascii=picture.ascii,
        index_dir=home / "index",
        settings=home / "settings",
        state=home / f"state-{picture.name}-{size}",
    )
    app = Explorer(options)
    async with app.run_test(size=SIZES[size]) as pilot:

        async def until(holds: Callable[[], bool]) -> None:
            end = time.monotonic() + PATIENCE
            while not holds():
                if time.monotonic() > end:
                    raise TimeoutError(f"{picture.name} at {size} never came to rest")
                await asyncio.sleep(0.02)
                await pilot.pause()

        def is_at_rest() -> bool:
            return not any(worker.is_running for worker in app.workers)

        screen = app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(lambda: screen.entries.total is not None and screen.entries.is_whole)
        await until(is_at_rest)
        for key in (*picture.keys, *("space" if char == " " else char for char in picture.typed)):
            await pilot.press(key)
            await until(is_at_rest)
        await asyncio.sleep(SETTLE)
        await until(is_at_rest)
        shown = picture.shows.replace(" ", "&#160;")
        await until(lambda: shown in app.export_screenshot(simplify=True))
        svg = _WEB_FONTS.sub("", app.export_screenshot(title="dropline", simplify=True))
        return svg.replace(_FONT, "font-family: 'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas, monospace")


def to_png(browser: str, svg: Path, folder: Path) -> None:
    """Let a browser without a window paint the SVG: it keeps the grid of cells exactly."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text("utf-8"))
    assert box is not None
    width, height = (round(float(side)) for side in box.groups())
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip
    target = svg.with_suffix(".png")
    command = [browser, *options, f"--user-data-dir={folder}", f"--window-size={width},{height}"]
    subprocess.run([*command, f"--screenshot={target}", svg.as_uri()], check=True, capture_output=True, timeout=60)


def main() -> None:
    """Write all pictures, or those whose names are given."""
    out = Path(__file__).resolve().parent
    wanted = set(sys.argv[1:])
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "demo"
        write_demo(logs)
        for picture in PICTURES:
            if wanted and picture.name not in wanted:
                continue
            for size in picture.sizes:
                target = out / f"{picture.name}-{size}.svg"
                target.write_text(asyncio.run(take(picture, size, logs, Path(folder))), "utf-8")
                if browser:
                    to_png(browser, target, Path(folder) / "browser")
                print(target.name)


if __name__ == "__main__":
    main()
