"""`hub restore`: dumps into an empty place, which nobody can open before everybody erased since is erased again.

The order: both databases are marked (hub/migrations/restored.py), keys and data loaded, the schema brought up to date,
the journal followed, retention run, marts built, and only then the marks taken away. A restore that was cut short is
run again from the beginning; what it left is dropped first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.istanbul import day_of
from hub.backup import clusters
from hub.backup.manifest import Manifest, Part, verified
from hub.backup.replay import Replayed, replay
from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.forget.removal import forget_again
from hub.migrations import restored

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.kvkk.audit import Actor
    from hub.settings import ClusterName, Settings

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Dumps:
    """The files of a restore. Without Dagster's its history begins anew."""

    data: Path
    keys: Path
    dagster: Path | None = None


@dataclass(frozen=True)
class Cleaned:
    """What was done before anybody was let in."""

    tenants: int
    forgotten_again: int
    """Tenants of the dump that were forgotten since."""
    erasures: Replayed
    audit_newer: Mapping[str, int]
    """Entries by audit chain that signed heads know and the dump has not."""
    mails_doubted: int
    """Mails that waited when the dump was made and may have been sent since: a person decides."""
    actions_doubted: int
    """Actions that waited then, and may have been done since: a person decides."""
    lost: Mapping[str, int]
    """Values by `schema.table.column` that do not open any more: a tenant's key was rotated after the dump."""
    sessions_ended: int = 0
    """Sessions of the dump; whoever had one signs in again."""


@dataclass(frozen=True)
class Restored:
    """What came back, and of when."""

    at: datetime
    keys_at: datetime
    signatures_checked: bool
    """Whether the key lay here that signed the backups."""
    analysts_ended: int
    """Analysts' logins of the dump: their roles are not in it, so each must be added anew."""
    cleaned: Cleaned


def restore(
    settings: Settings,
    dumps: Dumps,
    *,
    actor: Actor,
    providers: Mapping[str, Provider] | None = None,
    on_step: OnStep = lambda step: None,
) -> Restored:
    """Restore into servers that run and are empty.

    Raises HubError `restore_not_empty`, `restore_under_way`, `restore_server_older`, `restore_keys_older`,
    `restore_version_unknown`, `restore_other_prefix`, `restore_keys_lack`, `master_key_missing`, `master_key_foreign`,
    the codes of hub.backup.manifest.verified, `backup_failed`, `erasure_left`, `erasure_journal_broken`.
    """
    from connectors.registry import PROVIDERS
    from hub.db.database import Database
    from hub.db.migrate import migrate
    from hub.keys.master_key import read_master_key

    on_step("restore_check")
    key = _signing_key(settings)
    data, keys = verified(dumps.data, "data", key), verified(dumps.keys, "keys", key)
    dagster = verified(dumps.dagster, "dagster", key) if dumps.dagster else None
    _refuse_unfit(settings, data, keys)
    read_master_key(settings.master_key_file)
    with restored.alone(settings):
        # A place where a restore was cut short may hold Dagster's tables, and nobody's since.
        made_by: dict[ClusterName, int] = {"data": data.server_version, "keys": keys.server_version}
        again = restored.prepare(settings, made_by, with_dagster=dagster is not None)
        on_step("restore_load")
        _load(settings, "keys", dumps.keys, keys)
        _load(settings, "data", dumps.data, data)
        if dumps.dagster is not None and dagster is not None:
            _load(settings, "dagster", dumps.dagster, dagster, replacing=again)
        ended = restored.end_analysts(settings)
        admitted = settings.for_restore()
        migrate(admitted, providers=providers, on_progress=on_step)
        database = Database(admitted)
        try:
            cleaned = _clean(database, (data, keys), actor, providers or PROVIDERS, on_step)
        finally:
            database.close()
        restored.open_again(settings)
    return Restored(data.at, keys.at, key is not None, ended, cleaned)


def _signing_key(settings: Settings) -> Ed25519PublicKey | None:
    """The key that signed the backups, if it was brought along: none is made here, for it would know none of them."""
    from hub.kvkk.audit_heads import SigningKey

    path = settings.audit_signing_key_file
    return SigningKey(path).public if path.exists() else None


def _refuse_unfit(settings: Settings, data: Manifest, keys: Manifest) -> None:
    from hub.db.schema_version import known_revisions

    if keys.at < data.at:
        # An older key store has keys that were destroyed since, and does not know whom it must not open.
        raise HubError("restore_keys_older", keys=keys.at.isoformat(), data=data.at.isoformat())
    for manifest in (data, keys):
        if manifest.revision not in known_revisions(manifest.part):
            raise HubError("restore_version_unknown", part=manifest.part, found=manifest.revision)
        if manifest.role_prefix != settings.role_prefix:
            raise HubError("restore_other_prefix", found=manifest.role_prefix, ours=settings.role_prefix)


def _load(settings: Settings, part: Part, path: Path, manifest: Manifest, *, replacing: bool = False) -> None:
    from hub.db import roles

    arguments = ["--clean", "--if-exists"] if replacing else []
    if part != "dagster":
        arguments.append(f"--role={settings.role(roles.OWNER)}")
    clusters.load(clusters.way_to(settings, part), path.with_name(manifest.file), arguments)


