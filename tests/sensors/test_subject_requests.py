"""Requests as Dagster handles them: its real instance on Postgres, real ticks and runs; only the parts stand in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from dagster import DagsterInstance, DagsterRunStatus, build_sensor_context

from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.requests import handling, work
from resources.engine import HubResource
from sensors.subject_requests import JOB, MOST_IN_A_RUN, read_waiting, subject_requests_sensor
from tests.hub.kvkk.requests.conftest import EMAIL, LATER, TCKN, DeskOf
from tests.support.dagster_home import dagster_instance

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

pytestmark = pytest.mark.long(15)

MARKER = "SIZINTI-Ayşe-Denemeoğlu"


@pytest.fixture(scope="module")
def instance(installation: Settings) -> Iterator[DagsterInstance]:
    with dagster_instance(installation) as opened:
        yield opened


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The part that does the work of access requests; `part.does` is what it does."""
    module = ModuleType("a_part_of_the_hub")
    seen: list[tuple[str, UUID]] = []
    found = SimpleNamespace(does=lambda *_: "package_ready", seen=seen)

    def handle(hub_context: Any, tenant_id: str, request_id: UUID) -> str:
        seen.append((tenant_id, request_id))
        return found.does(hub_context, tenant_id, request_id)

    module.handle = handle  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(work.HANDLERS, "access", f"{module.__name__}:handle")
    return found


