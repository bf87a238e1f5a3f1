"""The colours: dark, light, high contrast, colour-blind safe, and the terminal's own sixteen.

Meaning never rests on colour alone: errors have a mark, the cursor is a bar, the current column is underlined.
"""

from __future__ import annotations

from textual.theme import Theme

TONES = ("plain", "dim", "error", "warn", "good", "accent", "iis", "httperr", "key")
"""What a colour is for. Each theme has a variable ``tone-<name>`` for it."""


def _theme(name: str, *, dark: bool, back: str, panel: str, cursor: str, cell: str, tones: dict[str, str]) -> Theme:
    return Theme(
        name=name,
        primary=tones["accent"],
        secondary=tones["iis"],
        warning=tones["warn"],
        error=tones["error"],
        success=tones["good"],
        accent=tones["accent"],
        foreground=tones["plain"],
        background=back,
        surface=back,
        panel=panel,
        dark=dark,
        variables={f"tone-{tone}": colour for tone, colour in tones.items()}
        | {
            "cursor": cursor,
            "cell": cell,
            "cell-text": back,
            "cursor-text-style": "none",
            "cell-text-style": "bold",
            "title-back": panel,
            "input-selection-background": cursor,
            "input-cursor-background": tones["plain"],
            "input-cursor-foreground": back,
            "input-cursor-text-style": "none",
        },
    )


DARK = _theme(
    "dark",
    dark=True,
    back="#14181c",
    panel="#20272e",
    cursor="#203a48",
    cell="#87d7ff",
    tones={
        "plain": "#dadada",
        "dim": "#949494",
        "error": "#ff8787",
        "warn": "#ffd75f",
        "good": "#87d787",
        "accent": "#87d7ff",
        "iis": "#87afd7",
        "httperr": "#ffaf5f",
        "key": "#ffd75f",
    },
)
LIGHT = _theme(
    "light",
    dark=False,
    back="#fbfbf8",
    panel="#e9ebe6",
    cursor="#cfe3f3",
    cell="#1b5e94",
    tones={
        "plain": "#262626",
        "dim": "#626262",
        "error": "#b3211a",
        "warn": "#7a5200",
        "good": "#1f6b38",
        "accent": "#005f87",
        "iis": "#2a5d8c",
        "httperr": "#a84300",
        "key": "#7a5200",
    },
)
CONTRAST = _theme(
    "contrast",
    dark=True,
    back="#000000",
    panel="#000000",
    cursor="#0000c0",
    cell="#ffffff",
    tones={
        "plain": "#ffffff",
        "dim": "#d0d0d0",
        "error": "#ff8787",
        "warn": "#ffff00",
        "good": "#87ff87",
        "accent": "#00ffff",
        "iis": "#87d7ff",
        "httperr": "#ffaf5f",
        "key": "#ffff00",
    },
)
SAFE = _theme(
    "safe",
    dark=True,
    back="#12161a",
    panel="#1e252c",
    cursor="#163a5b",
    cell="#ffff5f",
    tones={
        "plain": "#e4e4e4",
        "dim": "#9e9e9e",
        "error": "#ffaf00",
        "warn": "#ffff5f",
        "good": "#5fafd7",
        "accent": "#5fafd7",
        "iis": "#5fafd7",
        "httperr": "#ffaf00",
        "key": "#ffff5f",
    },
)
"""Hues of Okabe and Ito, which are distinct with any colour vision."""

_ANSI_TONES = {
    "plain": "ansi_default",
    "dim": "ansi_default",
    "error": "ansi_red",
    "warn": "ansi_yellow",
    "good": "ansi_green",
    "accent": "ansi_cyan",
    "iis": "ansi_cyan",
    "httperr": "ansi_magenta",
    "key": "ansi_yellow",
}
TERMINAL = Theme(
    name="terminal",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={f"tone-{tone}": colour for tone, colour in _ANSI_TONES.items()}
    | {
        "cursor": "ansi_default",
        "cell": "ansi_default",
        "cell-text": "ansi_default",
        "cursor-text-style": "reverse",
        "cell-text-style": "bold reverse underline",
        "title-back": "ansi_default",
        "input-selection-background": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
    },
)
"""The terminal's own sixteen colours, and with ``NO_COLOR`` none: attributes alone carry the meaning."""

THEMES: dict[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST, SAFE, TERMINAL)}

DESCRIPTIONS = {
    "dark": "light text on a dark ground",
    "light": "dark text on a light ground",
    "contrast": "high contrast, on black",
    "safe": "distinct with any colour vision",
    "terminal": "the terminal's own sixteen colours",
}
"""Names of the themes with what they are."""
