"""Access tokens: JWTs (RFC 9068) that live for a quarter of an hour, signed by our key and nobody else's.

The signature's algorithm is ours to say, never the token's: RS256 alone is read. What a token says of a person's role
is checked against the tables each time (hub/identity/standing.py), so it proves who somebody is and not what they may.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from hub.errors import HubError
from hub.identity.permissions import Permission, Role
from hub.identity.signing_keys import ACCESS_FOR

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from hub.identity.signing_keys import SigningKeys

Kind = Literal["user", "machine"]

AUDIENCE = "kopru-api"
BROWSER_AUDIENCE = "kopru-browser"
"""Of the cookie with which a person's browser comes to pages; no call of the API takes it, so no page can forge one."""
BROWSER_FOR = timedelta(hours=8)
ISSUER = "kopru"
"""Where the installation has no public address that could name it."""
_TENANT_ID = re.compile(r"t[a-z2-7]{11}")
_TYPE = "at+jwt"
_LONGEST = 8192
_KINDS: dict[str, Kind] = {"user": "user", "machine": "machine"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
"""A token's own times are whole seconds; what must be told apart within one is told as the tables have it."""
_CLAIMS = ("iss", "aud", "exp", "nbf", "iat", "sub", "jti", "tid", "kind", "role")


@dataclass(frozen=True)
class Claims:
    """What one of our tokens says."""

    home: str
    kind: Kind
    subject: UUID
    role: Role
    scopes: frozenset[Permission]
    session: UUID | None
    tokens_from: datetime | None
    """Of a machine's: from when on its key's tokens counted when this one was issued."""


class AccessTokens:
    """Makes and reads them. `issuer` is the installation's public address."""

    def __init__(self, keys: SigningKeys, issuer: str | None, *, clock: Callable[[], datetime] | None = None) -> None:
        self._keys = keys
        self._issuer = (issuer or ISSUER).rstrip("/")
        self._clock = clock or (lambda: datetime.now(UTC))

    def issue(
        self,
        *,
        home: str,
        kind: Kind,
        subject: UUID,
        role: Role,
        scopes: AbstractSet[Permission],
        session: UUID | None,
        tokens_from: datetime | None = None,
        audience: str = AUDIENCE,
        lives_for: timedelta = ACCESS_FOR,
    ) -> str:
        """A token for `lives_for` from now. `tokens_from` is a machine's key's (hub/identity/standing.py)."""
        import jwt

        kid, key = self._keys.signer()
        now = int(self._clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": audience,
            "sub": str(subject),
            "tid": home,
            "kind": kind,
            "role": role.value,
            "scope": " ".join(sorted(scopes)),
            "iat": now,
            "nbf": now,
            "exp": now + int(lives_for.total_seconds()),
            "jti": secrets.token_urlsafe(16),
        }
        if session is not None:
            claims["sid"] = str(session)
        if tokens_from is not None:
            claims["tokens_from"] = (tokens_from - _EPOCH) // _MICROSECOND
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid, "typ": _TYPE})

    def read(self, token: str, *, audience: str = AUDIENCE) -> Claims:
        """What a token says, once its signature, issuer, audience and times hold.

        HubError `token_expired`; `token_invalid` for everything else, without telling what.
        """
        import jwt

        key = self._key(token)
        if key is None:
            raise HubError("token_invalid")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=audience,
                issuer=self._issuer,
                options={"require": list(_CLAIMS), "strict_aud": True},
            )
        except jwt.ExpiredSignatureError:
            raise HubError("token_expired") from None
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise HubError("token_invalid") from None
        return _claims(claims)

    def _key(self, token: str) -> Any:
        import jwt

        if len(token) > _LONGEST:
            return None
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        kid = header.get("kid")
        if header.get("alg") != "RS256" or header.get("typ") != _TYPE or not isinstance(kid, str):
            return None
        return self._keys.verifier(kid, datetime.now(UTC))


def _claims(found: dict[str, Any]) -> Claims:
    """As typed values: what we sign has this form, but nothing that comes in is taken on trust."""
    if not _TENANT_ID.fullmatch(str(found["tid"])):
        raise HubError("token_invalid")
    try:
        session, tokens_from = found.get("sid"), found.get("tokens_from")
        return Claims(
            home=str(found["tid"]),
            kind=_KINDS[found["kind"]],
            subject=UUID(found["sub"]),
            role=Role(found["role"]),
            scopes=frozenset(Permission(each) for each in str(found.get("scope", "")).split()),
            session=UUID(session) if session is not None else None,
            tokens_from=_EPOCH + tokens_from * _MICROSECOND if tokens_from is not None else None,
        )
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        raise HubError("token_invalid") from None
