"""The RSA keys that sign access tokens: one signs, the next one is public already, the last ones still verify.

Whoever checks our tokens keeps our public keys for a while, so a key is published before anything is signed with it.
They are the platform's: the private half is sealed under the platform's keys and gone once it signs no more.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from hub.errors import HubError
from hub.identity.scope import PLATFORM_SCOPE
from hub.kvkk import audit

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

KEY_BITS = 3072
ACCESS_FOR = timedelta(minutes=15)
"""How long an access token lives, and so how long a retired key must verify."""
SIGNS_FOR = timedelta(days=90)
"""After this the next key takes over by itself."""
PUBLISHED_FOR = timedelta(minutes=10)
"""How long a key must have been public before it signs; as long as others may keep what we publish."""
FRESH_SECONDS = 30.0
"""How long a process may sign with a key before it asks whether that one still signs."""
_MISSED_SECONDS = 1.0
_PURPOSE = "signing-key"

State = Literal["next", "active", "retired"]


@dataclass(frozen=True)
class SigningKey:
    """What may be shown of one."""

    kid: str
    state: State
    created_at: datetime
    activated_at: datetime | None
    verify_until: datetime | None


class SigningKeys:
    """A process's keys, at most `FRESH_SECONDS` old. Threads may share it."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._lock = threading.Lock()
        self._signer: tuple[float, str, RSAPrivateKey] | None = None
        self._verifiers: tuple[float, dict[str, tuple[RSAPublicKey, datetime | None]]] | None = None

    def signer(self) -> tuple[str, RSAPrivateKey]:
        """The key that signs now and its id; the installation's first ones are made here."""
        with self._lock:
            kept = self._signer
            if kept is None or time.monotonic() - kept[0] >= FRESH_SECONDS:
                kept = self._signer = (time.monotonic(), *self._read_signer())
        return kept[1], kept[2]

    def verifier(self, kid: str, now: datetime) -> RSAPublicKey | None:
        """The public key of that id, None if it is none of ours or verifies no more."""
        with self._lock:
            kept = self._verifiers
            age = time.monotonic() - kept[0] if kept else FRESH_SECONDS
            # An invented id must not make every request read the table.
            if kept is None or age >= FRESH_SECONDS or (kid not in kept[1] and age >= _MISSED_SECONDS):
                kept = self._verifiers = (time.monotonic(), _read_verifiers(self._database))
        found = kept[1].get(kid)
        return None if found is None or (found[1] is not None and found[1] <= now) else found[0]

    def _read_signer(self) -> tuple[str, RSAPrivateKey]:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        row = _active(self._database)
        if row is None or row[2]:
            _make_or_move_on(self._database, self._keyring, there_is_one=row is not None)
            row = _active(self._database)
        if row is None:
            raise HubError("signing_key_missing")
        keys = self._keyring.tenant(PLATFORM_SCOPE)
        private = load_pem_private_key(keys.open(_PURPOSE, row[0], bytes(row[1])), None)
        if not isinstance(private, RSAPrivateKey):
            raise HubError("signing_key_missing")
        return row[0], private


