"""`Idempotency-Key`: a call that is repeated with the same key gets the first one's answer and does nothing more.

The key belongs to its caller. The first call claims it, in a transaction of its own, before anything happens; when it
has been answered, status and body are kept for a day, sealed under the tenant's key of the day. A call that failed
within the hub, or was refused before it did anything, gives its key back. A claim whose process died is taken over
after `CLAIM_SECONDS`: actions stay single through the outbox, which is told the same key.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from hub.db.database import Connection, Database
    from hub.keys.daily import DailyKeys

CLAIM_SECONDS = 120
KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_PURPOSE = "api-answer"
_KEPT_HEADERS = ("content-type", "content-language", "location", "etag")


@dataclass(frozen=True)
class KeptAnswer:
    """What the first call was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Claim:
    """The right to do what a key stands for."""

    scope: str
    caller: str
    key_hash: bytes
    claimed_at: datetime | None = None
    """When; None for one that was not taken. Who comes back after another took the key over changes nothing of it."""


def well_formed(key: str) -> str:
    """The key, or HubError `idempotency_key_malformed`: 1 to 128 printable ASCII characters without spaces."""
    if not _KEY.fullmatch(key):
        raise HubError("idempotency_key_malformed")
    return key


def fingerprint(method: str, path: str, query: str, body: bytes, if_match: str | None = None) -> bytes:
    """What makes two calls the same: 32 bytes. A call upon another version is another one."""
    whole = hashlib.sha256()
    condition = () if if_match is None else (if_match.encode("latin-1"),)
    for part in (method.encode(), path.encode(), query.encode(), body, *condition):
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.digest()


class Answers:
    """The kept answers of all callers, each in its tenant's own rows (`hub.api_answers`)."""

    def __init__(self, database: Database, daily_keys: DailyKeys) -> None:
        self._database = database
        self._daily_keys = daily_keys

    def claim(self, scope: str, caller: str, key: str, print_: bytes) -> Claim | KeptAnswer:
        """Take the key, or get what it was answered before.

        HubError `idempotency_key_of_another_call` for another request, `idempotency_key_in_use` while the first one is
        worked on, `idempotent_answer_not_kept` where the answer was told once and for all.
        """
        key_hash = hashlib.sha256(key.encode()).digest()
        with self._database.tenant(scope, "app") as connection:
            expire(connection, scope)
            taken = connection.execute(
                "INSERT INTO hub.api_answers (tenant_id, caller, key_hash, fingerprint)"
                " VALUES (%(t)s, %(c)s, %(k)s, %(f)s)"
                " ON CONFLICT (tenant_id, caller, key_hash) DO UPDATE SET claimed_at = now(), fingerprint = %(f)s,"
                " status = NULL, answered_at = NULL, answer_cipher = NULL, key_day = NULL"
                " WHERE hub.api_answers.claimed_at < now() - %(kept)s"
                " OR (hub.api_answers.status IS NULL AND hub.api_answers.fingerprint = %(f)s"
                "     AND hub.api_answers.claimed_at < now() - make_interval(secs => %(stale)s))"
                " RETURNING claimed_at",
                {"t": scope, "c": caller, "k": key_hash, "f": print_, "kept": KEPT, "stale": CLAIM_SECONDS},
            ).fetchone()
            if taken is not None:
                return Claim(scope, caller, key_hash, taken[0])
            row = connection.execute(
                "SELECT fingerprint, status, answer_cipher, key_day FROM hub.api_answers"
                " WHERE tenant_id = %s AND caller = %s AND key_hash = %s",
                (scope, caller, key_hash),
            ).fetchone()
        if row is None:  # given back between the two statements
            raise HubError("idempotency_key_in_use")
        return self._kept(Claim(scope, caller, key_hash), print_, row[0], row[1], row[2], row[3])

    def keep(self, claim: Claim, answer: KeptAnswer | None, status: int) -> None:
        """Note the answer; None for one that must not be kept."""
        sealed: bytes | None = None
        day: date | None = None
        if answer is not None:
            key = self._daily_keys.today(claim.scope)
            headers = {name: value for name, value in answer.headers.items() if name in _KEPT_HEADERS}
            text = json.dumps([headers, answer.body.decode("latin-1")])
            day, sealed = key.day, key.seal(_identity(claim), text.encode())
        with self._database.tenant(claim.scope, "app") as connection:
            connection.execute(
                "UPDATE hub.api_answers SET status = %s, answered_at = now(), answer_cipher = %s, key_day = %s"
                " WHERE tenant_id = %s AND caller = %s AND key_hash = %s AND claimed_at = %s",
                (status, sealed, day, claim.scope, claim.caller, claim.key_hash, claim.claimed_at),
            )

    def give_back(self, claim: Claim) -> None:
        """Nothing happened: the same key may be used again."""
        with self._database.tenant(claim.scope, "app") as connection:
            connection.execute(
                "DELETE FROM hub.api_answers WHERE tenant_id = %s AND caller = %s AND key_hash = %s AND status IS NULL"
                " AND claimed_at = %s",
                (claim.scope, claim.caller, claim.key_hash, claim.claimed_at),
            )

    def _kept(
        self,
        claim: Claim,
        print_: bytes,
        known: bytes,
        status: int | None,
        cipher: bytes | None,
        day: date | None,
    ) -> KeptAnswer:
        if bytes(known) != print_:
            raise HubError("idempotency_key_of_another_call")
        if status is None:
            raise HubError("idempotency_key_in_use")
        if cipher is None or day is None:
            raise HubError("idempotent_answer_not_kept")
        key = self._daily_keys.of(claim.scope, day)
        if key is None:  # a clock that ran ahead: the key lives for thirty days, the answer for one
            raise HubError("idempotent_answer_not_kept")
        headers, body = json.loads(key.open(_identity(claim), bytes(cipher)))
        return KeptAnswer(status, headers, body.encode("latin-1"))


def expire(connection: Connection, tenant_id: str) -> int:
    """Delete a tenant's kept answers that are older than a day. How many."""
    return connection.execute(
        "DELETE FROM hub.api_answers WHERE tenant_id = %s AND claimed_at < now() - %s", (tenant_id, KEPT)
    ).rowcount


def _identity(claim: Claim) -> str:
    return f"{_PURPOSE}:{claim.caller}:{claim.key_hash.hex()}"
