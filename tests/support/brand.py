"""A tenant with a brand at the sandbox's İYS, its people, and what they said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.iys import PROVIDER
from connectors.sandbox.iys import tokens
from connectors.sandbox.iys.book import Book, book_of
from connectors.secret import Secret
from hub.control import consents, grounds
from hub.control.consent_record import NewConsent
from hub.iys import recipients
from hub.messaging.checks import SendCheck
from tests.support.accounts import add_account

if TYPE_CHECKING:
    from connectors.iys.register import PermissionStatus
    from connectors.sandbox.server import Sandbox
    from hub.control.consents import Consent
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

PHONE, OTHER, EMAIL = "+905320000001", "+905320000002", "biri@ornek.com.tr"


@dataclass
class Brand:
    """One tenant, connected."""

    database: Database
    keyring: Keyring
    sandbox: Sandbox
    company: str
    tenant_id: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.tenant_id = add_account(
            self.database,
            self.keyring,
            self.sandbox,
            PROVIDER,
            self.company,
            **tokens.codes(self.company),
            request_timeout_seconds=5,
        )

    @property
    def book(self) -> Book:
        return book_of(self.sandbox.world)

    def pseudonym(self, value: str = PHONE) -> str:
        kind = "email" if "@" in value else "phone"
        return grounds.subject_pseudonym(self.keyring, self.tenant_id, kind, Secret(value))

    def says(
        self,
        purpose: str,
        value: str = PHONE,
        *,
        ago: timedelta = timedelta(hours=2),
        kind: str = "",
        keep: bool = False,
        **changes: Any,
    ) -> Consent:
        """Record a consent or a permission; `keep` puts the number into the vault, as the command does."""
        kind = kind or ("email" if "@" in value else "phone")
        subject = grounds.subject_pseudonym(self.keyring, self.tenant_id, kind, Secret(value))  # type: ignore[arg-type]
        if keep:
            recipients.keep(self.database, self.keyring, self.tenant_id, kind, Secret(value))
        given = {
            "purpose": purpose,
            "data_categories": ("ILETISIM",),
            "retention_period": "P1Y",
            "consent_text": "İzin veriyorum.",
            "text_version": "v1",
            "notice_id": "n1",
            "channel": "web",
            "evidence_ref": "form-1",
            "given_at": self.now - ago,
            **changes,
        }
        new = NewConsent.model_validate(given)
        return consents.record(self.database, self.tenant_id, kind=kind, subject=subject, new=new)  # type: ignore[arg-type]

    def at_iys(self, status: PermissionStatus, value: str = PHONE, *, ago: timedelta = timedelta(hours=1)) -> None:
        """Put a state into İYS's book, whatever stands there."""
        from connectors.iys.register import Address, Permission
        from connectors.iys.wire import permission_fields

        address = Address(value, "EPOSTA" if "@" in value else "MESAJ")
        for each, source in (("ONAY", "HS_WEB"), (status, "HS_MESAJ")):
            self.book.add(self.company, permission_fields(Permission(address, each, source, self.now - ago)))  # type: ignore[arg-type]

    def leave(self) -> None:
        """Nobody works for this tenant any more once its sandbox is gone."""
        with self.database.tenant(self.tenant_id, "app") as connection:
            connection.execute("DELETE FROM hub.integrations WHERE tenant_id = %s", (self.tenant_id,))

    def check(self, value: str | None = PHONE, **changes: Any) -> SendCheck:
        given: dict[str, Any] = {
            "kind": "email" if value and "@" in value else "phone",
            "channel": "email" if value and "@" in value else "sms",
            "commercial": True,
            "purpose": "marketing",
            "value": value,
        }
        return SendCheck(**(given | changes))