def _clean(
    database: Database,
    dumps: tuple[Manifest, Manifest],
    actor: Actor,
    providers: Mapping[str, Provider],
    on_step: OnStep,
) -> Cleaned:
    """Everything between loading and opening."""
    from hub.einvoice.issue import series
    from hub.identity import restored as identity
    from hub.identity.scope import PLATFORM_SCOPE
    from hub.inbox.expiry import expire
    from hub.keys.keyring import Keyring
    from hub.keys.master_key import read_master_key
    from hub.keys.resealing import lost
    from hub.kvkk.erasure.run import Eraser
    from hub.kvkk.registry import open_stores
    from hub.kvkk.retention.run import Retention
    from hub.kvkk.stores import Hub
    from hub.mail import queue
    from hub.models.dbt import build_models
    from hub.orchestration.dagster_home import open_instance
    from hub.orchestration.partitions import tenants_in_order
    from hub.outbox import decide
    from kvkk_policies.policy import load_policies

    settings = database.settings
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    policies = load_policies(settings.policies_dir)
    newer = _newer_in_heads(settings, dumps[0])
    on_step("restore_replay")
    hub = Hub(database, keyring, providers, policies)
    with open_instance(settings) as instance:
        forgotten = forget_again(database, lambda: instance)
        tenants = tenants_in_order(database)
        platform = [PLATFORM_SCOPE] if identity.stands(database) else []
        _require_keys(database, [*tenants, *platform])
        stores = open_stores(hub, instance=lambda: instance)
        eraser = Eraser(hub, stores, four_eyes_above=settings.erasure_four_eyes_above)
        replayed = replay(database, keyring, eraser, tenants, actor=actor)
    gone: Counter[str] = Counter()
    doubted = actions_doubted = 0
    for tenant_id in tenants:
        actions_doubted += decide.doubt(database, tenant_id)
        series.doubt(database, tenant_id, year=day_of(database_now(database)).year)
    for scope in (*tenants, *platform):
        doubted += queue.doubt(database, scope)
        gone.update(lost(database, keyring.tenant(scope)))
    sessions_ended = identity.end_all(database, tenants)
    on_step("restore_retention")
    retention = Retention(hub)
    now = database_now(database)
    for tenant_id in tenants:
        retention.run(tenant_id, now=now, actor=actor)
        expire(database, tenant_id, actor=actor)
    on_step("restore_models")
    if not build_models(database, settings, force=tenants).ok:
        raise HubError("restore_models_failed")
    cleaned = Cleaned(len(tenants), forgotten, replayed, newer, doubted, actions_doubted, dict(gone), sessions_ended)
    _enter(database, actor, dumps, cleaned)
    return cleaned


def _require_keys(database: Database, tenants: Sequence[str]) -> None:
    """HubError `restore_keys_lack`: keys of another installation, or older than their time says.

    New ones would be made at first use: nothing would open, and no pseudonym and no suppression be the same again.
    """
    with database.custody() as connection:
        rows = connection.execute("SELECT DISTINCT tenant_id FROM keys.tenant_keys WHERE destroyed_at IS NULL")
        having = {row[0] for row in rows}
    lacking = sum(tenant_id not in having for tenant_id in tenants)
    if lacking:
        raise HubError("restore_keys_lack", tenants=lacking)


def _enter(
    database: Database,
    actor: Actor,
    dumps: tuple[Manifest, Manifest],
    cleaned: Cleaned,
) -> None:
    details = {
        "data_at": dumps[0].at.isoformat(),
        "data_sha256": dumps[0].sha256,
        "keys_at": dumps[1].at.isoformat(),
        "keys_sha256": dumps[1].sha256,
        "erased_again": cleaned.erasures.again,
        "forgotten_again": cleaned.forgotten_again,
        "audit_logs_shortened": len(cleaned.audit_newer),
        "mails_doubted": cleaned.mails_doubted,
        "actions_doubted": cleaned.actions_doubted,
        "values_lost": sum(cleaned.lost.values()),
        "sessions_ended": cleaned.sessions_ended,
    }
    with database.without_tenant() as connection:
        audit.append_platform(connection, audit.Entry(actor, "restored", "backup/data", details=details))


def _newer_in_heads(settings: Settings, data: Manifest) -> dict[str, int]:
    """By chain, how many entries the signed heads vouch for that are not in the dump: what happened in between."""
    from hub.kvkk.audit_heads_file import read_heads

    key = _signing_key(settings)
    if key is None:
        return {}
    exported = read_heads(settings.audit_heads_file, key)
    missing = {chain: head.seq - data.audit_heads.get(chain, (0, ""))[0] for chain, head in exported.heads.items()}
    return {chain: count for chain, count in sorted(missing.items()) if count > 0}


def database_now(database: Database) -> datetime:
    """The database's clock."""
    with database.without_tenant() as connection:
        row = connection.execute("SELECT now()").fetchone()
    if row is None:  # a SELECT without FROM has one row
        raise RuntimeError("the database told no time")
    return row[0]
