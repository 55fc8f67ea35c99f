"""Nilvera: e-Fatura and e-Arşiv over REST."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import CredentialField, Provider
from connectors.nilvera import settings
from connectors.nilvera.session import open_session

PROVIDER = Provider(
    name="nilvera",
    title="Nilvera",
    description="Sends e-Fatura and e-Arşiv invoices, tells where they stand, and receives those of others.",
    credential_fields=(
        CredentialField("api_key", "API anahtarı"),
        CredentialField("webhook_secret", "Çağrı parolası", required=False),
    ),
    environments={"live": settings.LIVE, "sandbox": settings.TEST},
    streams=(),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(hours=1),
    setting_names=settings.SETTING_NAMES,
)

__all__ = ["PROVIDER"]
