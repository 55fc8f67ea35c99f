"""Looks at an installation piece by piece; each piece is well, or says what is wrong and how to mend it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.i18n import N_

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import ClusterName, Settings

_NOBODY = "t" + "a" * 11
"""A well-formed tenant id that no tenant has: enough to see whether a role is let in."""
_RUNTIME_ROLES = ("app", "loader", "reader", "eraser", "forgetter", "vault", "provisioner")
_REACH_SECONDS = 5.0
_NO_HOST = ".invalid"
"""Ends the name of a host that is none (RFC 2606): each of the provider's integrations names its own address."""


@dataclass(frozen=True)
class Finding:
    """One piece of the installation. `error` is None when it is well."""

    title: str
    error: Exception | None = None


def examine(settings: Settings, *, reach_providers: bool) -> Iterator[Finding]:
    """Every check in the order in which they depend on one another; the database's end at the first that fails."""
    from hub.db.database import Database
    from hub.db.postgres import running
    from hub.front_door import require_well

    yield _check(N_("Data directory"), lambda: check_home(settings))
    yield _check(N_("Master key"), lambda: _check_master_key(settings))
    yield _check(N_("KVKK policies"), lambda: _check_policies(settings))
    yield _check(N_("dbt manifest"), lambda: _check_manifest(settings))
    yield _check(N_("Front door"), lambda: require_well(settings))
    with ExitStack() as stack:
        started = _check(
            N_("Postgres servers"), lambda: (require_clusters(settings), stack.enter_context(running(settings)))
        )
        yield started
        if started.error is None:
            database = Database(settings)
            stack.callback(database.close)
            yield from _database_checks(settings, database)
    if reach_providers:
        yield from _provider_checks()


def loading_troubles(settings: Settings) -> list[HubError]:
    """What keeps every tenant from loading, as far as files show it."""
    found: list[HubError] = []
    for look in (_check_master_key, _check_policies):
        try:
            look(settings)
        except HubError as error:
            found.append(error)
    return found


def check_home(settings: Settings) -> None:
    """HUB_HOME exists, is ours to write and hides its secrets. HubError `home_missing`, `home_not_writable`, ..."""
    if not settings.home.is_dir():
        raise HubError("home_missing", path=str(settings.home))
    if not os.access(settings.home, os.W_OK | os.X_OK):
        raise HubError("home_not_writable", path=str(settings.home))
    # Passing through is another matter: on a server that root runs, Postgres does (docs/security.md).
    if stat.S_IMODE(settings.home.stat().st_mode) & 0o066:
        raise HubError("home_exposed", path=str(settings.home))
    for path in (settings.secrets_file, settings.master_key_file):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise HubError("secrets_exposed", path=str(path))


def require_clusters(settings: Settings) -> None:
    """Starting a cluster that is not there would make one, which is for `hub migrate`. HubError `home_missing`."""
    from hub.db.endpoints import data_directory

    clusters: tuple[ClusterName, ...] = ("data", "keys")
    for cluster in clusters:
        directory = data_directory(settings, cluster)
        if settings.is_embedded(cluster) and not directory.is_dir():
            raise HubError("home_missing", path=str(directory))


def _database_checks(settings: Settings, database: Database) -> Iterator[Finding]:
    from hub.db.schema_version import require_current
    from hub.keys.fitness import require_fit_master_key

    def enter(role: str) -> None:
        with database.tenant(_NOBODY, role) as connection:  # pyright: ignore[reportArgumentType] - names from the list above
            connection.execute("SELECT 1")

    def cross() -> None:
        with database.crossing("platform") as connection:
            connection.execute("SELECT count(tenant_id) FROM hub.tenants")

    def step_into_models() -> None:
        with database.crossing("transformer") as connection:
            connection.execute("SELECT 1")

    def same_master_key() -> None:
        # A restored or replaced master key shows here, before anything fails.
        with database.master_keys() as connection:
            require_fit_master_key(settings, connection)

    for role in _RUNTIME_ROLES:
        yield _check(N_("Database role {role}"), lambda role=role: enter(role), role=role)
    yield _check(N_("View across tenants"), cross)
    yield _check(N_("Database role {role}"), step_into_models, role="transform")
    current = _check(N_("Schema version"), lambda: require_current(database))
    yield current
    if current.error is None:
        yield _check(N_("Loaded rows follow the policies"), lambda: _check_followed(settings, database))
    yield _check(N_("Key store"), same_master_key)


def _check_master_key(settings: Settings) -> None:
    from hub.keys.master_files import available

    available(settings.master_key_file)


def _check_policies(settings: Settings) -> None:
    from connectors.registry import PROVIDERS
    from kvkk_policies.policy import check_policies, load_policies

    check_policies(load_policies(settings.policies_dir), PROVIDERS)


def _check_followed(settings: Settings, database: Database) -> None:
    """HubError `policies_not_applied`, `rewrites_owed` or `old_values_in_files`: each is `hub migrate`'s to mend."""
    from hub.policies import rewrites
    from kvkk_policies.policy import load_policies

    with database.tenant(_NOBODY, "app") as connection:
        applied = dict(
            connection.execute("SELECT provider, max(version) FROM hub.applied_policies GROUP BY provider").fetchall()
        )
        files = connection.execute(
            "SELECT string_agg(schema_name || '.' || table_name, ', ' ORDER BY table_name) FROM hub.generated_tables"
            " WHERE rewrite_due"
        ).fetchone()
        changed = connection.execute(
            "SELECT provider, stream, column_name FROM hub.applied_policies WHERE was_action IS NOT NULL"
        ).fetchall()
    for name, policy in load_policies(settings.policies_dir).items():
        if name in applied and policy.version != applied[name]:
            raise HubError("policies_not_applied", provider=name, found=policy.version, known=applied[name])
    owed = rewrites.outstanding(database)
    if owed or changed:
        columns = {(debt.provider, debt.stream, debt.column) for debt in owed} | {tuple(row) for row in changed}
        names = ", ".join(sorted(".".join(column) for column in columns))
        raise HubError("rewrites_owed", columns=names, tenants=len({debt.tenant_id for debt in owed}))
    if files is not None and files[0]:
        raise HubError("old_values_in_files", tables=files[0])


def _check_manifest(settings: Settings) -> None:
    from hub.models.dbt_process import load_manifest

    load_manifest(settings)


def _provider_checks() -> Iterator[Finding]:
    import httpx

    from connectors.registry import PROVIDERS

    for provider in PROVIDERS.values():
        url = provider.environments["live"]
        if httpx.URL(url).host.endswith(_NO_HOST):
            continue
        yield _check(N_("Provider {provider}"), lambda url=url: _reach(url), provider=provider.title)


def _reach(url: str) -> None:
    """Any HTTP answer will do: without credentials most providers refuse."""
    import httpx

    try:
        httpx.get(url, timeout=_REACH_SECONDS, follow_redirects=False)
    except httpx.HTTPError:
        raise HubError("provider_not_reached", url=url) from None


def _check(title: str, look: Callable[[], object], **names: str) -> Finding:
    from hub.i18n import _

    shown = _(title).format(**names)
    try:
        look()
    except Exception as error:
        return Finding(shown, error)
    return Finding(shown)
