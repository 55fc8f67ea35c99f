"""`hub migrate`: roles, schemas, generated tables, security and Dagster's storage, brought to what this version knows.

Everything in the data cluster's own database happens in one transaction, so no table ever stands without its policies.
Runs as often as one likes; a second run at the same time waits for the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.db import roles
from hub.errors import HubError
from hub.migrations import runner
from hub.migrations.cluster import login_roles, prepare_cluster
from hub.migrations.connections import maintenance, outside_transaction, schema_transaction
from hub.migrations.generated import apply_table, rewrite_narrowed
from hub.migrations.hardening import harden
from hub.migrations.restored import refuse_unfinished
from hub.migrations.sealed import guard_sealed
from hub.migrations.security import make_schemas, present_tables, secure
from hub.secrets_file import ensure_passwords, private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.contract import Provider
    from hub.db.database import Connection
    from hub.migrations.generated import Change, GeneratedTable
    from hub.settings import ClusterName, Settings
    from kvkk_policies.policy import ProviderPolicy

_MIGRATION_LOCK = 0x6B6F707275  # "kopru"
_DATA_SCHEMAS = ("hub", "vault", "landing", "marts")
_KEY_SCHEMAS = ("keys",)


@dataclass
class MigrationReport:
    """What a migration changed; a second run right after it changes nothing."""

    made: list[str] = field(default_factory=list[str])
    """Roles and databases that were new, by their names in the database."""
    revisions: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Alembic revisions applied, by cluster."""
    tables: dict[str, Change] = field(default_factory=dict[str, "Change"])
    """Generated tables that were created or altered."""
    rewritten: list[str] = field(default_factory=list[str])
    """Generated tables that lost values (a column, or its clear values) and whose files were therefore written anew."""
    remasked: dict[str, int] = field(default_factory=dict[str, int])
    """Landed rows that were rewritten because a policy became stricter, by `provider.stream.column`."""
    hardened: bool = False
    """Whether PUBLIC's rights on statistics were taken away (needs a superuser)."""
    master_key_made: bool = False


def migrate(
    settings: Settings,
    *,
    on_progress: Callable[[str], None] = lambda step: None,
    on_tenants: Callable[[int, int], None] = lambda done, total: None,
    providers: Mapping[str, Provider] | None = None,
    with_dagster: bool = True,
) -> MigrationReport:
    """Bring everything up to date; the clusters must be running. `on_progress` gets a step's code as it begins.

    `on_tenants` gets tenants done and in all while landed rows follow a policy that became stricter.

    `providers` stands in for the registry (a test adds one). Raises HubError 'schema_newer', 'keys_same_cluster',
    'admin_url_missing', 'database_down', 'server_too_old', 'restore_unfinished', 'dbt_manifest_missing', the
    'master_key_*' codes of a key that must not be used, and the 'generated_*' and 'mart_*' codes; `PolicyError` when a
    policy does not fit its stream, or changed without a higher version.
    """
    report = MigrationReport()
    for cluster in ("data", "keys"):
        ensure_passwords(settings, login_roles(settings, cluster))
    _refuse_shared_cluster(settings)
    if not settings.restores:
        refuse_unfinished(settings)
    on_progress("migrate_keys")
    _migrate_keys(settings, report)
    on_progress("migrate_data")
    providers = _registry() if providers is None else providers
    _migrate_data(settings, report, providers)
    _follow_policies(settings, report, providers, on_progress, on_tenants)
    with outside_transaction(settings, "data") as admin:
        report.rewritten = rewrite_narrowed(admin)
    if with_dagster:
        on_progress("migrate_dagster")
        _migrate_dagster(settings)
    return report


def _migrate_keys(settings: Settings, report: MigrationReport) -> None:
    from hub.keys.fitness import require_fit_master_key
    from hub.keys.master_key import create_master_key

    with maintenance(settings, "keys") as admin:
        report.made += prepare_cluster(admin, settings, "keys")
    with schema_transaction(settings, "keys") as (connection, raw):
        _begin_as_owner(raw, settings)
        make_schemas(raw, settings, _KEY_SCHEMAS)
        report.revisions["keys"] = runner.upgrade(connection, raw, "keys")
        secure(raw, settings, present_tables(raw, _KEY_SCHEMAS))
        used = raw.execute("SELECT EXISTS (SELECT FROM keys.master)").fetchone()
        if settings.master_key_file.exists():
            require_fit_master_key(settings, raw)
        raw.execute("RESET ROLE")
        harden(raw, settings, "keys")
    if settings.master_key_file.exists():
        return
    if used and used[0]:
        # Keys are wrapped with a master key that is gone: a new one would only hide the loss.
        raise HubError("master_key_missing", path=str(settings.master_key_file))
    private_directory(settings.master_key_file.parent)
    create_master_key(settings.master_key_file)
    report.master_key_made = True


