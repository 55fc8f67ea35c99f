"""Reasons as codes: free words would be where a person's name ends up."""

from __future__ import annotations

from hub.errors import HubError
from hub.kvkk.wording import is_code


def require_code(reason: str) -> None:
    """Refuse anything but a code such as `pool_vehicle`. HubError `reason_malformed`."""
    if not is_code(reason):
        raise HubError("reason_malformed")
