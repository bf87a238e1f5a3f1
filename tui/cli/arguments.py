"""From the words of the command line to a command with its options; how options are distinguished from paths."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any, NoReturn

from parsing.errors import UsageError
from parsing.suggest import did_you_mean, nearest
from tui.cli.options import COMMANDS, EXPLORE, Option, usage

_DESCRIPTION = """\
Which requests were dropped, by whom, why, and what else was happening?
dropline reads the logs of IIS and the Httperr.log of HTTP.sys.

  dropline PATH...    open the explorer on files, folders, globs, archives or -
                      (standard input); without a terminal, print the report
"""

_EPILOG = """\
dropline help COMMAND says more about a command. A path that is named like one:
dropline ./count, or dropline -- count. Settings and presets are in the folder
{settings}

exit status: 0 done; 1 a fault of dropline; 2 wrong usage, filter or unknown word;
3 some input could not be read, the rest was; 4 an incident of the level of
--fail-on was found; 130 interrupted
"""

_LIKENESS_OF_COMMANDS = 0.7
"""More than elsewhere: the first word may as well be a path."""

_HELP, _VERSION = ("-h", "--help"), ("-V", "--version")


class ArgumentsError(UsageError):
    """Words that no command takes; ``usage`` is how the command is written."""

    def __init__(self, reason: str, command: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(reason, where=where or ("" if command == EXPLORE else command), hint=hint)
        self.usage = f"usage: {usage(command)}"


def parse_arguments(words: Sequence[str]) -> argparse.Namespace:
    """The command and its options. Help and version end the program with status 0.

    Raises ``ArgumentsError`` for words that the command does not take.
    """
    in_order = _command_first(_join_values(words))
    arguments, unknown = _parser(in_order[0]).parse_known_args(in_order)
    if unknown:
        raise _unknown(arguments.command, unknown[0].partition("=")[0])
    if COMMANDS[arguments.command].words == "PATH" and "" in arguments.words:
        hint = "a variable that is not set? The current folder is called ."
        raise UsageError("a path is empty", hint=hint)
    if arguments.command == EXPLORE:
        _refuse_misspelt_command(arguments.words)
    return arguments


def _unknown(command: str, word: str) -> ArgumentsError:
    what = "takes no option" if word.startswith("-") else "does not take the word"
    called = "dropline" if command == EXPLORE else f"dropline {command}"
    names = [option.name for option in COMMANDS[command].options]
    return ArgumentsError(
        f"{what} {word}", command, hint=did_you_mean(word, names, otherwise=f"{called} --help lists what it takes")
    )


def _refuse_misspelt_command(words: Sequence[str]) -> None:
    """The first word may be a command gone wrong; a folder of that name, or a pattern, is none."""
    if not words or os.path.exists(words[0]):  # noqa: PTH110 - that of a Path raises
        return
    commands = [name for name in (*COMMANDS, "help") if name != EXPLORE]
    if near := nearest(words[0], commands, likeness=_LIKENESS_OF_COMMANDS):
        hint = f"did you mean the command {near[0]}?"
        raise ArgumentsError("no such file or folder", EXPLORE, where=words[0], hint=hint)


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: that takes longer than all the rest of the parsing."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        del namespace, values, option
        print(f"dropline {program_version()}")
        parser.exit()


def program_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("dropline")
    except PackageNotFoundError:
        return "(not installed)"


class _CommandParser(argparse.ArgumentParser):
    """Raises what is wrong instead of ending the program with it."""

    command = EXPLORE

    def error(self, message: str) -> NoReturn:
        raise ArgumentsError(message, self.command)


def _parser(first: str) -> _CommandParser:
    """The parser of all commands; only the one that is the first word gets its options, of some 290 in all."""
    from platformdirs import user_config_path

    parser = _CommandParser(
        prog="dropline",
        usage="dropline [PATH...] [options]\n       dropline COMMAND ...",
        description=_DESCRIPTION,
        epilog=_EPILOG.format(settings=user_config_path("dropline", appauthor=False)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(*_VERSION, action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", required=True)
    for name in COMMANDS:
        _add_command(commands, name, has_options=name == first)
    explorer = parser.add_argument_group("options of the explorer")
    for option in COMMANDS[EXPLORE].options:
        _add_option(explorer, option, default=argparse.SUPPRESS)
    return parser


def _add_command(commands: argparse._SubParsersAction[_CommandParser], name: str, *, has_options: bool) -> None:
    command = COMMANDS[name]
    listed: dict[str, Any] = {} if name == EXPLORE else {"help": command.help}
    parser = commands.add_parser(
        name,
        **listed,
        prog="dropline" if name == EXPLORE else f"dropline {name}",
        usage=usage(name),
        description=command.help,
        epilog=command.remark,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.command = name
    if command.words:
        parser.add_argument("words", nargs=command.least, metavar=command.words.split()[0])
    for option in command.options if has_options else ():
        _add_option(parser, option)


def _add_option(parser: argparse._ActionsContainer, option: Option, **more: Any) -> None:
    names = [option.short, option.name] if option.short else [option.name]
    if not option.value:
        parser.add_argument(*names, dest=option.key, action="store_true", help=option.help, **more)
        return
    if option.choices:
        more["choices"] = option.choices
    action = "append" if option.repeats else "store"
    parser.add_argument(
        *names, dest=option.key, action=action, metavar=option.value, required=option.required, help=option.help, **more
    )


def _join_values(words: Sequence[str]) -> list[str]:
    """``--where -reason:X`` as ``--where=-reason:X``: a value may begin with a dash."""
    takes_value = {option.name for command in COMMANDS.values() for option in command.options if option.value}
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            return [*joined, word, *rest]
        value = next(rest, None) if word in takes_value else None
        joined.append(word if value is None else f"{word}={value}")
    return joined


def _command_first(words: list[str]) -> list[str]:
    """The command before all options; words that name none are paths for the explorer."""
    if {*_VERSION} & {*words[: words.index("--") if "--" in words else None]}:
        return ["--version"]
    if words[:1] == ["help"]:
        return _help_of(words[1:])
    for place, word in enumerate(words):
        if word in _HELP and place == 0:
            return words
        if word == "--":
            break
        if word == "-" or not word.startswith("-"):
            if word in COMMANDS and word != EXPLORE:
                return [word, *words[:place], *words[place + 1 :]]
            break
    return [EXPLORE, *words]


def _help_of(words: Sequence[str]) -> list[str]:
    """``help count`` as ``count --help``."""
    if not words or words[0] in ("help", *_HELP):
        return ["--help"]
    name = words[0]
    if name in COMMANDS and name != EXPLORE:
        return [name, "--help"]
    commands = [known for known in COMMANDS if known != EXPLORE]
    hint = did_you_mean(name, commands, otherwise="dropline help lists the commands", likeness=_LIKENESS_OF_COMMANDS)
    raise UsageError(f"there is no command {name}", where="help", hint=hint)
