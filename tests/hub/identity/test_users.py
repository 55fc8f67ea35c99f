"""Users: who may be made what, who stays, and how a person gets and keeps their password."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from connectors.secret import Secret
from hub.db.database import Database
from hub.errors import HubError
from hub.identity import account, one_time, record, users
from hub.identity.permissions import PLATFORM_ROLES, TENANT_ROLES, Role
from hub.identity.record import NewUser, User
from hub.identity.scope import PLATFORM_SCOPE
from hub.identity.sign_in import SignIn
from hub.keys.keyring import Keyring
from hub.kvkk.audit import Actor
from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from hub.validation import InvalidInput, checked
from tests.hub.identity.conftest import HOME_NETWORK, OPERATOR, PASSWORD, MakeUser
from tests.support.waiting import until

MakeTenant = Callable[..., str]
ANOTHER = "yedi deniz, dokuz dağ, bir köprü"


def new_user(role: Role = Role.ENGINEER, email: str | None = None) -> NewUser:
    return NewUser(email=email or f"{secrets.token_hex(8)}@ornek.com.tr", name="Ayşe Yılmaz", role=role)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(HubError) as error:
        act()
    return error.value.code


class TestAdding:
    def test_who_is_invited_sets_a_password_once_and_signs_in(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, sign_in: SignIn
    ) -> None:
        tenant_id = make_tenant()
        invited = users.add(database, keyring, tenant_id, new_user(Role.OWNER), actor=OPERATOR)
        assert invited.one_time is not None
        token = invited.one_time.token
        assert (invited.user.state, invited.mailed) == ("invited", False)
        assert refusal(lambda: sign_in.password(invited.user.email, PASSWORD)) == "sign_in_refused"

        with pytest.raises(InvalidInput):
            account.set_password(database, keyring, token, "kısa", source=HOME_NETWORK)
        user = account.accept_invitation(database, keyring, token, PASSWORD, source=HOME_NETWORK)

        assert (user.state, user.has_password, user.has_second_factor) == ("active", True, False)
        assert sign_in.password(user.email, PASSWORD, source=HOME_NETWORK).refresh_token
        again = refusal(lambda: account.set_password(database, keyring, token, ANOTHER, source=HOME_NETWORK))
        assert again == "one_time_token_invalid"

    def test_of_two_who_bring_one_invitation_at_once_one_sets_the_password(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        invited = users.add(database, keyring, make_tenant(), new_user(), actor=OPERATOR)
        assert invited.one_time is not None
        token, start = invited.one_time.token, Barrier(4)

        def accept(number: int) -> str:
            start.wait(30)
            try:
                account.set_password(database, keyring, token, f"{ANOTHER} {number}", source=None)
            except HubError as error:
                return error.code
            return "done"

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(accept, range(4))) == ["done", *["one_time_token_invalid"] * 3]

    def test_another_invitation_ends_the_one_before(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        tenant_id = make_tenant()
        first = users.add(database, keyring, tenant_id, new_user(), actor=OPERATOR)
        second = users.invite_again(database, keyring, tenant_id, first.user.user_id, actor=OPERATOR)
        assert first.one_time is not None
        assert second.one_time is not None

        old, new = first.one_time.token, second.one_time.token
        assert refusal(lambda: account.set_password(database, keyring, old, PASSWORD, source=None)) == (
            "one_time_token_invalid"
        )
        account.set_password(database, keyring, new, PASSWORD, source=None)
        assert (
            refusal(lambda: users.invite_again(database, keyring, tenant_id, first.user.user_id, actor=OPERATOR))
            == "user_not_invited"
        )

    def test_an_invitation_is_mailed_where_mail_and_an_address_are_set(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, settings: Settings
    ) -> None:
        tenant_id = make_tenant()
        reachable = settings.model_copy(
            update={"smtp_host": "mail.invalid", "smtp_from": "hub@ornek.com.tr", "public_url": "https://hub.invalid/"}
        )
        mailing = Database(reachable)
        try:
            invited = users.add(mailing, keyring, tenant_id, new_user(), actor=OPERATOR)
        finally:
            mailing.close()

        assert invited.mailed
        with database.tenant(tenant_id, "app") as connection:
            rows = connection.execute(
                "SELECT mail_id, template, language, about, fields_cipher FROM hub.mails WHERE tenant_id = %s",
                (tenant_id,),
            ).fetchall()
        mail_id, template, language, about, fields = rows[0]
        assert invited.one_time is not None
        assert (template, language, about.startswith(f"user:{invited.user.user_id}:")) == (
            "user_invitation",
            "tr",
            True,
        )
        assert f"https://hub.invalid/account/password#{invited.one_time.token}".encode() in keyring.tenant(
            tenant_id
        ).open("mail-fields", str(mail_id), bytes(fields))

    def test_the_platforms_people_get_mail_though_they_are_of_no_tenant(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user(Role.PLATFORM_ANALYST)

        account.change_password(
            database,
            keyring,
            PLATFORM_SCOPE,
            user.user_id,
            current=PASSWORD,
            new=ANOTHER,
            session=None,
            source=HOME_NETWORK,
        )

        with database.tenant(PLATFORM_SCOPE, "app") as connection:
            row = connection.execute(
                "SELECT template FROM hub.mails WHERE tenant_id = %s AND starts_with(about, %s)",
                (PLATFORM_SCOPE, f"user:{user.user_id}"),
            ).fetchone()
        assert row == ("user_password_changed",)

    def test_one_address_is_one_user_of_a_tenant_however_it_is_spelled(
        self, database: Database, keyring: Keyring, make_user: MakeUser, make_tenant: MakeTenant
    ) -> None:
        user = make_user(email=f"{secrets.token_hex(6)}.isil@ornek.com.tr")
        again = new_user(email=user.email.upper().replace("I", "İ"))

        assert refusal(lambda: users.add(database, keyring, user.tenant_id, again, actor=OPERATOR)) == "user_exists"
        assert users.add(database, keyring, make_tenant(), again, actor=OPERATOR).user.email == user.email

    @pytest.mark.parametrize("email", ["", "ayse", "ayse@", "a b@ornek.com", "ayşe@ornek.com.tr", "a@b@ornek.com"])
    def test_what_is_no_address_is_no_login(self, email: str) -> None:
        with pytest.raises(InvalidInput):
            checked(NewUser, {"email": email, "name": "Ayşe", "role": "owner"})

    def test_nobody_is_added_to_a_tenant_that_is_none(self, database: Database, keyring: Keyring) -> None:
        assert (
            refusal(lambda: users.add(database, keyring, "taaaaaaaaaaa", new_user(), actor=OPERATOR))
            == "tenant_unknown"
        )


class TestRoles:
    @pytest.mark.parametrize("role", list(Role))
    def test_a_role_is_of_the_platform_or_of_tenants_and_a_machine_is_nobody(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant, make_user: MakeUser, role: Role
    ) -> None:
        user = make_user()
        allowed = {
            PLATFORM_SCOPE: role in PLATFORM_ROLES,
            user.tenant_id: role in TENANT_ROLES,
        }
        for home, fits in allowed.items():
            if fits:
                users.add(database, keyring, home, new_user(role), actor=OPERATOR)
            else:
                assert (
                    refusal(lambda h=home: users.add(database, keyring, h, new_user(role), actor=OPERATOR))
                    == "role_of_another_level"
                )
        if role not in TENANT_ROLES:
            assert (
                refusal(
                    lambda: users.change_role(database, keyring, user.tenant_id, user.user_id, role, actor=OPERATOR)
                )
                == "role_of_another_level"
            )

    def test_not_even_a_statement_makes_a_tenants_user_the_platforms(
        self, database: Database, make_user: MakeUser
    ) -> None:
        user = make_user()

        with pytest.raises(psycopg.errors.CheckViolation), database.tenant(user.tenant_id, "app") as connection:
            connection.execute("UPDATE hub.users SET role = 'platform_admin' WHERE tenant_id = %s", (user.tenant_id,))

    def test_nobody_changes_their_own_role_or_disables_themselves(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user(Role.OWNER)
        oneself = Actor(f"user:{user.user_id}", "owner")
        given = (database, keyring, user.tenant_id, user.user_id)

        assert refusal(lambda: users.change_role(*given, Role.ENGINEER, actor=oneself)) == "user_is_oneself"
        assert refusal(lambda: users.disable(*given, actor=oneself)) == "user_is_oneself"
        assert refusal(lambda: users.reset_second_factor(*given, actor=oneself)) == "user_is_oneself"

    def test_the_last_owner_stays_and_one_of_two_may_go(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        first = make_user(Role.OWNER)
        home = first.tenant_id
        make_user(Role.OWNER, tenant_id=home, password=None)  # who was invited and never came is nobody's hope

        assert refusal(lambda: users.disable(database, keyring, home, first.user_id, actor=OPERATOR)) == "last_of_role"
        second = make_user(Role.OWNER, tenant_id=home)
        users.change_role(database, keyring, home, first.user_id, Role.DPO, actor=OPERATOR)
        assert (
            refusal(lambda: users.change_role(database, keyring, home, second.user_id, Role.DPO, actor=OPERATOR))
            == "last_of_role"
        )

    def test_two_owners_who_demote_each_other_at_once_do_not_both_succeed(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        one = make_user(Role.OWNER)
        two = make_user(Role.OWNER, tenant_id=one.tenant_id)
        start = Barrier(2)

        def demote(pair: tuple[User, User]) -> str:
            start.wait(30)
            actor = Actor(f"user:{pair[0].user_id}", "owner")
            try:
                users.change_role(database, keyring, one.tenant_id, pair[1].user_id, Role.ANALYST, actor=actor)
            except HubError as error:
                return error.code
            return "done"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(demote, [(one, two), (two, one)])) == ["done", "last_of_role"]

    def test_a_change_of_what_somebody_else_changed_is_refused(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        given = (database, keyring, user.tenant_id, user.user_id)
        changed = users.change_role(*given, Role.ANALYST, actor=OPERATOR, version=user.version)

        stale = refusal(lambda: users.disable(*given, actor=OPERATOR, version=user.version))

        assert changed.version == user.version + 1
        assert stale == "user_changed"
        assert users.disable(*given, actor=OPERATOR, version=changed.version).state == "disabled"
        assert users.enable(*given, actor=OPERATOR).state == "active"

    def test_another_tenants_user_is_nobody(
        self, database: Database, keyring: Keyring, make_user: MakeUser, make_tenant: MakeTenant
    ) -> None:
        user, elsewhere = make_user(), make_tenant()
        for act in (
            lambda: users.get(database, keyring, elsewhere, user.user_id),
            lambda: users.change_role(database, keyring, elsewhere, user.user_id, Role.OWNER, actor=OPERATOR),
            lambda: users.disable(database, keyring, elsewhere, user.user_id, actor=OPERATOR),
            lambda: users.reset_password(database, keyring, elsewhere, user.user_id, actor=OPERATOR),
            lambda: users.sessions_of(database, keyring, elsewhere, user.user_id),
            lambda: users.found_by_login(database, keyring, elsewhere, user.email),
        ):
            assert refusal(act) == "user_unknown"

    def test_each_change_is_in_the_log_of_its_tenant_by_id_alone(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        users.change_role(database, keyring, user.tenant_id, user.user_id, Role.ANALYST, actor=OPERATOR)
        users.disable(database, keyring, user.tenant_id, user.user_id, actor=OPERATOR)

        with database.tenant(user.tenant_id, "app") as connection:
            rows = connection.execute(
                "SELECT action, object, a::text FROM hub.audit_log a WHERE tenant_id = %s ORDER BY seq",
                (user.tenant_id,),
            ).fetchall()
        about = f"user:{user.user_id}"
        assert [row[:2] for row in rows] == [
            ("user_added", about),
            ("user_role_changed", about),
            ("user_disabled", about),
        ]
        assert not any(user.email in row[2] or "Ayşe" in row[2] for row in rows)


class TestResets:
    def test_a_reset_ends_sessions_and_its_link_sets_another_password(
        self, database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        user = make_user()
        tokens = sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)

        reset = users.reset_password(database, keyring, user.tenant_id, user.user_id, actor=OPERATOR)
        assert reset.one_time is not None
        assert refusal(lambda: sign_in.refresh(tokens.refresh_token or "")) == "token_invalid"
        account.set_password(database, keyring, reset.one_time.token, ANOTHER, source=HOME_NETWORK)

        assert refusal(lambda: sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)) == "sign_in_refused"
        assert sign_in.password(user.email, ANOTHER, source=HOME_NETWORK).refresh_token

    def test_a_link_is_the_way_in_for_whom_strangers_slowed_down(
        self, database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        user, hotel = make_user(), f"2001:db8:{secrets.randbelow(65536):x}:7::1"
        for number in range(25):
            with pytest.raises(HubError):
                sign_in.password(user.email, "tahmin", source=f"2001:db8:{secrets.randbelow(65536):x}:{number:x}::1")
        assert refusal(lambda: sign_in.password(user.email, PASSWORD, source=hotel)) == "sign_in_locked"

        reset = users.reset_password(database, keyring, user.tenant_id, user.user_id, actor=OPERATOR)
        assert reset.one_time is not None
        account.set_password(database, keyring, reset.one_time.token, ANOTHER, source=hotel)

        assert sign_in.password(user.email, ANOTHER, source=hotel).refresh_token

    @pytest.mark.parametrize("change", ["used", "mistyped", "disabled"])
    def test_a_link_that_was_used_or_mistyped_or_is_of_a_disabled_user_opens_nothing(
        self, database: Database, keyring: Keyring, make_user: MakeUser, change: str
    ) -> None:
        user = make_user()
        reset = users.reset_password(database, keyring, user.tenant_id, user.user_id, actor=OPERATOR)
        assert reset.one_time is not None
        token = reset.one_time.token
        if change == "used":
            with database.tenant(user.tenant_id, "app") as connection:
                connection.execute("UPDATE hub.user_tokens SET used_at = now() WHERE tenant_id = %s", (user.tenant_id,))
        elif change == "disabled":
            users.disable(database, keyring, user.tenant_id, user.user_id, actor=OPERATOR)
        else:
            token = token[:-1] + ("a" if token[-1] != "a" else "b")

        assert refusal(lambda: account.set_password(database, keyring, token, ANOTHER, source=None)) == (
            "one_time_token_invalid"
        )

    def test_a_person_changes_their_password_and_stays_where_they_are(
        self, database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        user = make_user()
        here, there = (sign_in.password(user.email, PASSWORD, source=HOME_NETWORK) for _ in range(2))
        session = sign_in.authenticate(here.access_token).session

        def change(current: str) -> None:
            account.change_password(
                database,
                keyring,
                user.tenant_id,
                user.user_id,
                current=current,
                new=ANOTHER,
                session=session,
                source=HOME_NETWORK,
            )

        assert refusal(lambda: change("yanlış bir parola bu")) == "password_wrong"
        change(PASSWORD)

        assert sign_in.refresh(here.refresh_token or "").refresh_token
        assert refusal(lambda: sign_in.refresh(there.refresh_token or "")) == "token_invalid"

    @pytest.mark.parametrize("what", ["the password", "a second factor"])
    def test_who_proved_a_password_that_is_another_one_meanwhile_changes_nothing(
        self,
        database: Database,
        keyring: Keyring,
        make_user: MakeUser,
        sign_in: SignIn,
        monkeypatch: pytest.MonkeyPatch,
        what: str,
    ) -> None:
        user = make_user()
        link = users.reset_password(database, keyring, user.tenant_id, user.user_id, actor=OPERATOR).one_time
        assert link is not None
        proves = account.fits

        def while_its_person_uses_the_link(stored: str | None, password: str) -> bool:
            right = proves(stored, password)
            account.set_password(database, keyring, link.token, ANOTHER, source=HOME_NETWORK)
            return right

        monkeypatch.setattr(account, "fits", while_its_person_uses_the_link)
        given: tuple[Any, ...] = (database, keyring, user.tenant_id, user.user_id)
        thief = {
            "the password": lambda: account.change_password(
                *given, current=PASSWORD, new="hırsızın uzun parolası", session=None, source=None
            ),
            "a second factor": lambda: account.begin_second_factor(*given, password=PASSWORD, source=None),
        }[what]

        assert refusal(thief) == "password_wrong"
        assert sign_in.password(user.email, ANOTHER, source=HOME_NETWORK).access_token

    def test_who_is_disabled_while_they_accept_their_invitation_stays_out_and_neither_blocks_the_other(
        self, database: Database, keyring: Keyring, make_user: MakeUser, settings: Settings
    ) -> None:
        owner = make_user(Role.OWNER)
        user = make_user(tenant_id=owner.tenant_id, password=None)
        link = users.invite_again(database, keyring, user.tenant_id, user.user_id, actor=OPERATOR).one_time
        assert link is not None
        told: list[str] = []

        def accept() -> None:
            told.append(refusal(lambda: account.set_password(database, keyring, link.token, PASSWORD, source=None)))

        accepting = Thread(target=accept)
        with database.tenant(user.tenant_id, "app") as connection, outside_transaction(settings, "data") as admin:
            record.read(connection, keyring.tenant(user.tenant_id), user.user_id, locked=True)
            accepting.start()
            until(
                "the one who accepts waits for who disables",
                lambda: admin.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone(),
                seconds=30,
            )
            one_time.end_all(connection, user.tenant_id, user.user_id)
        accepting.join()
        assert told == ["one_time_token_invalid"]

    def test_a_lost_second_factor_is_taken_away_by_somebody_else(
        self, database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        import pyotp

        user = make_user(Role.DPO)
        given = (database, keyring, user.tenant_id, user.user_id)
        assert refusal(lambda: users.reset_second_factor(*given, actor=OPERATOR)) == "second_factor_unset"
        begun = account.begin_second_factor(*given, password=PASSWORD, source=HOME_NETWORK)
        code = pyotp.TOTP(begun.secret).at(datetime.now(UTC))
        account.confirm_second_factor(*given, code, session=None, source=HOME_NETWORK)
        assert refusal(lambda: sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)) == "second_factor_needed"

        users.reset_second_factor(*given, actor=OPERATOR)

        assert sign_in.password(user.email, PASSWORD, source=HOME_NETWORK).refresh_token

    def test_asking_for_a_forgotten_password_says_nothing_of_who_is_there(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        for login in (user.email, "kimse@ornek.com.tr", "bu bir adres değil"):
            assert account.forgot_password(database, keyring, login, source=f"2001:db8:{uuid4().hex[:4]}::1") is None

    def test_printing_a_user_shows_neither_address_nor_name_nor_token(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        invited = users.add(database, keyring, make_tenant(), new_user(), actor=OPERATOR)
        assert invited.one_time is not None

        shown = repr(invited)

        assert invited.user.email not in shown
        assert "Ayşe" not in shown
        assert invited.one_time.token not in shown

    def test_a_password_at_once_is_one_that_is_accepted(
        self, database: Database, keyring: Keyring, make_tenant: MakeTenant
    ) -> None:
        with pytest.raises(InvalidInput):
            users.add(database, keyring, make_tenant(), new_user(), actor=OPERATOR, password=Secret("galatasaray1905"))
