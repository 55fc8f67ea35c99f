"""`hub users` and `hub api-keys`, as an operator types them on the first day and later."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from hub.db.database import Database
from hub.identity.account import set_password
from hub.identity.sign_in import SignIn
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from tests.hub.cli.conftest import Run

PASSWORD = "kırk yıllık hatır, bir fincan"


@pytest.fixture(scope="module")
def door(settings: Settings, database: Database) -> SignIn:
    return SignIn(database, Keyring(database, read_master_key(settings.master_key_file)))


def address() -> str:
    return f"{secrets.token_hex(6)}@ornek.com.tr"


def code(err: str) -> str:
    return json.loads(err)["error"]["code"]


def test_the_first_administrator_comes_in_with_nobody_there(hub: Run, door: SignIn) -> None:
    email = address()

    added = hub(
        "users", "add", "--platform", "--role", "platform_admin", "--ask-password", stdin=f"{email}\nAyşe\n{PASSWORD}\n"
    )

    assert added.status == 0, added.err
    assert "platform_admin" in added.out
    assert email not in added.out
    caller = door.authenticate(door.password(email, PASSWORD).access_token)
    assert caller.is_platform
    assert [each["role"] for each in hub("users", "list", "--platform", "--json").json()].count("platform_admin") >= 1


def test_a_link_is_shown_where_no_mail_goes_out_and_works_once(
    hub: Run, tenant: dict[str, Any], database: Database, settings: Settings, door: SignIn
) -> None:
    email, where = address(), ("--tenant", tenant["tenant_id"])
    added = hub("users", "add", *where, "--role", "owner", stdin=f"{email}\nAyşe Yılmaz\n")

    link = added.out.splitlines()[-1]
    where_to, _, token = link.partition("#")
    set_password(database, Keyring(database, read_master_key(settings.master_key_file)), token, PASSWORD, source=None)

    assert where_to == f"http://127.0.0.1:{settings.api_port}/account/password"
    assert token.startswith(f"hubt_{tenant['tenant_id']}_")
    assert door.password(email, PASSWORD).refresh_token
    (listed,) = hub("users", "list", *where, "--json").json()
    assert (listed["state"], listed["email"]) == ("active", f"{email[:2]}…@ornek.com.tr")
    shown = hub("users", "show", listed["user_id"], *where).out
    assert email in shown
    assert "Ayşe Yılmaz" in shown


def test_an_operator_changes_what_a_user_may_and_ends_what_they_hold(
    hub: Run, tenant: dict[str, Any], door: SignIn
) -> None:
    where = ("--tenant", tenant["tenant_id"], "--json")
    people: list[tuple[str, str]] = []
    for role in ("owner", "engineer"):
        email = address()
        document = json.dumps({"email": email, "name": "Can", "language": "en"})
        added = hub("users", "add", *where, "--role", role, "--from-file", "-", stdin=document)
        people.append((added.json()["user_id"], email))
    (owner, _), (engineer, email) = people

    assert hub("users", "role", engineer, "--role", "dpo", *where).json()["role"] == "dpo"
    assert code(hub("users", "role", engineer, "--role", "platform_admin", *where).err) == "role_of_another_level"
    assert hub("users", "disable", engineer, *where).json()["state"] == "disabled"
    assert hub("users", "enable", engineer, *where).json()["state"] == "invited"
    token = hub("users", "reset", engineer, *where).json()["token"]
    set_password(door._database, door._keyring, token, PASSWORD, source=None)
    door.password(email, PASSWORD, source="203.0.113.4", user_agent="curl")
    (session,) = hub("users", "sessions", engineer, *where).json()
    assert (session["network"], session["ended_at"]) == ("203.0.113.0/24", None)
    (ended,) = hub("users", "sessions", engineer, "--end", session["session_id"], *where).json()
    assert ended["end_reason"] == "ended"
    assert code(hub("users", "reset-second-factor", engineer, *where).err) == "second_factor_unset"
    assert hub("users", "show", owner, *where).json()["state"] == "invited"
    turkish = hub("--lang", "tr", "users", "sessions", engineer, "--tenant", tenant["tenant_id"]).out
    assert "Oturum" in turkish


def test_a_user_is_named_by_id_or_address_and_else_a_sentence_says_how(hub: Run, tenant: dict[str, Any]) -> None:
    where = ("--tenant", tenant["tenant_id"])
    email = address()
    document = json.dumps({"email": email, "name": "Can"})
    added = hub("users", "add", *where, "--role", "owner", "--from-file", "-", "--json", stdin=document).json()

    (listed,) = hub("users", "list", *where, "--json").json()
    for named in (added["user_id"], email, email.upper(), listed["email"]):
        reset = hub("users", "reset", named, *where, "--json").json()
        assert reset["user_id"] == added["user_id"]
        assert reset["link"].endswith(f"/account/password#{reset['token']}")
        assert hub("users", "show", named, *where, "--json").json()["email"] == email
    for named in (address(), "kimse", "zz…@ornek.com.tr"):
        refused = hub("users", "reset", named, *where, "--json")
        assert code(refused.err) == "user_unnamed"
        assert named not in refused.err


@pytest.mark.parametrize("scope", [(), ("--platform", "--tenant", "x")])
def test_users_are_somebodys(hub: Run, scope: tuple[str, ...]) -> None:
    refused = hub("users", "list", *scope, "--json")

    assert (refused.status, code(refused.err)) == (2, "users_of_whom")


def test_a_key_is_made_rotated_and_revoked(hub: Run, tenant: dict[str, Any], door: SignIn) -> None:
    where = ("--tenant", tenant["tenant_id"], "--json")
    made = hub("api-keys", "create", *where, "--label", "muhasebe", "--scope", "data.read", "--days", "30").json()
    assert door.authenticate(made["key"]).permissions == {"data.read", "self.read"}

    rotated = hub("api-keys", "rotate", made["key_id"], *where).json()
    assert door.client(made["key_id"], rotated["key"]).scopes == {"data.read", "self.read"}
    (listed,) = hub("api-keys", "list", *where).json()
    hub("api-keys", "revoke", made["key_id"], *where)

    assert (listed["label"], listed["scopes"]) == ("muhasebe", ["data.read"])
    assert made["key"] not in json.dumps(listed)
    assert code(hub("api-keys", "rotate", made["key_id"], *where).err) == "api_key_ended"
    assert code(hub("api-keys", "create", *where, "--label", "x", "--scope", "keys.manage").err) == "scope_not_granted"
    assert code(hub("api-keys", "create", *where, "--label", "x", "--scope", "all").err) == "input_invalid"


def test_signing_keys_are_shown_and_rotated(hub: Run, door: SignIn, tenant: dict[str, Any]) -> None:
    before = hub("keys", "signing", "rotate", "--at-once", "--json").json()
    shown = hub("keys", "signing", "show", "--json").json()

    assert shown == before
    assert sorted(each["state"] for each in shown if each["state"] != "retired") == ["active", "next"]
    assert code(hub("keys", "signing", "rotate", "--json").err) == "signing_key_too_new"
    assert "sırada" in hub("--lang", "tr", "keys", "signing", "show").out
