"""What is kept of people who sign in: erased on request, sealed anew with the keys, dead after a restore."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.errors import HubError
from hub.identity import account, logins, restored, signing_keys, users
from hub.identity.permissions import Role
from hub.identity.scope import PLATFORM_SCOPE
from hub.identity.sign_in import SignIn
from hub.identity.signing_keys import SigningKeys
from hub.keys.keyring import Keyring
from hub.kvkk.erasure.named import with_named
from hub.kvkk.person import find_person
from hub.kvkk.stores import Held, Hub
from hub.kvkk.stores.users import UserStore
from tests.hub.identity.conftest import HOME_NETWORK, OPERATOR, PASSWORD, MakeUser

TABLES = ("hub.users", "hub.user_credentials", "hub.sessions", "hub.refresh_tokens", "hub.user_tokens", "hub.mails")


def rows(database: Database, tenant_id: str) -> dict[str, int]:
    with database.tenant(tenant_id, "app") as connection:
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s".encode(), (tenant_id,))  # noqa: S608 - our own names
            for table in TABLES
        }
        return {table: (cursor.fetchone() or (0,))[0] for table, cursor in counts.items()}


def test_an_account_goes_with_all_that_hangs_on_it_and_its_neighbours_stay(
    database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
) -> None:
    user = make_user()
    other = make_user(tenant_id=user.tenant_id)
    elsewhere = make_user(email=user.email, password="başka bir uzun parola")
    for each in (user, other):
        sign_in.password(each.email, PASSWORD, source=HOME_NETWORK)
        given = (database, keyring, each.tenant_id, each.user_id)
        account.begin_second_factor(*given, password=PASSWORD, source=HOME_NETWORK)
        account.change_password(
            *given, current=PASSWORD, new="yedi deniz, dokuz dağ", session=None, source=HOME_NETWORK
        )
        users.reset_password(*given, actor=OPERATOR)
    store = UserStore(Hub(database, keyring, PROVIDERS, {}))
    pseudonym = keyring.tenant(user.tenant_id).pseudonymiser().one("email", user.email)
    keys, named = keyring.tenant(user.tenant_id), [("email", pseudonym)]
    person = with_named(database, keys, find_person(database, keyring, user.tenant_id, named), named)
    later = datetime.now(UTC) + timedelta(minutes=1)

    assert store.find(person) == [Held("hub.users", "KIMLIK", 1)]
    assert store.erase(person, before=datetime(2020, 1, 1, tzinfo=UTC)) == []
    done = store.erase(person, before=later)

    assert [(each.dataset, each.records, each.method) for each in done] == [("hub.users", 1, "delete")]
    assert (store.find(person), store.verify(person, before=later)) == ([], 0)
    assert rows(database, user.tenant_id) == dict.fromkeys(TABLES, 1)
    assert users.get(database, keyring, elsewhere.tenant_id, elsewhere.user_id).email == user.email
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        row = connection.execute(
            "SELECT count(*) FROM hub.sign_in_sources WHERE tenant_id = %s AND login_hash = %s",
            (PLATFORM_SCOPE, logins.login_hash(keyring, user.email)),
        ).fetchone()
    assert row == (0,)


def test_nothing_stands_in_clear(database: Database, make_user: MakeUser, sign_in: SignIn) -> None:
    user = make_user()
    sign_in.password(user.email, PASSWORD, source=HOME_NETWORK, user_agent="Ayşe's browser")

    for scope in (user.tenant_id, PLATFORM_SCOPE):
        with database.tenant(scope, "app") as connection:
            for table in (*TABLES, "hub.sign_in_sources", "hub.audit_log"):
                statement = f"SELECT r::text FROM {table} r WHERE tenant_id = %s"  # noqa: S608 - our own names
                text = str(connection.execute(statement.encode(), (scope,)).fetchall())
                for clear in (user.email, user.email.encode().hex(), "Yılmaz", "Yılmaz".encode().hex(), PASSWORD):
                    assert clear not in text, table


def test_after_a_restore_whoever_was_in_signs_in_again_and_no_used_code_or_link_works(
    database: Database, keyring: Keyring, make_user: MakeUser
) -> None:
    user = make_user(Role.OWNER)
    given = (database, keyring, user.tenant_id, user.user_id)
    begun = account.begin_second_factor(*given, password=PASSWORD, source=HOME_NETWORK)
    totp = pyotp.TOTP(begun.secret)
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    codes = account.confirm_second_factor(
        *given, totp.at(long_ago), session=None, source=HOME_NETWORK, clock=lambda: long_ago
    )
    tokens = SignIn(database, keyring).password(
        user.email, PASSWORD, code=totp.at(datetime.now(UTC)), source=HOME_NETWORK
    )
    link = users.invite_again(
        database, keyring, user.tenant_id, make_user(tenant_id=user.tenant_id, password=None).user_id, actor=OPERATOR
    ).one_time
    assert link is not None
    assert restored.stands(database)

    assert restored.end_all(database, [user.tenant_id]) >= 1

    assert signing_keys.jwks(database) == {"keys": []}
    public = {each["kid"] for each in signing_keys.published(database, keyring)["keys"]}
    assert SigningKeys(database, keyring).signer()[0] in public  # whoever asks before the first sign-in keeps them
    door = SignIn(database, keyring)
    acts: list[Callable[[], object]] = [
        lambda: door.authenticate(tokens.access_token),
        lambda: door.refresh(tokens.refresh_token or ""),
        lambda: door.password(user.email, PASSWORD, code=codes[0], source=HOME_NETWORK),
        lambda: account.set_password(database, keyring, link.token, PASSWORD, source=None),
    ]
    refused: list[str] = []
    for act in acts:
        with pytest.raises(HubError) as error:
            act()
        refused.append(error.value.code)
    assert refused == ["token_invalid", "token_invalid", "second_factor_wrong", "one_time_token_invalid"]
    tomorrow = datetime.now(UTC) + timedelta(minutes=2)
    later = SignIn(database, keyring, clock=lambda: tomorrow)
    assert later.password(user.email, PASSWORD, code=totp.at(tomorrow), source=HOME_NETWORK).refresh_token
