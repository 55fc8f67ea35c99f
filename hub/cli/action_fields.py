"""Fields of a request under the names that a person typed: `--once`, or a line of a file and its `once`."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from hub.validation import InvalidInput

_OPTIONS = {
    "idempotency_key": "--once",
    "not_before": "--not-before",
    "not_after": "--not-after",
    "priority": "--priority",
    "commercial": "--commercial",
    "purpose": "--purpose",
    "template": "--template",
}
_OF_THE_FILE = {"commercial", "purpose"}
"""Given once for a whole file."""
_PLACE = re.compile(r"actions\[(\d+)\]\.")


@contextmanager
def named_as_options() -> Generator[None]:
    """`InvalidInput` of one action names the options that it came from."""
    try:
        yield
    except InvalidInput as error:
        renamed = [replace(each, field=_OPTIONS.get(each.field, each.field)) for each in error.problems]
    else:
        return
    raise InvalidInput(renamed)


@contextmanager
def named_by_line() -> Generator[None]:
    """`InvalidInput` of actions from a file names their lines, as `7:once`; what holds for all of them, its option."""
    try:
        yield
    except InvalidInput as error:
        renamed = [replace(each, field=_in_file(each.field)) for each in error.problems]
    else:
        return
    # What holds for all of a file is wrong once, however many lines it has.
    raise InvalidInput(list({(each.field, each.code): each for each in renamed}.values()))


def _in_file(field: str) -> str:
    place = _PLACE.match(field)
    name = field if place is None else field[place.end() :]
    if name in _OF_THE_FILE:
        return _OPTIONS[name]
    line = 1 if place is None else int(place[1]) + 1
    return f"{line}:{'once' if name == 'idempotency_key' else name}"