def jwks(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The public keys as a JWK set (RFC 7517), newest first: what signs, what will, and what still verifies."""
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        rows = connection.execute(
            "SELECT public_jwk FROM hub.signing_keys WHERE tenant_id = %s"
            " AND (verify_until IS NULL OR verify_until > clock_timestamp()) ORDER BY created_at DESC, kid",
            (PLATFORM_SCOPE,),
        ).fetchall()
    return {"keys": [row[0] for row in rows]}


def published(database: Database, keyring: Keyring) -> dict[str, list[dict[str, Any]]]:
    """`jwks` for those who keep it for a while: the first keys are made now, so that nobody keeps a set of none."""
    found = jwks(database)
    if not found["keys"]:
        ensure(database, keyring)
        found = jwks(database)
    return found


def listed(database: Database) -> list[SigningKey]:
    """Every key, newest first; retired ones stay on the list."""
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        rows = connection.execute(
            "SELECT kid, state, created_at, activated_at, verify_until FROM hub.signing_keys WHERE tenant_id = %s"
            " ORDER BY created_at DESC, kid",
            (PLATFORM_SCOPE,),
        ).fetchall()
    return [SigningKey(*row) for row in rows]


def ensure(database: Database, keyring: Keyring) -> None:
    """Make the installation's first keys, unless it has some."""
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        _hold(connection)
        if _states(connection).keys() & {"active", "next"}:
            return
        _add(connection, keyring, "active")
        _add(connection, keyring, "next")
        entry = audit.Entry(audit.SYSTEM, "signing_keys_made", "signing-keys")
        audit.append(connection, PLATFORM_SCOPE, entry)


def rotate(database: Database, keyring: Keyring, *, actor: Actor, at_once: bool = False) -> list[SigningKey]:
    """Let the next key sign from now on, and publish the one after it. What was signed before stays valid.

    With `at_once` (somebody else has the key) nothing that was signed before is valid any more, and both are new.
    HubError `signing_key_too_new` while the next key has not been public for `PUBLISHED_FOR`.
    """
    ensure(database, keyring)
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        _hold(connection)
        if not at_once:
            _require_published(connection)
        retiring = "state <> 'retired'" if at_once else "state = 'active'"
        connection.execute(
            "UPDATE hub.signing_keys SET state = 'retired', private_cipher = ''::bytea,"  # noqa: S608 - our own words
            f" verify_until = clock_timestamp() + %s WHERE tenant_id = %s AND {retiring}".encode(),
            (timedelta(0) if at_once else ACCESS_FOR + timedelta(seconds=2 * FRESH_SECONDS), PLATFORM_SCOPE),
        )
        if at_once:
            connection.execute(
                "UPDATE hub.signing_keys SET verify_until = least(verify_until, clock_timestamp())"
                " WHERE tenant_id = %s AND state = 'retired'",
                (PLATFORM_SCOPE,),
            )
            _add(connection, keyring, "active")
        else:
            connection.execute(
                "UPDATE hub.signing_keys SET state = 'active', activated_at = clock_timestamp()"
                " WHERE tenant_id = %s AND state = 'next'",
                (PLATFORM_SCOPE,),
            )
        _add(connection, keyring, "next")
        entry = audit.Entry(actor, "signing_key_rotated", "signing-keys", details={"at_once": at_once})
        audit.append(connection, PLATFORM_SCOPE, entry)
    return listed(database)


def _require_published(connection: Connection) -> None:
    row = connection.execute(
        "SELECT ceil(extract(epoch FROM created_at + %s - clock_timestamp()) / 60)::int FROM hub.signing_keys"
        " WHERE tenant_id = %s AND state = 'next'",
        (PUBLISHED_FOR, PLATFORM_SCOPE),
    ).fetchone()
    if row is not None and row[0] > 0:
        raise HubError("signing_key_too_new", minutes=row[0])


def _hold(connection: Connection) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub.signing_keys', 0))")


def _states(connection: Connection) -> dict[str, str]:
    rows = connection.execute("SELECT state, kid FROM hub.signing_keys WHERE tenant_id = %s", (PLATFORM_SCOPE,))
    return dict(rows.fetchall())


def _make_or_move_on(database: Database, keyring: Keyring, *, there_is_one: bool) -> None:
    if not there_is_one:
        ensure(database, keyring)
        return
    try:
        rotate(database, keyring, actor=audit.SYSTEM)
    except HubError as error:
        if error.code != "signing_key_too_new":  # another process was faster
            raise


def _active(database: Database) -> tuple[str, bytes, bool] | None:
    """The key that signs, and whether it has signed for long enough."""
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        return connection.execute(
            "SELECT kid, private_cipher, activated_at < clock_timestamp() - %s FROM hub.signing_keys"
            " WHERE tenant_id = %s AND state = 'active'",
            (SIGNS_FOR, PLATFORM_SCOPE),
        ).fetchone()


def _add(connection: Connection, keyring: Keyring, state: State) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from jwt.algorithms import RSAAlgorithm
    from psycopg.types.json import Jsonb

    private = generate_private_key(65537, KEY_BITS)
    kid = secrets.token_hex(8)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = cast("dict[str, Any]", json.loads(RSAAlgorithm.to_jwk(private.public_key())))
    jwk = {"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": public["n"], "e": public["e"]}
    connection.execute(
        "INSERT INTO hub.signing_keys (tenant_id, kid, state, public_jwk, private_cipher, created_at, activated_at)"
        " VALUES (%(scope)s, %(kid)s, %(state)s, %(jwk)s, %(cipher)s, clock_timestamp(),"
        " CASE WHEN %(state)s = 'active' THEN clock_timestamp() END)",
        {
            "scope": PLATFORM_SCOPE,
            "kid": kid,
            "state": state,
            "jwk": Jsonb(jwk),
            "cipher": keyring.tenant(PLATFORM_SCOPE).seal(_PURPOSE, kid, pem),
        },
    )


def _read_verifiers(database: Database) -> dict[str, tuple[RSAPublicKey, datetime | None]]:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from jwt.algorithms import RSAAlgorithm

    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        rows = connection.execute(
            "SELECT kid, public_jwk, verify_until FROM hub.signing_keys WHERE tenant_id = %s"
            " AND (verify_until IS NULL OR verify_until > clock_timestamp())",
            (PLATFORM_SCOPE,),
        ).fetchall()
    found = {kid: (RSAAlgorithm.from_jwk(jwk), until) for kid, jwk, until in rows}
    return {kid: (key, until) for kid, (key, until) in found.items() if isinstance(key, RSAPublicKey)}
