"""A request's package: downloaded by the desk, or sent to the applicant as a link; its passphrase takes another way.

The link goes to the address that the applicant gave: the hub opens it to queue the mail, and tells only until when the
link works.
"""

from __future__ import annotations

from datetime import datetime
from typing import IO, TYPE_CHECKING, Annotated, Any

from fastapi import Header, Response
from pydantic import Field
from starlette.responses import StreamingResponse

from hub.api.asked import Call
from hub.api.forms import attachment
from hub.api.models import Answer
from hub.api.need import needs
from hub.api.route import documented
from hub.api.route import router as make_router
from hub.api.routes.requests import RequestId
from hub.identity.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

router = make_router("requests", "/requests/{request}/package")

_CHUNK_BYTES = 1 << 18
_ZIP: dict[str, Any] = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
_TAG = {"ETag": {"schema": {"type": "string"}, "description": "SHA-256 of the package."}}


class Passphrase(Answer):
    """What opens the package. It is shown once."""

    passphrase: str


class LinkSent(Answer):
    """Until when the link works that is on its way."""

    expires_at: datetime = Field(examples=["2026-12-04T10:15:00Z"])


@router.get(
    "",
    summary="Download the package",
    response_class=StreamingResponse,
    responses={
        200: {"content": _ZIP, "headers": _TAG},
        304: {"description": "It is the one you have."},
        409: documented(409),
    },
)
@needs(Permission.REQUESTS_DOWNLOAD)
def download(
    call: Call, request: RequestId, if_none_match: Annotated[str | None, Header(max_length=1_000)] = None
) -> Response:
    """The newest that was made; encrypted, so that it needs its passphrase. The download is in the audit log."""
    from hub.kvkk.export import handover, record

    found = record.ready(call.database, call.tenant, request)
    tag = f'"{found.sha256}"'
    if if_none_match is not None and tag in (each.strip().removeprefix("W/") for each in if_none_match.split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    file = handover.take_as_operator(call.database, call.tenant, found.export_id, call.actor)
    headers = {"ETag": tag, "Content-Length": str(found.bytes), **attachment(f"kvkk-{request}.zip")}
    return StreamingResponse(_chunks(file), media_type="application/zip", headers=headers)


@router.post("/passphrase", summary="Show the package's passphrase")
@needs(Permission.REQUESTS_DOWNLOAD, answer_kept=False)
def show_passphrase(call: Call, request: RequestId) -> Passphrase:
    """Once. It reaches the applicant another way than the package."""
    from hub.kvkk.export import handover, record

    found = record.ready(call.database, call.tenant, request)
    shown = handover.passphrase_once(call.database, call.keyring, call.tenant, found.export_id, call.actor)
    return Passphrase(passphrase=shown)


@router.post("/link", status_code=202, summary="Mail the applicant a link")
@needs(Permission.REQUESTS_HANDLE, key_required=True)
def send_link(call: Call, request: RequestId) -> LinkSent:
    """To the address of the application; it works once, and an earlier link ends."""
    from hub.kvkk.requests import link_mail

    until = link_mail.send_link(call.database, call.keyring, call.tenant, request, actor=call.actor)
    return LinkSent(expires_at=until)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
