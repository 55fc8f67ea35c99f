"""Signing in and out: OAuth2's token endpoint (RFC 6749), revocation (RFC 7009), and the way back in."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import Form, Request, Response
from pydantic import Field, JsonValue
from starlette.background import BackgroundTask

from hub.api.asked import Asked, Call
from hub.api.headers import tells
from hub.api.models import Answer, Body, storable
from hub.api.need import open_to_all, open_to_clients
from hub.api.route import router as make_router
from hub.api.routes.well_known import PUBLIC_FOR
from hub.errors import HubError
from hub.identity import account, signing_keys
from hub.identity.permissions import Permission

router = make_router("sign-in", "/auth")

_GRANT_TYPES: list[JsonValue] = ["password", "client_credentials", "refresh_token"]
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_Text = Annotated[str | None, Form(max_length=4_096)]


class TokenAnswer(Answer):
    """RFC 6749, section 5.1. A machine gets no refresh token: it has its key."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token
    expires_in: int = Field(examples=[900])
    refresh_token: str | None = None
    scope: str = Field(examples=["profile.read status.read"])


class ForgottenPassword(Body):
    """Whose password was forgotten."""

    login: str = Field(max_length=320, examples=["ayse@lale-lojistik.com.tr"])


class NewPassword(Body):
    """The token of an invitation or reset, and the password to be."""

    token: str = Field(max_length=200, examples=["the-token-of-the-link"])
    password: str = Field(max_length=1_000, examples=["yedi uzun sarı merdiven"])


@router.post("/token", summary="Sign in")
@open_to_clients
def token(
    call: Call,
    request: Request,
    response: Response,
    grant_type: Annotated[str, Form(max_length=100, examples=["password"], json_schema_extra={"enum": _GRANT_TYPES})],
    username: Annotated[str | None, Form(max_length=4_096, examples=["ayse@lale-lojistik.com.tr"])] = None,
    password: Annotated[str | None, Form(max_length=4_096, examples=["mavi bir kapının ardında"])] = None,
    tenant: _Text = None,
    code: _Text = None,
    client_id: _Text = None,
    client_secret: _Text = None,
    refresh_token: _Text = None,
    scope: _Text = None,
) -> TokenAnswer:
    """By `grant_type`.

    `password` takes `username`, `password` and, where it is set up, the second factor's `code`; `tenant` where the
    login is of several. `client_credentials` takes an API key's id and the key. `refresh_token` carries a session on.
    Refusals have the statuses and the `error` of RFC 6749: 401 for a client that is not who it says, else 400.
    """
    given = (username, password, tenant, code, client_id, client_secret, refresh_token, scope)
    if not all(map(storable, given)):
        raise HubError("request_malformed")
    if grant_type not in _GRANT_TYPES:
        raise HubError("grant_type_unknown", known=", ".join(map(str, _GRANT_TYPES)))
    sign_in = call.services.sign_in
    if grant_type == "password":
        done = sign_in.password(
            _required(username),
            _required(password),
            tenant=tenant or request.scope.get("hub.subdomain"),
            code=code,
            source=call.ip,
            user_agent=request.headers.get("user-agent", "")[:200],
        )
    elif grant_type == "client_credentials":
        basic = _basic(request.headers.get("authorization"))
        client = basic or (_required(client_id), _required(client_secret))
        done = sign_in.client(client[0], client[1], scopes=_scopes(scope), source=call.ip)
    else:
        done = sign_in.refresh(_required(refresh_token), source=call.ip)
    response.headers.update(_NO_STORE)
    return TokenAnswer(
        access_token=done.access_token,
        expires_in=done.expires_in,
        refresh_token=done.refresh_token,
        scope=" ".join(sorted(done.scopes)),
    )


@router.post("/revoke", status_code=204, summary="Sign out")
@open_to_clients
def revoke(call: Call, token: Annotated[str, Form(max_length=4_096, examples=["the-refresh-token"])]) -> None:
    """Ends the session of an access or refresh token. A token that is none is passed over in silence (RFC 7009)."""
    if storable(token):
        call.services.sign_in.revoke(token, source=call.ip)


@router.post("/forgotten", status_code=202, summary="A password was forgotten", response_class=Response)
@open_to_all
def forgotten(call: Call, body: ForgottenPassword) -> Response:
    """Mails a link, if there is such an account. The answer is the same, and as quick, if there is none.

    Links that were mailed before go on working until one is used. A mail box gets three at once, and then one each
    quarter of an hour.
    """
    account.admit_forgotten(call.database, call.keyring, source=call.ip)
    return Response(status_code=202, background=BackgroundTask(_mail_link, call, body.login))


@router.post("/password", status_code=204, summary="Set a password")
@open_to_all
def set_password(call: Call, body: NewPassword) -> None:
    """With the token of an invitation or of a reset, which works once."""
    account.set_password(call.database, call.keyring, body.token, body.password, source=call.ip)


@router.get("/jwks", summary="Keys that access tokens are signed with")
@open_to_all
@tells("Cache-Control")
def jwks(call: Call, response: Response) -> dict[str, Any]:
    """A JSON Web Key Set (RFC 7517). A new key stands here before it signs."""
    response.headers["Cache-Control"] = PUBLIC_FOR
    return signing_keys.published(call.database, call.keyring)


def _mail_link(call: Asked, login: str) -> None:
    with suppress(HubError):  # whatever it is, nobody waits to be told
        account.forgot_password(call.database, call.keyring, login, source=call.ip)


def _required(text: str | None) -> str:
    """RFC 6749, section 5.2: `invalid_request`."""
    if not text:
        raise HubError("token_request_incomplete")
    return text


def _scopes(scope: str | None) -> frozenset[Permission] | None:
    if not scope:
        return None
    known = {permission.value: permission for permission in Permission}
    names = scope.split()
    if not all(name in known for name in names):
        raise HubError("scope_unknown_here")
    return frozenset(known[name] for name in names)


def _basic(header: str | None) -> tuple[str, str] | None:
    """Client id and secret as `Authorization: Basic`, which RFC 6749 prefers (section 2.3.1)."""
    kind, _, value = (header or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise HubError("token_request_incomplete") from None
    if not colon or not storable(name + secret):
        raise HubError("token_request_incomplete")
    return name, secret
