"""Calls that come at once: one key, one version, the last owner, a claim that somebody else has taken over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from connectors.secret import Secret
from hub.api.idempotency import Answers, Claim, KeptAnswer
from hub.identity import users
from hub.identity.permissions import Role
from hub.identity.record import NewUser
from tests.hub.api.conftest import OPERATOR, PASSWORD, sign_in

if TYPE_CHECKING:
    import httpx

    from tests.conftest import MakeTenant
    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")


def _owner(door: Door, tenant_id: str) -> tuple[str, dict[str, str]]:
    """The id and the headers of a new owner."""
    new = NewUser(email=f"sahip-{uuid4().hex[:8]}@ornek.com.tr", name="Sahip Yılmaz", role=Role.OWNER)
    database, keyring = door.services.database, door.services.keyring
    added = users.add(database, keyring, tenant_id, new, actor=OPERATOR, password=Secret(PASSWORD)).user
    token = sign_in(door.url, new.email).json()["access_token"]
    return str(added.user_id), {"Authorization": f"Bearer {token}"}


def test_of_many_calls_at_once_with_one_key_one_is_made(door: Door) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    label = uuid4().hex
    with door.client(Role.OWNER) as client, ThreadPoolExecutor(8) as threads:

        def made(_: int) -> httpx.Response:
            return client.post("/api/v1/api-keys", json={"label": label, "scopes": ["status.read"]}, headers=key)

        answers = list(threads.map(made, range(8)))
        found = [each for each in client.get("/api/v1/api-keys?limit=500").json()["items"] if each["label"] == label]
    assert len(found) == 1
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused <= {"idempotency_key_in_use", "idempotent_answer_not_kept"}


def test_of_two_who_saw_one_version_one_changes_it(door: Door, make_tenant: MakeTenant) -> None:
    tenant = make_tenant()
    _, headers = _owner(door, tenant)
    other, _ = _owner(door, tenant)
    with door.client(**headers) as client, ThreadPoolExecutor(2) as threads:
        tag = client.get(f"/api/v1/users/{other}").headers["etag"]

        def changed(role: str) -> int:
            return client.put(f"/api/v1/users/{other}/role", json={"role": role}, headers={"If-Match": tag}).status_code

        assert sorted(threads.map(changed, ("analyst", "engineer"))) == [200, 412]


def test_two_owners_who_demote_each_other_leave_one(door: Door, make_tenant: MakeTenant) -> None:
    tenant = make_tenant()
    first, as_first = _owner(door, tenant)
    second, as_second = _owner(door, tenant)
    with door.client() as client, ThreadPoolExecutor(2) as threads:

        def demoted(who: tuple[str, dict[str, str]]) -> int:
            return client.put(f"/api/v1/users/{who[0]}/role", json={"role": "analyst"}, headers=who[1]).status_code

        answers = sorted(threads.map(demoted, ((second, as_first), (first, as_second))))
    assert answers[0] == 200
    assert answers[1] in {401, 409}  # the last one stays, or the demoted one's token is of a role that is gone
    owners = [
        each for each in users.listed(door.services.database, door.services.keyring, tenant) if each.role == "owner"
    ]
    assert len(owners) == 1


def test_who_comes_back_late_changes_nothing_of_a_claim_that_was_taken_over(door: Door) -> None:
    answers = Answers(door.services.database, door.services.daily_keys)
    print_ = b"p" * 32
    first = answers.claim(door.own, "user:late", "late", print_)
    assert isinstance(first, Claim)
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute(
            "UPDATE hub.api_answers SET claimed_at = claimed_at - interval '10 minutes'"
            " WHERE tenant_id = %s AND caller = 'user:late'",
            (door.own,),
        )
    second = answers.claim(door.own, "user:late", "late", print_)
    assert isinstance(second, Claim)
    answers.give_back(first)
    answers.keep(first, KeptAnswer(200, {}, b"of the first"), 200)
    answers.keep(second, KeptAnswer(201, {}, b"of the second"), 201)
    third = answers.claim(door.own, "user:late", "late", print_)
    assert isinstance(third, KeptAnswer)
    assert (third.status, third.body) == (201, b"of the second")
