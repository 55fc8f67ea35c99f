"""What a package is made for, and what is known of it when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hub.i18n import Language

if TYPE_CHECKING:
    from hub.kvkk.audit import Actor
    from hub.settings import Settings


@dataclass(frozen=True)
class Order:
    """Whose data is asked for, by whom. `identifiers` are (kind, pseudonym) pairs that were verified as the person's.

    `included` and `excluded` are subjects that a reviewer decided on.
    """

    tenant_id: str
    identifiers: Sequence[tuple[str, str]]
    actor: Actor
    request_id: UUID | None = None
    type: str = "access"
    language: Language = "tr"
    received_at: datetime | None = None
    included: Sequence[str] = ()
    excluded: Sequence[str] = ()

    @property
    def with_rows(self) -> bool:
        """Whoever asks only for purposes or recipients gets these, and not copies of everything beside them."""
        return self.type not in ("info", "third_parties")


@dataclass(frozen=True)
class Built:
    """A finished package. `waiting`: groups of records that a reviewer has to decide on first, left out."""

    export_id: UUID
    rows: int
    bytes: int
    sha256: str
    available_until: datetime
    waiting: int


def exports_directory(settings: Settings) -> Path:
    """Where packages lie, for the hub's user alone."""
    from hub.secrets_file import private_directory

    directory = settings.home / "exports"
    private_directory(directory)
    return directory
