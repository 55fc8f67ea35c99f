"""Netgsm: SMS and one-time passwords out, and what people answer in."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import CredentialField, Provider
from connectors.netgsm import settings
from connectors.netgsm.session import open_session
from connectors.netgsm.streams import INCOMING

PROVIDER = Provider(
    name="netgsm",
    title="Netgsm",
    description="SMS, one-time passwords by SMS and WhatsApp, delivery reports and incoming SMS.",
    credential_fields=(
        CredentialField("usercode", "Abone numarası (kullanıcı kodu)", secret=False),
        CredentialField("password", "API alt kullanıcısının şifresi"),
    ),
    environments={"live": settings.LIVE, "sandbox": settings.NO_SANDBOX},
    streams=(INCOMING,),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(hours=1),
    setting_names=settings.SETTING_NAMES,
)

__all__ = ["PROVIDER"]