@pytest.fixture
def desk(
    settings: Settings, database: Database, make_tenant: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[DeskOf]:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    # Detection is proved elsewhere and costs seconds to load.
    monkeypatch.setattr("kvkk_policies.detect.ColumnScanner", lambda: None)
    for tenant_id, request_id, _ in read_waiting(database):  # what other modules' tests left
        with database.tenant(tenant_id, "app") as connection:
            connection.execute("UPDATE hub.requests SET work_state = 'none' WHERE request_id = %s", (request_id,))
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    one = DeskOf(database, keyring, make_tenant())
    yield one
    with database.tenant(one.tenant_id, "app") as connection:
        connection.execute("UPDATE hub.requests SET work_state = 'none' WHERE tenant_id = %s", (one.tenant_id,))


def started(desk: DeskOf, type_: str = "access") -> UUID:
    request = desk.identify(desk.open(type_))
    handling.start(desk.database, desk.keyring, desk.tenant_id, request.request_id, actor=desk.actor, now=LATER)
    return request.request_id


def tick(instance: DagsterInstance) -> Any:
    from hub.definitions import defs

    with build_sensor_context(instance=instance, resources={"hub": HubResource()}) as context:
        return subject_requests_sensor(defs.resolve_job_def(JOB)).evaluate_tick(context)  # type: ignore[arg-type]


def run(instance: DagsterInstance, request: Any) -> Any:
    from hub.definitions import defs

    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return defs.resolve_job_def(JOB).execute_in_process(instance=instance, run_config=request.run_config | quiet)


def test_what_waits_is_handled_in_one_run_whose_config_holds_ids_alone(
    desk: DeskOf, instance: DagsterInstance, part: Any
) -> None:
    ids = [started(desk), started(desk)]
    by_hand = started(desk, "object_automated")
    [asked] = tick(instance).run_requests
    done = run(instance, asked)

    assert asked.run_config == {
        "ops": {"handle_requests": {"config": {"requests": sorted(f"{desk.tenant_id}/{each}" for each in ids)}}}
    }
    assert done.success
    assert sorted(part.seen) == sorted((desk.tenant_id, each) for each in ids)
    assert {(desk.read(each).work_state, desk.read(each).work_code) for each in ids} == {("done", "package_ready")}
    assert desk.history(ids[0])[-2:] == ["work_begun", "work_done"]
    assert desk.read(by_hand).work_state == "none"
    assert tick(instance).run_requests == []


def test_a_part_is_given_what_it_needs(desk: DeskOf, instance: DagsterInstance, part: Any) -> None:
    given: list[Any] = []
    part.does = lambda context, *_: given.append(context) or "ok"
    started(desk)
    run(instance, tick(instance).run_requests[0])

    [context] = given
    assert context.keyring.tenant(desk.tenant_id).tenant_id == desk.tenant_id
    assert context.settings.home == desk.database.settings.home
    assert set(context.policies) >= {"findeks", "iyzico"}


def test_one_that_fails_keeps_its_code_and_hinders_no_other(desk: DeskOf, instance: DagsterInstance, part: Any) -> None:
    broken, refused, well = started(desk), started(desk), started(desk)

    def does(_context: Any, _tenant: str, request_id: UUID) -> str:
        if request_id == broken:
            raise RuntimeError(MARKER)
        if request_id == refused:
            raise HubError("vault_unreachable_today")
        return "ok"

    part.does = does
    done = run(instance, tick(instance).run_requests[0])

    assert done.success
    assert [(desk.read(each).work_state, desk.read(each).work_code) for each in (broken, refused, well)] == [
        ("failed", "work_failed"),
        ("failed", "vault_unreachable_today"),
        ("done", "ok"),
    ]
    assert MARKER not in "".join(str(entry) for entry in instance.all_logs(done.run_id))


def test_a_person_starts_what_failed_again(desk: DeskOf, instance: DagsterInstance, part: Any) -> None:
    def fails(*_: Any) -> str:
        raise HubError("vault_unreachable_today")

    part.does = fails
    request_id = started(desk)
    run(instance, tick(instance).run_requests[0])
    assert tick(instance).run_requests == []  # it is a person who looks at it first

    part.does = lambda *_: "ok"
    handling.start(desk.database, desk.keyring, desk.tenant_id, request_id, actor=desk.actor, now=LATER)
    run(instance, tick(instance).run_requests[0])
    assert (desk.read(request_id).work_state, desk.read(request_id).work_code) == ("done", "ok")


def test_a_part_that_is_not_there_is_named_in_the_request(
    desk: DeskOf, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = started(desk)
    for path in ("hub.kvkk.no_such_part.handle:handle", "hub.no_such_module:handle"):
        monkeypatch.setitem(work.HANDLERS, "access", path)
        run(instance, tick(instance).run_requests[0])

        assert desk.read(request_id).work_code == "work_handler_missing"
        handling.start(desk.database, desk.keyring, desk.tenant_id, request_id, actor=desk.actor, now=LATER)


def test_a_part_that_misses_a_library_is_not_taken_for_one_that_is_not_there(
    desk: DeskOf, instance: DagsterInstance, part: Any
) -> None:
    def does(*_: Any) -> str:
        import a_library_that_nobody_has  # type: ignore[import-not-found]  # noqa: F401

        return "ok"

    part.does = does
    request_id = started(desk)
    run(instance, tick(instance).run_requests[0])
    assert desk.read(request_id).work_code == "work_failed"


def test_a_run_under_way_is_not_doubled_and_one_that_is_gone_gives_its_requests_back(
    desk: DeskOf, instance: DagsterInstance, part: Any
) -> None:
    from hub.definitions import defs

    lost, waiting = started(desk), started(desk)
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        connection.execute("UPDATE hub.requests SET work_state = 'running' WHERE request_id = %s", (lost,))
    config = {"ops": {"handle_requests": {"config": {"requests": []}}}}
    under_way = instance.create_run_for_job(
        defs.resolve_job_def(JOB), run_config=config, status=DagsterRunStatus.STARTED
    )
    ticked = tick(instance)
    assert ticked.run_requests == []
    assert "under way" in ticked.skip_message

    instance.report_run_failed(under_way)
    [asked] = tick(instance).run_requests
    assert asked.run_config["ops"]["handle_requests"]["config"]["requests"] == [f"{desk.tenant_id}/{waiting}"]
    assert (desk.read(lost).work_state, desk.read(lost).work_code) == ("failed", "work_run_lost")


def test_work_that_was_called_off_is_not_done(desk: DeskOf, instance: DagsterInstance, part: Any) -> None:
    request_id = started(desk)
    [asked] = tick(instance).run_requests
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        connection.execute("UPDATE hub.requests SET work_state = 'none' WHERE request_id = %s", (request_id,))

    assert run(instance, asked).success
    assert part.seen == []


def test_no_more_than_a_runs_worth_is_asked_for_and_the_most_urgent_first(
    desk: DeskOf, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, sooner = started(desk), started(desk)
    with database.tenant(desk.tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.requests SET due_at = due_at - interval '20 days' WHERE request_id = %s", (sooner,)
        )
    assert MOST_IN_A_RUN > 1
    assert [each[1] for each in read_waiting(database)] == [str(sooner), str(later)]
    monkeypatch.setattr("sensors.subject_requests.MOST_IN_A_RUN", 1)
    assert [each[1] for each in read_waiting(database)] == [str(sooner)]


def test_nothing_of_the_applicant_is_in_dagsters_log(desk: DeskOf, instance: DagsterInstance, part: Any) -> None:
    started(desk)
    done = run(instance, tick(instance).run_requests[0])

    text = "".join(str(entry) for entry in instance.all_logs(done.run_id))
    assert desk.tenant_id in text
    assert not [marker for marker in (TCKN, EMAIL, "Denemeoğlu") if marker in text]


def test_an_access_request_becomes_a_package_and_is_answered(
    desk: DeskOf, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.secret import Secret
    from hub.db.database import Database
    from hub.kvkk.export import handover
    from hub.kvkk.requests import answering, link_mail
    from hub.mail import queue

    monkeypatch.undo()
    monkeypatch.setenv("HUB_HOME", str(desk.database.settings.home))
    desk.knows(("tckn", TCKN))
    request_id = started(desk)
    run(instance, tick(instance).run_requests[0])

    done = desk.read(request_id)
    assert (done.work_state, done.work_code) == ("done", "export_ready")
    assert desk.rows("SELECT state, request_id FROM hub.exports") == [("ready", request_id)]
    with pytest.raises(HubError) as nowhere:
        link_mail.send_link(desk.database, desk.keyring, desk.tenant_id, request_id, actor=desk.actor)
    assert nowhere.value.code == "public_url_missing"
    public = Database(desk.database.settings.model_copy(update={"public_url": "https://hub.invalid/"}))
    try:
        link_mail.send_link(public, desk.keyring, desk.tenant_id, request_id, actor=desk.actor)
    finally:
        public.close()
    [(mail_id,)] = desk.rows("SELECT mail_id FROM hub.mails WHERE template = 'export_link'")
    mail = queue.claim(desk.database, desk.keyring.tenant(desk.tenant_id), mail_id)
    assert mail is not None
    token = mail.fields["link"].removeprefix("https://hub.invalid" + handover.PATH)
    assert handover.target_of(desk.database, token) is not None
    answered = answering.answer(
        desk.database, desk.keyring, desk.tenant_id, request_id, Secret("Ektedir."), actor=desk.actor
    )
    assert (answered.state, answered.outcome) == ("answered", "accepted")


def test_an_erasure_is_done_by_its_part_and_answered(
    desk: DeskOf, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.secret import Secret
    from hub.kvkk.requests import answering, link_mail

    monkeypatch.undo()
    monkeypatch.setenv("HUB_HOME", str(desk.database.settings.home))
    subject = desk.knows(("tckn", TCKN))
    request_id = started(desk, "erase")
    link_mail.queue_link(
        desk.database,
        desk.keyring,
        desk.tenant_id,
        request_id,
        Secret("https://hub.invalid/kvkk/exports/abc"),
        expires_at=LATER,
        actor=desk.actor,
    )
    with desk.database.tenant(desk.tenant_id, "app") as connection:
        connection.execute("UPDATE hub.mails SET state = 'failed'")
    run(instance, tick(instance).run_requests[0])

    done = desk.read(request_id)
    assert (done.work_state, done.work_code) == ("done", "erased")
    assert desk.rows("SELECT 1 FROM hub.mails") == []
    with desk.database.tenant(desk.tenant_id, "vault") as connection:
        assert connection.execute("SELECT 1 FROM vault.identifiers WHERE subject_id = %s", (subject,)).fetchall() == []
    answered = answering.answer(
        desk.database, desk.keyring, desk.tenant_id, request_id, Secret("Silindi."), actor=desk.actor
    )
    assert (answered.state, answered.outcome) == ("answered", "accepted")
