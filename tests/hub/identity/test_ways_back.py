"""The way back in: links that are asked for, second factors half set up, two hands at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pyotp.totp import TOTP

from hub.db.database import Database
from hub.errors import HubError
from hub.identity import account, api_keys, attempts, logins, users
from hub.identity.attempts import OF_PAIR, Attempts
from hub.identity.permissions import Permission, Role
from hub.identity.record import User
from hub.identity.sign_in import SignIn
from hub.keys.keyring import Keyring
from hub.settings import Settings
from tests.hub.identity.conftest import HOME_NETWORK, OPERATOR, PASSWORD, Clock, MakeUser
from tests.hub.identity.test_attempts import network
from tests.hub.identity.test_users import ANOTHER, refusal


@pytest.fixture
def mailing(settings: Settings) -> Iterator[Database]:
    """The same databases, of an installation that can mail a link."""
    reachable = {"smtp_host": "mail.invalid", "smtp_from": "hub@ornek.com.tr", "public_url": "https://hub.invalid"}
    found = Database(settings.model_copy(update=reachable))
    yield found
    found.close()


def mailed(database: Database, keyring: Keyring, user: User) -> list[str]:
    """The tokens of the links that lie in the queue for somebody, oldest first."""
    with database.tenant(user.tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT mail_id, fields_cipher FROM hub.mails WHERE tenant_id = %s AND template = 'user_reset'"
            " AND starts_with(about, %s) ORDER BY created_at",
            (user.tenant_id, f"user:{user.user_id}"),
        ).fetchall()
    keys = keyring.tenant(user.tenant_id)
    fields = [keys.open("mail-fields", str(mail), bytes(cipher)).decode() for mail, cipher in rows]
    return [found for each in fields for found in re.findall(r"#(hubt_\w+)", each)]


class TestForgotten:
    def test_strangers_who_try_a_login_keep_its_owner_from_no_link(
        self, mailing: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user, counters = make_user(), Attempts(mailing, keyring)
        sought, hotel = logins.login_hash(keyring, user.email), network()
        for _ in range(20):
            counters.begin(sought, network())
        assert refusal(lambda: counters.begin(sought, hotel)) == "sign_in_locked"

        account.forgot_password(mailing, keyring, user.email, source=hotel)

        assert len(mailed(mailing, keyring, user)) == 1

    def test_asking_for_a_link_counts_as_no_failed_sign_in(
        self, mailing: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        user, source = make_user(), network()
        for _ in range(OF_PAIR.free + 1):
            account.forgot_password(mailing, keyring, user.email, source=source)

        assert sign_in.password(user.email, PASSWORD, source=source).refresh_token

    def test_a_link_that_anybody_asks_for_ends_no_other_and_the_first_that_is_used_ends_all(
        self, mailing: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        # Its own database mails nothing, so the administrator hands the link over.
        administrators = users.reset_password(mailing, keyring, user.tenant_id, user.user_id, actor=OPERATOR).one_time
        assert administrators is not None
        for _ in range(2):
            account.forgot_password(mailing, keyring, user.email, source=network())
        *_, first, second = mailed(mailing, keyring, user)

        with pytest.raises(HubError):
            account.set_password(mailing, keyring, first[:-1], PASSWORD, source=None)
        account.set_password(mailing, keyring, administrators.token, PASSWORD, source=None)

        for token in (administrators.token, first, second):
            late = refusal(lambda t=token: account.set_password(mailing, keyring, t, ANOTHER, source=None))
            assert late == "one_time_token_invalid"

    def test_the_earlier_of_two_links_that_were_asked_for_works(
        self, mailing: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        for _ in range(2):
            account.forgot_password(mailing, keyring, user.email, source=network())
        first, _second = mailed(mailing, keyring, user)

        account.set_password(mailing, keyring, first, ANOTHER, source=None)

    def test_an_administrators_new_link_ends_what_was_asked_for(
        self, mailing: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user()
        account.forgot_password(mailing, keyring, user.email, source=network())
        users.reset_password(mailing, keyring, user.tenant_id, user.user_id, actor=OPERATOR)

        (asked, _) = mailed(mailing, keyring, user)
        late = refusal(lambda: account.set_password(mailing, keyring, asked, ANOTHER, source=None))
        assert late == "one_time_token_invalid"

    def test_a_mail_box_gets_three_links_and_then_one_each_quarter_of_an_hour(
        self, mailing: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user, seen = make_user(), list[int]()

        def flood() -> None:
            for _ in range(5):
                account.forgot_password(mailing, keyring, user.email, source=network(), clock=clock)
            seen.append(len(mailed(mailing, keyring, user)))

        flood()
        for _ in range(2):
            clock.forward(minutes=15)
            flood()

        assert seen == [3, 4, 5]

    def test_a_network_that_asks_for_everybody_must_wait_and_is_told_how_long(
        self, database: Database, keyring: Keyring, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Of its own: where a front door is served in the same process, loopback's counter is lifted (tests/hub/api).
        monkeypatch.setattr(attempts, "OF_LINKS", replace(attempts.OF_LINKS, free=20))
        source = network()
        for _ in range(20):
            account.admit_forgotten(database, keyring, source=source, clock=clock)

        with pytest.raises(HubError) as error:
            account.admit_forgotten(database, keyring, source=source, clock=clock)
        account.admit_forgotten(database, keyring, source=network(), clock=clock)
        assert error.value.code == "sign_in_locked"
        clock.forward(seconds=int(error.value.params["retry_seconds"]))
        account.admit_forgotten(database, keyring, source=source, clock=clock)


class TestConfirming:
    def test_five_wrong_codes_drop_the_secret_and_each_is_in_the_log(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user(Role.DPO)
        secret = begun(database, keyring, user)
        right = TOTP(secret).now()
        wrong = f"{(int(right) + 500_000) % 1_000_000:06d}"

        told = [refusal(lambda: confirm(database, keyring, user, wrong)) for _ in range(5)]

        assert told == ["second_factor_wrong"] * 5
        assert refusal(lambda: confirm(database, keyring, user, right)) == "second_factor_not_begun"
        with database.tenant(user.tenant_id, "app") as connection:
            rows = connection.execute(
                "SELECT result FROM hub.audit_log WHERE tenant_id = %s AND action = 'second_factor_set'",
                (user.tenant_id,),
            ).fetchall()
        assert rows == [("second_factor_wrong",)] * 5

    def test_beginning_anew_gives_five_codes_again_and_a_right_one_counts(
        self, database: Database, keyring: Keyring, make_user: MakeUser
    ) -> None:
        user = make_user(Role.DPO)
        begun(database, keyring, user)
        for _ in range(4):
            assert refusal(lambda: confirm(database, keyring, user, "not a code")) == "second_factor_wrong"
        secret = begun(database, keyring, user)
        assert refusal(lambda: confirm(database, keyring, user, "not a code")) == "second_factor_wrong"

        assert len(confirm(database, keyring, user, TOTP(secret).now())) == 10

    def test_a_secret_that_nobody_confirmed_lapses_after_ten_minutes(
        self, database: Database, keyring: Keyring, make_user: MakeUser, clock: Clock
    ) -> None:
        user = make_user(Role.DPO)
        secret = begun(database, keyring, user)
        clock.forward(minutes=10, seconds=5)
        late = TOTP(secret).at(clock.now)

        told = refusal(lambda: confirm(database, keyring, user, late, clock=clock))

        assert told == "second_factor_not_begun"


def begun(database: Database, keyring: Keyring, user: User) -> str:
    return account.begin_second_factor(
        database, keyring, user.tenant_id, user.user_id, password=PASSWORD, source=HOME_NETWORK
    ).secret


def confirm(database: Database, keyring: Keyring, user: User, code: str, **more: Any) -> list[str]:
    given = (database, keyring, user.tenant_id, user.user_id, code)
    return account.confirm_second_factor(*given, session=None, source=HOME_NETWORK, **more)


class TestTwoHands:
    """A session on a borrowed computer and the person who resets the password at that moment."""

    @pytest.fixture
    def meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
        """Let something happen between the proof of the old password and the new one's being written."""

        def arrange(act: Callable[[], object]) -> None:
            hashed = account.hash_password

            def interrupted(password: str) -> str:
                monkeypatch.setattr(account, "hash_password", hashed)
                act()
                return hashed(password)

            monkeypatch.setattr(account, "hash_password", interrupted)

        return arrange

    @pytest.mark.parametrize("end", ["disabled", "signed out"])
    def test_who_was_disabled_or_signed_out_meanwhile_changes_nothing(
        self,
        database: Database,
        keyring: Keyring,
        make_user: MakeUser,
        sign_in: SignIn,
        meanwhile: Callable[[Callable[[], object]], None],
        end: str,
    ) -> None:
        user = make_user()
        given = (database, keyring, user.tenant_id, user.user_id)
        tokens = sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)
        session = sign_in.authenticate(tokens.access_token).session

        def ended() -> None:
            if end == "disabled":
                users.disable(*given, actor=OPERATOR)
            else:
                sign_in.revoke(tokens.access_token)

        meanwhile(ended)
        told = refusal(
            lambda: account.change_password(*given, current=PASSWORD, new=ANOTHER, session=session, source=HOME_NETWORK)
        )

        assert told == "token_invalid"
        users.enable(*given, actor=OPERATOR)
        assert sign_in.password(user.email, PASSWORD, source=HOME_NETWORK).refresh_token

    def test_an_ended_session_sets_no_second_factor(
        self, database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
    ) -> None:
        user = make_user(Role.DPO)
        tokens = sign_in.password(user.email, PASSWORD, source=HOME_NETWORK)
        session = sign_in.authenticate(tokens.access_token).session
        code = TOTP(begun(database, keyring, user)).now()
        sign_in.revoke(tokens.access_token)

        told = refusal(
            lambda: account.confirm_second_factor(
                database, keyring, user.tenant_id, user.user_id, code, session=session, source=HOME_NETWORK
            )
        )

        assert told == "token_invalid"


