"""Fetching again: forget how far streams of an account were read."""

from __future__ import annotations

from pydantic import Field

from hub.api.asked import Call
from hub.api.models import Answer, Body
from hub.api.naming import naming_fields
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.routes.integrations import ProviderName
from hub.control import cursors, integrations
from hub.identity.permissions import Permission

router = make_router("integrations", "/integrations")


class StreamToReset(Body):
    """Which stream; all of them unless one is named."""

    stream: str | None = Field(default=None, min_length=1, max_length=63, examples=["transactions"])


class Reset(Answer):
    """Streams that had been read before, and will be read from their declared depth on."""

    streams: list[str]


@router.post("/{provider}/reset-cursor", status_code=202, summary="Fetch again what was read")
@needs(Permission.INTEGRATIONS_MANAGE)
def reset_cursor(call: Call, provider: ProviderName, body: StreamToReset) -> Reset:
    """Nothing is deleted: rows that come again replace themselves. The account is due at once."""
    declared = integrations.provider_named(provider)
    with naming_fields({"stream_": "stream"}):
        streams = cursors.reset(call.database, declared, call.tenant, body.stream, actor=call.actor)
    return Reset(streams=streams)
