"""Signing in: who gets tokens, who does not, and what either of them is told."""

from __future__ import annotations

from hub.identity.sign_in import SignIn
from tests.hub.identity.conftest import HOME_NETWORK, PASSWORD, MakeUser


def test_a_password_gives_tokens_that_say_who_calls(make_user: MakeUser, sign_in: SignIn) -> None:
    user = make_user()

    tokens = sign_in.password(user.email.upper(), PASSWORD, source=HOME_NETWORK)
    caller = sign_in.authenticate(tokens.access_token)

    assert (caller.home, caller.subject, caller.role) == (user.tenant_id, user.user_id, user.role)
    assert caller.permissions == tokens.scopes
    assert tokens.expires_in == 900
    refreshed = sign_in.refresh(tokens.refresh_token or "")
    assert sign_in.authenticate(refreshed.access_token) == caller
