"""The page behind a one-time link, as an ASGI application that the API mounts, or `hub kvkk export serve` serves.

Looking at the page uses nothing up: mail scanners and previews open every link they see. Only the button downloads. A
link that never was, one that was used and one that is too old all get the same page, so that nobody can try them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import IO, TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from hub.errors import HubError
from hub.i18n import LANGUAGES, N_, _, speaking
from hub.kvkk.export import handover

if TYPE_CHECKING:
    from starlette.requests import Request

    from hub.db.database import Database

_CHUNK = 1 << 18
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}
_TITLE = N_("Your personal data")
_READY = N_(
    "The answer to your request is ready. The button downloads it; it works once. To open the file you need the"
    " passphrase that you are given another way, and a program such as 7-Zip."
)
_BUTTON = N_("Download")
_GONE_TITLE = N_("This link does not work")
_GONE = N_("It is mistyped, has been used already, or is too old. Ask whoever sent it to you for another one.")
_STYLE = "body{font:18px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}button{font:inherit}"


def link_app(database: Database) -> Starlette:
    """`GET /kvkk/exports/{token}` shows a page, `POST` downloads."""

    async def show(request: Request) -> Response:
        token = request.path_params["token"]
        target = await run_in_threadpool(handover.target_of, database, token, ip=_address(request))
        return _gone() if target is None else HTMLResponse(_ready_page(), headers=_HEADERS)

    async def download(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            file = await run_in_threadpool(handover.take_by_link, database, token, ip=_address(request))
        except HubError:  # the file is gone; nothing was used up, and there is nothing to tell
            return _gone()
        if file is None:
            return _gone()
        headers = {**_HEADERS, "Content-Disposition": 'attachment; filename="kvkk.zip"'}
        return StreamingResponse(_chunks(file), media_type="application/zip", headers=headers)

    route = handover.PATH + "{token}"
    return Starlette(routes=[Route(route, show, methods=["GET"]), Route(route, download, methods=["POST"])])


def _address(request: Request) -> str | None:
    return request.client.host if request.client else None


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _gone() -> Response:
    return HTMLResponse(_page(_GONE_TITLE, _GONE, ""), status_code=404, headers=_HEADERS)


def _ready_page() -> str:
    labels = " / ".join(escape(text) for text in _in_both(_BUTTON))
    return _page(_TITLE, _READY, f'<form method="post"><button type="submit">{labels}</button></form>')


def _page(title: str, text: str, rest: str) -> str:
    """Both languages: whoever opens a link has not told us theirs."""
    heading = " / ".join(escape(each) for each in _in_both(title))
    paragraphs = "".join(
        f'<p lang="{language}">{escape(each)}</p>' for language, each in zip(_ORDER, _in_both(text), strict=True)
    )
    return (
        '<!doctype html><html lang="tr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading}</title><style>{_STYLE}</style></head><body><main><h1>{heading}</h1>{paragraphs}{rest}</main>"
        "</body></html>"
    )


_ORDER = tuple(sorted(LANGUAGES, reverse=True))
"""Turkish first."""


def _in_both(text: str) -> list[str]:
    said: list[str] = []
    for language in _ORDER:
        with speaking(language):
            said.append(_(text))
    return said
