"""What the hub does at Uyumsoft."""

from __future__ import annotations

from connectors.einvoice.kinds import invoice_kinds
from connectors.uyumsoft.session import open_integrator

KINDS = invoice_kinds("uyumsoft", "Uyumsoft", open_integrator)
