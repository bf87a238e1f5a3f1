"""What the keys do: one module for each group of the key table, and for what needs room of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.commands.asking import Asking
from tui.commands.comparing import Comparing
from tui.commands.fields import Fields
from tui.commands.finding import Finding
from tui.commands.handing_over import HandingOver
from tui.commands.looking import Looking
from tui.commands.moving import Moving
from tui.commands.presets import PresetCommands
from tui.commands.program import Program
from tui.commands.protocols import Everything
from tui.commands.spans import Spans


@dataclass(frozen=True, slots=True)
class CommandGroups:
    """All commands; those that something else than a key also calls by name."""

    all: Sequence[object]
    handing_over: HandingOver
    presets: PresetCommands
    spans: Spans


def command_groups(screen: Everything) -> CommandGroups:
    """One of each group, each with as much of the screen as it needs."""
    handing_over, presets, spans = HandingOver(screen), PresetCommands(screen), Spans(screen)
    others = [group(screen) for group in (Moving, Finding, Asking, Looking, Fields, Comparing, Program)]
    return CommandGroups([*others, handing_over, presets, spans], handing_over, presets, spans)


__all__ = ["CommandGroups", "command_groups"]
