"""On what the demo's tenants may know their customers' credit reports: some gave consent, one is owed by contract.

The others' reports are refused, which is half of the story; the other half is a consent that comes a day later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.findeks.streams.reports import PURPOSE
from connectors.sandbox.findeks.bureau import DROPPED, PEOPLE
from connectors.secret import Secret
from hub.control import consents, grounds, legal_bases, refusals
from hub.control.consent_record import NewConsent
from hub.control.legal_basis_record import NewLegalBasis

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.server import Sandbox
    from hub.db.database import Database
    from hub.demo.cast import Part
    from hub.keys.keyring import Keyring

_CONSENT_TEXT = "Kredi değerlendirmesi için Findeks raporumun alınmasına açık rıza veriyorum."
_CATEGORIES = ("KIMLIK", "FINANS", "RISK")
_BY_CONTRACT = 4
_LATE = (1, 10)
"""Customers whose consent comes after the first sync: one is told of by the gateway several times."""


def record_bases(database: Database, keyring: Keyring, sandbox: Sandbox, part: Part) -> None:
    """Consents of every third customer and a contract with one more."""
    everyone = range(PEOPLE + DROPPED)
    _record_consents(database, keyring, part, _people(sandbox, part, (index for index in everyone if index % 3 == 0)))
    (debtor,) = _people(sandbox, part, [_BY_CONTRACT])
    new = NewLegalBasis(
        purpose=PURPOSE,
        legal_basis="contract",
        data_categories=_CATEGORIES,
        proportionality_note="Vadeli satış sözleşmesi; peşinat ve depozito seçenekleri sunuldu.",
        notice_id="aydinlatma-2026-1",
        evidence_ref="sozlesme-41",
        valid_from=datetime.now(UTC) - timedelta(days=30),
        recorded_by="kvkk-sorumlusu",
    )
    subject = grounds.subject_pseudonym(keyring, part.tenant_id, "tckn", Secret(debtor.tckn))
    legal_bases.record(database, part.tenant_id, kind="tckn", subject=subject, new=new)


def record_late_consents(database: Database, keyring: Keyring, sandbox: Sandbox, cast: Sequence[Part]) -> None:
    """Consents that let the next sync bring in what the first one refused."""
    for part in cast:
        _record_consents(database, keyring, part, _people(sandbox, part, _LATE))


def count_refused(database: Database, cast: Sequence[Part]) -> dict[str, dict[str, int]]:
    """Records that wait for a legal basis, by stream and tenant's subdomain."""
    counted: dict[str, dict[str, int]] = {}
    for part in cast:
        for refusal in refusals.listed(database, part.tenant_id):
            of_stream = counted.setdefault(f"{refusal.provider}_{refusal.stream}", {})
            of_stream[part.subdomain] = of_stream.get(part.subdomain, 0) + 1
    return counted


def _people(sandbox: Sandbox, part: Part, indices: Iterable[int]) -> list[Person]:
    company = sandbox.world.company(part.company)
    return [company.customer(index) for index in indices]


def _record_consents(database: Database, keyring: Keyring, part: Part, people: Sequence[Person]) -> None:
    for person in people:
        new = NewConsent(
            purpose=PURPOSE,
            data_categories=_CATEGORIES,
            retention_period="P1Y",
            consent_text=_CONSENT_TEXT,
            text_version="2026-1",
            notice_id="aydinlatma-2026-1",
            given_at=datetime.now(UTC) - timedelta(days=1),
            expires_at=datetime.now(UTC) + timedelta(days=364),
            channel="wet_signature",
            evidence_ref="form-arsivi-1",
        )
        subject = grounds.subject_pseudonym(keyring, part.tenant_id, "tckn", Secret(person.tckn))
        consents.record(database, part.tenant_id, kind="tckn", subject=subject, new=new)
