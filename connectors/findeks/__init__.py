"""Findeks: credit and cheque reports of customers and companies, read from an integrator's gateway or from files.

Reading only: ordering a report costs money and sends the person a PIN, so that is an outbound action.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import CredentialField, Provider
from connectors.findeks import settings
from connectors.findeks.session import open_session
from connectors.findeks.streams import cheques, details, files, reports

PROVIDER = Provider(
    name="findeks",
    title="Findeks",
    description="Credit and cheque reports of customers, as an integrator's gateway or a file drop gives them.",
    credential_fields=(
        CredentialField("client_id", "İstemci kimliği", secret=False, required=False),
        CredentialField("client_secret", "İstemci parolası", required=False),
    ),
    environments={"live": settings.NO_ADDRESS, "sandbox": settings.NO_ADDRESS},
    streams=(
        reports.STREAM,
        details.ACCOUNTS,
        details.ENQUIRIES,
        cheques.PERIODS,
        cheques.BOUNCED,
        files.STREAM,
    ),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(hours=1),
    setting_names=settings.SETTING_NAMES,
    self_hosted=True,
)

__all__ = ["PROVIDER"]
