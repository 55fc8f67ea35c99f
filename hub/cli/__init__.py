"""The `hub` command. Exit status: 0 done, 1 failed with a reason, 2 the command was not right, 130 interrupted."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from hub.i18n import Language, adopt, language_of, parse_language


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the script ends with what this returns."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    adopt(_language(given), os.environ)
    from hub.cli.run import run

    return run(given)


def _language(arguments: Sequence[str]) -> Language:
    """Known before the command line is parsed, because its errors and its help speak it too."""
    for position, argument in enumerate(arguments):
        if not argument.startswith("-"):
            break
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and position + 1 < len(arguments):
            value = arguments[position + 1]
        if value is not None and (language := parse_language(value)) is not None:
            return language
    return language_of(os.environ)
