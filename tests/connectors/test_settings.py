from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import RateLimit
from connectors.failure import ProviderFailure
from connectors.http import HttpSettings
from connectors.settings import directory, http_settings, positive, rate_limit

DEFAULT = RateLimit(requests=7, per=timedelta(seconds=3))


@pytest.mark.parametrize("value", [0, -1, 1_000_000, 10**400, "viele", "nan", True, [1], ""])
def test_what_is_no_positive_number_is_refused_by_its_name_alone(value: Any) -> None:
    with pytest.raises(ProviderFailure) as refused:
        positive({"requests_per_minute": value}, "requests_per_minute")
    assert (refused.value.code, refused.value.field) == ("settings_invalid", "requests_per_minute")
    assert refused.value.__context__ is None
    assert str(refused.value) == "permanent settings_invalid field=requests_per_minute"


def test_what_is_not_set_stays_as_it_is() -> None:
    bounds = HttpSettings(request_timeout=180)
    assert rate_limit({}, DEFAULT) is DEFAULT
    assert http_settings({}, bounds) is bounds
    assert directory({"at": ""}, "at") is None


def test_what_is_set_as_text_or_number_is_taken() -> None:
    assert rate_limit({"requests_per_minute": "90"}, DEFAULT) == RateLimit(requests=90, per=timedelta(minutes=1))
    assert rate_limit({"requests_per_minute": 0.5}, DEFAULT).requests == 1
    bounds = http_settings({"request_timeout_seconds": 5}, HttpSettings(attempts=2))
    assert (bounds.request_timeout, bounds.connect_timeout, bounds.attempts) == (5.0, 5.0, 2)
    assert directory({"at": "/srv/drop"}, "at") == Path("/srv/drop")


@pytest.mark.parametrize("value", ["drop", 7, ["/srv"]])
def test_a_directory_is_named_in_full(value: Any) -> None:
    with pytest.raises(ProviderFailure, match="settings_invalid field=at"):
        directory({"at": value}, "at")
