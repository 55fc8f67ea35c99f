"""A request's package is made from ids alone: its verified identifiers, and what reviewers decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.export.build import Exporter
from hub.kvkk.export.handle import READY, handle, order_of, package_of
from hub.models.dbt_process import ensure_manifest
from hub.sync.batch import Engine
from tests.hub.kvkk.export import people

MakeTenant = Callable[..., str]
ACTOR = Actor("masa", "operator")


@dataclass
class Desk:
    """A tenant with Ayşe at two providers, and requests to it."""

    exporter: Exporter
    engine: Engine
    tenant_id: str

    def request(self, *identifiers: tuple[str, str], verified: bool = True, **values: Any) -> UUID:
        request_id = uuid4()
        fields = {"type": "access", "channel": "email", "state": "in_progress", "created_by": "masa", **values}
        with self.engine.database.tenant(self.tenant_id, "app") as connection:
            names = ", ".join(fields)
            holes = ", ".join(["%s"] * len(fields))
            connection.execute(
                f"INSERT INTO hub.requests (tenant_id, request_id, received_at, due_at, {names})"  # noqa: S608
                f" VALUES (%s, %s, now(), now() + interval '30 days', {holes})",
                (self.tenant_id, request_id, *fields.values()),
            )
            for kind, value in identifiers:
                connection.execute(
                    "INSERT INTO hub.request_identifiers VALUES (%s, %s, %s, %s, %s)",
                    (self.tenant_id, request_id, kind, self.pseudonym(kind, value), verified),
                )
        return request_id

    def pseudonym(self, kind: str, value: str) -> str:
        return people.pseudonym(self.engine, self.tenant_id, kind, value)

    def decide(self, request_id: UUID, subject: str, decision: str) -> None:
        with self.engine.database.tenant(self.tenant_id, "app") as connection:
            connection.execute(
                "INSERT INTO hub.request_subjects (tenant_id, request_id, subject_id, reached_by, decision)"
                " VALUES (%s, %s, %s, 'weak', %s) ON CONFLICT (tenant_id, request_id, subject_id)"
                " DO UPDATE SET decision = excluded.decision",
                (self.tenant_id, request_id, subject, decision),
            )

    def exports(self, request_id: UUID) -> list[tuple[Any, ...]]:
        with self.engine.database.tenant(self.tenant_id, "app") as connection:
            return connection.execute(
                "SELECT state, rows_done, sealed_key IS NOT NULL FROM hub.exports WHERE request_id = %s", (request_id,)
            ).fetchall()


@pytest.fixture(scope="module")
def desk(exporter: Exporter, engine: Engine, make_tenant: MakeTenant) -> Desk:
    tenant_id = make_tenant()
    people.admit(engine, tenant_id, people.AYSE["tckn"])
    people.tell(engine, tenant_id, people.IYZICO, people.iyzico_rows())
    people.tell(engine, tenant_id, people.BULUTFON, people.bulutfon_rows())
    return Desk(exporter, engine, tenant_id)


TCKN = ("tckn", people.AYSE["tckn"])
PHONE = ("phone", people.AYSE["phone"])


def test_what_a_reviewer_has_not_decided_stops_the_package(desk: Desk) -> None:
    request = desk.request(TCKN)

    with pytest.raises(HubError, match="export_review_pending"):
        package_of(desk.exporter, desk.tenant_id, request, ACTOR)

    desk.decide(request, people.subject(desk.engine, desk.tenant_id, *PHONE), "review")
    with pytest.raises(HubError, match="export_review_pending"):
        package_of(desk.exporter, desk.tenant_id, request, ACTOR)
    assert desk.exports(request) == []


def test_what_a_reviewer_included_is_in_it_and_what_they_excluded_is_not(desk: Desk) -> None:
    phone = people.subject(desk.engine, desk.tenant_id, *PHONE)
    rows: dict[str, int] = {}
    for decision in ("included", "excluded"):
        request = desk.request(TCKN)
        desk.decide(request, phone, decision)
        rows[decision] = package_of(desk.exporter, desk.tenant_id, request, ACTOR).rows

    assert rows["included"] > rows["excluded"] > 0


def test_an_identifier_that_was_only_claimed_opens_nothing(desk: Desk) -> None:
    request = desk.request(PHONE, verified=False)

    with pytest.raises(HubError, match="export_unidentified"):
        order_of(desk.engine.database, desk.tenant_id, request, ACTOR)
    with pytest.raises(HubError, match="export_request_unknown"):
        order_of(desk.engine.database, desk.tenant_id, uuid4(), ACTOR)


def test_the_desks_run_makes_the_package_and_leaves_its_passphrase_for_the_operator(desk: Desk) -> None:
    @dataclass
    class Context:
        settings: Any
        database: Any
        keyring: Any
        policies: Any

    ensure_manifest(desk.exporter.settings)
    engine = desk.engine
    request = desk.request(TCKN, PHONE, language="en")

    code = handle(
        Context(desk.exporter.settings, engine.database, engine.keyring, engine.policies), desk.tenant_id, request
    )

    assert code == READY
    ((state, rows, sealed),) = desk.exports(request)
    assert (state, sealed) == ("ready", True)
    assert rows > 0
