"""Counts failed attempts, so that guessing gets slow and nobody can shut another person out by failing on purpose.

Three counters, each with waits that grow from some failure on: of a login from one network, of a login from networks
from which nobody ever signed in with it, and of a network over all logins. A network from which a login's owner came in
within `KNOWN_FOR` heeds the first alone: strangers elsewhere, or its neighbours who try other logins, take nothing from
it. docs/sign-in.md says what this stops and what it does not.

An attempt is counted as failed before the password is looked at, so that many at once are counted too. While a wait
lasts nothing is looked at and nothing counted, or whoever hammers would make the wait endless.

Who asks for a link to a new password is counted apart, by network alone: that is the way in for whose login strangers
have slowed down.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.identity.networks import network_of
from hub.identity.scope import PLATFORM_SCOPE

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring

KNOWN_FOR = timedelta(days=90)
"""How long a network is a login's own after the last sign-in from it."""
_SWEPT_AT_ONCE = 10
_ANY = b""
_LINKS = b"links"
"""In place of a login's hash, which has 32 bytes: how often a network asked for links."""
REFUSALS = frozenset({"sign_in_refused", "password_wrong", "second_factor_wrong"})
"""What is an answer about a credential; whatever else ends an attempt says nothing of it."""


@dataclass(frozen=True)
class Rule:
    """`free` failures cost nothing; the next wait is `first`, doubling up to `longest`. Forgotten after `window`."""

    free: int
    first: timedelta
    longest: timedelta
    window: timedelta

    def wait(self, failures: int) -> timedelta | None:
        """How long the next attempt must wait after that many failures."""
        beyond = failures - self.free
        if beyond < 0:
            return None
        return min(self.first * 2 ** min(beyond, 30), self.longest)


OF_PAIR = Rule(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(days=1))
OF_LOGIN = Rule(20, timedelta(seconds=15), timedelta(minutes=15), timedelta(days=1))
OF_NETWORK = Rule(50, timedelta(seconds=10), timedelta(minutes=15), timedelta(hours=1))
OF_LINKS = Rule(20, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True)
class Counter:
    """One counter as this attempt left it."""

    login_hash: bytes
    network_hash: bytes
    blocked_until: datetime | None


@dataclass(frozen=True)
class Attempt:
    """An attempt that has been counted as failed; say what became of it by `succeeded` or `withdrawn`."""

    login_hash: bytes
    network_hash: bytes
    counters: tuple[Counter, ...]

    @property
    def shuts(self) -> bool:
        """Whether another one must wait after this one."""
        return any(counter.blocked_until is not None for counter in self.counters)


class Attempts:
    """The counters of one installation. `clock` is the database's unless a test brings one."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Callable[[], datetime] | None = None) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    def begin(self, login_hash: bytes, source: str | None) -> Attempt:
        """Count an attempt. HubError `sign_in_locked` with `retry_seconds` while one must wait."""
        network = self._network(source)
        with self._database.tenant(PLATFORM_SCOPE, "app") as connection:
            now = self._now(connection)
            rules = {(login_hash, network): OF_PAIR}
            if not _is_known(connection, login_hash, network, now):
                # In one order everywhere, or two attempts could wait for each other.
                rules = {(_ANY, network): OF_NETWORK, (login_hash, _ANY): OF_LOGIN} | rules
            counters = _count(connection, rules, now)
        return Attempt(login_hash, network, counters)

    @contextmanager
    def counted(self, login_hash: bytes, source: str | None) -> Generator[Attempt]:
        """`begin`, and `withdrawn` if the block ends by an error that is no refusal of the credential (`REFUSALS`)."""
        attempt = self.begin(login_hash, source)
        try:
            yield attempt
        except Exception as error:
            if not (isinstance(error, HubError) and error.code in REFUSALS):
                self.withdrawn(attempt)
            raise

    def ask_for_link(self, source: str | None) -> None:
        """Count that a network asks for a link, whosever. HubError `sign_in_locked` with `retry_seconds`."""
        with self._database.tenant(PLATFORM_SCOPE, "app") as connection:
            _count(connection, {(_LINKS, self._network(source)): OF_LINKS}, self._now(connection))

    def succeeded(self, attempt: Attempt) -> None:
        """The login's owner was here: this network's failures are forgiven, and it is theirs from now on."""
        with self._database.tenant(PLATFORM_SCOPE, "app") as connection:
            self._take_back(connection, attempt)
            self._welcome(connection, attempt.login_hash, attempt.network_hash)

    def withdrawn(self, attempt: Attempt) -> None:
        """It was no failure, and no success either: the counters are what they were before it."""
        with self._database.tenant(PLATFORM_SCOPE, "app") as connection:
            self._take_back(connection, attempt)

    def welcome(self, login_hash: bytes, source: str | None) -> None:
        """The login's owner came another way (a one-time token): the network is theirs from now on."""
        with self._database.tenant(PLATFORM_SCOPE, "app") as connection:
            self._welcome(connection, login_hash, self._network(source))

    def _take_back(self, connection: Connection, attempt: Attempt) -> None:
        for counter in attempt.counters:
            connection.execute(
                "UPDATE hub.sign_in_sources SET failures = greatest(failures - 1, 0),"
                " blocked_until = CASE WHEN blocked_until = %(ours)s THEN NULL ELSE blocked_until END"
                " WHERE tenant_id = %(scope)s AND login_hash = %(login)s AND network_hash = %(network)s",
                {
                    "ours": counter.blocked_until,
                    "scope": PLATFORM_SCOPE,
                    "login": counter.login_hash,
                    "network": counter.network_hash,
                },
            )

    def _welcome(self, connection: Connection, login_hash: bytes, network_hash: bytes) -> None:
        now = self._now(connection)
        connection.execute(
            "INSERT INTO hub.sign_in_sources AS s (tenant_id, login_hash, network_hash, succeeded_at, touched_at)"
            " VALUES (%(scope)s, %(login)s, %(network)s, %(now)s, %(now)s)"
            " ON CONFLICT (tenant_id, login_hash, network_hash) DO UPDATE"
            " SET failures = 0, blocked_until = NULL, succeeded_at = %(now)s, touched_at = %(now)s",
            {"scope": PLATFORM_SCOPE, "login": login_hash, "network": network_hash, "now": now},
        )

    def _network(self, source: str | None) -> bytes:
        return network_hash(self._keyring, source)

    def _now(self, connection: Connection) -> datetime:
        return self._clock() if self._clock else database_now(connection)


