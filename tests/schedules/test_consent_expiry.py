"""A consent's end is noticed without anybody asking: the schedule sees it, the job raises and examines its check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from dagster import build_schedule_context

from hub.control import consents
from hub.control.consent_record import NewConsent
from hub.kvkk import erasure_checks
from resources.engine import HubResource
from schedules.consent_expiry import consent_expiry_job, consent_expiry_schedule
from tests.support.dagster_home import dagster_instance

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings


def test_an_expired_consent_starts_a_run_that_checks_it_once(
    settings: Settings, database: Database, make_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", lambda: None)
    tenant, now = make_tenant(), datetime.now(UTC)
    new = NewConsent(
        purpose="credit_assessment",
        data_categories=("FINANS",),
        retention_period="P1Y",
        consent_text="Açık rıza veriyorum.",
        text_version="v1",
        notice_id="n1",
        channel="web",
        evidence_ref="form-1",
        given_at=now - timedelta(days=2),
        expires_at=now - timedelta(days=1),
    )
    consent = consents.record(database, tenant, kind="tckn", subject="tckn_aaa", new=new)
    job = consent_expiry_job()

    def requested() -> bool:
        with build_schedule_context(resources={"hub": HubResource()}) as context:
            return bool(consent_expiry_schedule(job).evaluate_tick(context).run_requests)

    assert requested()
    with dagster_instance(settings) as instance:
        assert job.execute_in_process(instance=instance, resources={"hub": HubResource()}).success
    (found,) = erasure_checks.listed(database, tenant, everything=True)
    assert (found.consent_id, found.cause, found.state) == (consent.consent_id, "consent_expired", "nothing_held")
    assert not requested()
