"""Who is turned away at the door has tried, and that stays: by whom, from where, and why, never with which words.

A stranger whom the door leads to sign in has tried nothing, and neither has a page whose session ended while it stood
open. But what changes something, or a websocket, that another site's page sent comes without a session as well (the
cookie is not sent along), and is an attempt.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.dagster_door.access import AttemptNote
from hub.dagster_door.cross_site import is_cross_site
from hub.dagster_door.paths import PREFIX

if TYPE_CHECKING:
    from starlette.types import Scope

    from hub.dagster_door.access import Access, Attempted

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_ATTEMPT = frozenset({"dagster_body_slow", "dagster_too_many_sockets", "dagster_not_audited"})
"""Refusals that say something about the network, or about us."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempts:
    """What the door tells of refused calls."""

    attempted: Attempted

    async def note(self, scope: Scope, code: str, access: Access | None) -> None:
        """Have it written down that a call was refused with that code, if it was an attempt."""
        if code in _NO_ATTEMPT:
            return
        if code == "dagster_not_signed_in":
            if not is_cross_site(scope):
                return
            code = "dagster_cross_site"
        note = AttemptNote(
            code, access.caller if access else None, ip_of(scope), _way(scope), str(scope.get("hub.request_id", ""))
        )
        try:
            await self.attempted(note)
        except Exception as error:  # it is refused all the same
            logger.error("an attempt could not be written down: %s", type(error).__name__)  # noqa: TRY400 - no texts


def ip_of(scope: Scope) -> str | None:
    """Where a call comes from."""
    client = scope.get("client")
    return str(client[0]) if client else None


def _way(scope: Scope) -> str:
    """A method that is none of HTTP's own is a word of the caller's."""
    if scope["type"] == "websocket":
        return f"WEBSOCKET {PREFIX}"
    return f"{scope['method'] if scope['method'] in _METHODS else 'OTHER'} {PREFIX}"
