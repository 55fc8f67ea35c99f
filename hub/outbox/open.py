"""Puts the outbox together: every kind of action, every account, and the rules that are asked before each send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.outbox.gate import Gates
from hub.outbox.perform import Outbox

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.outbox.gate import Follower


def open_outbox(database: Database, keyring: Keyring) -> Outbox:
    """The outbox of this installation."""
    from connectors.action_registry import kinds
    from connectors.registry import accounts
    from hub.einvoice.issue.archive import attach
    from hub.findeks_orders.gate import BasisGate
    from hub.inbox.window import ConversationWindow
    from hub.messaging.outbox_gate import MessagingGate
    from hub.outbox.caps.gate import CapGate
    from hub.outbox.plan_gate import PlanGate

    # Numbers and money last: they count what they let pass.
    messages = MessagingGate(database, keyring)
    rules = (messages, ConversationWindow(), BasisGate(database), PlanGate(), CapGate())
    return Outbox(database, keyring, kinds(), accounts(), Gates(rules, followers(), early=(messages,)), attach)


def followers() -> tuple[Follower, ...]:
    """Whoever has something that goes where an action goes, however it comes to go there."""
    from hub.einvoice.issue.following import Documents
    from hub.outbox.caps.gate import RealCosts

    return (Documents(), RealCosts())