def network_hash(keyring: Keyring, source: str | None) -> bytes:
    """HMAC-SHA-256 of a source's network under the platform's key. 32 bytes."""
    return keyring.tenant(PLATFORM_SCOPE).keyed_hash("sign-in-network", network_of(source).encode())


def database_now(connection: Connection) -> datetime:
    """The database's clock, which all processes share."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    if row is None:  # a SELECT without FROM has one row
        raise RuntimeError("the database told no time")
    return row[0]


def _count(connection: Connection, rules: Mapping[tuple[bytes, bytes], Rule], now: datetime) -> tuple[Counter, ...]:
    """One more at each counter. HubError `sign_in_locked` while one of them must wait, and none is counted."""
    found = {key: _held(connection, *key) for key in rules}
    waits = [blocked - now for _, _, blocked in found.values() if blocked is not None and blocked > now]
    if waits:
        raise HubError("sign_in_locked", retry_seconds=max(1, round(max(waits).total_seconds())))
    counters: list[Counter] = []
    for key, rule in rules.items():
        failures, failed_at, _ = found[key]
        lapsed = failed_at is None or failed_at < now - rule.window
        failures = 1 if lapsed else failures + 1
        wait = rule.wait(failures)
        counters.append(Counter(*key, now + wait if wait else None))
        connection.execute(
            "UPDATE hub.sign_in_sources SET failures = %s, failed_at = %s, touched_at = %s, blocked_until = %s"
            " WHERE tenant_id = %s AND login_hash = %s AND network_hash = %s",
            (failures, now, now, counters[-1].blocked_until, PLATFORM_SCOPE, *key),
        )
    _sweep(connection, now)
    return tuple(counters)


def _sweep(connection: Connection, now: datetime) -> None:
    """No schedule of its own: each attempt takes more away of what counts no more than it adds."""
    connection.execute(
        "DELETE FROM hub.sign_in_sources WHERE tenant_id = %(scope)s AND (login_hash, network_hash) IN"
        " (SELECT login_hash, network_hash FROM hub.sign_in_sources WHERE tenant_id = %(scope)s"
        "  AND touched_at < %(lapsed)s AND (succeeded_at IS NULL OR succeeded_at < %(unknown)s)"
        "  ORDER BY touched_at LIMIT %(rows)s FOR UPDATE SKIP LOCKED)",
        {
            "scope": PLATFORM_SCOPE,
            "lapsed": now - OF_PAIR.window,
            "unknown": now - KNOWN_FOR,
            "rows": _SWEPT_AT_ONCE,
        },
    )


def _is_known(connection: Connection, login_hash: bytes, network: bytes, now: datetime) -> bool:
    row = connection.execute(
        "SELECT succeeded_at FROM hub.sign_in_sources WHERE tenant_id = %s AND login_hash = %s AND network_hash = %s",
        (PLATFORM_SCOPE, login_hash, network),
    ).fetchone()
    return row is not None and row[0] is not None and row[0] > now - KNOWN_FOR


def _held(connection: Connection, login_hash: bytes, network: bytes) -> tuple[int, datetime | None, datetime | None]:
    key = (PLATFORM_SCOPE, login_hash, network)
    connection.execute(
        "INSERT INTO hub.sign_in_sources (tenant_id, login_hash, network_hash) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        key,
    )
    row = connection.execute(
        "SELECT failures, failed_at, blocked_until FROM hub.sign_in_sources"
        " WHERE tenant_id = %s AND login_hash = %s AND network_hash = %s FOR UPDATE",
        key,
    ).fetchone()
    return row if row is not None else (0, None, None)
