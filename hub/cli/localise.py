"""The command tree in the reader's language: commands mark their texts with `N_`, here they are turned, once a run.

Typer's own headings go through the same catalogue: `hub.i18n.adopt` makes it the process's gettext domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from hub.i18n import N_, Language, _, language_in_use, speaking

HELP_NAMES = ["-h", "--help"]
HEADINGS = (
    N_("Arguments"),
    N_("Options"),
    N_("Commands"),
    N_("required"),
    N_("default: {default}"),
    N_("Missing command."),
    N_("No such command {name!r}."),
)
"""Texts of Typer's, listed so that the catalogue keeps them."""
_TYPES = {"<str>": N_("<text>"), "<int>": N_("<number>"), "<int range>": N_("<number>"), "<float>": N_("<number>")}
"""What Typer shows for the type of a value, past gettext."""
_HELP_OPTION = N_("Show this message and exit.")


def command_in_language() -> Any:
    """Typer's command for `hub`, with every text in the language in use."""
    return _command(language_in_use())


@cache
def _command(language: Language) -> Any:
    """Typer looks at every parameter of every command to build it: once a language is enough for a process."""
    with speaking(language):
        return _translated()


def _translated() -> Any:
    from typer.main import get_command

    from hub.cli.app import app

    root = get_command(app)
    for command in tree(root):
        command.help = _(command.help)
        command.format_usage = partial(_format_usage, command)
        command.options_metavar = _(N_("[OPTIONS]"))
        if hasattr(command, "subcommand_metavar"):
            command.subcommand_metavar = _(N_("COMMAND [ARGS]..."))
        for parameter in command.params:
            parameter.help = _(parameter.help)
            parameter.display_type = partial(_type_in_language, parameter.display_type)
        context = command.context_class(command, help_option_names=HELP_NAMES)
        command.get_help_option(context).help = _(_HELP_OPTION)
    return root


def _type_in_language(shown: Any, context: Any) -> str:
    its = shown(context)
    return _(_TYPES[its]) if its in _TYPES else its


def _format_usage(command: Any, context: Any, formatter: Any) -> None:
    pieces = " ".join(command.collect_usage_pieces(context))
    formatter.write_usage(context.command_path, pieces, prefix=_(N_("Usage: ")))


def tree(command: Any) -> Iterator[Any]:
    """A command and everything below it."""
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from tree(below)
