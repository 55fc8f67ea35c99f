"""The page to which the links of invitations and resets lead.

The token stands behind the `#`, where no server, log or other site sees it; a script of ours sends it with the chosen
words to the API. Who comes without one, with the token in a message, pastes it.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from hub.api.pages import SCRIPT_ONLY, alert, field, hint, shown
from hub.i18n import N_, _
from hub.identity import one_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

PATH = one_time.PATH.rstrip("#")
_SCRIPT = """const form = document.querySelector("form");
const said = document.querySelector("[role=alert]");
const pasted = document.querySelector("#token");
if (location.hash.length < 2) {
  document.querySelector("#pasted").hidden = false;
  pasted.required = true;
  pasted.focus();
}
addEventListener("hashchange", () => location.reload());
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "";
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch("/api/v1/auth/password", {
      method: "POST",
      headers: {"Content-Type": "application/json", "Accept-Language": document.documentElement.lang},
      body: JSON.stringify({
        token: (location.hash.slice(1) || pasted.value).split("#").pop().trim(),
        password: form.querySelector("#password").value,
      }),
    });
    if (answer.ok) { location.replace("/sign-in"); return; }
    const problem = await answer.json();
    const wrong = (problem.errors || []).map((error) => error.detail);
    said.textContent = (wrong.length ? wrong : [problem.detail]).join(" ");
  } catch {
    said.textContent = form.dataset.unreachable;
  }
  button.disabled = false;
});
"""


def routes() -> Sequence[Route]:
    """The page and its script."""
    return (Route(PATH, _page, methods=["GET"]), Route(PATH + ".js", _script, methods=["GET"]))


async def _page(_request: Request) -> Response:
    title, button = _(N_("Choose a password")), escape(_(N_("Set the password")))
    more = ' aria-describedby="token-hint" spellcheck="false"'
    pasted = field("token", _(N_("Link")), "text", "", "off", required=False, more=more)
    pasted += hint("token-hint", _(N_("Paste the link that you were given, or what begins with hubt_.")))
    more = ' autofocus aria-describedby="password-hint"'
    words = f'<div id="pasted" hidden>{pasted}</div>'
    words += field("password", _(N_("New password")), "password", "", "new-password", more=more)
    words += hint("password-hint", _(N_("At least 12 characters; a few words that do not belong together do well.")))
    away = escape(_(N_("The hub cannot be reached. Try again shortly.")))
    scripts = _(N_("This page needs scripts: the link's secret part is not sent without them."))
    body = (
        f'<noscript>{alert(scripts)}</noscript><p role="alert"></p>'
        f'<form data-unreachable="{away}">{words}<button>{button}</button></form><script src="{PATH}.js"></script>'
    )
    return shown(title, body, policy=SCRIPT_ONLY)


async def _script(_request: Request) -> Response:
    return Response(_SCRIPT, media_type="text/javascript")
