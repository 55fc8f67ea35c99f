"""Query parameters that a call does not know are refused: a mistyped filter must not answer with everything."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from hub.api.app import the_api
from hub.api.query import Parameters
from hub.api.route import HubRoute
from hub.api.routes import ROUTERS, system
from hub.identity.permissions import Role

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

ROWS = "/api/v1/data/landing.iyzico_payment_details"


@pytest.mark.parametrize(
    ("address", "field", "code", "named"),
    [
        (f"{ROWS}?bogus=1", "bogus", "parameter_unknown", "column, filter, limit, cursor, format"),
        (f"{ROWS}?filters=payment_id:eq:1", "filters", "parameter_unknown", "filter"),
        (f"{ROWS}?payment_id=1", "payment_id", "parameter_unknown", "filter"),
        (f"{ROWS}?filter=payment:eq:1", "filter", "column_unknown", "payment_id"),
        (f"{ROWS}?column=payment", "column", "column_unknown", "payment_id"),
        (f"{ROWS}?limit=1&limit=2", "limit", "parameter_repeated", "once"),
        (f"{ROWS}?Limit=1", "Limit", "parameter_unknown", "limit"),
        (f"{ROWS}?bogus", "bogus", "parameter_unknown", "limit"),
        ("/api/v1/consents?purpos=x", "purpos", "parameter_unknown", "purpose, active, limit, cursor"),
        ("/api/v1/profile?fields=name", "fields", "parameter_of_none", "none"),
        ("/healthz?verbose=1", "verbose", "parameter_of_none", "none"),
    ],
)
def test_what_a_call_does_not_know_is_named_with_what_it_does(
    door: Door, address: str, field: str, code: str, named: str
) -> None:
    with door.client(Role.OWNER) as client:
        answer = client.get(address)
    (wrong,) = answer.json()["errors"]
    assert (answer.status_code, wrong["field"], wrong["code"]) == (422, field, code)
    assert named in wrong["detail"]


def test_what_may_stand_more_than_once_may(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        answer = client.get(f"{ROWS}?column=payment_id&column=currency&filter=payment_id:gt:1&filter=payment_id:lt:9")
    assert answer.status_code == 200


def test_a_call_that_changes_something_is_refused_before_it_does(door: Door) -> None:
    label = uuid4().hex
    with door.client(Role.OWNER) as client:
        refused = client.post("/api/v1/api-keys?dry_run=true", json={"label": label, "scopes": ["status.read"]})
        assert label not in client.get("/api/v1/api-keys").text
    assert refused.status_code == 422


def test_who_may_not_make_a_call_does_not_learn_its_parameters(door: Door) -> None:
    with door.client(Role.ANALYST) as client:
        assert client.get("/api/v1/users?bogus=1").status_code == 403
    with door.client() as client:
        assert client.get(f"{ROWS}?bogus=1").status_code == 401


def test_every_route_asks_and_knows_what_the_description_says(door: Door) -> None:
    document = the_api(door.services).openapi()
    routes = [route for router in (*ROUTERS, system.router) for route in router.routes]
    assert len(routes) > 100
    for route in routes:
        assert isinstance(route, HubRoute), route
        for method in route.methods - {"HEAD"}:  # of probes; what GET describes
            described = document["paths"][route.path][method.lower()]["parameters"]
            names = {each["name"] for each in described if each["in"] == "query"}
            assert set(Parameters.of(route.dependant).repeatable) == names, route.path
