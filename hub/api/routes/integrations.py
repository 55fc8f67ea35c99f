"""A tenant's accounts at the providers: stored, tested, paused, synced now. Credentials go in and never come out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from pydantic import Field

from connectors.secret import Secret
from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import Answer, Body
from hub.api.naming import naming_fields
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag_of, require_seen_there
from hub.control import integrations
from hub.control.setting_names import settings_of
from hub.i18n import _
from hub.identity.permissions import Permission

router = make_router("integrations", "/integrations")

ProviderName = Annotated[str, Path(max_length=40, examples=["iyzico"])]


class Integration(Answer):
    """An account without its credentials. `paused_reason` is a code; times are null where nothing happened yet."""

    provider: str = Field(examples=["iyzico"])
    environment: str = Field(examples=["sandbox"])
    base_url: str | None
    state: Literal["new", "active", "paused"]
    paused_reason: str | None
    tested_at: datetime | None
    last_attempt_at: datetime | None
    next_due_at: datetime | None
    interval_seconds: int | None


class OneIntegration(Integration):
    """With its settings, which are no secrets: senders' names, prices, what to leave out."""

    settings: dict[str, Any]


class AccountToStore(Body):
    """What connects a provider. The names of credentials are the provider's: `GET /integrations/{provider}/fields`."""

    environment: str = Field(default="live", max_length=20, examples=["sandbox"])
    base_url: str | None = Field(default=None, max_length=300)
    credentials: dict[str, str] = Field(examples=[{"api_key": "sandbox-...", "secret_key": "sandbox-..."}])
    settings: dict[str, Any] = Field(default_factory=dict)
    interval_seconds: int | None = Field(default=None, ge=60, le=2_678_400)


class CredentialField(Answer):
    """One credential that a provider asks for."""

    name: str
    title: str
    required: bool
    secret: bool


class SettingField(Answer):
    """One setting, which may be left out unless its description says otherwise."""

    name: str = Field(examples=["requests_per_minute"])
    kind: Literal["text", "number", "amount", "truth"]
    default: str | int | bool | None = Field(description="What holds without it; null: nothing, or the provider's own.")
    description: str


class FieldsAsked(Answer):
    """What belongs into `credentials` and into `settings` of an account."""

    credentials: list[CredentialField]
    settings: list[SettingField]


@router.get("", summary="List the accounts")
@needs(Permission.INTEGRATIONS_READ)
def list_integrations(call: Call) -> list[Integration]:
    """By name of provider."""
    return [Integration.model_validate(each) for each in integrations.listed(call.database, call.tenant)]


@router.get("/{provider}/fields", summary="What does a provider ask for?")
@needs(Permission.INTEGRATIONS_READ)
def show_fields(call: Call, provider: ProviderName) -> FieldsAsked:
    """The credentials and the settings that `PUT` takes."""
    del call
    declared = integrations.provider_named(provider)
    return FieldsAsked(
        credentials=[CredentialField.model_validate(field) for field in declared.credential_fields],
        settings=[
            SettingField(name=each.name, kind=each.kind, default=each.default, description=_(each.about))
            for each in settings_of(declared)
        ],
    )


@router.get("/{provider}", summary="Show an account")
@needs(Permission.INTEGRATIONS_READ)
@tells("ETag")
def show_integration(call: Call, provider: ProviderName, response: Response) -> OneIntegration:
    """Its state, its settings and when it is synced next. Its `ETag` is for `If-Match`."""
    integrations.provider_named(provider)
    return _whole(integrations.get(call.database, call.tenant, provider), response)


@router.put("/{provider}", summary="Store an account")
@needs(Permission.INTEGRATIONS_MANAGE)
@tells("ETag")
def store_integration(
    call: Call, provider: ProviderName, body: AccountToStore, response: Response, if_match: IfMatch = None
) -> OneIntegration:
    """New credentials wait for a test before anything is synced or sent with them.

    An address of your own is one of the public net; the operator may open others (`HUB_WEBHOOKS_ALLOW_PRIVATE`).
    """
    declared = integrations.provider_named(provider)
    account = integrations.Account(
        environment=body.environment,
        base_url=body.base_url,
        credentials={name: Secret(value) for name, value in body.credentials.items()},
        settings=body.settings,
        interval_seconds=body.interval_seconds,
    )
    opened = None if call.who.is_platform else call.services.settings.webhooks_allow_private
    credentials = {field.name: f"credentials.{field.name}" for field in declared.credential_fields}
    before = integrations.version_of(integrations.find(call.database, call.tenant, declared.name))
    seen = require_seen_there(if_match, before)
    with naming_fields({"environment_": "environment", "base_url_": "base_url"}, credentials):
        stored = integrations.connect(
            call.database, call.keyring, declared, call.tenant, account, actor=call.actor, opened=opened, seen=seen
        )
    return _whole(stored, response)


@router.post("/{provider}/test", summary="Test an account", responses={502: {}})
@needs(Permission.INTEGRATIONS_MANAGE)
def test_integration(call: Call, provider: ProviderName) -> Integration:
    """Asks the provider; 502 says why it refused, and leaves the account as it was."""
    import asyncio

    from hub.control.trial_connection import run_test
    from hub.sync.fetch import http_client

    declared = integrations.provider_named(provider)

    async def ask() -> integrations.Integration:
        async with http_client() as client:
            return await run_test(call.database, call.keyring, declared, call.tenant, client, actor=call.actor)

    # In this call's own thread: what it asks of the database must not hold up other calls.
    return Integration.model_validate(asyncio.run(ask()))


@router.post("/{provider}/pause", summary="Pause an account")
@needs(Permission.INTEGRATIONS_MANAGE)
def pause_integration(call: Call, provider: ProviderName) -> Integration:
    """Until somebody resumes it."""
    integrations.provider_named(provider)
    return Integration.model_validate(integrations.pause(call.database, call.tenant, provider, actor=call.actor))


@router.post("/{provider}/resume", summary="Resume an account")
@needs(Permission.INTEGRATIONS_MANAGE)
def resume_integration(call: Call, provider: ProviderName) -> Integration:
    """An account that never passed a test still needs one."""
    integrations.provider_named(provider)
    return Integration.model_validate(integrations.resume(call.database, call.tenant, provider, actor=call.actor))


@router.post("/{provider}/sync", status_code=202, summary="Sync now")
@needs(Permission.SYNCS_START)
def sync_now(call: Call, provider: ProviderName) -> Integration:
    """Makes the account due; the schedule takes it up within a minute. `GET /status` tells how it went.

    Counts as one of `syncs_per_day`; beyond those it is 429 until Istanbul's midnight.
    """
    integrations.provider_named(provider)
    return Integration.model_validate(integrations.sync_soon(call.database, call.tenant, provider, actor=call.actor))


def _whole(found: integrations.Integration, response: Response) -> OneIntegration:
    response.headers["ETag"] = etag_of(integrations.version_of(found))
    return OneIntegration.model_validate(found)
