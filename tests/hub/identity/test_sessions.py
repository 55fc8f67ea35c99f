"""Refresh tokens: one lives at a time, and who brings a used one ends the session for all who hold one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from hub.db.database import Database
from hub.errors import HubError
from hub.identity import sessions, users
from hub.identity.record import User
from hub.identity.sign_in import SignIn
from hub.keys.keyring import Keyring
from tests.hub.identity.conftest import HOME_NETWORK, OPERATOR, PASSWORD, MakeUser

ELSEWHERE = "203.0.113.9"


@pytest.fixture
def user(make_user: MakeUser) -> User:
    return make_user()


def first(sign_in: SignIn, user: User, source: str = HOME_NETWORK) -> str:
    return sign_in.password(user.email, PASSWORD, source=source, user_agent="Firefox").refresh_token or ""


def carry_on(sign_in: SignIn, token: str, source: str = HOME_NETWORK) -> str:
    return sign_in.refresh(token, source=source).refresh_token or ""


def refused(sign_in: SignIn, token: str, source: str = HOME_NETWORK) -> str:
    with pytest.raises(HubError) as error:
        sign_in.refresh(token, source=source)
    return error.value.code


def later(database: Database, user: User, **by: float) -> None:
    """Let all uses of the user's tokens and sessions be that much older."""
    with database.tenant(user.tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.refresh_tokens SET used_at = used_at - %s WHERE tenant_id = %s",
            (timedelta(**by), user.tenant_id),
        )
        connection.execute(
            "UPDATE hub.sessions SET last_used_at = last_used_at - %s WHERE tenant_id = %s",
            (timedelta(**by), user.tenant_id),
        )


def endings(database: Database, keyring: Keyring, user: User) -> list[str | None]:
    return [each.end_reason for each in sessions.listed(database, keyring, user.tenant_id, user.user_id)]


def test_a_used_token_ends_the_session_for_its_owner_and_the_thief(
    database: Database, keyring: Keyring, sign_in: SignIn, user: User
) -> None:
    stolen = first(sign_in, user)
    owners = carry_on(sign_in, stolen)
    later(database, user, seconds=11)

    assert refused(sign_in, stolen) == "token_reused"
    assert refused(sign_in, owners) == "token_invalid"
    assert endings(database, keyring, user) == ["token_reused"]
    with database.tenant(user.tenant_id, "app") as connection:
        entries = connection.execute(
            "SELECT object, details->>'reason' FROM hub.audit_log WHERE tenant_id = %s AND action = 'session_ended'",
            (user.tenant_id,),
        ).fetchall()
    assert entries == [(f"user:{user.user_id}", "token_reused")]


def test_an_answer_that_was_lost_is_asked_for_again_from_the_same_network(
    database: Database, keyring: Keyring, sign_in: SignIn, user: User
) -> None:
    token = first(sign_in, user)
    carry_on(sign_in, token)  # its answer is lost

    again = carry_on(sign_in, token)
    following = carry_on(sign_in, again)

    assert following != again
    assert endings(database, keyring, user) == [None]


def test_from_another_network_nothing_is_taken_for_a_lost_answer(
    database: Database, keyring: Keyring, sign_in: SignIn, user: User
) -> None:
    token = first(sign_in, user)
    carry_on(sign_in, token)

    assert refused(sign_in, token, ELSEWHERE) == "token_reused"
    assert endings(database, keyring, user) == ["token_reused"]


def test_an_answer_that_was_used_was_not_lost(sign_in: SignIn, user: User) -> None:
    token = first(sign_in, user)
    following = carry_on(sign_in, token)
    latest = carry_on(sign_in, following)

    assert refused(sign_in, token) == "token_reused"
    assert refused(sign_in, latest) == "token_invalid"


