"""The page to which the links of invitations and resets lead.

The token stands behind the `#`, where no server, log or other site sees it; a script of ours sends it with the chosen
words to the API.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from hub.api.pages import field, page
from hub.i18n import N_, _
from hub.identity import one_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

PATH = one_time.PATH.rstrip("#")
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; form-action 'none';"
    " frame-ancestors 'none'; base-uri 'none'"
)
_SCRIPT = """document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = document.querySelector("[role=alert]");
  const answer = await fetch("/api/v1/auth/password", {
    method: "POST",
    headers: {"Content-Type": "application/json", "Accept-Language": document.documentElement.lang},
    body: JSON.stringify({token: location.hash.slice(1), password: document.querySelector("#password").value}),
  });
  if (answer.ok) { location.replace("/sign-in"); return; }
  const problem = await answer.json();
  said.textContent = [problem.detail, ...(problem.errors || []).map((error) => error.detail)].join(" ");
});
"""


def routes() -> Sequence[Route]:
    """The page and its script."""
    return (Route(PATH, _page, methods=["GET"]), Route(PATH + ".js", _script, methods=["GET"]))


async def _page(_request: Request) -> Response:
    title, button = _(N_("Choose a password")), escape(_(N_("Set the password")))
    words = field("password", _(N_("New password")), "password", "", "new-password")
    body = (
        f'<h1>{escape(title)}</h1><p role="alert"></p><form>{words}<button>{button}</button></form>'
        f'<script src="{PATH}.js"></script>'
    )
    return HTMLResponse(page(title, body), headers={"Content-Security-Policy": _POLICY})


async def _script(_request: Request) -> Response:
    return Response(_SCRIPT, media_type="text/javascript")