def test_a_key_that_is_rotated_at_once_takes_tokens_of_that_very_second_along(
    database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn
) -> None:
    home = make_user().tenant_id
    new = api_keys.NewKey(label="muhasebe", scopes=frozenset({Permission.STATUS_READ}))
    made = api_keys.create(database, home, new, actor=OPERATOR)
    client_id = str(made.key.key_id)
    before = sign_in.client(client_id, made.secret).access_token
    assert sign_in.authenticate(before).subject == made.key.key_id

    after = api_keys.rotate(database, home, made.key.key_id, actor=OPERATOR, at_once=True)
    fresh = sign_in.client(client_id, after.secret).access_token

    # This process remembers how the key stood, another one does not: the new token works for both, the old for neither.
    assert sign_in.authenticate(fresh).subject == made.key.key_id
    elsewhere = SignIn(database, keyring)
    assert elsewhere.authenticate(fresh).subject == made.key.key_id
    assert refusal(lambda: elsewhere.authenticate(before)) == "token_of_ended_key"
    assert refusal(lambda: sign_in.authenticate(before)) == "token_of_ended_key"


def test_a_key_that_is_rotated_with_an_overlap_leaves_its_tokens_alone(
    database: Database, make_user: MakeUser, sign_in: SignIn
) -> None:
    home = make_user().tenant_id
    new = api_keys.NewKey(label="muhasebe", scopes=frozenset({Permission.STATUS_READ}))
    made = api_keys.create(database, home, new, actor=OPERATOR)
    before = sign_in.client(str(made.key.key_id), made.secret).access_token

    api_keys.rotate(database, home, made.key.key_id, actor=OPERATOR)

    assert sign_in.authenticate(before).subject == made.key.key_id
    assert sign_in.client(str(made.key.key_id), made.secret).access_token  # the old secret, for seven days more
