"""What is brought as a token and is none: forged, altered, expired, another key's, another thing altogether."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.db.database import Database
from hub.errors import HubError
from hub.identity import api_keys, opaque, signing_keys, standing
from hub.identity.api_keys import NewKey
from hub.identity.permissions import ROLES, Permission, Role
from hub.identity.sign_in import SignIn, Tokens
from hub.identity.signing_keys import SigningKeys
from hub.keys.keyring import Keyring
from tests.hub.identity.conftest import HOME_NETWORK, OPERATOR, PASSWORD, Clock, MakeUser

Forge = Callable[["Material"], str]
_FOREIGN = generate_private_key(65537, 2048)


class Material:
    """What an attacker has: an own token, our public keys, an own key pair, another tenant's id."""

    def __init__(self, token: str, refresh: str, jwks: dict[str, Any], other_tenant: str, ours: Any) -> None:
        self.token, self.refresh, self.jwks, self.other_tenant, self.ours = token, refresh, jwks, other_tenant, ours
        self.header = jwt.get_unverified_header(token)
        self.claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})

    def signed(self, *, without: str = "", header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A token that our own key signs: what would be so if only the signature were looked at."""
        claims = {name: value for name, value in (self.claims | changed).items() if name != without}
        return jwt.encode(claims, self.ours, algorithm="RS256", headers=self.header | (header or {}))

    def public_pem(self) -> bytes:
        key = next(each for each in self.jwks["keys"] if each["kid"] == self.header["kid"])
        public = jwt.PyJWK(key).key
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def hs256_with(material: Material, secret: bytes, alg: str = "HS256") -> str:
    body = f"{part(material.header | {'alg': alg})}.{part(material.claims)}"
    mac = hmac.digest(secret, body.encode(), hashlib.sha256)
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def altered(material: Material, **changed: Any) -> str:
    head, _, tail = material.token.split(".")
    return f"{head}.{part(material.claims | changed)}.{tail}"


def own_key(material: Material, **header: Any) -> str:
    return jwt.encode(material.claims, _FOREIGN, algorithm="RS256", headers=material.header | header)


def own_jwk() -> dict[str, Any]:
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_FOREIGN.public_key()))


ATTACKS: dict[str, Forge] = {
    "none": lambda m: f"{part(m.header | {'alg': 'none'})}.{part(m.claims)}.",
    "None with a signature": lambda m: f"{part(m.header | {'alg': 'None'})}.{part(m.claims)}.{m.token.split('.')[2]}",
    "HS256 with the public key": lambda m: hs256_with(m, m.public_pem()),
    "HS256 said to be RS256": lambda m: hs256_with(m, m.public_pem(), alg="RS256"),
    "HS256 with an empty secret": lambda m: hs256_with(m, b""),
    "PS256 with our key": lambda m: jwt.encode(
        m.claims, m.ours, algorithm="PS256", headers=m.header | {"alg": "PS256"}
    ),
    "RS512 with our key": lambda m: jwt.encode(
        m.claims, m.ours, algorithm="RS512", headers=m.header | {"alg": "RS512"}
    ),
    "another key under our id": own_key,
    "another key under its own id": lambda m: own_key(m, kid="theirs"),
    "another key that the token brings along": lambda m: own_key(m, jwk=own_jwk()),
    "another key at an address": lambda m: own_key(m, jku="http://127.0.0.1:1/jwks", x5u="http://127.0.0.1:1/"),
    "an id of a key that leads into the file system": lambda m: own_key(m, kid="../../../dev/null"),
    "an id of a key that is SQL": lambda m: own_key(m, kid="x' OR '1'='1"),
    "no id of a key": lambda m: jwt.encode(m.claims, m.ours, algorithm="RS256", headers={"typ": "at+jwt"}),
    "another tenant": lambda m: altered(m, tid=m.other_tenant),
    "another role": lambda m: altered(m, role="platform_admin"),
    "a later end": lambda m: altered(m, exp=m.claims["exp"] + 3600),
    "no signature": lambda m: m.token.rpartition(".")[0] + ".",
    "half a token": lambda m: m.token[: len(m.token) // 2],
    "a refresh token": lambda m: m.refresh,
    "a one-time token": lambda m: opaque.new("hubt", m.claims["tid"]).text,
    "an invented API key": lambda m: opaque.new("hub", m.claims["tid"]).text,
    "nothing": lambda m: "",
    "a megabyte": lambda m: "a" * 1_000_000,
    "nested without end": lambda m: base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.",
    "no ASCII": lambda m: "ığüşöç.İ.ş",
    "signed, another audience": lambda m: m.signed(aud="elsewhere"),
    "signed, several audiences": lambda m: m.signed(aud=["kopru-api", "elsewhere"]),
    "signed, another issuer": lambda m: m.signed(iss="https://elsewhere.invalid"),
    "signed, not yet": lambda m: m.signed(nbf=m.claims["nbf"] + 600),
    "signed, issued tomorrow": lambda m: m.signed(iat=m.claims["iat"] + 86_400),
    "signed, another tenant": lambda m: m.signed(tid=m.other_tenant),
    "signed, a tenant that is SQL": lambda m: m.signed(tid="x' OR '1'='1"),
    "signed, another role": lambda m: m.signed(role="owner"),
    "signed, a machine with a person's id": lambda m: m.signed(kind="machine", role="machine"),
    "signed, no session": lambda m: m.signed(without="sid"),
    "signed, another session": lambda m: m.signed(sid="00000000-0000-0000-0000-000000000000"),
    "signed, no JWT of this use": lambda m: m.signed(header={"typ": "JWT"}),
    **{
        f"signed, without {name}": (lambda m, name=name: m.signed(without=name))
        for name in ("iss", "aud", "exp", "nbf", "iat", "sub", "jti", "tid", "kind", "role")
    },
}


SPEAKS_OF_KEYS = {
    "an invented API key": "api_key_invalid",
    "nothing": "api_key_invalid",
    "a megabyte": "api_key_invalid",
    "signed, a machine with a person's id": "token_of_ended_key",
}
"""What is no token by its form was to be a key; who has our signature for a machine had a key."""


@pytest.fixture(scope="module")
def material(database: Database, keyring: Keyring, make_tenant: Callable[..., str]) -> Material:
    from connectors.secret import Secret
    from hub.identity import users
    from hub.identity.record import NewUser

    new = NewUser(email="saldirgan@ornek.com.tr", name="Saldırgan", role=Role.ANALYST)
    user = users.add(database, keyring, make_tenant(), new, actor=OPERATOR, password=Secret(PASSWORD)).user
    tokens = SignIn(database, keyring).password(user.email, PASSWORD, source=HOME_NETWORK)
    ours = SigningKeys(database, keyring).signer()[1]
    return Material(tokens.access_token, tokens.refresh_token or "", signing_keys.jwks(database), make_tenant(), ours)


@pytest.fixture(scope="module")
def door(database: Database, keyring: Keyring) -> SignIn:
    return SignIn(database, keyring)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_no_token_of_ours_lets_nobody_in(attack: str, material: Material, door: SignIn) -> None:
    assert door.authenticate(material.signed()).role is Role.ANALYST  # what the forgers change is all that is wrong

    with pytest.raises(HubError) as error:
        door.authenticate(ATTACKS[attack](material))

    assert error.value.code == SPEAKS_OF_KEYS.get(attack, "token_invalid")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), letter=st.sampled_from("Ab0_-.~ ="))
def test_no_letter_of_a_token_can_be_another(place: int, letter: str, material: Material, door: SignIn) -> None:
    token = material.token
    place %= len(token) - 2  # the last letter of a signature carries bits that mean nothing
    if token[place] == letter:
        return

    with pytest.raises(HubError):
        door.authenticate(token[:place] + letter + token[place + 1 :])


def test_a_token_ends_after_a_quarter_of_an_hour(
    database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
) -> None:
    user = make_user()
    clock.forward(minutes=-14)
    alive = SignIn(database, keyring, clock=clock).password(user.email, PASSWORD, source=HOME_NETWORK)
    clock.forward(minutes=-2)
    over = SignIn(database, keyring, clock=clock).password(user.email, PASSWORD, source=HOME_NETWORK)
    door = SignIn(database, keyring)

    assert door.authenticate(alive.access_token).subject == user.user_id
    with pytest.raises(HubError) as error:
        door.authenticate(over.access_token)
    assert error.value.code == "token_expired"


class TestSigningKeys:
    def test_the_next_key_is_public_before_it_signs_and_the_last_one_verifies_after_it(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        before = SignIn(database, keyring).password(user.email, PASSWORD, source=HOME_NETWORK)
        old = {each.state: each.kid for each in signing_keys.listed(database)}
        public = {each["kid"] for each in signing_keys.jwks(database)["keys"]}
        make_older(database)

        signing_keys.rotate(database, keyring, actor=OPERATOR)

        new = {each.state: each.kid for each in signing_keys.listed(database) if each.state != "retired"}
        after = SignIn(database, keyring).password(user.email, PASSWORD, source=HOME_NETWORK)
        assert {old["active"], old["next"]} <= public
        assert new["active"] == old["next"]
        assert jwt.get_unverified_header(after.access_token)["kid"] == old["next"]
        for tokens in (before, after):
            assert SignIn(database, keyring).authenticate(tokens.access_token).subject == user.user_id
        assert {old["active"], new["active"], new["next"]} <= {
            each["kid"] for each in signing_keys.jwks(database)["keys"]
        }

    def test_a_retired_key_verifies_no_more_when_its_last_token_has_ended(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        tokens = SignIn(database, keyring).password(user.email, PASSWORD, source=HOME_NETWORK)
        kid = jwt.get_unverified_header(tokens.access_token)["kid"]
        keys = SigningKeys(database, keyring)
        make_older(database)
        signing_keys.rotate(database, keyring, actor=OPERATOR)
        until = next(each.verify_until for each in signing_keys.listed(database) if each.kid == kid)

        assert until is not None
        assert until >= datetime.now(UTC) + signing_keys.ACCESS_FOR - timedelta(seconds=5)
        assert keys.verifier(kid, until - timedelta(seconds=1)) is not None
        assert keys.verifier(kid, until) is None

    def test_a_key_that_somebody_has_is_worth_nothing_from_then_on(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        tokens = SignIn(database, keyring).password(user.email, PASSWORD, source=HOME_NETWORK)

        signing_keys.rotate(database, keyring, actor=OPERATOR, at_once=True)

        with pytest.raises(HubError) as error:
            SignIn(database, keyring).authenticate(tokens.access_token)
        assert error.value.code == "token_invalid"
        anew = SignIn(database, keyring).password(user.email, PASSWORD, source=HOME_NETWORK)
        assert SignIn(database, keyring).authenticate(anew.access_token).subject == user.user_id

    def test_a_key_that_has_signed_for_a_season_gives_way_by_itself(self, database: Database, keyring: Keyring) -> None:
        before = {each.state: each.kid for each in signing_keys.listed(database)}
        make_older(database)
        with database.tenant("tplatform222", "app") as connection:
            connection.execute(
                "UPDATE hub.signing_keys SET activated_at = now() - interval '91 days'"
                " WHERE tenant_id = %s AND state = 'active'",
                ("tplatform222",),
            )

        signers = {SigningKeys(database, keyring).signer()[0] for _ in range(2)}

        assert signers == {before["next"]}

    def test_a_key_that_others_cannot_know_yet_does_not_sign(self, database: Database, keyring: Keyring) -> None:
        signing_keys.rotate(database, keyring, actor=OPERATOR, at_once=True)

        with pytest.raises(HubError) as error:
            signing_keys.rotate(database, keyring, actor=OPERATOR)

        assert (error.value.code, error.value.params) == ("signing_key_too_new", {"minutes": 10})

    def test_what_is_published_holds_no_private_part_and_retired_ones_are_gone(
        self, database: Database, keyring: Keyring
    ) -> None:
        signing_keys.rotate(database, keyring, actor=OPERATOR, at_once=True)

        assert all(
            each.keys() == {"kty", "kid", "use", "alg", "n", "e"} for each in signing_keys.jwks(database)["keys"]
        )
        with database.tenant("tplatform222", "app") as connection:
            rows = connection.execute(
                "SELECT DISTINCT state, private_cipher = ''::bytea FROM hub.signing_keys WHERE tenant_id = %s",
                ("tplatform222",),
            ).fetchall()
        assert set(rows) == {("active", False), ("next", False), ("retired", True)}


def make_older(database: Database) -> None:
    """Let the next key have been public for an hour."""
    with database.tenant("tplatform222", "app") as connection:
        row = connection.execute(
            "DELETE FROM hub.signing_keys WHERE tenant_id = %s AND state = 'next'"
            " RETURNING tenant_id, kid, state, public_jwk, private_cipher, created_at - interval '1 hour'",
            ("tplatform222",),
        ).fetchone()
        assert row is not None
        connection.execute(
            "INSERT INTO hub.signing_keys (tenant_id, kid, state, public_jwk, private_cipher, created_at)"
            " VALUES (%s, %s, %s, %s::jsonb, %s, %s)",
            (*row[:3], json.dumps(row[3]), *row[4:]),
        )


class TestMachines:
    @pytest.fixture
    def made(self, database: Database, make_tenant: Callable[..., str]) -> tuple[str, api_keys.Made]:
        tenant_id = make_tenant()
        new = NewKey(label="muhasebe", scopes=frozenset({Permission.DATA_READ, Permission.STATUS_READ}))
        return tenant_id, api_keys.create(database, tenant_id, new, actor=OPERATOR)

    def test_a_key_is_a_bearer_and_a_clients_secret(
        self, database: Database, keyring: Keyring, made: tuple[str, api_keys.Made]
    ) -> None:
        tenant_id, key = made
        door = SignIn(database, keyring)

        tokens = door.client(str(key.key.key_id), key.secret, scopes=frozenset({Permission.DATA_READ}))
        by_key, by_token = door.authenticate(key.secret), door.authenticate(tokens.access_token)

        assert (by_key.home, by_key.kind, by_key.subject, by_key.role) == (
            tenant_id,
            "machine",
            key.key.key_id,
            Role.MACHINE,
        )
        assert by_key.permissions == {Permission.SELF_READ, Permission.DATA_READ, Permission.STATUS_READ}
        assert by_token.permissions == tokens.scopes == {Permission.SELF_READ, Permission.DATA_READ}
        assert tokens.refresh_token is None
        assert key.secret.startswith(f"hub_{tenant_id}_")
        assert api_keys.get(database, tenant_id, key.key.key_id).last_used_at is not None

    def test_a_client_gets_no_more_than_its_key_may(
        self, database: Database, keyring: Keyring, made: tuple[str, api_keys.Made]
    ) -> None:
        with pytest.raises(HubError) as error:
            SignIn(database, keyring).client(
                str(made[1].key.key_id), made[1].secret, scopes=frozenset({Permission.ACTIONS_SEND})
            )

        assert error.value.code == "scope_not_granted"

    def test_a_client_with_another_id_or_another_secret_is_refused(
        self, database: Database, keyring: Keyring, made: tuple[str, api_keys.Made]
    ) -> None:
        tenant_id, key = made
        for client, secret in (
            ("00000000-0000-0000-0000-000000000000", key.secret),
            ("ş", key.secret),
            (str(key.key.key_id), opaque.new("hub", tenant_id).text),
            (str(key.key.key_id), opaque.new("hubr", tenant_id).text),
            (str(key.key.key_id), ""),
        ):
            with pytest.raises(HubError) as error:
                SignIn(database, keyring).client(client, secret)
            assert error.value.code == "client_refused"

    def test_a_revoked_key_ends_what_was_got_with_it(
        self, database: Database, keyring: Keyring, made: tuple[str, api_keys.Made]
    ) -> None:
        tenant_id, key = made
        tokens = SignIn(database, keyring).client(str(key.key.key_id), key.secret)

        api_keys.revoke(database, tenant_id, key.key.key_id, actor=OPERATOR)

        for bearer, told in ((key.secret, "api_key_invalid"), (tokens.access_token, "token_of_ended_key")):
            with pytest.raises(HubError) as error:
                SignIn(database, keyring).authenticate(bearer)
            assert error.value.code == told
        with pytest.raises(HubError) as error:
            SignIn(database, keyring).client(str(key.key.key_id), key.secret)
        assert error.value.code == "client_refused"
        with pytest.raises(HubError) as error:
            api_keys.rotate(database, tenant_id, key.key.key_id, actor=OPERATOR)
        assert error.value.code == "api_key_ended"

    def test_an_expired_key_works_no_more(
        self, database: Database, keyring: Keyring, made: tuple[str, api_keys.Made]
    ) -> None:
        tenant_id, key = made
        with database.tenant(tenant_id, "app") as connection:
            connection.execute("UPDATE hub.api_keys SET expires_at = now() WHERE tenant_id = %s", (tenant_id,))

        with pytest.raises(HubError) as error:
            SignIn(database, keyring).authenticate(key.secret)
        assert error.value.code == "api_key_invalid"

    def test_rotating_leaves_the_old_secret_for_a_while_or_not_at_all(
        self, database: Database, keyring: Keyring, made: tuple[str, api_keys.Made], clock: Clock
    ) -> None:
        tenant_id, first = made
        key_id = first.key.key_id

        second = api_keys.rotate(database, tenant_id, key_id, actor=OPERATOR)
        for secret in (first.secret, second.secret):
            assert SignIn(database, keyring).authenticate(secret).subject == key_id
        clock.forward(seconds=-2)
        tokens = SignIn(database, keyring, clock=clock).client(str(key_id), second.secret)
        third = api_keys.rotate(database, tenant_id, key_id, actor=OPERATOR, at_once=True)

        assert SignIn(database, keyring).authenticate(third.secret).subject == key_id
        for bearer in (first.secret, second.secret, tokens.access_token):
            with pytest.raises(HubError):
                SignIn(database, keyring).authenticate(bearer)

    def test_nobody_makes_a_key_that_may_more_than_a_machine_or_themselves(
        self, database: Database, make_tenant: Callable[..., str]
    ) -> None:
        tenant_id = make_tenant()
        for scope, may in (
            (Permission.ACCOUNT, None),
            (Permission.KEYS_MANAGE, None),
            (Permission.REQUESTS_DOWNLOAD, None),
            (Permission.TENANTS_READ, None),
            (Permission.INVOICES_ISSUE, ROLES[Role.ENGINEER]),
        ):
            with pytest.raises(HubError) as error:
                api_keys.create(
                    database, tenant_id, NewKey(label="x", scopes=frozenset({scope})), actor=OPERATOR, may=may
                )
            assert error.value.code == "scope_not_granted"

    def test_a_busy_key_is_read_once_in_a_while_and_noted_once_a_minute(
        self, database: Database, keyring: Keyring, made: tuple[str, api_keys.Made], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tenant_id, key = made
        read: list[str] = []
        of_key = standing.of_key
        monkeypatch.setattr(standing, "of_key", lambda *a, **k: read.append("read") or of_key(*a, **k))
        door = SignIn(database, keyring)

        used = set()
        for _ in range(5):
            door.authenticate(key.secret)
            used.add(api_keys.get(database, tenant_id, key.key.key_id).last_used_at)
        SignIn(database, keyring).authenticate(key.secret)
        used.add(api_keys.get(database, tenant_id, key.key.key_id).last_used_at)

        assert len(read) == 2
        assert len(used) == 1

    def test_printing_shows_no_secret(self, made: tuple[str, api_keys.Made], material: Material) -> None:
        secret = made[1].secret
        shown = (
            repr(made) + repr(opaque.read(secret)) + repr(Tokens(material.token, 900, material.refresh, frozenset()))
        )

        assert secret not in shown
        assert material.token not in shown
        assert material.refresh not in shown


class TestOpaque:
    @given(kind=st.sampled_from(["hub", "hubr", "hubt"]), place=st.integers(0, 80), letter=st.sampled_from("aZ9_x"))
    @settings(max_examples=80, deadline=None)
    def test_what_is_mistyped_is_told_without_asking(self, kind: opaque.Kind, place: int, letter: str) -> None:
        made = opaque.new(kind, "tabcdefghijk")
        assert opaque.read(made.text) == made
        place %= len(made.text)
        other = made.text[:place] + letter + made.text[place + 1 :]

        assert other == made.text or opaque.read(other) is None
        assert opaque.read(made.text[:-1]) is None
        assert opaque.read(made.text + "\n") is None
