"""Failed attempts: guessing gets slow, and nobody can be shut out by others who fail on purpose."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BoundedSemaphore

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.db.database import Database
from hub.errors import HubError
from hub.identity import account, passwords
from hub.identity.attempts import OF_LOGIN, OF_NETWORK, OF_PAIR, Attempts, Rule
from hub.identity.networks import network_of
from hub.identity.sign_in import SignIn
from hub.keys.keyring import Keyring
from tests.hub.identity.conftest import PASSWORD, Clock, MakeUser


@pytest.fixture
def attempts(database: Database, keyring: Keyring, clock: Clock) -> Attempts:
    return Attempts(database, keyring, clock=clock)


@pytest.fixture
def login() -> bytes:
    return secrets.token_bytes(32)


def network() -> str:
    """An address of a network that no other test has."""
    return f"2001:db8:{secrets.randbelow(65536):x}:{secrets.randbelow(65536):x}::1"


def wait_of(attempts: Attempts, login: bytes, source: str) -> int:
    """Seconds that the next attempt must wait; 0 if it may be made, which counts it."""
    try:
        attempts.begin(login, source)
    except HubError as error:
        return int(error.params["retry_seconds"])
    return 0


def test_the_fifth_failure_costs_a_wait_that_doubles_and_ends(attempts: Attempts, login: bytes, clock: Clock) -> None:
    source = network()
    waits: list[int] = []
    for _ in range(12):
        assert wait_of(attempts, login, source) == 0
        waits.append(wait_of(attempts, login, source) if len(waits) >= OF_PAIR.free - 1 else 0)
        clock.forward(seconds=waits[-1])

    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_whoever_hammers_while_it_lasts_does_not_make_a_wait_longer(
    attempts: Attempts, login: bytes, clock: Clock
) -> None:
    source = network()
    for _ in range(5):
        attempts.begin(login, source)

    seen = [wait_of(attempts, login, source) for _ in range(20)]
    clock.forward(seconds=30)

    assert seen == [30] * 20
    assert wait_of(attempts, login, source) == 0


def test_strangers_everywhere_shut_nobody_out_of_their_own_network(
    attempts: Attempts, login: bytes, clock: Clock
) -> None:
    home = network()
    attempts.succeeded(attempts.begin(login, home))
    for _ in range(OF_LOGIN.free):
        assert wait_of(attempts, login, network()) == 0

    assert wait_of(attempts, login, network()) > 0
    assert wait_of(attempts, login, home) == 0
    clock.forward(days=91)
    for _ in range(OF_LOGIN.free):
        wait_of(attempts, login, network())
    assert wait_of(attempts, login, home) > 0


def test_a_neighbour_who_tries_all_logins_shuts_strangers_out_and_not_who_lives_there(
    attempts: Attempts, login: bytes
) -> None:
    shared = network()
    attempts.succeeded(attempts.begin(login, shared))
    for _ in range(OF_NETWORK.free):
        assert wait_of(attempts, secrets.token_bytes(32), shared) == 0

    assert wait_of(attempts, secrets.token_bytes(32), shared) > 0
    assert wait_of(attempts, login, shared) == 0


def test_a_success_of_ones_own_account_buys_no_guesses_at_others(attempts: Attempts, login: bytes) -> None:
    source, own = network(), secrets.token_bytes(32)
    for _ in range(OF_PAIR.free):
        attempts.succeeded(attempts.begin(own, source))
        assert wait_of(attempts, login, source) == 0

    assert wait_of(attempts, login, source) > 0


def test_a_new_account_of_ones_own_buys_no_guesses_at_all_others(attempts: Attempts) -> None:
    source = network()
    for _ in range(OF_NETWORK.free - 1):
        assert wait_of(attempts, secrets.token_bytes(32), source) == 0
    attempts.succeeded(attempts.begin(secrets.token_bytes(32), source))

    assert wait_of(attempts, secrets.token_bytes(32), source) == 0
    assert wait_of(attempts, secrets.token_bytes(32), source) > 0


def test_who_knows_the_password_and_not_the_code_gets_no_more_guesses_for_it(attempts: Attempts, login: bytes) -> None:
    source = network()
    for _ in range(OF_PAIR.free):
        attempts.withdrawn(attempts.begin(login, source))
        assert wait_of(attempts, login, source) == 0

    assert wait_of(attempts, login, source) > 0


def test_failures_of_days_ago_are_forgotten(attempts: Attempts, login: bytes, clock: Clock) -> None:
    source = network()
    for _ in range(5):
        attempts.begin(login, source)
    clock.forward(hours=25)

    assert [wait_of(attempts, login, source) for _ in range(5)] == [0] * 5


def test_many_guesses_at_once_are_all_counted(database: Database, keyring: Keyring, login: bytes) -> None:
    source, guessers = network(), 12
    start = Barrier(guessers)

    def guess(_: int) -> bool:
        start.wait(30)
        return wait_of(Attempts(database, keyring), login, source) == 0

    with ThreadPoolExecutor(guessers) as pool:
        assert sum(pool.map(guess, range(guessers))) == OF_PAIR.free


def test_rows_that_count_for_nothing_any_more_are_swept(
    database: Database, attempts: Attempts, login: bytes, clock: Clock
) -> None:
    attempts.begin(login, network())
    clock.forward(days=-2)
    forgotten = secrets.token_bytes(32)
    attempts.begin(forgotten, network())
    clock.forward(days=2)

    attempts.succeeded(attempts.begin(login, network()))

    with database.tenant("tplatform222", "app") as connection:
        rows = connection.execute(
            "SELECT count(*) FILTER (WHERE login_hash = %s), count(*) FILTER (WHERE login_hash = %s)"
            " FROM hub.sign_in_sources WHERE tenant_id = 'tplatform222'",
            (forgotten, login),
        ).fetchone()
    assert rows is not None
    assert rows[0] == 0
    assert rows[1] >= 2


def test_sign_in_counts_wrong_passwords_and_codes_and_tells_how_long_to_wait(
    make_user: MakeUser, sign_in: SignIn
) -> None:
    user, source = make_user(), network()
    codes: list[str] = []
    for _ in range(6):
        with pytest.raises(HubError) as error:
            sign_in.password(user.email, "yanlış bir parola bu", source=source)
        codes.append(error.value.code)

    with pytest.raises(HubError) as right:
        sign_in.password(user.email, PASSWORD, source=source)
    elsewhere = sign_in.password(user.email, PASSWORD, source=network())

    assert codes == ["sign_in_refused"] * 5 + ["sign_in_locked"]
    assert right.value.code == "sign_in_locked"
    assert 0 < int(right.value.params["retry_seconds"]) <= 30
    assert sign_in.authenticate(elsewhere.access_token).subject == user.user_id


def test_a_crowd_at_the_door_is_nobodys_wrong_guess(
    database: Database, keyring: Keyring, make_user: MakeUser, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, source = make_user(), network()
    turns = BoundedSemaphore(1)
    monkeypatch.setattr(passwords, "_turns", turns)
    monkeypatch.setattr(passwords, "_WAIT_SECONDS", 0.001)

    def change() -> None:
        account.change_password(
            database,
            keyring,
            user.tenant_id,
            user.user_id,
            current=PASSWORD,
            new="başka bir uzun parola",
            session=None,
            source=source,
        )

    told: list[str] = []
    with turns:
        for _ in range(4):
            for act in (lambda: sign_in.password(user.email, PASSWORD, source=source), change):
                with pytest.raises(HubError) as error:
                    act()
                told.append(error.value.code)

    assert told == ["sign_in_busy"] * 8
    assert sign_in.password(user.email, PASSWORD, source=source).access_token


@given(rule=st.sampled_from([OF_PAIR, OF_LOGIN, OF_NETWORK]), failures=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_wait_never_shrinks_and_never_outgrows_a_quarter_of_an_hour(rule: Rule, failures: int) -> None:
    wait, next_wait = rule.wait(failures), rule.wait(failures + 1)

    assert (wait is None) == (failures < rule.free)
    if wait is not None:
        assert next_wait is not None
        assert rule.first <= wait <= next_wait <= rule.longest


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("no address", "unknown"),
    ],
)
def test_an_address_counts_by_its_network(source: str | None, network: str) -> None:
    assert network_of(source) == network
