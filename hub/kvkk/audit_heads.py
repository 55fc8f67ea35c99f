"""The heads of all audit chains, signed and written outside the database.

Whoever owns the database could rewrite a chain from any entry on, hashes included. A head that was signed and exported
before does not follow the rewriting, so what it covers cannot be changed unnoticed. Each line of the file also carries
the hash of the line before it: a line that is taken out shows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.errors import HubError
from hub.kvkk.audit import PLATFORM, Actor, Entry, Head, append_platform, head

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hub.db.database import Database
    from hub.settings import Settings

_NO_LINE = bytes(32).hex()


@dataclass(frozen=True)
class Exported:
    """What the file vouches for: the last signed head of each chain, and what is wrong with the file itself."""

    heads: dict[str, Head]
    faults: tuple[str, ...]
    """Codes: `line_unreadable`, `line_missing`, `signature_wrong`, each with the line's number."""


class SigningKey:
    """An Ed25519 key in a file that only its owner may read. Cannot print itself."""

    def __init__(self, path: Path) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(_read_or_make(path))

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(data)

    @property
    def public(self) -> Ed25519PublicKey:
        """What verifies."""
        return self._key.public_key()

    @property
    def fingerprint(self) -> str:
        """Names the key: 16 hex digits."""
        return fingerprint_of(self.public)


def fingerprint_of(key: Ed25519PublicKey) -> str:
    """Names a public key: 16 hex digits of the SHA-256 of its raw bytes."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def export_heads(settings: Settings, database: Database, *, actor: Actor) -> int:
    """Sign the heads that moved since the last export and append them to the file. Returns how many.

    HubError `audit_heads_broken` if the file does not verify: nothing is written over evidence.
    """
    key = SigningKey(settings.audit_signing_key_file)
    known = read_heads(settings.audit_heads_file, key.public)
    if known.faults:
        raise HubError("audit_heads_broken", path=str(settings.audit_heads_file), faults=", ".join(known.faults))
    current = _current(database)
    moved = {chain: now for chain, now in current.items() if known.heads.get(chain) != now}
    if not moved:
        return 0
    with database.without_tenant() as connection:
        now = append_platform(
            connection,
            Entry(actor, "audit_heads_exported", "hub.audit_log", count=len(moved), details={"key": key.fingerprint}),
        )
    moved[PLATFORM] = now
    _append_line(settings.audit_heads_file, key, moved)
    return len(moved)


def read_heads(path: Path, key: Ed25519PublicKey) -> Exported:
    """Everything the file says, with its faults. A file that does not exist vouches for nothing."""
    heads: dict[str, Head] = {}
    faults: list[str] = []
    previous = _NO_LINE
    for number, raw in enumerate(_lines(path), start=1):
        try:
            line = cast("dict[str, Any]", json.loads(raw))
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
        previous = hashlib.sha256(raw).hexdigest()
        heads.update(entries)
    return Exported(heads, tuple(faults))


def _current(database: Database) -> dict[str, Head]:
    with database.crossing("platform") as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (tenant_id) tenant_id, seq, hash FROM hub.audit_log ORDER BY tenant_id, seq DESC"
        ).fetchall()
    found = {str(row[0]): Head(int(row[1]), bytes(row[2])) for row in rows}
    with database.without_tenant() as connection:
        platform = head(connection, PLATFORM)
    return found | ({PLATFORM: platform} if platform.seq else {})


def _append_line(path: Path, key: SigningKey, heads: dict[str, Head]) -> None:
    previous = _NO_LINE
    for raw in _lines(path):
        previous = hashlib.sha256(raw).hexdigest()
    body = {
        "at": datetime.now(UTC).isoformat(),
        "key": key.fingerprint,
        "previous": previous,
        "heads": {chain: {"seq": each.seq, "hash": each.hash.hex()} for chain, each in sorted(heads.items())},
    }
    line = json.dumps({"body": body, "signature": base64.b64encode(key.sign(_canonical(body))).decode()})
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from (line.rstrip(b"\n") for line in file)
    except FileNotFoundError:
        return


def _read_or_make(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode & 0o077
        text = path.read_text()
    except FileNotFoundError:
        return _make(path)
    if mode:
        raise HubError("audit_key_readable_by_others", path=str(path))
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise HubError("audit_key_malformed", path=str(path))
    return raw


def _make(path: Path) -> bytes:
    raw = os.urandom(32)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return _read_or_make(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(raw).decode() + "\n")
    return raw
