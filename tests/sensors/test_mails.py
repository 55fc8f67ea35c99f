"""The mail queue as Dagster drains it: its real instance, a real server, settings from the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dagster import DagsterInstance, DagsterRunStatus, build_sensor_context

from connectors.secret import Secret
from hub.mail import queue
from resources.engine import HubResource
from sensors.mails import JOB, mails_sensor
from tests.hub.mail.conftest import PASSWORD, USER, PostOffice, authority, empty_queue, keyring, office
from tests.support.dagster_home import dagster_instance

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.settings import Settings

__all__ = ["authority", "keyring", "office"]
"""Fixtures of the mail's own tests."""

pytestmark = pytest.mark.long(10)

TO = "irtibat@kiraci.invalid"


@pytest.fixture(scope="module")
def instance(installation: Settings) -> Iterator[DagsterInstance]:
    with dagster_instance(installation) as opened:
        yield opened


@pytest.fixture
def tenant_id(
    settings: Settings,
    database: Database,
    keyring: Keyring,
    make_tenant: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """A tenant with a mail that waits."""
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", lambda: None)
    empty_queue(database)
    one = make_tenant()
    with database.tenant(one, "app") as connection:
        queue.enqueue(
            connection,
            keyring.tenant(one),
            template_name="breach_overdue",
            language="tr",
            recipient=Secret(TO),
            fields={"breach": "b-1", "due": "01.04.2026 23:30"},
            about="breach:1",
        )
    yield one
    with database.tenant(one, "app") as connection:
        connection.execute("DELETE FROM hub.mails")


@pytest.fixture
def configured(office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    server = office.server
    for name, value in {
        "HOST": server.host,
        "PORT": server.port,
        "FROM": server.sender,
        "USER": USER,
        "PASSWORD_FILE": file,
        "CA_FILE": server.ca_file,
    }.items():
        monkeypatch.setenv(f"HUB_SMTP_{name}", str(value))
    return office


def tick(instance: DagsterInstance) -> Any:
    from hub.definitions import defs

    with build_sensor_context(instance=instance, resources={"hub": HubResource()}) as context:
        return mails_sensor(defs.resolve_job_def(JOB)).evaluate_tick(context)  # type: ignore[arg-type]


def test_a_mail_that_waits_is_sent_by_a_run_that_says_counts_alone(
    tenant_id: str, configured: PostOffice, instance: DagsterInstance, database: Database
) -> None:
    from hub.definitions import defs

    assert len(tick(instance).run_requests) == 1
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    done = defs.resolve_job_def(JOB).execute_in_process(instance=instance, run_config=quiet)

    assert done.success
    assert [mail["To"] for mail in configured.mails] == [TO]
    assert [each.state for each in queue.listed(database, tenant_id, only_open=False)] == ["sent"]
    logged = "".join(str(entry) for entry in instance.all_logs(done.run_id))
    assert "1 sent" in logged
    assert TO not in logged
    assert "no mail is due" in tick(instance).skip_message


def test_without_a_server_the_mail_waits_and_the_tick_says_why(
    tenant_id: str, instance: DagsterInstance, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_SMTP_HOST", raising=False)
    ticked = tick(instance)

    assert ticked.run_requests == []
    assert "HUB_SMTP_HOST" in ticked.skip_message
    assert [each.state for each in queue.listed(database, tenant_id, only_open=True)] == ["pending"]


@pytest.mark.usefixtures("tenant_id", "configured")
def test_a_run_under_way_is_not_doubled(instance: DagsterInstance) -> None:
    from hub.definitions import defs

    under_way = instance.create_run_for_job(defs.resolve_job_def(JOB), status=DagsterRunStatus.STARTED)
    assert tick(instance).run_requests == []
    instance.report_run_failed(under_way)
    assert len(tick(instance).run_requests) == 1
