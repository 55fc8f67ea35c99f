"""What stands beside a dump: which part it is of, of when, of which schema, and the hash that a restore holds it to.

Without a manifest a dump is a file that anybody may have swapped or cut off, of a time that nobody knows; and a restore
must know the time, because keys may not be older than the data that they open. Whoever can write to the directory could
write another manifest too, and a dump is a program that the administrator runs: so the installation signs it, with the
key that signs the heads of the audit logs.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from cryptography.exceptions import InvalidSignature

from hub.errors import HubError
from hub.secrets_file import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from hub.kvkk.audit_heads import SigningKey

Part = Literal["data", "keys", "dagster"]
PARTS: tuple[Part, ...] = get_args(Part)
FORMAT = 1
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """One dump. Ids, hashes, counts and times only."""

    part: Part
    file: str
    """The dump's name: the manifest's own, but for the ending."""
    bytes: int
    sha256: str
    at: datetime
    """When the database looked as it does in the dump, by the database's clock."""
    hub_version: str
    revision: str
    """Alembic's revision of the part's schema (for Dagster, its own)."""
    role_prefix: str
    server_version: int
    """Postgres, as libpq numbers it: 180006."""
    audit_heads: Mapping[str, tuple[int, str]] = dataclasses.field(default_factory=dict[str, tuple[int, str]])
    """Number and hash of the last entry of each audit chain in the dump (data)."""
    last_erasure: str | None = None
    """Id of the last erasure in the dump that was finished (data)."""
    journal_entries: int = 0
    """Entries of the erasure journal in the dump (keys)."""
    signature: str = ""
    """Ed25519 over everything else, in hex."""

    @property
    def stem(self) -> str:
        """The names of dump and manifest, without their endings."""
        return self.file.rpartition(".")[0]


def stem_of(part: Part, at: datetime) -> str:
    """`kopru-data-20261126T200000Z`: names sort as their times do."""
    return f"kopru-{part}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def time_of(stem: str) -> datetime | None:
    """The time in such a name; None for a name that is none."""
    try:
        return datetime.strptime(stem.rpartition("-")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def write(directory: Path, manifest: Manifest) -> Path:
    """Put the manifest beside its dump, readable for its owner alone. It comes last: a dump without one is torn."""
    path = directory / f"{manifest.stem}.json"
    write_private(path, json.dumps(_content(manifest), indent=2, sort_keys=True).encode() + b"\n")
    return path


def signed(manifest: Manifest, key: SigningKey) -> Manifest:
    """The same with a signature."""
    return dataclasses.replace(manifest, signature=key.sign(_to_sign(manifest)).hex())


def _content(manifest: Manifest) -> dict[str, Any]:
    return dataclasses.asdict(manifest) | {"format": FORMAT, "at": manifest.at.astimezone(UTC).isoformat()}


def _to_sign(manifest: Manifest) -> bytes:
    content = {name: value for name, value in _content(manifest).items() if name != "signature"}
    return b"kopru/backup/1\n" + json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def read(path: Path) -> Manifest:
    """The manifest at a path, or the one beside the dump at it. HubError `backup_manifest_unreadable`."""
    path = path.with_suffix(".json")
    try:
        content = cast("dict[str, Any]", json.loads(path.read_text()))
        known = content.pop("format") == FORMAT and content["part"] in PARTS
        content["at"] = datetime.fromisoformat(content["at"])
        content["audit_heads"] = {str(chain): (int(seq), str(x)) for chain, (seq, x) in content["audit_heads"].items()}
        manifest = Manifest(**content)
        # The name is followed, to be read and to be deleted: it leads nowhere else.
        known = known and manifest.file == f"{path.stem}.dump"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        known, manifest = False, None
    if manifest is None or not known:
        raise HubError("backup_manifest_unreadable", path=str(path))
    return manifest


def verified(path: Path, part: Part, key: Ed25519PublicKey | None) -> Manifest:
    """The manifest of a dump that is whole, of that part, and signed by the key where there is one.

    HubError `backup_manifest_unreadable`, `backup_not_signed`, `backup_other_part` or `backup_altered`.
    """
    manifest = read(path)
    if key is not None:
        try:
            key.verify(bytes.fromhex(manifest.signature), _to_sign(manifest))
        except (InvalidSignature, ValueError):
            raise HubError("backup_not_signed", path=str(path)) from None
    if manifest.part != part:
        raise HubError("backup_other_part", path=str(path), found=manifest.part, part=part)
    dump = path.with_name(manifest.file)
    if not dump.is_file() or sha256_of(dump) != manifest.sha256:
        raise HubError("backup_altered", path=str(dump))
    return manifest


def sha256_of(path: Path) -> str:
    """A file's hash, in bounded memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()
