"""The hub's part of a request for access, information or recipients: its package, made from ids alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.export.build import Exporter, OnProgress, no_progress
from hub.kvkk.export.order import Order
from hub.kvkk.export.scope import find_scope
from hub.kvkk.requests.packages import READY

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.export.order import Built
    from hub.settings import Settings
    from kvkk_policies.policy import ProviderPolicy

_ACTOR = Actor("subject_requests", "machine")


class HubContext(Protocol):
    """What the desk gives a part to work with."""

    @property
    def settings(self) -> Settings:
        """The installation's settings."""
        ...

    @property
    def database(self) -> Database:
        """The process's pools."""
        ...

    @property
    def keyring(self) -> Keyring:
        """The keys."""
        ...

    @property
    def policies(self) -> Mapping[str, ProviderPolicy]:
        """The policies in force, by provider."""
        ...


def handle(hub_context: HubContext, tenant_id: str, request_id: UUID) -> str:
    """Make the request's package; `export_ready`. HubError `export_review_pending` while a reviewer has to decide."""
    hub = hub_context
    exporter = open_exporter(hub.settings, hub.database, hub.keyring, hub.policies)
    package_of(exporter, tenant_id, request_id, _ACTOR)
    return READY


def package_of(
    exporter: Exporter, tenant_id: str, request_id: UUID, actor: Actor, on_progress: OnProgress = no_progress
) -> Built:
    """The package of a request. HubError `export_request_unknown`, `export_unidentified`, `export_review_pending`."""
    order = order_of(exporter.database, tenant_id, request_id, actor)
    scope = find_scope(
        exporter.database,
        exporter.keyring,
        tenant_id,
        order.identifiers,
        included=order.included,
        excluded=order.excluded,
    )
    if scope.waiting:
        raise HubError("export_review_pending", count=len(scope.waiting))
    return exporter.export(order, on_progress)


def order_of(database: Database, tenant_id: str, request_id: UUID, actor: Actor) -> Order:
    """What a request asks for: its verified identifiers, and what reviewers decided."""
    with database.tenant(tenant_id, "app") as connection:
        request = connection.execute(
            "SELECT type, language, received_at FROM hub.requests WHERE tenant_id = %s AND request_id = %s",
            (tenant_id, request_id),
        ).fetchone()
        if request is None:
            raise HubError("export_request_unknown", request=str(request_id))
        identifiers = connection.execute(
            "SELECT kind, pseudonym FROM hub.request_identifiers WHERE tenant_id = %s AND request_id = %s AND verified"
            " ORDER BY kind, pseudonym",
            (tenant_id, request_id),
        ).fetchall()
        decided: dict[str, list[str]] = {"included": [], "excluded": [], "review": []}
        for subject, decision in connection.execute(
            "SELECT replace(subject_id::text, '-', ''), decision FROM hub.request_subjects"
            " WHERE tenant_id = %s AND request_id = %s ORDER BY subject_id",
            (tenant_id, request_id),
        ):
            decided[decision].append(subject)
    if not identifiers:
        raise HubError("export_unidentified", request=str(request_id))
    if decided["review"]:
        raise HubError("export_review_pending", count=len(decided["review"]))
    return Order(
        tenant_id,
        [(kind, pseudonym) for kind, pseudonym in identifiers],
        actor,
        request_id=request_id,
        type=request[0],
        language=request[1],
        received_at=request[2],
        included=decided["included"],
        excluded=decided["excluded"],
    )


def open_exporter(
    settings: Settings, database: Database, keyring: Keyring, policies: Mapping[str, ProviderPolicy]
) -> Exporter:
    """An exporter of this installation. HubError `dbt_manifest_missing` when the models' manifest is not there."""
    from connectors.registry import PROVIDERS
    from hub.kvkk.export.statements import derived_tables
    from hub.models.dbt_process import load_manifest
    from kvkk_policies.detect import ColumnScanner

    derived = derived_tables(load_manifest(settings))
    return Exporter(settings, database, keyring, PROVIDERS, policies, ColumnScanner(), derived)
