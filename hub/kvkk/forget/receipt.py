"""The receipt of a forgotten tenant: what went from where, signed, for people in Turkish and English.

The tenant's audit log and destruction log are handed over with it: they must be kept for years (Board 2018/10; By-Law
OG 30224, art. 7/3), and whose they are is the tenant, the controller. The receipt carries their hashes and is signed
with the key that signs the audit logs' heads, so that it can be checked when the hub knows the tenant no more.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hub.i18n import LANGUAGES, _, speaking
from hub.kvkk.audit_heads import SigningKey
from hub.kvkk.forget.progress import directory
from hub.secrets_file import write_private

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from hub.db.database import Database
    from hub.kvkk.forget.progress import Progress
    from hub.settings import Settings

_HANDED_OVER = {
    "audit.jsonl": "SELECT row_to_json(each)::text FROM hub.audit_log AS each WHERE tenant_id = %s ORDER BY seq",
    "destructions.jsonl": "SELECT row_to_json(each)::text FROM hub.destructions AS each WHERE tenant_id = %s"
    " ORDER BY at, store, dataset, category",
}


@dataclass(frozen=True)
class Receipt:
    """Where it lies, and the hash of its JSON file."""

    path: Path
    sha256: str


def place(settings: Settings, progress: Progress) -> Path:
    """The receipt's own directory."""
    return directory(settings) / progress.receipt_id


def hand_over(settings: Settings, database: Database, progress: Progress) -> dict[str, str]:
    """Write the logs that the tenant must keep to files; their hashes by name."""
    hashes: dict[str, str] = {}
    for name, query in _HANDED_OVER.items():
        with database.tenant(progress.tenant_id, "app") as connection:
            lines = [str(row[0]) for row in connection.execute(query.encode(), (progress.tenant_id,))]
        content = "".join(f"{line}\n" for line in lines).encode()
        write_private(place(settings, progress) / name, content)
        hashes[name] = hashlib.sha256(content).hexdigest()
    return hashes


def write(settings: Settings, progress: Progress, *, finished_at: datetime, mentions: int) -> Receipt:
    """The signed JSON, and a text that a person reads."""
    key = SigningKey(settings.audit_signing_key_file)
    keys_until = finished_at + timedelta(days=settings.key_backup_days)
    body: dict[str, Any] = {
        "receipt_id": progress.receipt_id,
        "tenant_id": progress.tenant_id,
        "name": progress.name,
        "subdomain": progress.subdomain,
        "by": progress.by,
        "begun_at": progress.begun_at,
        "finished_at": finished_at.isoformat(),
        "removed": progress.counts,
        "left": 0,
        "handed_over_under": list(progress.handed_over),
        "files": progress.exported,
        "key_backups_until": keys_until.isoformat(),
        "platform_log_mentions": mentions,
        "signing_key": key.fingerprint,
    }
    signature = base64.b64encode(key.sign(canonical(body))).decode()
    content = json.dumps({"body": body, "signature": signature}, indent=2, ensure_ascii=False, sort_keys=True).encode()
    path = place(settings, progress) / "receipt.json"
    write_private(path, content + b"\n")
    digest = hashlib.sha256(content + b"\n").hexdigest()
    texts: list[str] = []
    for language in reversed(LANGUAGES):
        with speaking(language):
            texts.append(_text(body, digest))
    write_private(path.with_suffix(".txt"), "\n\n".join(texts).encode() + b"\n")
    return Receipt(path, digest)


def canonical(body: dict[str, Any]) -> bytes:
    """What the signature covers."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _text(body: dict[str, Any], digest: str) -> str:
    lines = [
        _("Receipt: everything of a tenant was removed"),
        _("Receipt {id}, tenant {tenant} ({name}, {subdomain})").format(
            id=body["receipt_id"], tenant=body["tenant_id"], name=body["name"], subdomain=body["subdomain"]
        ),
        _("Begun {begun}, finished {finished}, by {by}").format(
            begun=body["begun_at"], finished=body["finished_at"], by=body["by"]
        ),
        "",
        *(
            f"  {store}: {table}: {count}"
            for store, tables in sorted(body["removed"].items())
            for table, count in sorted(tables.items())
        ),
        "",
        _("A search afterwards found nothing of the tenant in any table of either cluster or of Dagster."),
        _("The tenant's keys were destroyed. Backups of the keys are kept until {until} and deleted then.").format(
            until=body["key_backups_until"]
        ),
        _("A backup of the data that is restored one day forgets the tenant again before it opens."),
        _("Handed over with this receipt, for the tenant to keep: {files}").format(files=", ".join(body["files"])),
    ]
    if body["handed_over_under"]:
        lines.append(
            _("Kept by the tenant itself, as stated when this was done: {articles}").format(
                articles="; ".join(body["handed_over_under"])
            )
        )
    lines.append(_("SHA-256 of receipt.json: {digest}").format(digest=digest))
    return "\n".join(lines)
