"""What could be typed at the end of a command line: commands, options, and the values of options and filters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from parsing.errors import LogError
from tui.cli.options import COMMANDS, EXPLORE, THEMES, Command, Option

_MOST = 60
"""Proposals of one answer: a screen of them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that could stand in place of the last one, and what it means."""

    text: str
    hint: str = ""


def candidates(words: Sequence[str]) -> list[Candidate]:
    """Proposals for the last word, best first; none where it is a path, which shells complete by themselves."""
    *before, current = words
    if "--" in before:
        return []
    name, others = _command_of(before)
    command = COMMANDS.get(name or EXPLORE, COMMANDS[EXPLORE])
    waiting = _option_named(before[-1], command) if before else None
    if waiting is not None and waiting.value:
        return _of_value(waiting, current, others)
    option, sign, value = current.partition("=")
    if sign and current.startswith("--") and (given := _option_named(option, command)) is not None:
        return [Candidate(f"{option}={one.text}", one.hint) for one in _of_value(given, value, others)]
    if current.startswith("-"):
        return _beginning(current, _options(command, is_first=name is None))
    return _beginning(current, _words(name, others)) if current or name else _commands()


def _command_of(before: Sequence[str]) -> tuple[str | None, list[str]]:
    """The command, if one is named, and the other words that are no options and no values of options."""
    known = {option.name: option for command in COMMANDS.values() for option in command.options}
    found: list[str] = []
    rest = iter(before)
    for word in rest:
        if word in known:
            if known[word].value:
                next(rest, None)
        elif not word.startswith("-") or word == "-":
            found.append(word)
    if found and (found[0] in COMMANDS or found[0] == "help"):
        return found[0], found[1:]
    return (EXPLORE, found) if found else (None, found)


def _option_named(name: str, command: Command) -> Option | None:
    everywhere = (*command.options, *(option for other in COMMANDS.values() for option in other.options))
    return next((option for option in everywhere if name in (option.name, option.short)), None)


def _beginning(text: str, found: Iterable[Candidate]) -> list[Candidate]:
    lowered = text.lower()
    return [one for one in found if one.text.lower().startswith(lowered)][:_MOST]


def _options(command: Command, *, is_first: bool) -> Iterator[Candidate]:
    for option in command.options:
        yield Candidate(option.name, option.help)
    yield Candidate("--help", "show help and exit")
    if is_first:
        yield Candidate("--version", "show the version and exit")


def _commands() -> list[Candidate]:
    found = [Candidate(name, command.help) for name, command in COMMANDS.items() if name != EXPLORE]
    return [*found, Candidate("help", "what a command does and takes")]


def _words(name: str | None, others: Sequence[str]) -> Iterable[Candidate]:
    """What the command takes after these other words, apart from options."""
    if name is None:
        return _commands()
    if name == "help":
        return _commands() if not others else ()
    if name == "explain":
        return _explained()
    if not others:
        return [Candidate(choice) for choice in COMMANDS[name].choices]
    if name == "presets" and others[0] in ("show", "delete", "save") and len(others) == 1:
        return _presets(())
    return ()


def _explained() -> Iterator[Candidate]:
    from parsing.knowledge import known_statuses, reasons

    for reason in reasons():
        yield Candidate(reason.code, reason.meaning)
    for code in known_statuses():
        yield Candidate(code, "status of HTTP")


def _of_value(option: Option, text: str, others: Sequence[str]) -> list[Candidate]:
    if option.choices:
        return _beginning(text, map(Candidate, option.choices))
    if option.completes == "preset":
        return _beginning(text, _presets(others))
    if option.completes == "filter":
        return _filter(text)
    if option.completes == "field":
        sign = "-" if text.startswith("-") and option.name == "--sort" else ""
        return [Candidate(f"{sign}{one.text}", one.hint) for one in _beginning(text.removeprefix(sign), _fields())]
    if option.completes == "fields":
        first, comma, last = text.rpartition(",")
        return [Candidate(f"{first}{comma}{one.text}", one.hint) for one in _beginning(last, _fields())]
    if option.completes == "theme":
        return _beginning(text, map(Candidate, THEMES))
    return []


def _presets(paths: Sequence[str]) -> list[Candidate]:
    from tui.presets import Presets, folder_of_logs

    try:
        return [Candidate(preset.name, preset.note) for preset in Presets(logs=folder_of_logs(paths)).all()]
    except LogError:  # a broken file of presets is said by the command that reads it
        return []


def _fields() -> Iterator[Candidate]:
    from parsing.filters import field_named, names

    for name in names():
        field = field_named(name)
        yield Candidate(name, field.hint if field else "")


def _filter(text: str) -> list[Candidate]:
    """The filter with its last word completed: fields, operators, and the values that are known without any log."""
    from parsing.filters import complete

    found = complete(text, len(text), values=_known_values, most=_MOST)
    typed = text[found.start :].lower()
    return [
        Candidate(text[: found.start] + one.text, one.hint)
        for one in found.suggestions
        if one.text.lower().startswith(typed)
    ]


def _known_values(field: str, typed: str) -> list[tuple[str, int]]:
    if field == "s-reason":
        from parsing.knowledge import reasons

        known: Iterable[str] = (reason.code for reason in reasons())
    elif field == "log":
        known = ("iis", "httperr")
    elif field == "sc-status":
        from parsing.knowledge import known_statuses

        known = (code for code in known_statuses() if code.isdecimal())
    else:
        return []
    return [(value, 0) for value in known if typed.lower() in value.lower()]