def test_a_thief_who_is_quick_and_near_is_found_when_the_owner_goes_on(
    database: Database, keyring: Keyring, sign_in: SignIn, user: User
) -> None:
    """The grace replaces the owner's token: it never leaves two that live."""
    stolen = first(sign_in, user)
    owners = carry_on(sign_in, stolen)
    thiefs = carry_on(sign_in, stolen)
    carry_on(sign_in, thiefs)
    later(database, user, minutes=14)

    assert refused(sign_in, owners) == "token_reused"
    assert endings(database, keyring, user) == ["token_reused"]


def test_many_at_once_with_one_token_leave_one_that_lives_or_none(
    database: Database, keyring: Keyring, user: User
) -> None:
    people = 6
    doors = [SignIn(database, keyring) for _ in range(people)]
    token = first(doors[0], user)
    start = Barrier(people)

    def bring(door: SignIn) -> str | None:
        start.wait(30)
        try:
            return door.refresh(token, source=HOME_NETWORK).refresh_token
        except HubError:
            return None

    with ThreadPoolExecutor(people) as pool:
        given = [each for each in pool.map(bring, doors) if each is not None]

    assert given
    assert len(given) == len(set(given))
    with database.tenant(user.tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT count(*) FROM hub.refresh_tokens WHERE tenant_id = %s AND used_at IS NULL", (user.tenant_id,)
        ).fetchone()
    assert row == (1,)


def test_of_two_at_once_with_an_old_token_nobody_gets_one(database: Database, keyring: Keyring, user: User) -> None:
    doors = [SignIn(database, keyring) for _ in range(4)]
    stolen = first(doors[0], user)
    carry_on(doors[0], stolen)
    later(database, user, minutes=1)
    start = Barrier(len(doors))

    def bring(door: SignIn) -> str:
        start.wait(30)
        return refused(door, stolen)

    with ThreadPoolExecutor(len(doors)) as pool:
        codes = sorted(pool.map(bring, doors))

    assert codes == ["token_invalid"] * 3 + ["token_reused"]
    assert endings(database, keyring, user) == ["token_reused"]


def test_a_session_that_lay_idle_or_is_too_old_is_over(database: Database, sign_in: SignIn, user: User) -> None:
    idle, old = first(sign_in, user), first(sign_in, user)
    with database.tenant(user.tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT session_id FROM hub.sessions WHERE tenant_id = %s ORDER BY started_at", (user.tenant_id,)
        ).fetchall()
    later(database, user, days=14)
    assert refused(sign_in, idle) == "token_expired"
    with database.tenant(user.tenant_id, "app") as connection:
        connection.execute("DELETE FROM hub.sessions WHERE tenant_id = %s", (user.tenant_id,))
    assert len(rows) == 2
    assert refused(sign_in, old) == "token_invalid"


def test_a_person_sees_where_they_are_signed_in_and_ends_one(
    database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn, user: User
) -> None:
    token = first(sign_in, user, "2001:db8:1:2:3:4:5:6")
    stranger = make_user(tenant_id=user.tenant_id)
    (shown,) = users.sessions_of(database, keyring, user.tenant_id, user.user_id)

    with pytest.raises(HubError) as error:
        users.end_session(database, user.tenant_id, stranger.user_id, shown.session_id, actor=OPERATOR)
    users.end_session(database, user.tenant_id, user.user_id, shown.session_id, actor=OPERATOR)

    assert (shown.network, shown.user_agent) == ("2001:db8:1:2::/64", "Firefox")
    assert error.value.code == "session_unknown"
    assert refused(sign_in, token) == "token_invalid"


def test_what_stands_of_a_session_tells_nobody_where_from(database: Database, sign_in: SignIn, user: User) -> None:
    first(sign_in, user)

    with database.tenant(user.tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT s::text FROM hub.sessions s WHERE tenant_id = %s", (user.tenant_id,)
        ).fetchone()
    assert row is not None
    assert "Firefox" not in row[0]
    assert b"Firefox".hex() not in row[0]
    assert "198.51.100" not in row[0]
