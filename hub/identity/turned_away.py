"""Who was turned away at sign-in, written down: in the log of their tenant, or the platform's for nobody's login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hub.identity import record
from hub.identity.scope import PLATFORM_SCOPE
from hub.kvkk import audit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.db.database import Database
    from hub.identity.candidates import Candidate

_STRANGER = "anybody"


def enter(database: Database, candidates: Sequence[Candidate], *, source: str | None, locked: bool) -> None:
    """A wrong password, for each user whose login it was. `locked`: the next attempt must wait."""
    if not candidates:
        enter_stranger(database, "password", source=source, locked=locked)
    for each in candidates:
        actor = audit.Actor(_STRANGER, _STRANGER, source)
        with database.tenant(each.tenant_id, "app") as connection:
            record.enter(
                connection, each.tenant_id, each.user_id, "sign_in", actor, result="sign_in_refused", locked=locked
            )


def enter_stranger(
    database: Database, way: Literal["password", "client"], *, source: str | None, locked: bool = False
) -> None:
    """A login, or a client, that is nobody's."""
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        entry = audit.Entry(
            audit.Actor(_STRANGER, _STRANGER, source),
            "sign_in",
            "login:unknown",
            result="sign_in_refused",
            details={"way": way, "locked": locked},
        )
        audit.append(connection, PLATFORM_SCOPE, entry)
