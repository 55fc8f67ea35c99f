"""What a caller is told of its limits, in the form of the IETF draft."""

from __future__ import annotations

import pytest

from hub.limits.bucket import Verdict
from hub.limits.headers import rate_limit_headers

FITS = Verdict(allowed=True, limit=100, remaining=42, reset_seconds=35, retry_after_seconds=0, window_seconds=60)
REFUSED = Verdict(allowed=False, limit=5, remaining=0, reset_seconds=300, retry_after_seconds=61, window_seconds=300)


def test_policies_and_what_remains_are_lists_of_structured_fields() -> None:
    assert rate_limit_headers({"calls": FITS, "sign-in": FITS}) == {
        "RateLimit-Policy": '"calls";q=100;w=60, "sign-in";q=100;w=60',
        "RateLimit": '"calls";r=42;t=35, "sign-in";r=42;t=35',
    }


def test_a_refusal_says_when_to_come_again() -> None:
    assert rate_limit_headers({"calls": FITS, "sign-in": REFUSED})["Retry-After"] == "61"


def test_without_limits_nothing_is_said() -> None:
    assert rate_limit_headers({}) == {}


@pytest.mark.parametrize("name", ['x"', "Büyük", "a\r\nSet-Cookie: b=c", ""])
def test_a_name_that_would_break_the_header_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="public name"):
        rate_limit_headers({name: FITS})
