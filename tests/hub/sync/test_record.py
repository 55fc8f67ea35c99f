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
        ("transient", "provider_error", False, False),
    ],
)
def test_a_contract_that_lacks_one_service_does_not_pause_the_others(
    kind: str, code: str, others_work: bool, counts: bool
) -> None:
    assert pointless(Failed(kind, code), others_work=others_work) is counts
