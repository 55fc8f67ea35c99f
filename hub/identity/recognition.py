"""From a token, an API key or a browser's cookie to whoever calls: what was true when it was issued is asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.identity import opaque, standing
from hub.identity import second_factor as second_factors
from hub.identity.access_tokens import BROWSER_AUDIENCE
from hub.identity.caller import Caller
from hub.identity.permissions import Role, of_machine
from hub.identity.standing import KeyStanding, Remembered, UserStanding

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Database
    from hub.identity.access_tokens import AccessTokens, Claims
    from hub.identity.opaque import Opaque
    from hub.identity.permissions import Permission


class Recognition:
    """One a process; threads may share it."""

    def __init__(self, database: Database, tokens: AccessTokens) -> None:
        self._database = database
        self._tokens = tokens
        self._users: Remembered[UserStanding] = Remembered()
        self._keys: Remembered[KeyStanding] = Remembered()

    def of_bearer(self, bearer: str) -> Caller:
        """Who calls with this access token or API key.

        HubError `token_invalid`, `token_expired`, `api_key_invalid`, `token_of_ended_key`: what was true when it was
        issued is asked again, at most five seconds late (hub/identity/standing.py).
        """
        key = opaque.read(bearer)
        if key is None and _is_meant_as_key(bearer):
            raise HubError("api_key_invalid")
        if key is not None:
            if key.kind != "hub":
                raise HubError("token_invalid")
            found = self._keys.get((key.tenant_id, key.hash), lambda: self.key(key))
            if found is None:
                raise HubError("api_key_invalid")  # unknown, expired or revoked: whoever has none learns nothing
            return _machine(key.tenant_id, found, found.scopes)
        claims = self._tokens.read(bearer)
        return self._machine_caller(claims) if claims.kind == "machine" else self._user_caller(claims)

    def of_browser(self, cookie: str) -> Caller:
        """Who comes with that cookie. HubError as `of_bearer`; an ended session is out at most five seconds late."""
        return self._user_caller(self._tokens.read(cookie, audience=BROWSER_AUDIENCE))

    def key(self, key: Opaque) -> KeyStanding | None:
        """How an API key stands; None for one that is unknown, has expired or was revoked."""
        return standing.of_key(self._database, key.tenant_id, key_id=None, secret_hash=key.hash)

    def forget(self, home: str, user_id: UUID, session: UUID | None) -> None:
        """Read anew how a person stands: what they just did changed it. Other processes do so within five seconds."""
        self._users.forget((home, user_id, session))

    def _user_caller(self, claims: Claims) -> Caller:
        session = claims.session
        if session is None:
            raise HubError("token_invalid")
        key = (claims.home, claims.subject, session)
        found = self._users.get(key, lambda: standing.of_user(self._database, *key))
        if found is not None and not _covers(found, claims):
            # The token may be younger than what is remembered: its bearer set up a second factor, or has a new role.
            self._users.forget(key)
            found = self._users.get(key, lambda: standing.of_user(self._database, *key))
        if found is None or found.role is not claims.role:
            raise HubError("token_invalid")
        return Caller(
            home=claims.home,
            kind="user",
            subject=claims.subject,
            role=found.role,
            permissions=second_factors.permissions_of(found.role, second_factor=found.second_factor),
            second_factor=found.second_factor,
            session=session,
            language=found.language,
            tenant_suspended=found.tenant_suspended,
        )

    def _machine_caller(self, claims: Claims) -> Caller:
        if claims.role is not Role.MACHINE:
            raise HubError("token_invalid")
        key = (claims.home, claims.subject)

        def read() -> KeyStanding | None:
            return standing.of_key(self._database, claims.home, key_id=claims.subject, secret_hash=None)

        found = self._keys.get(key, read)
        if found is not None and claims.tokens_from is not None and claims.tokens_from > found.tokens_from:
            # The token may be younger than what is remembered: its bearer has the new secret already.
            self._keys.forget(key)
            found = self._keys.get(key, read)
        if found is None or claims.tokens_from != found.tokens_from:
            raise HubError("token_of_ended_key")  # our signature says that its bearer had the key once
        return _machine(claims.home, found, found.scopes & claims.scopes)


def _covers(found: UserStanding, claims: Claims) -> bool:
    """Whether somebody stands as their token says, or better."""
    may = second_factors.permissions_of(found.role, second_factor=found.second_factor)
    return found.role is claims.role and claims.scopes <= may


def _machine(home: str, found: KeyStanding, scopes: frozenset[Permission]) -> Caller:
    return Caller(
        home=home,
        kind="machine",
        subject=found.key_id,
        role=Role.MACHINE,
        permissions=of_machine(scopes),
        second_factor=False,
        tenant_suspended=found.tenant_suspended,
    )


def _is_meant_as_key(bearer: str) -> bool:
    """Whether a text that is none of ours was to be an API key, so that its refusal speaks of one; JWTs have dots."""
    return "." not in bearer and not bearer.startswith(("hubr_", "hubt_"))
