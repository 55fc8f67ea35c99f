"""The heads of all audit chains, signed and written outside the database.

Whoever owns the database could rewrite a chain from any entry on, hashes included. A head that was signed and exported
before does not follow the rewriting, so what it covers cannot be changed unnoticed.
"""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.errors import HubError
from hub.kvkk.audit import PLATFORM, Actor, Entry, Head, append_platform, head
from hub.kvkk.audit_heads_file import append_line, opened_to_append, read_lines

if TYPE_CHECKING:
    from pathlib import Path

    from hub.db.database import Database
    from hub.settings import Settings


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

    HubError `audit_heads_broken` if the file does not verify: nothing is written over evidence. A torn line is none; it
    makes way, and the entry of the export says how long it was.
    """
    key = SigningKey(settings.audit_signing_key_file)
    with opened_to_append(settings.audit_heads_file) as file:
        known = read_lines(file, key.public)
        if known.faults:
            raise HubError("audit_heads_broken", path=str(settings.audit_heads_file), faults=", ".join(known.faults))
        moved = {chain: now for chain, now in _current(database).items() if known.heads.get(chain) != now}
        if not moved and known.torn is None:
            return 0
        details = {"key": key.fingerprint} | ({"torn_bytes": known.torn_bytes} if known.torn is not None else {})
        with database.without_tenant() as connection:
            entry = Entry(actor, "audit_heads_exported", "hub.audit_log", count=len(moved), details=details)
            moved[PLATFORM] = append_platform(connection, entry)
        heads = {chain: {"seq": each.seq, "hash": each.hash.hex()} for chain, each in sorted(moved.items())}
        body = {"at": datetime.now(UTC).isoformat(), "key": key.fingerprint, "heads": heads}
        append_line(file, known, body, key.sign)
    return len(moved)


def _current(database: Database) -> dict[str, Head]:
    with database.crossing("platform") as connection:
        rows = connection.execute(
            "SELECT DISTINCT ON (tenant_id) tenant_id, seq, hash FROM hub.audit_log ORDER BY tenant_id, seq DESC"
        ).fetchall()
    found = {str(row[0]): Head(int(row[1]), bytes(row[2])) for row in rows}
    with database.without_tenant() as connection:
        platform = head(connection, PLATFORM)
    return found | ({PLATFORM: platform} if platform.seq else {})


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
