"""Sign-in: a password, a client's key or a refresh token in; tokens out; and from a token to whoever calls.

One answer for an unknown login, a wrong password, a wrong tenant and a disabled user, after the same work: whoever
tries addresses learns nothing. Each attempt at a known login is in its tenant's log, at an unknown one in the
platform's. docs/sign-in.md tells how the parts work together.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.identity import candidates, logins, notices, opaque, passwords, record, sessions, signing_out, turned_away
from hub.identity import second_factor as second_factors
from hub.identity.access_tokens import BROWSER_AUDIENCE, BROWSER_FOR, AccessTokens
from hub.identity.attempts import Attempts
from hub.identity.permissions import Role, of_machine
from hub.identity.recognition import Recognition
from hub.identity.signing_keys import ACCESS_FOR, SigningKeys
from hub.kvkk import audit

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from hub.db.database import Database
    from hub.identity.caller import Caller
    from hub.identity.candidates import Candidate
    from hub.identity.permissions import Permission
    from hub.keys.keyring import Keyring


@dataclass(frozen=True)
class Tokens:
    """What a sign-in gives. `expires_in` is in seconds; a machine gets no refresh token. `repr` hides both."""

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str | None = field(repr=False)
    scopes: frozenset[Permission]


class SignIn:
    """One a process; threads may share it. `clock` is for tests: the database's and the system's otherwise."""

    def __init__(self, database: Database, keyring: Keyring, *, clock: Callable[[], datetime] | None = None) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._attempts = Attempts(database, keyring, clock=clock)
        self._tokens = AccessTokens(SigningKeys(database, keyring), database.settings.public_url, clock=clock)
        self._recognition = Recognition(database, self._tokens)

    def password(
        self,
        login: str,
        password: str,
        *,
        tenant: str | None = None,
        code: str | None = None,
        source: str | None = None,
        user_agent: str | None = None,
    ) -> Tokens:
        """Tokens for a person; `code` is the second factor's.

        `tenant` (id or subdomain) narrows a login that is of several.
        HubError `sign_in_refused`, `sign_in_locked` (`retry_seconds`), `sign_in_busy`, and once the password was right
        `tenant_needed` (`tenants`), `second_factor_needed`, `second_factor_wrong`.
        """
        sought = logins.login_hash(self._keyring, login)
        with self._attempts.counted(sought, source) as attempt:
            tried_for = candidates.of_login(self._database, sought, tenant)
            # Somebody's password is worked on whether there is anybody or not.
            fitting = [each for each in tried_for if passwords.fits(each.password_hash, password)]
            if not tried_for:
                passwords.fits(None, password)
            if not fitting:
                turned_away.enter(self._database, tried_for, source=source, locked=attempt.shuts)
                raise HubError("sign_in_refused")
            if len(fitting) > 1:
                raise HubError("tenant_needed", tenants=", ".join(each.home_name for each in fitting))
            found = fitting[0]
            if found.wants_code and not code:
                raise HubError("second_factor_needed")
            tokens = self._begin(found, password, code if found.wants_code else None, source, user_agent)
            if isinstance(tokens, str):  # outside the transaction: what was entered of it must be committed
                raise HubError(tokens)
        self._attempts.succeeded(attempt)
        return tokens

    def client(
        self,
        client_id: str,
        client_secret: str,
        *,
        scopes: frozenset[Permission] | None = None,
        source: str | None = None,
    ) -> Tokens:
        """An access token for a machine: its id is an API key's, its secret the key. No refresh token.

        HubError `client_refused`; `scope_not_granted` for more than the key may do.
        """
        key = opaque.read(client_secret)
        found = self._recognition.key(key) if key is not None and key.kind == "hub" else None
        known = found is not None and hmac.compare_digest(str(found.key_id).encode(), client_id.encode())
        if key is None or found is None or not known:
            turned_away.enter_stranger(self._database, "client", source=source)
            raise HubError("client_refused")
        granted = of_machine(found.scopes)
        if scopes is not None and not scopes <= granted:
            raise HubError("scope_not_granted", scopes=" ".join(sorted(scopes - granted)))
        wanted = granted if scopes is None else of_machine(scopes)
        access = self._tokens.issue(
            home=key.tenant_id,
            kind="machine",
            subject=found.key_id,
            role=Role.MACHINE,
            scopes=wanted,
            session=None,
            tokens_from=found.tokens_from,
        )
        return Tokens(access, int(ACCESS_FOR.total_seconds()), None, wanted)

    def refresh(self, token: str, *, source: str | None = None) -> Tokens:
        """Carry a session on; the token that was brought is used up (hub/identity/sessions.py has the rules).

        HubError `token_invalid`, `token_expired`, `token_reused` (the session has ended).
        """
        done = sessions.refresh(self._database, self._keyring, token, source=source)
        # A token tells whole seconds alone; within one, what this process knew is of before.
        self._recognition.forget(done.home, done.user_id, done.session_id)
        return self._for_user(
            done.home, done.user_id, done.role, done.session_id, done.token, second_factor=done.second_factor
        )

    def revoke(self, token: str, *, source: str | None = None) -> None:
        """End the session of a refresh or access token. What is no token of ours, or of no session, is passed over."""
        session = signing_out.session_of(self._database, self._tokens, token)
        if session is not None:
            self._end(*session, source)

    def sign_out_browser(self, cookie: str, *, source: str | None = None) -> None:
        """End the session of a browser's cookie; one that does not hold is passed over."""
        try:
            claims = self._tokens.read(cookie, audience=BROWSER_AUDIENCE)
        except HubError:
            return
        if claims.session is not None:
            self._end(claims.home, claims.session, source)

    def _end(self, tenant_id: str, session_id: UUID, source: str | None) -> None:
        user_id = signing_out.end(self._database, tenant_id, session_id, source=source)
        if user_id is not None:
            self._recognition.forget(tenant_id, user_id, session_id)

    def authenticate(self, bearer: str) -> Caller:
        """Who calls with this access token or API key. HubError `token_invalid`, `token_expired`."""
        return self._recognition.of_bearer(bearer)

    def of_browser(self, cookie: str) -> Caller:
        """Who comes with that cookie. HubError as `authenticate`."""
        return self._recognition.of_browser(cookie)

    def forget(self, caller: Caller) -> None:
        """Read anew how a person stands: what they just did changed it."""
        self._recognition.forget(caller.home, caller.subject, caller.session)

    def for_browser(self, tokens: Tokens) -> str:
        """What a browser's cookie may hold after a sign-in: good for pages and for no call of the API."""
        claims = self._tokens.read(tokens.access_token)
        return self._tokens.issue(
            home=claims.home,
            kind=claims.kind,
            subject=claims.subject,
            role=claims.role,
            scopes=frozenset(),
            session=claims.session,
            audience=BROWSER_AUDIENCE,
            lives_for=BROWSER_FOR,
        )

    def _begin(
        self, found: Candidate, password: str, code: str | None, source: str | None, user_agent: str | None
    ) -> Tokens | str:
        """The session of somebody whose password was right; why not, if the code was wrong or all has changed since."""
        keys = self._keyring.tenant(found.tenant_id)
        anew = passwords.renewed(found.password_hash, password)
        actor = audit.Actor(f"user:{found.user_id}", found.role.value, source)
        given = {
            "tenant": found.tenant_id,
            "user": found.user_id,
            "hash": found.password_hash,
            "anew": anew,
            "factor": found.wants_code,
        }
        with self._database.tenant(found.tenant_id, "app") as connection:
            # A hash takes its time: who was disabled, or changed their password meanwhile, is not let in by it.
            stands = connection.execute(
                "SELECT 1 FROM hub.users u"
                " JOIN hub.user_credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.user_id"
                " WHERE u.tenant_id = %(tenant)s AND u.user_id = %(user)s AND u.state = 'active'"
                " AND c.password_hash = %(hash)s AND (c.totp_confirmed_at IS NOT NULL) = %(factor)s FOR UPDATE",
                given,
            ).fetchone()
            used = None
            if stands and found.wants_code:
                used = second_factors.accept(connection, keys, found.user_id, code or "", clock=self._clock)
            if not stands or (found.wants_code and used is None):
                result = "second_factor_wrong" if stands else "sign_in_refused"
                record.enter(connection, found.tenant_id, found.user_id, "sign_in", actor, result=result)
                return result
            session_id, token = sessions.start(
                connection, keys, found.user_id, second_factor=used is not None, source=source, user_agent=user_agent
            )
            connection.execute(
                "UPDATE hub.users SET signed_in_at = now() WHERE tenant_id = %(tenant)s AND user_id = %(user)s", given
            )
            if anew is not None:
                connection.execute(
                    "UPDATE hub.user_credentials SET password_hash = %(anew)s"
                    " WHERE tenant_id = %(tenant)s AND user_id = %(user)s",
                    given,
                )
            record.enter(connection, found.tenant_id, found.user_id, "sign_in", actor, second_factor=used or "none")
            if used == "recovery":
                notices.tell_recovery_code_used(connection, keys, record.read(connection, keys, found.user_id))
        return self._for_user(
            found.tenant_id, found.user_id, found.role, session_id, token.text, second_factor=used is not None
        )

    def _for_user(
        self, home: str, user_id: UUID, role: Role, session_id: UUID, refresh_token: str, *, second_factor: bool
    ) -> Tokens:
        scopes = second_factors.permissions_of(role, second_factor=second_factor)
        access = self._tokens.issue(
            home=home, kind="user", subject=user_id, role=role, scopes=scopes, session=session_id
        )
        return Tokens(access, int(ACCESS_FOR.total_seconds()), refresh_token, scopes)
