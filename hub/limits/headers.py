"""Tells a caller where it stands: `RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10.

Both are lists of structured fields (RFC 9651), an item a limit: the policy's quota `q` and window `w`, and what
remains `r` with the seconds `t` until the bucket is full again. A bucket of `burst` tokens that fills up in `w` seconds
is announced as `q=burst;w=w`, which is its rate over time. `Retry-After` (RFC 9110, 10.2.3) stands on a refusal alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hub.limits.bucket import Verdict

_NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")


def rate_limit_headers(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """Headers for the limits a call was counted under, by their public names. ValueError for a name that is none."""
    wrong = [name for name in verdicts if not _NAME.fullmatch(name)]
    if wrong:
        raise ValueError("a limit's public name is lower-case letters, digits, dots and hyphens")
    if not verdicts:
        return {}
    headers = {
        "RateLimit-Policy": ", ".join(
            f'"{name}";q={verdict.limit};w={verdict.window_seconds}' for name, verdict in verdicts.items()
        ),
        "RateLimit": ", ".join(
            f'"{name}";r={verdict.remaining};t={verdict.reset_seconds}' for name, verdict in verdicts.items()
        ),
    }
    waits = [verdict.retry_after_seconds for verdict in verdicts.values() if not verdict.allowed]
    if waits:
        headers["Retry-After"] = str(max(waits))
    return headers
