"""What would be said of an invoice if it were issued now: no number is taken, nothing is signed or asked of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from hub.einvoice.invoice.reading import read
from hub.einvoice.issue import provisional, series
from hub.einvoice.issue.issuing import issuer_of
from hub.einvoice.issue.route import ARCHIVE
from hub.einvoice.ubl.document import build

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.einvoice.finding import Finding
    from hub.einvoice.issue.issuing import Issuing

_UNSAID = "TEMELFATURA"
"""Which profile it gets says the tax office's list at the moment of issue; most rules are alike for all."""


def findings_of(issuing: Issuing, tenant_id: str, values: Mapping[str, Any]) -> list[Finding]:
    """Findings of XSD, schematron and arithmetic; none when the tax office would take it.

    Raises `InvalidInput` for wrong fields, HubError `einvoice_profile_missing`.
    """
    keys = issuing.keyring.tenant(tenant_id)
    profile, party = issuer_of(issuing, keys)
    day = issuing.today()
    invoice = read({"issue_date": day.isoformat(), "profile": _UNSAID, **values, "supplier": party})
    name = profile.series("earchive" if invoice.profile == ARCHIVE else "einvoice")
    number = series.provisional(name, invoice.issue_date.year)
    return issuing.checker.check(provisional.sealed(build(invoice, number=number, ettn=uuid4(), today=day)))
