"""The store of the request desk: what a person asked for, the packages made for them, the mails to them.

A request that is open still needs its contact to be answered, the erasure's own request first of all. So only closed
ones lose contact, content and answer here; open ones lose them once they are closed, by the next retention run. That a
request was made, and answered in time, stays: it names nobody any more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, LiteralString
from uuid import UUID

from connectors.istanbul import start_of
from hub.kvkk.stores import Destroyed, Held
from hub.kvkk.traces import traces_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from hub.db.database import Connection
    from hub.kvkk.person import Period, Person
    from hub.kvkk.stores import Hub

_CATEGORY = "ILETISIM"
_SEALED = "contact_cipher IS NOT NULL OR content_cipher IS NOT NULL OR answer_cipher IS NOT NULL"
_OF_REQUESTS: dict[LiteralString, LiteralString] = {
    "hub.requests": f"request_id = ANY(%(requests)s) AND state = 'closed' AND ({_SEALED})",
    "hub.exports": "(request_id = ANY(%(requests)s) OR subjects && %(subjects)s::uuid[])"
    " AND (file_name IS NOT NULL OR sealed_key IS NOT NULL OR cardinality(subjects) > 0)",
    # An answer that waits is still owed; the notice of a breach goes to an address that was the erased person's data.
    "hub.mails": "(split_part(about, ':', 2) = ANY(%(about)s) AND state <> 'pending')"
    " OR (template = 'breach_notice' AND split_part(about, ':', 3) = ANY(%(subjects)s::text[]))",
    "hub.request_identifiers": "(pseudonym = ANY(%(pseudonyms)s)"
    " OR (request_id = ANY(%(dated)s) AND pseudonym = ANY(%(shared)s)))",
    "hub.request_subjects": "subject_id = ANY(%(subjects)s::uuid[])",
}
_ERASES: dict[LiteralString, LiteralString] = {
    "hub.requests": "UPDATE hub.requests SET contact_cipher = NULL, content_cipher = NULL, answer_cipher = NULL",
    "hub.exports": "UPDATE hub.exports SET state = 'expired', file_name = NULL, sealed_key = NULL, link_hash = NULL,"
    " subjects = '{}'",
    "hub.mails": "DELETE FROM hub.mails",
    "hub.request_identifiers": "DELETE FROM hub.request_identifiers",
    "hub.request_subjects": "DELETE FROM hub.request_subjects",
}
"""In the order of work: identifiers and subjects lead to requests, and so go last."""


class DeskStore:
    """Requests with their identifiers and subjects, exports and mails. `exports` is where the packages lie."""

    name = "desk"

    def __init__(self, hub: Hub, exports: Path) -> None:
        self._hub = hub
        self._exports = exports

    def tables(self) -> frozenset[str]:
        """Everything of a request. Its events hold codes only."""
        return frozenset(_OF_REQUESTS) | {"hub.request_events"}

    def find(self, person: Person) -> list[Held]:
        """What the desk has of the person and may lose."""
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            given = self._given(connection, person)
            counts = {table: _count(connection, table, given) for table in _OF_REQUESTS}
        return [Held(table, _CATEGORY, count) for table, count in counts.items() if count]

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        """Remove the packages' files, then the rows' content."""
        del before
        done: list[Destroyed] = []
        with self._hub.database.tenant(person.tenant_id, "app") as connection:
            given = self._given(connection, person)
            self._remove_files(connection, given)
            for table, statement in _ERASES.items():
                count = connection.execute(
                    f"{statement} WHERE tenant_id = %(tenant)s AND ({_OF_REQUESTS[table]})", given
                ).rowcount
                done += [Destroyed(table, _CATEGORY, count, "delete")] if count else []
        return done

    def verify(self, person: Person, *, before: datetime) -> int:
        """What should have gone and stands."""
        del before
        return sum(each.records for each in self.find(person))

    def _given(self, connection: Connection, person: Person) -> dict[str, object]:
        traces = traces_of(self._hub.database, self._hub.keyring, person)
        rows = connection.execute(
            "SELECT request_id FROM hub.request_identifiers WHERE tenant_id = %(tenant)s AND pseudonym = ANY(%(p)s)"
            " UNION SELECT request_id FROM hub.request_subjects"
            " WHERE tenant_id = %(tenant)s AND subject_id = ANY(%(subjects)s::uuid[]) AND decision = 'included'",
            {"tenant": person.tenant_id, "p": traces.pseudonyms, "subjects": sorted(traces.subjects)},
        ).fetchall()
        dated = _in_days(connection, person.tenant_id, traces.days)
        requests: Sequence[UUID] = sorted({*(row[0] for row in rows), *dated})
        return {
            "tenant": person.tenant_id,
            "requests": requests,
            "about": [str(each) for each in requests],
            "pseudonyms": traces.pseudonyms,
            "dated": dated,
            "shared": sorted({each.pseudonym for each in traces.days}),
            "subjects": sorted(traces.subjects),
        }

    def _remove_files(self, connection: Connection, given: dict[str, object]) -> None:
        names = connection.execute(
            "SELECT file_name FROM hub.exports WHERE tenant_id = %(tenant)s AND file_name IS NOT NULL"  # noqa: S608
            f" AND {_OF_REQUESTS['hub.exports']}",
            given,
        )
        for (name,) in names.fetchall():
            (self._exports / str(name)).unlink(missing_ok=True)


def _in_days(connection: Connection, tenant_id: str, days: Collection[Period]) -> list[UUID]:
    """Requests by a shared identifier that came, and were proved by it, on days on which it was the person's."""
    return [
        row[0]
        for each in sorted(days, key=str)
        for row in connection.execute(
            "SELECT i.request_id FROM hub.request_identifiers i JOIN hub.requests r USING (tenant_id, request_id)"
            " WHERE i.tenant_id = %(tenant)s AND i.pseudonym = %(pseudonym)s AND i.verified"
            " AND (%(since)s::timestamptz IS NULL OR r.received_at >= %(since)s)"
            " AND (%(until)s::timestamptz IS NULL OR r.received_at < %(until)s)",
            {
                "tenant": tenant_id,
                "pseudonym": each.pseudonym,
                "since": start_of(each.since) if each.since else None,
                "until": start_of(each.until) if each.until else None,
            },
        )
    ]


def _count(connection: Connection, table: LiteralString, given: dict[str, object]) -> int:
    row = connection.execute(
        f"SELECT count(*) FROM {table} WHERE tenant_id = %(tenant)s AND ({_OF_REQUESTS[table]})",  # noqa: S608 - our own names
        given,
    ).fetchone()
    return int(row[0]) if row else 0
