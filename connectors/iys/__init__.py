"""İYS: who may be sent commercial messages, by law 6563. It acts and gives no data, so it has no streams."""

from __future__ import annotations

from datetime import timedelta

from connectors.contract import CredentialField, Provider
from connectors.iys import settings
from connectors.iys.session import open_session

PROVIDER = Provider(
    name="iys",
    title="İYS",
    description="Permissions for commercial messages under law 6563: asked before each, brought in and pulled.",
    credential_fields=(
        CredentialField("username", "İYS kullanıcı adı", secret=False),
        CredentialField("password", "İYS parolası"),
    ),
    environments={"live": settings.LIVE, "sandbox": settings.SANDBOX},
    streams=(),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(hours=1),
    setting_names=settings.SETTING_NAMES,
)

__all__ = ["PROVIDER"]
