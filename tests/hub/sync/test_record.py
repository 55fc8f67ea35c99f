"""When a failure speaks for pausing an integration."""

from __future__ import annotations

import pytest

from hub.sync.outcome import Failed
from hub.sync.record import pointless


@pytest.mark.parametrize(
    ("kind", "code", "others_work", "counts"),
    [
        ("permanent", "credentials_rejected", True, True),
        ("permanent", "credentials_rejected", False, True),
        ("permanent", "not_licensed", False, True),
        ("permanent", "not_licensed", True, False),
        ("permanent", "request_refused", False, True),
        ("permanent", "request_refused", True, False),
        ("permanent", "window_too_old", True, False),
        ("permanent", "settings_invalid", False, True),
        ("permanent", "settings_invalid", True, False),
        ("permanent", "address_refused", True, True),
        ("transient", "provider_error", False, False),
    ],
)
def test_a_stream_that_cannot_be_had_does_not_pause_the_others(
    kind: str, code: str, others_work: bool, counts: bool
) -> None:
    assert pointless(Failed(kind, code), others_work=others_work) is counts
