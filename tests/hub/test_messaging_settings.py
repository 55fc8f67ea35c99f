from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.istanbul import ISTANBUL
from hub.control import messaging
from hub.control.messaging import QuietHours, next_allowed
from hub.db.database import Database
from hub.errors import HubError
from hub.kvkk.audit_listing import entries
from hub.validation import InvalidInput
from tests.conftest import MakeTenant

NIGHT = QuietHours(time(21), time(9))


def inside(local: time, quiet: QuietHours) -> bool:
    """Said another way than in the code: minutes around the clock."""
    span = (_minutes(quiet.until) - _minutes(quiet.since)) % 1440
    return (local.hour * 60 + local.minute - _minutes(quiet.since)) % 1440 < span


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0, tzinfo=None))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


@given(now=MOMENTS, since=TIMES, until=TIMES)
@examples(max_examples=200, deadline=None)
def test_the_next_allowed_moment_is_outside_of_quiet_hours_and_nothing_before_it_is(
    now: datetime, since: time, until: time
) -> None:
    if since == until:
        return
    quiet = QuietHours(since, until)
    allowed = next_allowed(now, quiet)
    assert not inside(allowed.astimezone(ISTANBUL).time(), quiet)
    assert timedelta(0) <= allowed - now < timedelta(days=1)
    assert (allowed == now) is (not inside(now.astimezone(ISTANBUL).time(), quiet))
    if allowed > now:
        assert allowed.astimezone(ISTANBUL).time() == until
        assert inside((allowed - timedelta(microseconds=1)).astimezone(ISTANBUL).time(), quiet)


def test_the_night_ends_in_the_morning_of_istanbul() -> None:
    assert next_allowed(datetime(2026, 3, 1, 18, 0, tzinfo=UTC), NIGHT) == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert next_allowed(datetime(2026, 3, 2, 5, 59, tzinfo=UTC), NIGHT) == datetime(2026, 3, 2, 6, tzinfo=UTC)
    nine = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert next_allowed(nine, NIGHT) == nine
    assert next_allowed(nine, None) == nine


def test_what_was_set_is_kept_and_a_single_channel_changes_alone(database: Database, make_tenant: MakeTenant) -> None:
    tenant = make_tenant()
    messaging.change(
        database,
        tenant,
        {"quiet_hours": {"sms": "21:00-09:00", "email": "22:00-08:00"}, "sender_title": " Deneme  Ltd. "},
    )
    after = messaging.change(database, tenant, {"quiet_hours": {"email": ""}, "opt_out_text": "RET yaz"})
    assert after == messaging.of_tenant(database, tenant)
    assert after.stored() == {
        "quiet_hours": {"sms": "21:00-09:00"},
        "sender_title": "Deneme Ltd.",
        "opt_out_text": "RET yaz",
    }
    assert after.closing == "RET yaz Deneme Ltd."
    assert messaging.change(database, tenant, {"opt_out_text": ""}).closing is None
    changed = [entry for entry in entries(database, tenant) if entry.action == "tenant.messaging_changed"]
    assert [entry.details["fields"] for entry in changed][-1] in (["opt_out_text"], ["quiet_hours", "sender_title"])


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"quiet_hours": {"sms": "21-09"}}, "quiet_hours", "field_not_hours"),
        ({"quiet_hours": {"sms": "25:00-09:00"}}, "quiet_hours", "field_not_hours"),
        ({"quiet_hours": {"sms": "09:00-09:00"}}, "quiet_hours", "field_not_hours"),
        ({"quiet_hours": {"fax": "21:00-09:00"}}, "quiet_hours", "field_not_a_channel"),
        ({"quiet_hours": "always"}, "quiet_hours", "field_not_a_channel"),
        ({"mersis": "123"}, "mersis", "field_not_mersis"),
        ({"opt_out_text": "x" * 161}, "opt_out_text", "field_too_long"),
        ({"sender_title": 5}, "sender_title", "field_too_long"),
        ({"colour": "red"}, "colour", "field_unknown"),
    ],
)
def test_a_wrong_setting_is_named_and_changes_nothing(
    database: Database, make_tenant: MakeTenant, given: dict[str, Any], field: str, code: str
) -> None:
    tenant = make_tenant()
    with pytest.raises(InvalidInput) as refused:
        messaging.change(database, tenant, given)
    assert {problem.field: problem.code for problem in refused.value.problems} == {field: code}
    assert messaging.of_tenant(database, tenant) == messaging.MessagingSettings()


def test_settings_that_somebody_broke_by_hand_stop_what_needs_them(database: Database, make_tenant: MakeTenant) -> None:
    from psycopg.types.json import Jsonb

    tenant = make_tenant(settings=Jsonb({"messaging": {"quiet_hours": {"sms": "always"}}}))
    with pytest.raises(HubError, match="tenant_setting_wrong"):
        messaging.of_tenant(database, tenant)
