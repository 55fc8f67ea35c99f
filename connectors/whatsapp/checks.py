"""Reads a payload field by field and collects what is wrong with it, before anything is queued.

A problem names the field and never its value: payloads are personal data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.actions import Payload, Problem

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HTTPS = re.compile(r"https://[^\s/$.?#][^\s]*")
LONGEST_LINK = 2000


class Reading:
    """One object of a payload. `path` is where it stands; problems of all its parts gather in one list."""

    def __init__(self, fields: object, path: str = "", problems: list[Problem] | None = None) -> None:
        self.problems: list[Problem] = [] if problems is None else problems
        self._path = path
        self.fields: Mapping[str, Any] = fields if isinstance(fields, Mapping) else {}  # pyright: ignore[reportUnknownMemberType]
        if not isinstance(fields, Mapping):
            self.say("", "field_wrong")

    def say(self, name: str, code: str, /, **params: Any) -> None:
        """Note a problem of a field; an empty name means the object itself."""
        self.problems.append(Problem(self.at(name), code, params))

    def at(self, name: str) -> str:
        """The path of a field."""
        return ".".join(part for part in (self._path, name) if part) or "payload"

    def only(self, *known: str) -> None:
        """Note fields that nobody reads: a mistyped one would silently be missing from the message."""
        for name in self.fields:
            if name not in known:
                shown = name if _NAME.fullmatch(name) else ""
                self.say(shown, "field_unknown", known=", ".join(known))

    def one_of(self, *names: str) -> str | None:
        """The one field of these that is given; notes when it is none or more than one."""
        given = [name for name in names if self.fields.get(name) is not None]
        if len(given) == 1:
            return given[0]
        self.say("", "whatsapp_one_of", names=", ".join(names))
        return None

    def text(self, name: str, *, most: int, required: bool = True) -> str | None:
        """A text of at most so many characters; None when it is absent or wrong."""
        value = self.fields.get(name)
        if value is None:
            if required:
                self.say(name, "field_missing")
            return None
        if not isinstance(value, str):
            self.say(name, "field_wrong")
        elif not value.strip():
            self.say(name, "field_empty")
        elif len(value) > most:
            self.say(name, "field_too_long", max_length=most)
        else:
            return value
        return None

    def matching(
        self, name: str, pattern: re.Pattern[str], *, code: str = "field_wrong", required: bool = True
    ) -> None:
        """A text of that form."""
        value = self.text(name, most=1000, required=required)
        if value is not None and pattern.fullmatch(value) is None:
            self.say(name, code)

    def choice(self, name: str, allowed: Sequence[str], *, required: bool = True) -> str | None:
        """One word of a closed list."""
        value = self.fields.get(name)
        if value is None and not required:
            return None
        if value is None:
            self.say(name, "field_missing")
        elif value not in allowed:
            self.say(name, "field_not_in_list", expected=", ".join(allowed))
        else:
            return str(value)
        return None

    def link(self, name: str) -> None:
        """An address that Meta fetches or a person opens: https only."""
        value = self.text(name, most=LONGEST_LINK)
        if value is not None and _HTTPS.fullmatch(value) is None:
            self.say(name, "whatsapp_link")

    def flag(self, name: str) -> None:
        """True or false, or absent."""
        if not isinstance(self.fields.get(name, False), bool):
            self.say(name, "field_wrong")

    def part(self, name: str) -> Reading | None:
        """An object inside of this one; None when it is absent."""
        value = self.fields.get(name)
        return None if value is None else Reading(value, self.at(name), self.problems)

    def parts(self, name: str, *, most: int) -> list[Reading]:
        """A list of one to so many objects."""
        return [Reading(value, f"{self.at(name)}[{index}]", self.problems) for index, value in self.items(name, most)]

    def items(self, name: str, most: int) -> list[tuple[int, Any]]:
        """A list's values, counted from 0; notes a list that is missing, empty or too long."""
        value: Any = self.fields.get(name)
        if value is None:
            self.say(name, "field_missing")
        elif not isinstance(value, list):
            self.say(name, "field_wrong")
        elif not value:
            self.say(name, "field_empty")
        elif len(value) > most:  # pyright: ignore[reportUnknownArgumentType]
            self.say(name, "whatsapp_too_many", limit=most)
        else:
            return list(enumerate(value))  # pyright: ignore[reportUnknownArgumentType]
        return []


def text_of(payload: Payload, name: str) -> str | None:
    """A text of a payload that was checked; None when it is absent."""
    value = payload.get(name)
    return value if isinstance(value, str) else None
