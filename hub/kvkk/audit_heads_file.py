"""The file of signed heads: a line an export, each with the hash of the line before it, appended and never changed.

A crash in the middle of an append leaves a torn line: bytes at the very end that have no line feed and are no JSON. It
vouches for nothing and accuses nobody, so it is told apart from damage, and the next append cuts it off. Nothing else
is ever taken out: an inner line, and a last one that ends as lines do, is evidence whatever it holds. A line that lacks
its line feed alone is whole.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from cryptography.exceptions import InvalidSignature

from hub.kvkk.audit import Head

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_NO_LINE = bytes(32).hex()


@dataclass(frozen=True)
class Exported:
    """What the file vouches for: the last signed head of each chain, and what is wrong with the file itself."""

    heads: dict[str, Head]
    faults: tuple[str, ...]
    """Codes: `line_unreadable`, `line_missing`, `signature_wrong`, each with the line's number."""
    torn: int | None
    """The number of a last line whose writing was cut off; no fault."""
    torn_bytes: int
    last_line: str
    """The hash that the next line carries."""
    lacks_line_feed: bool
    """The last whole line does."""


def read_heads(path: Path, key: Ed25519PublicKey) -> Exported:
    """Everything the file says, with its faults. A file that does not exist vouches for nothing."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)  # an append under way looks like a torn line
            return read_lines(file, key)
    except FileNotFoundError:
        return Exported({}, (), None, 0, _NO_LINE, lacks_line_feed=False)


@contextmanager
def opened_to_append(path: Path) -> Generator[BinaryIO]:
    """The file, made if it is not there, for one process at a time: two lines after the same one would be a fault."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def read_lines(file: BinaryIO, key: Ed25519PublicKey) -> Exported:
    """The same of an open file."""
    heads: dict[str, Head] = {}
    faults: list[str] = []
    previous, raw = _NO_LINE, b"\n"
    for number, raw in enumerate(file, start=1):
        try:
            line: Any = json.loads(raw)
        except ValueError:
            if not raw.endswith(b"\n"):
                return Exported(heads, tuple(faults), number, len(raw), previous, lacks_line_feed=False)
            faults.append(f"line_unreadable {number}")
            continue
        try:
            body, signature = cast("dict[str, Any]", line["body"]), base64.b64decode(str(line["signature"]))
            entries = {
                str(chain): Head(int(at["seq"]), bytes.fromhex(at["hash"])) for chain, at in body["heads"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError):
            faults.append(f"line_unreadable {number}")
            continue
        try:
            key.verify(signature, _canonical(body))
        except InvalidSignature:
            faults.append(f"signature_wrong {number}")
            continue
        if body.get("previous") != previous:
            faults.append(f"line_missing {number}")
        previous = hashlib.sha256(raw.rstrip(b"\n")).hexdigest()
        heads.update(entries)
    return Exported(heads, tuple(faults), None, 0, previous, lacks_line_feed=not raw.endswith(b"\n"))


def append_line(file: BinaryIO, known: Exported, body: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> None:
    """Add a line to what `known` was read from, on disk on return. A torn line goes first, and nothing else does."""
    if known.torn_bytes:
        os.ftruncate(file.fileno(), os.fstat(file.fileno()).st_size - known.torn_bytes)
    content = {**body, "previous": known.last_line}
    line = json.dumps({"body": content, "signature": base64.b64encode(sign(_canonical(content))).decode()})
    file.seek(0, os.SEEK_END)
    file.write((b"\n" if known.lacks_line_feed else b"") + line.encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
