"""Calls that schemathesis makes up from the API's own description, good ones and bad, and what every answer must be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hub.identity.permissions import ROLES, Permission, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx
    import requests

    from tests.hub.api.conftest import Door

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def described(document: Mapping[str, Any]) -> Any:
    """The document as schemathesis reads it. Credentials are ours to give, not its to invent."""
    config = schemathesis.Config()
    config.projects.default.generation.with_security_parameters = False
    return schemathesis.openapi.from_dict(dict(document), config=config)


def operations(schema: Any) -> Iterator[Any]:
    """Every operation of the document, with a clear failure for one that cannot be read."""
    for result in schema.get_all_operations():
        yield result.ok()


def may(operation: Any, role: Role) -> bool:
    """Whether the description's own word on the permission lets that role in."""
    wanted = operation.definition.raw.get("x-permission")
    return wanted is None or Permission(wanted) in ROLES[role]


def credentials(client: httpx.Client) -> dict[str, str]:
    """The headers that say who it is, instead of made-up ones."""
    return {name: client.headers[name] for name in ("Authorization", "Hub-Tenant") if name in client.headers}


def there(door: Door, tenant_id: str) -> dict[str, str]:
    """What a path's parameters can name that is there; the rest is made up."""
    owner = door.people[tenant_id, Role.OWNER]
    with door.client(Role.OWNER, tenant=tenant_id) as client:
        datasets = client.get("/api/v1/data").json()
    names = sorted(each["name"] for each in datasets)
    return {"provider": "iyzico", "tenant": tenant_id, "user": str(owner.user_id), "dataset": names[0]}


def fuzz(
    operation: Any,
    *,
    door: Door,
    role: Role | None,
    session: requests.Session,
    examples: int,
    fixed: bool,
) -> Counter[int]:
    """Make that many calls of one operation, half of them such as the description forbids. How often which status."""
    statuses: Counter[int] = Counter()
    with door.client(role, tenant=door.other, **({"Hub-Tenant": door.other} if role else {})) as client:
        headers = credentials(client)
    # Only what reads is told of things that are there: the rest would end sessions, suspend, or call a provider.
    known = there(door, door.other) if operation.method.upper() == "GET" else {}
    named = {each.name: known[each.name] for each in operation.path_parameters if each.name in known}
    cases = st.one_of(
        operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE),
        *([operation.as_strategy(path_parameters=named)] * 2 if named else []),
    )

    @seed(20_261_127)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate] if fixed else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def called(case: Any) -> None:
        answer = case.call_and_validate(base_url=door.url, session=session, headers=headers, checks=CHECKS, timeout=30)
        statuses[answer.status_code] += 1

    called()
    return statuses
