"""`hub backup`: one part of an installation into a directory, as one file and its manifest.

Data and keys never share a directory: whoever copies one must not get the other with it, and a key that was destroyed
must not live on beside the data that it sealed (design.md, section 4). Marts are not in a dump: dbt makes them anew
from landing, so a restore has fewer copies of people to clean.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, cast

from hub.backup import clusters
from hub.backup.manifest import Manifest, Part, sha256_of, signed, stem_of, write
from hub.backup.window import Expired, expire
from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.audit_heads import SigningKey
from hub.secrets_file import new_private_file, private_directory

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime
    from pathlib import Path

    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor
    from hub.settings import Settings

_SCHEMAS: dict[Part, tuple[str, ...]] = {"data": ("hub", "vault", "landing", "marts"), "keys": ("keys",)}
_FOREIGN: dict[Part, Part] = {"data": "keys", "keys": "data"}
_TORN_AFTER_SECONDS = 24 * 3600
"""No backup takes a day: a part of a file that is older was left by one that was killed."""


@dataclass(frozen=True)
class Backup:
    """What a backup left: the dump's path, its manifest, and the key backups whose time was up."""

    path: Path
    manifest: Manifest
    expired: tuple[Expired, ...] = ()


def back_up(settings: Settings, database: Database, part: Part, directory: Path, *, actor: Actor) -> Backup:
    """Dump a part into a directory, which is made if it is missing.

    Raises HubError `backup_beside_keys` or `backup_beside_data`, `backup_inside_home`, `backup_sees_not_all`,
    `backup_failed`, `backup_under_way`, `admin_url_missing`.
    """
    directory = directory.expanduser().absolute()
    _refuse_place(settings, part, directory)
    private_directory(directory)
    _remove_torn(directory, part)
    _enter(database, actor, "backup_begun", part)
    made = signed(_dump(settings, part, directory), SigningKey(settings.audit_signing_key_file))
    write(directory, made)
    expired = expire(directory, now=made.at, days=settings.key_backup_days) if part == "keys" else ()
    _enter(database, actor, "backup_made", part, {"sha256": made.sha256, "bytes": made.bytes, "expired": len(expired)})
    return Backup(directory / made.file, made, expired)


def hub_version() -> str:
    """The installed version; `checkout` where there is no package."""
    try:
        return version("kopru")
    except PackageNotFoundError:
        return "checkout"


def _refuse_place(settings: Settings, part: Part, directory: Path) -> None:
    home = settings.home.resolve()
    if home in (directory.resolve(), *directory.resolve().parents):
        raise HubError("backup_inside_home", path=str(directory))
    foreign = _FOREIGN.get(part)
    if foreign is None:
        return
    for place in (directory, *directory.parents):
        if place.is_dir() and any(place.glob(f"kopru-{foreign}-????????T??????Z.*")):
            raise HubError("backup_beside_keys" if foreign == "keys" else "backup_beside_data", path=str(place))


def _dump(settings: Settings, part: Part, directory: Path) -> Manifest:
    with _moment(settings, part) as moment:
        stem = stem_of(part, moment.at)
        target = directory / f"{stem}.dump"
        draft = directory / f"{stem}.part"
        try:
            new_private_file(draft).close()
        except FileExistsError:
            raise HubError("backup_under_way", path=str(draft)) from None
        try:
            clusters.dump(clusters.way_to(settings, part), draft, _what(part, moment))
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return Manifest(
        part=part,
        file=target.name,
        bytes=target.stat().st_size,
        sha256=sha256_of(target),
        at=moment.at,
        hub_version=hub_version(),
        revision=moment.revision,
        role_prefix=settings.role_prefix,
        server_version=moment.server_version,
        **moment.counted,
    )


@dataclass(frozen=True)
class _Moment:
    at: datetime
    revision: str
    server_version: int
    snapshot: str | None
    counted: Mapping[str, Any]


@contextmanager
def _moment(settings: Settings, part: Part) -> Generator[_Moment]:
    if part == "dagster":
        yield _dagsters_moment(settings)
        return
    with clusters.snapshot(settings, part) as held:
        at, revision = _at_and_revision(held.connection, _SCHEMAS[part][0])
        counted = _of_data(held.connection) if part == "data" else _of_keys(held.connection)
        yield _Moment(at, revision, held.connection.info.server_version, held.name, counted)


def _what(part: Part, moment: _Moment) -> list[str]:
    chosen = [f"--schema={schema}" for schema in _SCHEMAS.get(part, ())]
    if part == "data":
        chosen.append("--exclude-table-data=marts.*")
    return [*chosen, *([f"--snapshot={moment.snapshot}"] if moment.snapshot else [])]


def _at_and_revision(connection: Connection, schema: str) -> tuple[datetime, str]:
    from psycopg import sql

    row = connection.execute(
        sql.SQL("SELECT now(), version_num FROM {}.alembic_version").format(sql.Identifier(schema))
    ).fetchone()
    if row is None:
        raise HubError("schema_older", schema=schema, found="-", known="-")
    return row[0], str(row[1])


def _of_data(connection: Connection) -> dict[str, Any]:
    heads = connection.execute(
        "SELECT DISTINCT ON (tenant_id) tenant_id, seq, hash FROM hub.audit_log ORDER BY tenant_id, seq DESC"
    ).fetchall()
    found = {str(chain): (int(seq), bytes(digest).hex()) for chain, seq, digest in heads}
    platform = audit.head(connection, audit.PLATFORM)
    found[audit.PLATFORM] = (platform.seq, platform.hash.hex())
    last = connection.execute(
        "SELECT erasure_id FROM hub.erasures WHERE state = 'done' ORDER BY finished_at DESC LIMIT 1"
    ).fetchone()
    return {"audit_heads": found, "last_erasure": str(last[0]) if last else None}


def _of_keys(connection: Connection) -> dict[str, Any]:
    row = connection.execute("SELECT count(*) FROM keys.erasure_journal").fetchone()
    return {"journal_entries": int(row[0]) if row else 0}


def _dagsters_moment(settings: Settings) -> _Moment:
    from sqlalchemy import text

    from hub.orchestration.dagster_home import open_instance

    with (
        open_instance(settings) as instance,
        cast("Any", instance.event_log_storage).index_transaction() as connection,
    ):
        at, revision, server = connection.execute(
            text("SELECT now(), (SELECT min(version_num) FROM alembic_version), current_setting('server_version_num')")
        ).one()
    return _Moment(at, str(revision), int(server), None, {})


def _enter(database: Database, actor: Actor, action: str, part: Part, details: Mapping[str, Any] | None = None) -> None:
    with database.without_tenant() as connection:
        audit.append_platform(connection, audit.Entry(actor, action, f"backup/{part}", details=details or {}))


def _remove_torn(directory: Path, part: Part) -> None:
    for path in directory.glob(f"kopru-{part}-*.part"):
        if path.stat().st_mtime < time.time() - _TORN_AFTER_SECONDS:
            path.unlink(missing_ok=True)
