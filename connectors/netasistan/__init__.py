"""Netasistan's WhatsApp, of which nothing is published: off until a tenant accepts that in writing.

No documentation, library or working client of its sending interface was found. What stands here is a guess: a bearer
token and a body shaped after Meta's. It must never be mistaken for an interface that somebody has seen work.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import CredentialField, Provider
from connectors.netasistan import settings
from connectors.netasistan.session import open_session

PROVIDER = Provider(
    name="netasistan",
    title="Netasistan (doğrulanmamış / unverified)",
    description=(
        "WhatsApp through Netasistan. UNVERIFIED: no public contract exists, so this is a guess, off until the setting"
        " unverified_contract=accepted is stored. / DOĞRULANMAMIŞ: yayımlanmış bir arayüzü yoktur; tahmine dayanır ve"
        " unverified_contract=accepted ayarı kaydedilene kadar kapalıdır."
    ),
    credential_fields=(CredentialField("token", "Erişim anahtarı (bearer)"),),
    environments={"live": settings.NO_ADDRESS, "sandbox": settings.NO_ADDRESS},
    streams=(),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(days=1),
    setting_names=settings.SETTING_NAMES,
    self_hosted=True,
)

__all__ = ["PROVIDER"]