def _registry() -> Mapping[str, Provider]:
    from connectors.registry import PROVIDERS

    return PROVIDERS


def _migrate_data(settings: Settings, report: MigrationReport, providers: Mapping[str, Provider]) -> None:
    from hub.migrations.policies import record_policies

    with maintenance(settings, "data") as admin:
        report.made += prepare_cluster(admin, settings, "data")
    with schema_transaction(settings, "data") as (connection, raw):
        _begin_as_owner(raw, settings)
        make_schemas(raw, settings, _DATA_SCHEMAS)
        report.revisions["data"] = runner.upgrade(connection, raw, "data")
        record_policies(raw, providers, _policies(settings, providers))
        tables = _generated_tables(raw, settings, providers)
        for table in tables:
            change = apply_table(raw, table)
            if change != "unchanged":
                report.tables[table.full_name] = change
        secure(raw, settings, present_tables(raw, _DATA_SCHEMAS))
        guard_sealed(raw)
        raw.execute("RESET ROLE")
        report.hardened = harden(raw, settings, "data")


def _policies(settings: Settings, providers: Mapping[str, Provider]) -> Mapping[str, ProviderPolicy]:
    from kvkk_policies.policy import check_policies, load_policies

    policies = load_policies(settings.policies_dir)
    check_policies(policies, providers)
    return policies


def _follow_policies(
    settings: Settings,
    report: MigrationReport,
    providers: Mapping[str, Provider],
    on_progress: Callable[[str], None],
    on_tenants: Callable[[int, int], None],
) -> None:
    """Landed rows follow the policies: of a version that is new now, and of decisions whose rewriting was cut short."""
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.keys.master_key import read_master_key
    from hub.migrations.policies import changed_policies, forget_what_was
    from hub.policies import rewrites
    from hub.policies.policy_followers import Followers, every_tenant
    from hub.policies.remask import open_remasker

    database = Database(settings)
    try:
        changed = [each for each in changed_policies(database) if each.provider in providers]
        owing = {debt.tenant_id for debt in rewrites.outstanding(database)}
        if not changed and not owing:
            return
        on_progress("migrate_policies")
        keyring = Keyring(database, read_master_key(settings.master_key_file))
        policies = _policies(settings, providers)
        remasker = open_remasker(database, keyring, providers=providers, policies=policies)
        tenants = [each for each in every_tenant(database) if changed or each in owing]
        for done in Followers(remasker, changed).follow(tenants, on_tenants):
            name = f"{done.provider}.{done.stream}.{done.column}"
            report.remasked[name] = report.remasked.get(name, 0) + done.rows
    finally:
        database.close()
    with outside_transaction(settings, "data") as admin:
        for each in changed:
            forget_what_was(admin, each)


def _generated_tables(raw: Connection, settings: Settings, providers: Mapping[str, Provider]) -> list[GeneratedTable]:
    from hub.migrations.landing import landing_tables
    from hub.migrations.marts import mart_tables
    from hub.models.dbt_process import load_manifest

    return [*landing_tables(settings, providers), *mart_tables(raw, load_manifest(settings))]


def _begin_as_owner(raw: Connection, settings: Settings) -> None:
    from psycopg import sql

    raw.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
    raw.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(settings.role(roles.OWNER))))


def _refuse_shared_cluster(settings: Settings) -> None:
    """A base backup copies a whole cluster: wrapped keys in the data's own cluster would travel with the data."""
    identifiers: list[object] = []
    clusters: tuple[ClusterName, ...] = ("data", "keys")
    for cluster in clusters:
        with maintenance(settings, cluster) as admin:
            row = admin.execute("SELECT system_identifier FROM pg_catalog.pg_control_system()").fetchone()
            identifiers.append(row)
    if identifiers[0] == identifiers[1]:
        raise HubError("keys_same_cluster")


def _migrate_dagster(settings: Settings) -> None:
    from alembic.util import CommandError

    from hub.orchestration.dagster_home import open_instance

    try:
        with open_instance(settings) as instance:
            instance.upgrade()
    except CommandError:
        raise HubError("schema_newer", schema="dagster", found="unknown", known="unknown") from None
