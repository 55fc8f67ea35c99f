"""Every route of the served application as everybody: the answer is what the table of permissions says.

Nothing is listed here: a new route is called the day it is there. Unsafe calls that are let in bring a malformed
`Idempotency-Key`, which the gate looks at last, so nothing is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.routing import Route

from hub.api import browser, describe, link_page
from hub.api.app import the_api
from hub.api.need import need_of, open_to_all, open_to_clients, open_without_limit
from hub.api.route import HubRoute
from hub.identity.permissions import PLATFORM_ROLES, ROLES, WHILE_SUSPENDED, Role
from hub.inbox.receiver import PATH as HOOKS
from hub.migrations.connections import outside_transaction
from tests.hub.api.attacking import entries
from tests.hub.api.conftest import sign_in
from tests.hub.api.operations import Operation, body_of, nothing_of_that_name, operations, routes_of
from tests.hub.api.permission_table import PAGE, page
from tests.isolation.seeds import tenant_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import FastAPI

    from tests.conftest import MakeTenant
    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")

_GATE = {
    "credential_missing",
    "permission_missing",
    "tenant_not_yours",
    "tenant_header_missing",
    "originals_need_second_factor",
}
"""What the gate answers to those whom it does not let in."""
_LAST = "idempotency_key_malformed"
_OPEN_WITHOUT_NEED = {
    describe.PATH,
    describe.PAGE,
    describe.PAGE + "/{name}",
    browser.PATH,
    browser.LEAVE,
    *(route.path for route in link_page.routes()),
    "/",
    "/account",
    "/account/forgotten",
    "/account/second-factor",
    "/account/second-factor/confirm",
    "/metrics",
}
"""Pages and the description, which read no tenant's data, and the numbers, which have a token of their own."""


@pytest.fixture(scope="module")
def api(door: Door) -> FastAPI:
    return the_api(door.services)


@pytest.fixture(scope="module")
def every(api: FastAPI) -> list[Operation]:
    return list(operations(api))


@pytest.fixture(scope="module")
def client(door: Door) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=door.url, timeout=30) as found:
        yield found


@dataclass(frozen=True)
class Asking:
    """Somebody, with or without a word about which tenant is meant."""

    role: Role | None
    headers: Mapping[str, str]
    names: str | None

    def expected(self, operation: Operation, own: str) -> str | None:
        """The code with which the gate sends them away; None for one whom it lets in."""
        need = operation.need
        if need.permission is None:
            return None
        if self.role is None:
            return "credential_missing"
        if self.role in PLATFORM_ROLES:
            if need.of_tenant and self.names is None:
                return "tenant_header_missing"
        elif self.names not in (None, own):
            return "tenant_not_yours"
        return None if need.permission in ROLES[self.role] else "permission_missing"


def everybody(door: Door) -> Iterator[Asking]:
    """All roles of tenant `own` and the staff, naming no tenant, their own and another."""
    yield Asking(None, {}, None)
    yield Asking(None, {"Hub-Tenant": door.own}, door.own)
    for role in Role:
        with door.client(role) as known:
            sent = {"Authorization": known.headers["Authorization"]}
        for named in (None, door.other) if role is not Role.OWNER else (None, door.own, door.other):
            yield Asking(role, sent | ({"Hub-Tenant": named} if named else {}), named)


def test_everybody_gets_what_the_table_says_and_nothing_else(
    door: Door, every: list[Operation], client: httpx.Client
) -> None:
    wrong: list[str] = []
    callers = list(everybody(door))
    for operation in every:
        address = operation.address(nothing_of_that_name)
        sent = {} if operation.is_safe else {"Idempotency-Key": "not a key"}
        for asking in callers:
            answer = client.request(operation.method, address, headers={**asking.headers, **sent})
            code = answer.json().get("code") if answer.headers["content-type"] == "application/problem+json" else None
            expected = asking.expected(operation, door.own)
            status = {None: answer.status_code, "credential_missing": 401, "tenant_header_missing": 400}
            if expected is None and operation.need.permission is not None and not operation.is_safe:
                fits = code == _LAST
            elif expected is None:
                fits = code not in _GATE and answer.status_code < 500
            else:
                fits = code == expected and answer.status_code == status.get(expected, 403)
            if not fits:
                wrong.append(f"{operation.name} as {asking.role} of {asking.names}: {answer.status_code} {code}")
    assert wrong == []
    assert len(every) * len(callers) > 500


