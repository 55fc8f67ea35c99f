"""What may happen to a request, in which state, and who may do it: one table, and nothing else moves a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hub.errors import HubError
from hub.kvkk.requests.vocabulary import OPEN_STATES, State

if TYPE_CHECKING:
    from hub.kvkk.audit import Actor

DESK, MACHINE = "desk", "machine"
"""Roles of an actor: a person at the desk, or the hub's own job."""

Who = Literal["desk", "handler", "machine"]
"""`desk` is anybody there; `handler` the person the request is assigned to, anybody while it is nobody's."""

Act = Literal[
    "name_identifiers",
    "confirm_identity",
    "doubt_identity",
    "ask",
    "assign",
    "review",
    "start",
    "approve",
    "answer",
    "refuse",
    "close",
    "work_begun",
    "work_done",
    "work_failed",
    "warn",
]


@dataclass(frozen=True)
class Transition:
    """From any of `sources` to `target`; None leaves the state as it is."""

    sources: tuple[State, ...]
    target: State | None
    who: Who


_BEFORE_WORK: tuple[State, ...] = ("received", "identity_check", "info_needed")

TRANSITIONS: dict[Act, Transition] = {
    "name_identifiers": Transition(_BEFORE_WORK, None, "desk"),
    "confirm_identity": Transition(_BEFORE_WORK, "identity_check", "desk"),
    "doubt_identity": Transition(_BEFORE_WORK, "identity_check", "desk"),
    "ask": Transition(("received", "identity_check"), "info_needed", "desk"),
    "assign": Transition(OPEN_STATES, None, "desk"),
    "review": Transition(("identity_check", "in_progress"), None, "desk"),
    "start": Transition(("identity_check", "in_progress"), "in_progress", "handler"),
    "approve": Transition(("in_progress",), None, "desk"),
    "answer": Transition(("in_progress",), "answered", "handler"),
    "refuse": Transition(OPEN_STATES, "answered", "handler"),
    "close": Transition(("answered",), "closed", "desk"),
    "work_begun": Transition(("in_progress",), None, "machine"),
    "work_done": Transition(("in_progress",), None, "machine"),
    "work_failed": Transition(("in_progress",), None, "machine"),
    "warn": Transition(OPEN_STATES, None, "machine"),
}


def after(act: Act, state: State, *, actor: Actor, handler: str | None) -> State:
    """The state that follows. HubError `request_act_not_allowed`, `request_not_yours`, `request_role_wrong`."""
    transition = TRANSITIONS[act]
    if state not in transition.sources:
        raise HubError("request_act_not_allowed", act=act, state=state, allowed=", ".join(transition.sources))
    if (transition.who == MACHINE) != (actor.role == MACHINE):
        raise HubError("request_role_wrong", act=act, role=actor.role)
    if transition.who == "handler" and handler is not None and handler != actor.name:
        raise HubError("request_not_yours", act=act)
    return transition.target or state
