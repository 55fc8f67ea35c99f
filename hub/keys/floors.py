"""The least generation under which the data cluster takes in sealed values of a tenant.

Another process may hold a retired key in memory, and a value that it sealed but has not committed. Raising the floor
waits for those that are being committed, and makes the database refuse the rest (hub/migrations/sealed.py): from then
on a pass that finds nothing under the retired key has found everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hub.db.database import Database


def raise_floor(database: Database, tenant_id: str, generation: int) -> None:
    """Refuse values under an older generation from now on; safe to repeat."""
    floors: tuple[tuple[Literal["app", "vault"], bytes], ...] = (
        ("app", b"INSERT INTO hub.key_floors (tenant_id, generation) VALUES (%s, %s) ON CONFLICT DO NOTHING"),
        ("vault", b"INSERT INTO vault.key_floors (tenant_id, generation) VALUES (%s, %s) ON CONFLICT DO NOTHING"),
    )
    for role, statement in floors:
        with database.tenant(tenant_id, role) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub.keys.' || %s, 0))", (tenant_id,))
            connection.execute(statement, (tenant_id, generation))
