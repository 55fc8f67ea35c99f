"""Who may come in, what is noted of what they do or try, and who decides it: the API, which hands the functions in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from starlette.types import Scope

from hub.identity.permissions import Permission

if TYPE_CHECKING:
    from hub.dagster_door.operations import Mutation
    from hub.identity.caller import Caller


@dataclass(frozen=True)
class Access:
    """Who is signed in, and whether this session may change anything (a second factor may be wanted for that)."""

    caller: Caller
    may_operate: bool

    @property
    def views(self) -> bool:
        """Whether Dagster is there at all for them; for a tenant's people and for machines it is not."""
        return self.caller.is_platform and Permission.DAGSTER_VIEW in self.caller.permissions

    @property
    def operates(self) -> bool:
        """Both the session and the role must allow it."""
        return self.views and self.may_operate and Permission.DAGSTER_OPERATE in self.caller.permissions


@dataclass(frozen=True)
class MutationNote:
    """One request that would change something in Dagster, before it is passed on or because it is not."""

    caller: Caller
    ip: str | None
    mutations: tuple[Mutation, ...]
    result: Literal["forwarded", "refused"]
    over: Literal["http", "websocket"]


@dataclass(frozen=True)
class AttemptNote:
    """A call that somebody tried and was refused. Nothing in it is the caller's own words."""

    code: str
    caller: Caller | None
    """None for a stranger."""
    ip: str | None
    way: str
    """Method and `/dagster`; what stood behind that may hold anything."""
    request_id: str


Authorise = Callable[[Scope], Awaitable[Access | None]]
"""Whose request this is, or None for nobody's. An exception lets nobody in."""
Audited = Callable[[MutationNote], Awaitable[None]]
"""Returns when the note is committed. An exception stops the mutation."""
Attempted = Callable[[AttemptNote], Awaitable[None]]
"""Returns when the note is counted or committed. What is refused is refused whatever this raises."""
Strangers = Callable[[str | None], Awaitable[None]]
"""Count a refused call by the network of its address. HubError `too_many_calls`."""
