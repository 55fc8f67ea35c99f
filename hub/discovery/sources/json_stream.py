"""Walks a JSON text of any length, one element at a time: `json.load` would hold a whole export in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

_CHUNK = 1 << 16
LONGEST_ELEMENT = 64 << 20
"""Characters that one record may have."""
_SPACE = " \t\n\r"


class NotJson(Exception):
    """The text is no JSON, or one record of it is too long. It says nothing of the text."""


class JsonStream:
    """A position in a JSON text. Methods raise `NotJson`; they consume what they return, `peek` excepted."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def value(self) -> Any:
        """The next value, whole."""
        if not self.peek():
            raise NotJson
        size = _CHUNK
        while True:
            result = self._decoded()
            # A number that reaches the end of what was read may go on.
            if result is not None and (result[1] < len(self._text) or self._ended):
                self._at = result[1]
                return result[0]
            if len(self._text) - self._at > LONGEST_ELEMENT or not self._more(size):
                if result is not None and self._ended:
                    self._at = result[1]
                    return result[0]
                raise NotJson
            size = min(2 * size, LONGEST_ELEMENT)  # doubled, or a long record would be decoded once a chunk

    def values(self) -> Iterator[Any]:
        """Values one after another, as JSON Lines has them."""
        while self.peek():
            yield self.value()

    def elements(self) -> Iterator[Any]:
        """The elements of the array that comes next."""
        self._take("[")
        if self._taken("]"):
            return
        while True:
            yield self.value()
            if self._taken("]"):
                return
            self._take(",")

    def members(self) -> Iterator[str]:
        """The keys of the object that comes next; whoever walks them consumes each value."""
        self._take("{")
        if self._taken("}"):
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise NotJson
            self._take(":")
            yield key
            if self._taken("}"):
                return
            self._take(",")

    def end(self) -> None:
        """Nothing may follow."""
        if self.peek():
            raise NotJson

    def _decoded(self) -> tuple[Any, int] | None:
        try:
            return self._decoder.raw_decode(self._text, self._at)
        except (ValueError, RecursionError):
            return None

    def _taken(self, char: str) -> bool:
        if self.peek() != char:
            return False
        self._at += 1
        return True

    def _take(self, char: str) -> None:
        if not self._taken(char):
            raise NotJson

    def _more(self, size: int = _CHUNK) -> bool:
        chunk = self._file.read(size)
        if not chunk:
            self._ended = True
            return False
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return True
