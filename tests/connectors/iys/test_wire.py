from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.failure import ProviderFailure
from connectors.iys.register import Address, PermissionStatus, PermissionType
from connectors.iys.wire import fits, permission_fields, permission_of, problem_of, safe_code
from tests.connectors.iys.permissions import MARCH, permission

NOW = datetime(2026, 11, 18, tzinfo=UTC)


def test_a_permission_reads_back_as_it_was_written() -> None:
    fields = permission_fields(permission())
    assert fields == {
        "consentDate": "2026-03-02 10:15:00",
        "source": "HS_WEB",
        "recipient": "+905320000001",
        "recipientType": "BIREYSEL",
        "status": "ONAY",
        "type": "MESAJ",
    }
    assert permission_of(fields) == permission()


@pytest.mark.parametrize(
    ("recipient", "type_", "fit"),
    [
        ("+905320000001", "MESAJ", True),
        ("+905320000001", "ARAMA", True),
        ("05320000001", "MESAJ", False),
        ("+902120000001", "MESAJ", False),
        ("+15320000001", "MESAJ", False),
        ("a@b.co", "EPOSTA", True),
        ("a@b.c", "EPOSTA", False),
        ("ayşe@ornek.com", "EPOSTA", False),
        (f"{'a' * 260}@b.co", "EPOSTA", True),
        (f"{'a' * 261}@b.co", "EPOSTA", False),
        ("a@b.co", "MESAJ", False),
    ],
)
def test_what_the_register_can_have_is_told_apart(recipient: str, type_: PermissionType, fit: bool) -> None:
    assert fits(Address(recipient, type_)) is fit


@pytest.mark.parametrize(
    ("status", "source", "at", "problem"),
    [
        ("ONAY", "HS_WEB", MARCH, None),
        ("ONAY", "HS_KARAR", MARCH, "source"),
        ("RET", "HS_KARAR", MARCH, None),
        ("ONAY", "IYS_WEB", MARCH, "source"),
        ("ONAY", "HS_WEB", NOW + timedelta(seconds=1), "date"),
        ("ONAY", "HS_WEB", datetime(2015, 4, 30, 20, 59, tzinfo=UTC), "date"),
        ("ONAY", "HS_WEB", datetime(2015, 4, 30, 21, tzinfo=UTC), None),
        ("ONAY", "HS_2015", datetime(2014, 1, 1, tzinfo=UTC), None),
    ],
)
def test_what_the_register_would_refuse_is_seen_before(
    status: PermissionStatus, source: str, at: datetime, problem: str | None
) -> None:
    assert problem_of(permission(status=status, source=source, at=at), NOW) == problem


def test_a_recipient_that_does_not_fit_is_seen_before() -> None:
    assert problem_of(replace(permission(), address=Address("x", "MESAJ")), NOW) == "recipient"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "Ali onay verdi"}, "status"),
        ({"type": "MEKTUP"}, "type"),
        ({"recipientType": "KAMU"}, "recipientType"),
        ({"consentDate": "dün"}, "consentDate"),
        ({"recipient": 5320000001}, "recipient"),
    ],
)
def test_a_field_that_is_none_is_named_and_not_quoted(change: dict[str, object], field: str) -> None:
    with pytest.raises(ProviderFailure) as caught:
        permission_of({**permission_fields(permission()), **change})
    assert (caught.value.code, caught.value.field) == ("wrong_type", field)
    assert "Ali" not in str(caught.value)


def test_a_code_of_unusual_shape_is_not_repeated() -> None:
    assert [safe_code(code) for code in ("H175", 50, "Ayşe Yılmaz", None)] == [
        "H175",
        "50",
        "unrecognised",
        "unrecognised",
    ]
