"""Signing in: who gets tokens, who does not, and what either of them is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pyotp
import pytest
from argon2 import PasswordHasher

from hub.control import tenants
from hub.db.database import Database
from hub.errors import HubError
from hub.identity import account, passwords, second_factor, users
from hub.identity.permissions import ROLES, SHOWS_ORIGINALS, Permission, Role
from hub.identity.record import User
from hub.identity.scope import PLATFORM_SCOPE
from hub.identity.sign_in import SignIn
from hub.keys.keyring import Keyring
from tests.hub.identity.conftest import HOME_NETWORK, OPERATOR, PASSWORD, Clock, MakeUser

MakeTenant = Callable[..., str]


def code_of(error: pytest.ExceptionInfo[HubError]) -> str:
    return error.value.code


def entries(database: Database, tenant_id: str, action: str) -> list[tuple[Any, ...]]:
    """Object and result of the acts in a tenant's log, oldest first."""
    with database.tenant(tenant_id, "app") as connection:
        return connection.execute(
            "SELECT object, result FROM hub.audit_log WHERE tenant_id = %s AND action = %s ORDER BY seq",
            (tenant_id, action),
        ).fetchall()


def with_second_factor(database: Database, keyring: Keyring, user: User, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator that the user has set up a minute ago, and their recovery codes."""
    begun = account.begin_second_factor(
        database, keyring, user.tenant_id, user.user_id, password=PASSWORD, source=HOME_NETWORK
    )
    totp = pyotp.TOTP(begun.secret)
    codes = account.confirm_second_factor(
        database,
        keyring,
        user.tenant_id,
        user.user_id,
        totp.at(clock.now - timedelta(minutes=1)),
        session=None,
        source=HOME_NETWORK,
        clock=lambda: clock.now - timedelta(minutes=1),
    )
    return totp, codes


class TestPassword:
    def test_a_password_gives_tokens_that_say_who_calls(self, make_user: MakeUser, sign_in: SignIn) -> None:
        user = make_user()

        tokens = sign_in.password(f" {user.email.upper()} ", PASSWORD, source=HOME_NETWORK)
        caller = sign_in.authenticate(tokens.access_token)

        assert (caller.home, caller.kind, caller.subject, caller.role) == (
            user.tenant_id,
            "user",
            user.user_id,
            user.role,
        )
        assert caller.permissions == tokens.scopes == ROLES[Role.ENGINEER]
        assert (caller.language, caller.second_factor, tokens.expires_in) == ("tr", False, 900)

    def test_unknown_login_wrong_password_wrong_tenant_and_disabled_get_one_answer_after_the_same_work(
        self,
        database: Database,
        keyring: Keyring,
        make_user: MakeUser,
        make_tenant: MakeTenant,
        sign_in: SignIn,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        user, disabled = make_user(), make_user()
        users.disable(database, keyring, disabled.tenant_id, disabled.user_id, actor=OPERATOR)
        hasher = Mock(wraps=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        monkeypatch.setattr(passwords, "hasher", lambda: hasher)
        passwords._nobodys()
        refused: list[tuple[str, dict[str, Any], int]] = []

        for login, password, tenant in (
            ("kimse@ornek.com.tr", PASSWORD, None),
            ("bu bir adres değil", PASSWORD, None),
            (user.email, "yanlış bir parola bu", None),
            (user.email, PASSWORD, make_tenant()),
            (user.email, PASSWORD, "olmayan-kiraci"),
            (disabled.email, PASSWORD, None),
        ):
            hasher.verify.reset_mock()
            with pytest.raises(HubError) as error:
                sign_in.password(login, password, tenant=tenant, source=HOME_NETWORK)
            refused.append((error.value.code, dict(error.value.params), hasher.verify.call_count))

        assert refused == [("sign_in_refused", {}, 1)] * 6

    def test_each_attempt_is_entered_in_the_log_of_its_tenant_and_a_strangers_in_the_platforms(
        self, database: Database, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        user = make_user()
        with database.without_tenant() as connection:
            before = connection.execute("SELECT count(*) FROM hub.platform_audit_log").fetchone()

        for login in (user.email, "kimse@ornek.com.tr"):
            with pytest.raises(HubError):
                sign_in.password(login, "yanlış bir parola bu", source=HOME_NETWORK)
        sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)

        about = f"user:{user.user_id}"
        assert entries(database, user.tenant_id, "sign_in") == [(about, "sign_in_refused"), (about, "ok")]
        with database.without_tenant() as connection:
            after = connection.execute(
                "SELECT count(*), (array_agg(object ORDER BY seq DESC))[1] FROM hub.platform_audit_log"
            ).fetchone()
        assert after is not None
        assert before is not None
        assert after == (before[0] + 1, "login:unknown")

    def test_a_login_of_two_tenants_names_one_once_the_password_fits_both(
        self, database: Database, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        here = make_user(Role.ANALYST)
        there = make_user(Role.OWNER, email=here.email)

        with pytest.raises(HubError) as error:
            sign_in.password(here.email, PASSWORD, source=HOME_NETWORK)
        names = {each.tenant_id: tenants.get(database, each.tenant_id).subdomain for each in (here, there)}
        typed = f" {names[there.tenant_id].upper()} "  # as a phone's keyboard begins a line
        tokens = sign_in.password(here.email, PASSWORD, tenant=typed, source=HOME_NETWORK)

        assert code_of(error) == "tenant_needed"
        assert set(str(error.value.params["tenants"]).split(", ")) == set(names.values())
        assert sign_in.authenticate(tokens.access_token).home == there.tenant_id

    def test_different_passwords_choose_the_tenant_themselves(self, make_user: MakeUser, sign_in: SignIn) -> None:
        here = make_user(Role.ANALYST)
        there = make_user(Role.OWNER, email=here.email, password="başka bir uzun parola")

        tokens = sign_in.password(here.email, "başka bir uzun parola", source=HOME_NETWORK)

        assert sign_in.authenticate(tokens.access_token).subject == there.user_id

    def test_a_hash_of_older_parameters_is_made_anew(
        self, database: Database, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        user = make_user()
        older = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
        with database.tenant(user.tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.user_credentials SET password_hash = %s WHERE tenant_id = %s", (older, user.tenant_id)
            )

        sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)

        with database.tenant(user.tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT password_hash FROM hub.user_credentials WHERE tenant_id = %s", (user.tenant_id,)
            ).fetchone()
        assert row is not None
        assert "m=8," in row[0]
        assert passwords.fits(row[0], PASSWORD)


class TestSecondFactor:
    def test_a_code_is_asked_for_after_the_right_password_alone_and_works_once(
        self, database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user = make_user(Role.OWNER)
        totp, _ = with_second_factor(database, keyring, user, clock)
        sign_in = SignIn(database, keyring, clock=clock)

        with pytest.raises(HubError) as wrong:
            sign_in.password(user.email, "yanlış bir parola bu", source=HOME_NETWORK)
        with pytest.raises(HubError) as needed:
            sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)
        tokens = sign_in.password(user.email, PASSWORD, code=totp.at(clock.now), source=HOME_NETWORK)
        with pytest.raises(HubError) as replayed:
            sign_in.password(user.email, PASSWORD, code=totp.at(clock.now), source=HOME_NETWORK)

        assert [code_of(each) for each in (wrong, needed, replayed)] == [
            "sign_in_refused",
            "second_factor_needed",
            "second_factor_wrong",
        ]
        assert tokens.scopes == ROLES[Role.OWNER]
        assert sign_in.authenticate(tokens.access_token).second_factor

    def test_a_code_of_before_the_last_one_works_no_more_though_its_time_is_not_over(
        self, database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user = make_user(Role.OWNER)
        totp, _ = with_second_factor(database, keyring, user, clock)
        sign_in = SignIn(database, keyring, clock=clock)
        sign_in.password(user.email, PASSWORD, code=totp.at(clock.now), source=HOME_NETWORK)

        earlier = totp.at(clock.now - timedelta(seconds=30))
        with pytest.raises(HubError) as error:
            sign_in.password(user.email, PASSWORD, code=earlier, source=HOME_NETWORK)
        clock.forward(seconds=30)
        sign_in.password(user.email, PASSWORD, code=totp.at(clock.now), source=HOME_NETWORK)

        assert code_of(error) == "second_factor_wrong"

    def test_a_right_password_between_wrong_codes_buys_no_more_guesses(
        self, database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user = make_user(Role.OWNER)
        with_second_factor(database, keyring, user, clock)
        sign_in = SignIn(database, keyring, clock=clock)
        told: list[str] = []
        for _ in range(6):
            for code in (None, "abc"):
                with pytest.raises(HubError) as error:
                    sign_in.password(user.email, PASSWORD, code=code, source="203.0.113.200")
                told.append(error.value.code)

        assert told == ["second_factor_needed", "second_factor_wrong"] * 5 + ["sign_in_locked"] * 2

    def test_a_recovery_code_works_once_and_its_person_is_told(
        self, database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user = make_user(Role.OWNER)
        _, codes = with_second_factor(database, keyring, user, clock)
        sign_in = SignIn(database, keyring, clock=clock)

        sign_in.password(user.email, PASSWORD, code=codes[3].upper().replace("-", " "), source=HOME_NETWORK)
        with pytest.raises(HubError) as again:
            sign_in.password(user.email, PASSWORD, code=codes[3], source=HOME_NETWORK)
        sign_in.password(user.email, PASSWORD, code=codes[4], source=HOME_NETWORK)

        assert code_of(again) == "second_factor_wrong"
        assert len(set(codes)) == 10
        with database.tenant(user.tenant_id, "app") as connection:
            mails = connection.execute(
                "SELECT template FROM hub.mails WHERE tenant_id = %s ORDER BY created_at", (user.tenant_id,)
            ).fetchall()
        assert mails == [("user_second_factor_changed",), ("user_recovery_code_used",), ("user_recovery_code_used",)]

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.MACHINE])
    def test_a_role_that_sees_originals_sees_none_without_it(
        self, make_user: MakeUser, sign_in: SignIn, role: Role
    ) -> None:
        tokens = sign_in.password(make_user(role).email, PASSWORD, source=HOME_NETWORK)
        caller = sign_in.authenticate(tokens.access_token)

        own = frozenset({Permission.SELF_READ, Permission.ACCOUNT})
        expected = own if role is Role.PLATFORM_ADMIN else ROLES[role] - SHOWS_ORIGINALS
        assert caller.permissions == tokens.scopes == expected
        assert second_factor.permissions_of(role, second_factor=True) == ROLES[role]

    def test_the_session_that_sets_it_up_has_it_and_others_end(
        self, database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user = make_user(Role.DPO)
        setting, other = SignIn(database, keyring), SignIn(database, keyring)
        tokens = setting.password(user.email, PASSWORD, source=HOME_NETWORK)
        elsewhere = other.password(user.email, PASSWORD, source=HOME_NETWORK)
        caller = setting.authenticate(tokens.access_token)
        begun = account.begin_second_factor(
            database, keyring, user.tenant_id, user.user_id, password=PASSWORD, source=HOME_NETWORK
        )

        account.confirm_second_factor(
            database,
            keyring,
            user.tenant_id,
            user.user_id,
            pyotp.TOTP(begun.secret).at(clock.now),
            session=caller.session,
            source=HOME_NETWORK,
            clock=clock,
        )

        assert begun.uri.startswith("otpauth://totp/K%C3%B6pr%C3%BC:")
        assert SignIn(database, keyring).authenticate(tokens.access_token).permissions == ROLES[Role.DPO]
        with pytest.raises(HubError) as error:
            other.authenticate(elsewhere.access_token)
        assert code_of(error) == "token_invalid"

    def test_a_token_that_is_refreshed_after_a_second_factor_was_set_has_its_rights_at_once(
        self, database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user = make_user(Role.OWNER)
        here = SignIn(database, keyring)
        tokens = here.password(user.email, PASSWORD, source=HOME_NETWORK)
        session = here.authenticate(tokens.access_token).session  # what this process knows is of before
        begun = account.begin_second_factor(
            database, keyring, user.tenant_id, user.user_id, password=PASSWORD, source=HOME_NETWORK
        )
        code = pyotp.TOTP(begun.secret).at(clock.now)
        account.confirm_second_factor(
            database, keyring, user.tenant_id, user.user_id, code, session=session, source=HOME_NETWORK, clock=clock
        )
        assert tokens.refresh_token is not None

        refreshed = here.refresh(tokens.refresh_token, source=HOME_NETWORK)

        assert here.authenticate(refreshed.access_token).permissions == ROLES[Role.OWNER]

    def test_setting_one_up_takes_the_password_and_is_not_done_twice(
        self, database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user = make_user(Role.OWNER)
        given = {"source": HOME_NETWORK}

        with pytest.raises(HubError) as wrong:
            account.begin_second_factor(
                database, keyring, user.tenant_id, user.user_id, password="yanlış bir parola", **given
            )
        with pytest.raises(HubError) as not_begun:
            account.confirm_second_factor(
                database, keyring, user.tenant_id, user.user_id, "123456", session=None, **given
            )
        with_second_factor(database, keyring, user, clock)
        with pytest.raises(HubError) as twice:
            account.begin_second_factor(database, keyring, user.tenant_id, user.user_id, password=PASSWORD, **given)

        assert [code_of(each) for each in (wrong, not_begun, twice)] == [
            "password_wrong",
            "second_factor_not_begun",
            "second_factor_exists",
        ]


class TestEndings:
    def test_signing_out_ends_the_session_of_either_token_and_says_nothing_of_others(
        self, database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        user = make_user()
        for chosen in ("refresh_token", "access_token"):
            tokens = sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)
            sign_in.authenticate(tokens.access_token)

            sign_in.revoke(getattr(tokens, chosen), source=HOME_NETWORK)
            sign_in.revoke(getattr(tokens, chosen))

            for use in (
                lambda t=tokens: sign_in.authenticate(t.access_token),
                lambda t=tokens: sign_in.refresh(t.refresh_token or ""),
            ):
                with pytest.raises(HubError) as error:
                    use()
                assert code_of(error) == "token_invalid"
        for unknown in ("", "hubr_x", "a.b.c", tokens.access_token + "x"):
            sign_in.revoke(unknown)
        assert [each.end_reason for each in users.sessions_of(database, keyring, user.tenant_id, user.user_id)] == [
            "signed_out"
        ] * 2
        with database.tenant(user.tenant_id, "app") as connection:
            ended = connection.execute(
                "SELECT host(ip) FROM hub.audit_log WHERE tenant_id = %s AND action = 'session_ended'",
                (user.tenant_id,),
            ).fetchall()
        assert ended == [(HOME_NETWORK,)] * 2

    def test_who_is_disabled_or_gets_another_role_is_out_with_the_old_tokens(
        self, database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        demoted, disabled = make_user(Role.OWNER), make_user(Role.ENGINEER)
        make_user(Role.OWNER, tenant_id=demoted.tenant_id)
        old = {
            user.user_id: sign_in.password(user.email, PASSWORD, source=HOME_NETWORK) for user in (demoted, disabled)
        }

        users.change_role(database, keyring, demoted.tenant_id, demoted.user_id, Role.ANALYST, actor=OPERATOR)
        users.disable(database, keyring, disabled.tenant_id, disabled.user_id, actor=OPERATOR)

        for tokens in old.values():
            with pytest.raises(HubError) as error:
                sign_in.authenticate(tokens.access_token)
            assert code_of(error) == "token_invalid"
        anew = sign_in.refresh(old[demoted.user_id].refresh_token or "")
        assert sign_in.authenticate(anew.access_token).role is Role.ANALYST
        with pytest.raises(HubError):
            sign_in.refresh(old[disabled.user_id].refresh_token or "")

    def test_the_platforms_people_sign_in_to_the_platform(self, make_user: MakeUser, sign_in: SignIn) -> None:
        user = make_user(Role.PLATFORM_ANALYST)

        caller = sign_in.authenticate(sign_in.password(user.email, PASSWORD, source=None).access_token)

        assert (caller.home, caller.is_platform) == (PLATFORM_SCOPE, True)
        assert caller.permissions == ROLES[Role.PLATFORM_ANALYST]
