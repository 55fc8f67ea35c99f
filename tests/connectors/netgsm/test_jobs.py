from __future__ import annotations

import pytest

from connectors.netgsm import jobs, registration
from connectors.netgsm.references import job_of
from connectors.sandbox.server import Sandbox
from tests.connectors.netgsm.acting import act, asked, magic, perform, sms, spec_of


class TestJobs:
    def test_a_job_of_the_future_can_be_taken_back_once(self, moving_sandbox: Sandbox) -> None:
        (taken,) = perform(spec_of(moving_sandbox, "c"), [act("s", sms(start="2026-11-19T12:00:00+03:00"))])
        job = job_of(getattr(taken, "provider_reference", ""))
        assert asked(spec_of(moving_sandbox, "c"), lambda client: jobs.cancel(client, job)) is True
        assert asked(spec_of(moving_sandbox, "c"), lambda client: jobs.cancel(client, job)) is False

    def test_what_has_begun_cannot(self, sandbox: Sandbox) -> None:
        (taken,) = perform(spec_of(sandbox, "begun"), [act("s", sms())])
        job = job_of(getattr(taken, "provider_reference", ""))
        assert asked(spec_of(sandbox, "begun"), lambda client: jobs.cancel(client, job)) is False
        assert asked(spec_of(sandbox, "other"), lambda client: jobs.cancel(client, job)) is False

    def test_a_jobs_messages_are_counted_by_status(self, moving_sandbox: Sandbox) -> None:
        people = [sms(text="a" * 200), sms(magic("015")), sms("+905331234567")]
        outcomes = perform(spec_of(moving_sandbox, "c"), [act(f"j{i}", each) for i, each in enumerate(people)])
        moving_sandbox.advance(minutes=2)
        counts: list[jobs.JobCount] = []
        for job in {job_of(getattr(outcome, "provider_reference", "")) for outcome in outcomes}:
            counts += asked(spec_of(moving_sandbox, "c"), lambda client, job=job: jobs.stats(client, job))
        assert sum(count.messages or 0 for count in counts) == 3
        assert {count.status for count in counts} == {1, 15}
        assert asked(spec_of(moving_sandbox, "c"), lambda client: jobs.stats(client, "7")) == []


class TestRegistration:
    def test_an_address_is_registered_and_removed(self, sandbox: Sandbox) -> None:
        connection = spec_of(sandbox, "hook")
        asked(connection, lambda client: registration.register(client, "reports", "https://hub.example/h/abc"))
        asked(connection, lambda client: registration.remove(client, "reports"))
        asked(connection, lambda client: registration.remove(client, "reports"))
        assert sandbox.world.requests["netgsm", "hook", "/sms/rest/v2/reportwebhook"] == 3

    def test_no_secret_goes_over_plain_http(self, sandbox: Sandbox) -> None:
        with pytest.raises(ValueError, match="https"):
            asked(
                spec_of(sandbox, "hook"),
                lambda client: registration.register(client, "incoming", "http://hub.example/h/abc"),
            )
