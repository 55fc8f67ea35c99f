"""What a register of permissions for commercial messages can be asked, whoever stands between it and the hub.

İYS (İleti Yönetim Sistemi, law 6563) keeps whether somebody may be sent commercial messages: what it does not have as
ONAY must not be sent, whatever a sender's own records say. It is reached by its own API (session.py) or through an SMS
gateway that wraps the same fields (netgsm.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, get_args

PermissionType = Literal["MESAJ", "ARAMA", "EPOSTA"]
"""Message, call, e-mail."""
RecipientType = Literal["BIREYSEL", "TACIR"]
"""A person; a merchant or tradesman, who may be written to without a permission and may refuse."""
PermissionStatus = Literal["ONAY", "RET"]
Origin = Literal["IYS", "HS"]
"""Whose changes: made at İYS (by the person, as a rule), or brought in by the sender, by whichever way."""

PERMISSION_TYPES: tuple[PermissionType, ...] = get_args(PermissionType)
RECIPIENT_TYPES: tuple[RecipientType, ...] = get_args(RecipientType)
PERMISSION_STATUSES: tuple[PermissionStatus, ...] = get_args(PermissionStatus)
ORIGINS: tuple[Origin, ...] = get_args(Origin)

SOURCES = frozenset(
    {
        "HS_FIZIKSEL_ORTAM",
        "HS_ISLAK_IMZA",
        "HS_ETKINLIK",
        "HS_ATM",
        "HS_EORTAM",
        "HS_WEB",
        "HS_MOBIL",
        "HS_MESAJ",
        "HS_EPOSTA",
        "HS_CAGRI_MERKEZI",
        "HS_SOSYAL_MEDYA",
        "HS_2015",
        "HS_KARAR",
    }
)
"""How a sender came by a permission. HS_KARAR is its own decision: RET only, and never as the first record."""

FIRST_RECORD_REFUSED = "H175"
"""İYS keeps no refusal of somebody whom it does not know: there is nothing that could be sent."""


@dataclass(frozen=True)
class Address:
    """Whom a permission is about. `recipient` is +905XXXXXXXXX or an e-mail address, and hides itself."""

    recipient: str = field(repr=False)
    type: PermissionType
    recipient_type: RecipientType = "BIREYSEL"


@dataclass(frozen=True)
class Permission:
    """One permission or refusal as a sender brings it in."""

    address: Address
    status: PermissionStatus
    source: str
    consent_date: datetime
    """When it was given or refused; aware."""


@dataclass(frozen=True)
class Standing:
    """What the register has of an address; `status` None where it has nothing."""

    status: PermissionStatus | None
    source: str | None = None
    consent_date: datetime | None = None


@dataclass(frozen=True)
class Result:
    """What became of one permission of a submission, by its place in it. `code` is the register's own, of a refusal."""

    index: int
    state: Literal["waiting", "accepted", "refused"]
    code: str | None = None


@dataclass(frozen=True)
class Changes:
    """Movements in the register's order. `after` goes into the next question; None leaves the last one in force."""

    changes: Sequence[Permission]
    after: str | None
    more: bool


class PermissionRegister(Protocol):
    """One brand's way to the register. Every method raises `ProviderFailure`.

    Bringing a permission in twice is harmless: the register keeps one state an address, and refuses older dates.
    """

    @property
    def at_once(self) -> int:
        """Permissions that one submission may hold."""
        ...

    @property
    def answers_later(self) -> bool:
        """Whether `results` tells what became of a submission. Where not, taking it was all that is ever heard."""
        ...

    @property
    def tells_changes(self) -> bool:
        """Whether `changes` may be asked. Where not, changes come as webhooks only."""
        ...

    async def add(self, permission: Permission) -> None:
        """Bring one in, at once."""
        ...

    async def submit(self, permissions: Sequence[Permission]) -> str:
        """Bring many in; the id by which the results are asked for."""
        ...

    async def results(self, submission: str) -> Sequence[Result]:
        """What became of a submission so far."""
        ...

    async def standing(self, address: Address) -> Standing:
        """What the register has now."""
        ...

    async def changes(self, origin: Origin, after: str | None) -> Changes:
        """A page of what changed since `after`, or from the beginning."""
        ...
