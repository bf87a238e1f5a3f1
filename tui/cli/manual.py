"""The man page, made from the table of commands: ``python -m tui.cli.manual > tui/cli/dropline.1``."""

from __future__ import annotations

from collections.abc import Iterator

from tui.cli.options import COMMANDS, EXPLORE, Option, usage

_HEAD = """\
.TH DROPLINE 1
.SH NAME
dropline \\- which requests of IIS were dropped, by whom, why, and what else was happening
.SH SYNOPSIS
.B dropline
[PATH...] [options]
.br
.B dropline
COMMAND ...
.SH DESCRIPTION
Reads the logs of IIS and the Httperr.log of HTTP.sys. With paths alone (files, folders, globs, archives, or \\- for
standard input) the explorer opens; without a terminal, the report is printed.
"""
_TAIL = """\
.SH EXIT STATUS
0 done; 1 a fault of dropline; 2 wrong usage, filter or unknown word; 3 some input could not be read, the rest was;
4 an incident of the level of --fail-on was found; 130 interrupted.
"""


def man_page() -> str:
    return "".join([_HEAD, *_options("OPTIONS", COMMANDS[EXPLORE].options), ".SH COMMANDS\n", *_commands(), _TAIL])


def _commands() -> Iterator[str]:
    for name, command in COMMANDS.items():
        if name == EXPLORE:
            continue
        yield f".SS {_escaped(usage(name))}\n{_escaped(command.help)}.\n"
        known = {option.name for option in COMMANDS[EXPLORE].options}
        own = [option for option in command.options if option.name not in known]
        shared = [option.name for option in command.options if option.name in known]
        yield from map(_option, own)
        if shared:
            yield f".PP\nAs above: {_escaped(', '.join(shared))}.\n"


def _options(title: str, options: tuple[Option, ...]) -> Iterator[str]:
    yield f".SH {title}\n"
    yield from map(_option, options)


def _option(option: Option) -> str:
    names = ", ".join(filter(None, (option.short, option.name)))
    value = f" {option.value}" if option.value else ""
    return f".TP\n.B {_escaped(names)}{_escaped(value)}\n{_escaped(option.help)}\n"


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    print(man_page(), end="")
