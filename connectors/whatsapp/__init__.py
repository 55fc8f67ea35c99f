"""WhatsApp through Meta's Cloud API: messages out, and what becomes of them by webhook."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import CredentialField, Provider
from connectors.whatsapp import settings
from connectors.whatsapp.session import open_session
from connectors.whatsapp.streams import INCOMING

PROVIDER = Provider(
    name="whatsapp",
    title="WhatsApp (Meta Cloud API)",
    description="Messages to customers by template, and free ones within 24 hours after they wrote.",
    credential_fields=(
        CredentialField("access_token", "Kalıcı erişim anahtarı (system user token)"),
        CredentialField("app_secret", "Uygulama gizli anahtarı (app secret)"),
        CredentialField("verify_token", "Webhook doğrulama sözcüğü (verify token)"),
    ),
    environments={"live": settings.LIVE, "sandbox": settings.LIVE},
    streams=(INCOMING,),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(days=1),
    setting_names=settings.SETTING_NAMES,
)

__all__ = ["PROVIDER"]
