"""Users and codes of invented companies. The user's name tells the company, so that nothing need be stored."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

_PREFIX = "ws-"


def credentials(seed: int, company_id: str) -> dict[str, str]:
    """What a company signs in with, at either interface."""
    return {
        "username": f"{_PREFIX}{_coded(company_id)}-{_derived(seed, 'user', company_id)[:8]}",
        "pin1": _derived(seed, "pin1", company_id)[:10],
        "pin2": _derived(seed, "pin2", company_id)[:10],
        "rest_password": _derived(seed, "rest", company_id)[:16],
    }


def company_of_user(seed: int, username: str) -> str | None:
    """The company of a user; None when there is no such user."""
    company_id = _decoded(username.removeprefix(_PREFIX).rpartition("-")[0])
    if company_id is None:
        return None
    return company_id if _same(credentials(seed, company_id)["username"], username) else None


def pins_right(seed: int, company_id: str, pin1: str, pin2: str) -> bool:
    """Whether the codes are a company's."""
    right = credentials(seed, company_id)
    return _same(right["pin1"], pin1) and _same(right["pin2"], pin2)


def password_right(seed: int, company_id: str, password: str) -> bool:
    """Whether the REST service's password is a company's."""
    return _same(credentials(seed, company_id)["rest_password"], password)


def session_id(seed: int, company_id: str, number: int) -> str:
    """Id of a company's session; it tells the company, so that a request's company is known without the desk."""
    return f"{_coded(company_id)}.{number}.{_derived(seed, f'session {number}', company_id)[:24]}"


def company_of_session(seed: int, session: str) -> str | None:
    """The company of a session's id, living or not."""
    name, _, rest = session.partition(".")
    company_id, number = _decoded(name), rest.partition(".")[0]
    if company_id is None or not number.isdecimal():
        return None
    return company_id if _same(session_id(seed, company_id, int(number)), session) else None


def _coded(company_id: str) -> str:
    return base64.b32encode(company_id.encode()).decode().rstrip("=").lower()


def _decoded(name: str) -> str | None:
    try:
        return base64.b32decode(name.upper() + "=" * (-len(name) % 8)).decode() or None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def _same(right: str, given: str) -> bool:
    return hmac.compare_digest(right.encode(), given.encode())


def _derived(seed: int, what: str, company_id: str) -> str:
    return hmac.new(f"kopru-arvento-{seed}".encode(), f"{what}\0{company_id}".encode(), hashlib.sha256).hexdigest()
