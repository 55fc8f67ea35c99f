"""Optional settings that several providers share, read and refused in one way.

They come as JSON or as text that a person typed. Every function raises `ProviderFailure` settings_invalid, which names
the setting and never its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.contract import RateLimit
from connectors.failure import ProviderFailure
from connectors.http import HttpSettings

_TOO_LARGE = 1_000_000


def invalid(name: str) -> ProviderFailure:
    """The refusal of a setting."""
    return ProviderFailure("permanent", "settings_invalid", field=name)


def positive(settings: Mapping[str, Any], name: str) -> float | None:
    """A number above zero and below a million; None when it is not set."""
    value = settings.get(name)
    if value is None:
        return None
    number: float | None = None
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = None
    if number is None or not 0 < number < _TOO_LARGE:
        raise invalid(name)
    return number


def rate_limit(settings: Mapping[str, Any], default: RateLimit, name: str = "requests_per_minute") -> RateLimit:
    """So many a minute as the setting says, all of which may come at once."""
    requests = positive(settings, name)
    return default if requests is None else RateLimit(requests=max(1, int(requests)), per=timedelta(minutes=1))


def http_settings(settings: Mapping[str, Any], default: HttpSettings) -> HttpSettings:
    """The default's bounds with `request_timeout_seconds`."""
    seconds = positive(settings, "request_timeout_seconds")
    if seconds is None:
        return default
    return replace(default, request_timeout=seconds, connect_timeout=min(seconds, default.connect_timeout))


def directory(settings: Mapping[str, Any], name: str) -> Path | None:
    """An absolute path; None when it is not set or empty. Whether it is there is seen when it is read."""
    value = settings.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise invalid(name)
    return Path(value)
