"""What somebody is told whose second factor is missing, and that they can go on the moment they have it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
from pyotp.totp import TOTP

from connectors.secret import Secret
from hub.identity import users
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import Role
from hub.identity.record import NewUser
from tests.hub.api.conftest import OPERATOR, PASSWORD, sign_in

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door


@pytest.mark.parametrize(
    ("role", "path", "refusal", "then"),
    [
        (Role.PLATFORM_ADMIN, "/tenants", "role_needs_second_factor", 200),
        (Role.DPO, "/requests/00000000-0000-4000-8000-000000000001/package", "originals_need_second_factor", 404),
    ],
)
def test_who_lacks_a_second_factor_is_told_so_and_goes_on_at_once_when_it_is_set_up(
    door: Door, role: Role, path: str, refusal: str, then: int
) -> None:
    email = f"{uuid4().hex}@ornek.com.tr"
    home = PLATFORM_SCOPE if role is Role.PLATFORM_ADMIN else door.own
    new = NewUser(email=email, name="Deniz Kaya", role=role)
    users.add(door.services.database, door.services.keyring, home, new, actor=OPERATOR, password=Secret(PASSWORD))
    with httpx.Client(base_url=f"{door.url}/api/v1") as client:

        def as_(tokens: httpx.Response) -> str:
            client.headers["Authorization"] = f"Bearer {tokens.json()['access_token']}"
            return tokens.json()["refresh_token"]

        refresh = as_(sign_in(door.url, email))
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, refusal)
        secret = client.post("/me/second-factor", json={"password": PASSWORD}).json()["secret"]
        assert client.post("/me/second-factor/confirm", json={"code": TOTP(secret).now()}).status_code == 200
        as_(client.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": refresh}))
        assert client.get(path).status_code == then


def test_what_a_role_never_does_is_not_promised_for_a_second_factor(door: Door) -> None:
    with door.client(Role.ENGINEER) as client:
        answer = client.get("/api/v1/requests/00000000-0000-4000-8000-000000000001/package")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
