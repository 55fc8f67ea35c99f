"""Uyumsoft: e-Fatura and e-Arşiv over SOAP."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import CredentialField, Provider
from connectors.uyumsoft import settings
from connectors.uyumsoft.session import open_session

PROVIDER = Provider(
    name="uyumsoft",
    title="Uyumsoft",
    description="Sends e-Fatura and e-Arşiv invoices, tells where they stand, and receives those of others.",
    credential_fields=(
        CredentialField("username", "Web servis kullanıcı adı", secret=False),
        CredentialField("password", "Web servis parolası"),
        CredentialField("webhook_secret", "Çağrı parolası", required=False),
    ),
    environments={"live": settings.LIVE, "sandbox": settings.TEST},
    streams=(),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(hours=1),
    setting_names=settings.SETTING_NAMES,
    # Newer customers are served at another host than the documented one (edonusumapi.uyum.com.tr).
    self_hosted=True,
)

__all__ = ["PROVIDER"]
