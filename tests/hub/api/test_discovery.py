"""What a standard client finds out by itself: where tokens come from, and how to check one without asking us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import jwt
import pytest

from hub.identity.access_tokens import AUDIENCE, AccessTokens
from hub.identity.permissions import ROLES, Role
from hub.identity.signing_keys import PUBLISHED_FOR, SigningKeys
from tests.hub.api.attacking import served_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hub.api.conftest import Door

METADATA = "/.well-known/oauth-authorization-server"
KEYS = "/.well-known/jwks.json"

pytestmark = pytest.mark.usefixtures("crowd")


@pytest.fixture(scope="module")
def public(door: Door) -> Iterator[httpx.Client]:
    """A client of the hub at its public address, with the slash that somebody wrote behind it."""
    headers = {"Host": "hub.ornek.test", "Accept-Language": "en"}
    with (
        served_with(door, public_url="http://hub.ornek.test/") as url,
        httpx.Client(base_url=url, headers=headers, timeout=30) as client,
    ):
        yield client


def test_a_client_that_knows_the_address_alone_gets_a_token_checks_it_and_ends_it(
    door: Door, public: httpx.Client
) -> None:
    def here(address: str) -> str:
        assert address.startswith("http://hub.ornek.test/")
        return address.removeprefix("http://hub.ornek.test")

    metadata = public.get(METADATA).json()
    listed = public.get(here(metadata["jwks_uri"]))
    ended = public.post(here(metadata["revocation_endpoint"]), data={"token": "none of yours"})
    documentation = public.get(here(metadata["service_documentation"]))
    refused = public.post(here(metadata["token_endpoint"]), data={"grant_type": "authorization_code"})

    # As the hub itself signs where that address is set.
    tokens = AccessTokens(SigningKeys(door.services.database, door.services.keyring), "http://hub.ornek.test/")
    machine = door.services.sign_in.authenticate(door.machine[door.own])
    token = tokens.issue(
        home=machine.home, kind="machine", subject=machine.subject, role=machine.role, scopes=frozenset(), session=None
    )
    key = jwt.PyJWKSet.from_dict(listed.json())[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=metadata["issuer"])

    assert claims["tid"] == door.own
    assert (ended.status_code, documentation.status_code, refused.status_code) == (204, 200, 400)
    assert refused.json()["error"] == "unsupported_grant_type"
    assert refused.json()["detail"] == f"grant_type must be one of {', '.join(metadata['grant_types_supported'])}."


def test_the_metadata_is_whole_and_may_be_kept_for_less_than_a_key_is_published_before_it_signs(
    public: httpx.Client,
) -> None:
    answers = [public.get(path) for path in (METADATA, KEYS)]
    metadata = answers[0].json()
    assert metadata["issuer"] == "http://hub.ornek.test"
    assert set(metadata["scopes_supported"]) == ROLES[Role.MACHINE]
    assert metadata["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post", "none"]
    assert [] not in metadata.values()  # RFC 8414, section 3.2
    for answer in answers:
        assert answer.headers["content-type"] == "application/json"
        kept = answer.headers["cache-control"]
        assert kept.startswith("public, max-age=")
        assert int(kept.rpartition("=")[2]) < PUBLISHED_FOR.total_seconds()


@pytest.mark.parametrize("way", ["basic", "post"])
def test_a_client_may_name_itself_in_either_documented_way(door: Door, way: str) -> None:
    secret = door.machine[door.own]
    client_id = str(door.services.sign_in.authenticate(secret).subject)
    form = {"grant_type": "client_credentials", "scope": "status.read"}
    answer = httpx.post(
        f"{door.url}/api/v1/auth/token",
        data=form | ({"client_id": client_id, "client_secret": secret} if way == "post" else {}),
        auth=(client_id, secret) if way == "basic" else None,
        timeout=30,
    )
    assert (answer.status_code, answer.json()["scope"]) == (200, "self.read status.read")


def test_without_a_public_address_there_is_no_issuer_to_tell_of_and_the_keys_are_there(door: Door) -> None:
    with door.client() as client:
        assert client.get(METADATA).json()["code"] == "not_found"
        assert client.get(KEYS).json() == client.get("/api/v1/auth/jwks").json()
        assert client.get(KEYS).json()["keys"]
