"""What the hub does at Nilvera."""

from __future__ import annotations

from connectors.einvoice.kinds import invoice_kinds
from connectors.nilvera.session import open_integrator

KINDS = invoice_kinds("nilvera", "Nilvera", open_integrator)
