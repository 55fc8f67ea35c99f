"""The master keys that a process works with: one wraps, and during a rotation another one still unwraps.

A row names the master key that wrapped it. A process that meets a name it does not know reads the files again: a
rotation may have begun since it started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.keys.master_files import available

if TYPE_CHECKING:
    from pathlib import Path

    from hub.db.database import Connection, Database
    from hub.keys.master_key import MasterKey


class Masters:
    """Starts with one key; others come out of the files beside `path`, when the key store names them."""

    def __init__(self, master: MasterKey, path: Path) -> None:
        self._known = {master.fingerprint: master}
        self._given = master.fingerprint
        self._path = path
        self._recognised = False

    def recognise(self, database: Database) -> None:
        """Remember the first master key of a key store, and refuse any other: HubError `master_key_foreign`."""
        if self._recognised:
            return
        with database.master_keys() as connection:
            connection.execute(
                "INSERT INTO keys.master (fingerprint) SELECT %s WHERE NOT EXISTS (SELECT FROM keys.master)"
                " ON CONFLICT DO NOTHING",
                (self._given,),
            )
            rows = connection.execute("SELECT fingerprint, retired_at IS NULL FROM keys.master").fetchall()
        in_force = {fingerprint for fingerprint, living in rows if living}
        # Read just before a rotation ended, ours may be retired by now: then the file holds the one in force.
        if self._given not in in_force and ((self._given, False) not in rows or not in_force & self._read().keys()):
            raise HubError("master_key_foreign")
        self._recognised = True

    def wrapping(self, connection: Connection) -> MasterKey:
        """The key to wrap with, in a transaction of the keys role: until it ends, no rotation begins or finishes."""
        # Two statements: what a rotation committed while the first one waited is seen by the second one only.
        connection.execute("SELECT FROM keys.master FOR SHARE")
        row = connection.execute(
            "SELECT fingerprint FROM keys.master WHERE retired_at IS NULL ORDER BY created_at DESC LIMIT 1"
        ).fetchone()
        if row is None:
            raise HubError("master_key_foreign")
        return self._named(row[0])

    def unwrap(self, fingerprint: str | None, identity: str, wrapped: bytes) -> bytes:
        """The key in clear. `fingerprint` is None in rows of before rotation existed.

        HubError `master_key_foreign` if the named key lies nowhere, `ciphertext_invalid` if the row was altered.
        """
        if fingerprint is not None:
            return self._named(fingerprint).unwrap(identity, wrapped)
        for master in [*self._known.values(), *self._read().values()]:
            try:
                return master.unwrap(identity, wrapped)
            except HubError:
                continue
        raise HubError("ciphertext_invalid")

    def _named(self, fingerprint: str) -> MasterKey:
        # Twice: a file may be renamed between two that are read.
        for _ in range(2):
            if (found := self._known.get(fingerprint)) is not None:
                return found
            self._read()
        if (found := self._known.get(fingerprint)) is not None:
            return found
        raise HubError("master_key_foreign")

    def _read(self) -> dict[str, MasterKey]:
        found = available(self._path)
        self._known = {**self._known, **found}
        return found
