"""Bulutfon: the cloud switchboard of an office, its calls and the people who take them."""

from __future__ import annotations

from datetime import timedelta

from connectors.bulutfon import settings
from connectors.bulutfon.session import open_session
from connectors.bulutfon.streams import calls, directory, steps
from connectors.contract import CredentialField, Provider

PROVIDER = Provider(
    name="bulutfon",
    title="Bulutfon",
    description="Calls of a cloud switchboard, with extensions, groups, numbers and whether calls were recorded.",
    credential_fields=(
        CredentialField("api_key", "API anahtarı (v2)", required=False),
        CredentialField("access_token", "Ana erişim anahtarı (v1)", required=False),
    ),
    environments={"live": settings.LIVE, "sandbox": settings.OUR_STAND_IN},
    streams=(
        calls.CALLS,
        calls.RECORDINGS,
        steps.STEPS,
        steps.TARGETS,
        directory.EXTENSIONS,
        directory.GROUPS,
        directory.MEMBERS,
        directory.NUMBERS,
    ),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(hours=1),
    setting_names=settings.SETTING_NAMES,
)

__all__ = ["PROVIDER"]
