"""What a standard client looks up before it knows anything of us: the signing keys, and how to get and end tokens."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from hub.api import describe
from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import Answer
from hub.api.need import open_to_all
from hub.api.route import PREFIX
from hub.api.route import router as make_router
from hub.errors import HubError
from hub.identity import signing_keys
from hub.identity.permissions import ROLES, Role

router = make_router("sign-in", "/.well-known", under="")

PUBLIC_FOR = "public, max-age=300"
"""As long as others may keep what stands here; a key is public for longer than that before it signs."""


class AuthorizationServer(Answer):
    """RFC 8414, section 2. Nobody is sent to a page of ours to consent, so there is no authorization endpoint."""

    issuer: str
    token_endpoint: str
    revocation_endpoint: str
    jwks_uri: str
    service_documentation: str
    grant_types_supported: tuple[str, ...] = ("password", "client_credentials", "refresh_token")
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic", "client_secret_post", "none")
    """`none` for people, whose programs are no clients of their own."""
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)
    scopes_supported: tuple[str, ...]
    """What a machine may ask for; a person's token holds what their role may do, whatever is asked."""
    ui_locales_supported: tuple[str, ...] = ("tr", "en")


@router.get("/jwks.json", summary="Keys that access tokens are signed with, where libraries look for them")
@open_to_all
@tells("Cache-Control")
def well_known_jwks(call: Call, response: Response) -> dict[str, Any]:
    """The JSON Web Key Set of `/api/v1/auth/jwks`."""
    response.headers["Cache-Control"] = PUBLIC_FOR
    return signing_keys.published(call.database, call.keyring)


@router.get("/oauth-authorization-server", summary="How to get, check and end tokens")
@open_to_all
@tells("Cache-Control")
def authorization_server(call: Call, response: Response) -> AuthorizationServer:
    """OAuth 2.0 Authorization Server Metadata (RFC 8414).

    404 where the installation has no public address: an issuer is an address.
    """
    public = call.services.settings.public_url
    if public is None:
        raise HubError("not_found")
    response.headers["Cache-Control"] = PUBLIC_FOR
    issuer = public.rstrip("/")
    return AuthorizationServer(
        issuer=issuer,
        token_endpoint=f"{issuer}{PREFIX}/auth/token",
        revocation_endpoint=f"{issuer}{PREFIX}/auth/revoke",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        service_documentation=issuer + describe.PAGE,
        scopes_supported=tuple(sorted(ROLES[Role.MACHINE])),
    )
