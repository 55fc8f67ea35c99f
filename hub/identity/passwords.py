"""Passwords: which ones are accepted, and Argon2id, bounded in how many are worked on at once.

A guess must cost an attacker memory (OWASP: 19 MiB and two passes at the least); a flood of sign-ins must not take the
machine's. So hashes wait for their turn, and whoever waits too long is told to come back.
"""

from __future__ import annotations

import os
import unicodedata
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.identity.common_passwords import COMMON
from hub.validation import InvalidInput, Problem
from kvkk_policies.turkish import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from argon2 import PasswordHasher

LEAST, MOST = 12, 128
"""Characters after normalisation. The longest keeps a hash's cost from being the caller's to choose."""
_READ = 8 * MOST
"""Characters that are read at all; composing makes no text of this length short enough."""
_LEAST_OWN = 8
"""Characters that must be left once names and logins are taken out."""
_LEAST_DIFFERENT = 5
_PASSES, _MEMORY_KIB, _LANES = 2, 64 * 1024, 1
_AT_ONCE = max(2, os.cpu_count() or 1)
_WAIT_SECONDS = 10.0

_turns = BoundedSemaphore(_AT_ONCE)


def normalised(password: str) -> str:
    """NFKC: one password is one text, whichever keyboard composed its letters."""
    return unicodedata.normalize("NFKC", password[:_READ])


def checked_password(password: str, *, about: Iterable[str], field: str = "password") -> str:
    """The password as it is hashed. `about` are logins and names that it must not consist of. `InvalidInput`."""
    plain = normalised(password)
    if len(plain) < LEAST:
        raise InvalidInput([Problem(field, "field_password_short", {"least": LEAST})])
    if len(plain) > MOST:
        raise InvalidInput([Problem(field, "field_too_long", {"max_length": MOST})])
    if len(set(plain)) < _LEAST_DIFFERENT or _is_common(plain):
        raise InvalidInput([Problem(field, "field_password_common")])
    if _own_letters(plain, about) < _LEAST_OWN:
        raise InvalidInput([Problem(field, "field_password_names")])
    return plain


def hash_password(password: str) -> str:
    """Argon2id of a normalised password, with its parameters and salt. HubError `sign_in_busy`."""
    with _Turn():
        return hasher().hash(password)


def fits(stored: str | None, password: str) -> bool:
    """Whether the password is the one; as much work for nobody's. HubError `sign_in_busy`."""
    from argon2.exceptions import InvalidHashError, VerificationError

    plain = normalised(password)
    with _Turn():
        try:
            return hasher().verify(stored or _nobodys(), plain) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with parameters that are not those of today."""
    return hasher().check_needs_rehash(stored)


def renewed(stored: str | None, password: str) -> str | None:
    """The hash of a password that fits with today's parameters; None where it has them, or nobody has time for it."""
    if stored is None or not is_outdated(stored):
        return None
    try:
        return hash_password(normalised(password))
    except HubError:  # `sign_in_busy`: who was right comes in, and the next sign-in renews it
        return None


@cache
def hasher() -> PasswordHasher:
    """Argon2id with the parameters in force."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)


@cache
def _nobodys() -> str:
    """A hash that no password has, of the same cost as any other."""
    return hasher().hash(os.urandom(32).hex())


class _Turn:
    def __enter__(self) -> None:
        if not _turns.acquire(timeout=_WAIT_SECONDS):
            raise HubError("sign_in_busy")

    def __exit__(self, *_error: object) -> None:
        _turns.release()


def _is_common(password: str) -> bool:
    text = fold(password)
    core = text.strip("0123456789!.?*-_+#@ ")
    return text in COMMON or core in COMMON or core * 2 == text or any(text == word * 2 for word in COMMON)


def _own_letters(password: str, about: Iterable[str]) -> int:
    text = fold(password)
    words = {word for each in about for word in (fold(each), *fold(each).replace("@", " ").split()) if len(word) >= 4}
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "").replace(word.replace(" ", ""), "")
    return len(text)
