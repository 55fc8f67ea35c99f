"""Reasons as codes: free words would be where a person's name ends up."""

from __future__ import annotations

import re

from hub.errors import HubError

_CODE = re.compile(r"[a-z][a-z0-9_]{1,62}")


def require_code(reason: str) -> None:
    """Refuse anything but a code such as `pool_vehicle`. HubError `reason_malformed`."""
    if not _CODE.fullmatch(reason):
        raise HubError("reason_malformed")
