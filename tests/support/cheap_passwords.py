"""Passwords whose hashes cost nothing: to sign in with a true one takes a tenth of a second, and hundreds do.

The parameters in force are looked at in tests/hub/identity/test_passwords.py; processes that tests start have them.
"""

from __future__ import annotations

from argon2 import PasswordHasher

from hub.identity import passwords

HASHER_IN_FORCE = passwords.hasher
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def make_passwords_cheap() -> None:
    """For the rest of this process."""
    passwords.hasher = lambda: _CHEAP  # type: ignore[assignment]