def test_a_key_with_one_scope_may_do_that_alone(door: Door, every: list[Operation], client: httpx.Client) -> None:
    from hub.identity import api_keys
    from hub.identity.permissions import Permission
    from tests.hub.api.conftest import OPERATOR

    new = api_keys.NewKey(label="narrow", scopes=frozenset({Permission.USAGE_READ}))
    key = api_keys.create(door.services.database, door.own, new, actor=OPERATOR).secret
    for operation in every:
        if operation.need.permission in (None, Permission.USAGE_READ, Permission.SELF_READ):
            continue
        answer = client.request(
            operation.method, operation.address(nothing_of_that_name), headers={"Authorization": f"Bearer {key}"}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing"), operation.name


def test_a_suspended_tenant_reads_and_does_what_the_law_asks_and_nothing_else(
    door: Door, every: list[Operation], client: httpx.Client, suspended: tuple[str, str, dict[str, str]]
) -> None:
    tenant_id, email, bearers = suspended
    again = sign_in(door.url, email)
    assert again.status_code == 200  # data subjects' terms do not wait for an invoice
    bearers["signed in since"] = again.json()["access_token"]
    wrong: list[str] = []
    refused = 0
    for who, bearer in bearers.items():
        sent = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": "not a key"}
        me = client.get("/api/v1/me", headers=sent).json()
        assert me["tenant_suspended"] is True
        assert client.get("/api/v1/profile", headers=sent).json()["active"] is False
        for operation in every if who in {"session", "key"} else ():
            permission = operation.need.permission
            if operation.is_safe or permission is None or permission.value not in me["permissions"]:
                continue
            expected = _LAST if permission in WHILE_SUSPENDED else "suspended_reads_only"
            answer = client.request(operation.method, operation.address(nothing_of_that_name), headers=sent)
            refused += expected != _LAST
            if answer.json()["code"] != expected:
                wrong.append(f"{operation.name} by {who}: {answer.status_code} {answer.json()['code']}")
    assert wrong == []
    assert refused > 20
    written = {details["code"] for *_, details in entries(door, tenant_id, "api.refused")}
    assert written == {"suspended_reads_only"}


def test_routes_without_a_need_are_the_pages_and_the_receiver_alone(api: FastAPI) -> None:
    every = list(routes_of(api.routes))
    assert all(isinstance(route, Route) for route in every)
    others = {route.path for route in every if isinstance(route, Route) and not isinstance(route, HubRoute)}
    assert {path for path in others if not path.startswith(HOOKS)} == _OPEN_WITHOUT_NEED


def test_what_is_open_to_all_is_signing_in_and_the_state_of_the_process(every: list[Operation]) -> None:
    opened = (open_to_all, open_without_limit, open_to_clients)
    kinds = tuple(need_of(each(lambda: None)) for each in opened)
    open_ones = {each.path for each in every if each.need in kinds}
    assert open_ones == {each.path for each in every if each.need.permission is None}
    assert {path for path in open_ones if not path.startswith("/api/v1/auth/")} == {
        "/healthz",
        "/readyz",
        "/version",
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
    }


def test_only_the_heads_of_health_are_served_without_being_described(api: FastAPI) -> None:
    hidden = [each for each in routes_of(api.routes) if isinstance(each, HubRoute) and not each.include_in_schema]
    assert sorted((route.path, sorted(route.methods)) for route in hidden) == [
        ("/healthz", ["HEAD"]),
        ("/readyz", ["HEAD"]),
    ]
    assert {route.need for route in hidden} == {need_of(open_without_limit(lambda: None))}


@pytest.fixture(scope="module")
def theirs(door: Door, make_tenant: MakeTenant) -> tuple[str, dict[str, str]]:
    """A tenant with a row in every table, and the ids of these rows by the names of the paths' parameters."""
    tenant_id = make_tenant()
    found: dict[str, str] = {"tenant": tenant_id}
    with outside_transaction(door.services.settings, "data") as admin:
        tables = tenant_tables(admin)
        with admin.transaction():
            for table in tables.values():
                if table.name == "hub.tenants":
                    continue
                row = table.row(tenant_id, f"of-{tenant_id}")
                admin.execute(*table.insert(row))
                found |= {column.removesuffix("_id"): str(row[column]) for column in table.key if column in row}
    return tenant_id, found


def test_another_tenants_ids_in_paths_are_ids_of_nothing(
    door: Door, api: FastAPI, every: list[Operation], client: httpx.Client, theirs: tuple[str, dict[str, str]]
) -> None:
    document: Mapping[str, Any] = api.openapi()
    tenant_id, ids = theirs
    before = _entries(door, tenant_id)
    tried = 0
    for operation in every:
        roles = [role for role in Role if operation.need.permission in ROLES[role] and role not in PLATFORM_ROLES]
        names = [name for name in operation.parameters if name in ids]
        if not names or not roles:
            continue
        tried += 1
        address = operation.address(lambda name, schema: ids.get(name) or nothing_of_that_name(name, schema))
        with door.client(roles[0]) as somebody:
            sent = dict(somebody.headers) | {"Idempotency-Key": f"theirs-{tenant_id}-{tried}"}
        answer = client.request(operation.method, address, headers=sent, json=body_of(operation, document))
        assert answer.status_code in {404, 409, 422}, (operation.name, answer.status_code)
        assert answer.status_code == 404 or operation.method != "GET", (operation.name, answer.text)
    assert tried >= 10
    assert _entries(door, tenant_id) == before


def _entries(door: Door, tenant_id: str) -> int:
    with door.services.database.tenant(tenant_id, "app") as connection:
        row = connection.execute("SELECT count(*) FROM hub.audit_log WHERE tenant_id = %s", (tenant_id,)).fetchone()
    assert row is not None
    return row[0]


def test_the_page_for_readers_is_true(every: list[Operation]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(every), "write it anew: python -m tests.hub.api.permission_table"
