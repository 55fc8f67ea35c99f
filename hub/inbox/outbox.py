"""What the inbox may do to the outbox: pass on what became of an action, and have its provider asked.

Nobody's word that is not proved settles an action. It may say only that something happened, and then the look that
would come anyway comes now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from hub.observe import tracing
from hub.outbox import learn
from hub.outbox.changes import reference_mark
from hub.outbox.enqueue import NOTIFY

if TYPE_CHECKING:
    from connectors.webhooks import AskAbout, StateHeard
    from hub.outbox.perform import Outbox

_ID_DIGITS = 32


class Actions:
    """An installation's actions, as events see them."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def heard(self, tenant_id: str, provider: str, heard: StateHeard) -> bool:
        """Note what became of an action; whether that changed anything. One that nobody knows changes nothing."""
        outbox = self._outbox
        event = learn.Heard(provider, heard.found, heard.reference, heard.opted_out, heard.at)
        return learn.heard(outbox.database, outbox.keyring, tenant_id, event, outbox.gates, outbox.kinds)

    def ask(self, tenant_id: str, provider: str, about: AskAbout) -> bool:
        """Bring the next look at an action forward to now; whether there is one that is still looked at."""
        keys = self._outbox.keyring.tenant(tenant_id)
        mark = None if about.provider_reference is None else reference_mark(keys, about.provider_reference)
        with self._outbox.database.tenant(tenant_id, "app") as connection:
            sooner = connection.execute(
                "UPDATE hub.actions SET next_look_at = now(), traceparent = coalesce(%s, traceparent)"
                " WHERE tenant_id = %s AND provider = %s AND (action_id = %s OR provider_mark = %s)"
                " AND state IN ('accepted', 'unknown') AND next_look_at > now()",
                (tracing.carried(), tenant_id, provider, _as_id(about.reference), mark),
            ).rowcount
            if sooner:
                connection.execute(NOTIFY)
        return sooner > 0


def _as_id(reference: str | None) -> UUID | None:
    """References are the action's id without hyphens (`Act.reference`)."""
    if reference is None or len(reference) != _ID_DIGITS:
        return None
    try:
        return UUID(reference)
    except ValueError:
        return None
