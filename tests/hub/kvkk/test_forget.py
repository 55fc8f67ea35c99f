"""A tenant that is forgotten: a row in every table of both clusters, in Dagster and on disk, and then nothing."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from dagster import AssetMaterialization, DagsterInstance, DagsterRun

from hub.control import analysts
from hub.db.database import Database
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk import audit, holds
from hub.kvkk.audit import Actor
from hub.kvkk.audit_heads import SigningKey
from hub.kvkk.forget import removal, tombstones
from hub.kvkk.forget.receipt import canonical
from hub.kvkk.forget.run import Forgetting, Forgotten
from hub.migrations.connections import outside_transaction
from hub.orchestration.dagster_home import open_instance
from hub.orchestration.partitions import PARTITIONS_NAME
from hub.settings import Settings
from tests.isolation.seeds import tenant_tables
from tests.proofs.stores import CLUSTERS, tables

ACTOR = Actor("Ayşe Yetkili", "operator")
_SETTLED = (
    "UPDATE hub.legal_holds SET released_at = now() WHERE tenant_id = %s",
    "UPDATE hub.analyst_logins SET revoked_at = now() WHERE tenant_id = %s",
    "UPDATE vault.withheld SET due_on = current_date WHERE tenant_id = %s",
    "UPDATE hub.action_attempts SET finished_at = now(), outcome = 'taken' WHERE tenant_id = %s",
)
"""Seeded rows that are in force would forbid it, name roles that do not exist, or be on their way to a provider."""


@pytest.fixture
def instance(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    for name in ("DAGSTER_HOME", "HUB_HOME", "HUB_DAGSTER_STORAGE_URL", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")
    with open_instance(settings) as opened:
        yield opened


@dataclass
class World:
    """Two tenants with a row in every table, events in Dagster and a package on disk."""

    settings: Settings
    database: Database
    instance: DagsterInstance
    own: str
    other: str
    tables: list[str]
    hooks: list[str] = field(default_factory=list[str])
    told: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def forget(
        self,
        *,
        handed_over: tuple[str, ...] = (),
        stop_at: str | None = None,
        pause: Callable[[float], None] = lambda _seconds: None,
    ) -> Forgotten:
        def hook(stage: str) -> None:
            self.hooks.append(stage)
            if stage == stop_at:
                raise InterruptedError

        def told(attempts: int, seconds: int) -> None:
            self.told.append((attempts, seconds))

        forgetting = Forgetting(self.settings, self.database, lambda: self.instance, hook, on_wait=told, pause=pause)
        return forgetting.forget(self.own, actor=ACTOR, handed_over=handed_over)

    def standing(self, tenant_id: str) -> Counter[str]:
        """Rows in which the id stands, by table, in every database of both clusters."""
        found: Counter[str] = Counter()
        for cluster in CLUSTERS:
            for name, pieces in tables(self.settings, cluster):
                count = sum(piece.count(tenant_id.encode()) for piece in pieces)
                if count and "pg_catalog" not in name:
                    found[name] = count
        return found


@pytest.fixture
def world(settings: Settings, database: Database, make_tenant: Any, instance: DagsterInstance) -> Iterator[World]:
    own, other = make_tenant(), make_tenant()
    names: list[str] = []
    with outside_transaction(settings, "data") as data, outside_transaction(settings, "keys") as keys:
        for admin in (data, keys):
            with admin.transaction():
                for table in tenant_tables(admin).values():
                    names.append(table.name)
                    for tenant_id in (own, other):
                        if table.name != "hub.tenants":
                            admin.execute(*table.insert(table.row(tenant_id, "forget")))
        for statement in _SETTLED:
            data.execute(statement, (own,))
        data.execute(
            "UPDATE hub.exports SET file_name = tenant_id || '.zip' WHERE tenant_id = ANY(%s)", ([own, other],)
        )
    exports = settings.home / "exports"
    exports.mkdir(mode=0o700, exist_ok=True)
    instance.add_dynamic_partitions(PARTITIONS_NAME, [own, other])
    range_of_both = {"dagster/asset_partition_range_start": own, "dagster/asset_partition_range_end": other}
    instance.add_run(DagsterRun(job_name="sync_iyzico", run_id=str(uuid4()), tags=range_of_both))
    for tenant_id in (own, other):
        (exports / f"{tenant_id}.zip").write_bytes(b"package")
        instance.report_runless_asset_event(AssetMaterialization("forgetting", partition=tenant_id))
    yield World(settings, database, instance, own, other, sorted(names))
    with outside_transaction(settings, "data") as data:  # the installation is others' too
        data.execute("UPDATE hub.generated_tables SET rewrite_due = false")


def test_nothing_of_a_forgotten_tenant_stands_in_any_table_and_its_neighbour_keeps_everything(world: World) -> None:
    before, neighbour = world.standing(world.own), world.standing(world.other)
    assert {name.partition(".")[2] for name in before} >= set(world.tables)
    assert {"data:dagster.public.event_logs", "data:dagster.public.runs"} <= set(before)

    done = world.forget()

    assert world.standing(world.own) == {}
    assert world.standing(world.other) == neighbour
    counted = {table: count for by_table in done.removed.values() for table, count in by_table.items()}
    assert set(world.tables) <= set(counted)
    assert counted["exports"] == 1
    with world.database.without_tenant() as connection:
        due = connection.execute("SELECT table_name FROM hub.generated_tables WHERE rewrite_due").fetchall()
    assert ("bulutfon_calls",) in due  # its file holds what was deleted until it is written anew
    assert world.own not in world.instance.get_dynamic_partitions(PARTITIONS_NAME)
    assert world.other in world.instance.get_dynamic_partitions(PARTITIONS_NAME)
    exports = world.settings.home / "exports"
    assert not (exports / f"{world.own}.zip").exists()
    assert (exports / f"{world.other}.zip").exists()
    assert tombstones.among(world.database, [world.own, world.other]) == [world.own]


def test_a_process_that_still_knows_the_tenant_makes_it_no_new_keys(world: World, make_tenant: Any) -> None:
    keyring = Keyring(world.database, read_master_key(world.settings.master_key_file))
    tombstones.raise_for(world.database, world.own, uuid4())
    removal.remove(world.database, world.own)

    with pytest.raises(HubError, match="tenant_keys_destroyed"):
        keyring.tenant(world.own)

    assert removal.counts(world.database, world.own) == {}
    assert keyring.tenant(make_tenant()).generation == 1


def test_a_forgetting_that_is_killed_anywhere_is_gone_on_with_and_counts_everything(world: World) -> None:
    stages = ["counted", "landing.bulutfon_calls", "hub.requests", "hub.tenants", "keys.tenant_keys", "dagster"]
    expected: dict[str, int] = {}
    for stage in stages:
        with pytest.raises(InterruptedError):
            world.forget(stop_at=stage)
        if not expected:
            (begun,) = (world.settings.home / "forgotten").glob("*.begun.json")
            counts = json.loads(begun.read_text())["counts"]
            expected = {table: count for by_table in counts.values() for table, count in by_table.items()}

    done = world.forget()

    assert set(stages) <= set(world.hooks)
    assert world.standing(world.own) == {}
    counted = {table: count for by_table in done.removed.values() for table, count in by_table.items()}
    assert counted == expected
    assert set(world.tables) <= set(counted)
    assert list((world.settings.home / "forgotten").glob("*.begun.json")) == []
    with pytest.raises(HubError) as unknown:
        world.forget()
    assert unknown.value.code == "tenant_unknown"


_UNDER_WAY = "UPDATE hub.action_attempts SET finished_at = NULL, outcome = NULL, started_at = %s WHERE tenant_id = %s"
_ANSWERED = "UPDATE hub.action_attempts SET finished_at = now(), outcome = 'taken' WHERE tenant_id = %s"


def test_it_waits_for_what_may_be_on_its_way_to_a_provider_and_says_so_once(world: World) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        assert "hub.actions" in removal.counts(world.database, world.own)
        if len(pauses) == 3:
            with world.database.tenant(world.own, "app") as connection:
                connection.execute(_ANSWERED, (world.own,))

    with world.database.tenant(world.own, "app") as connection:
        connection.execute(_UNDER_WAY, (datetime.now(UTC), world.own))
    world.forget(pause=pause)
    assert len(pauses) == 3
    [(attempts, seconds)] = world.told
    assert attempts == 1
    assert 140 <= seconds <= 151
    assert removal.counts(world.database, world.own) == {}


def test_it_waits_no_longer_than_a_call_may_take_to_begin_whatever_the_clock_does(world: World) -> None:
    pauses: list[float] = []
    with world.database.tenant(world.own, "app") as connection:
        connection.execute(_UNDER_WAY, (datetime.now(UTC) + timedelta(days=1), world.own))
    world.forget(pause=pauses.append)
    assert 150 <= sum(pauses) <= 152
    assert removal.counts(world.database, world.own) == {}


def test_it_does_not_wait_for_a_process_that_has_been_gone_for_longer(world: World) -> None:
    with world.database.tenant(world.own, "app") as connection:
        connection.execute(_UNDER_WAY, (datetime.now(UTC) - timedelta(seconds=151), world.own))
    world.forget(pause=lambda _seconds: pytest.fail("it waited"))
    assert world.told == []


def test_the_receipt_is_signed_and_carries_the_logs_that_must_be_kept(world: World) -> None:
    head = audit.record(world.database, world.own, audit.Entry(ACTOR, "looked", "hub.tenants"))

    done = world.forget()

    content = json.loads(done.receipt.path.read_text())
    key = SigningKey(world.settings.audit_signing_key_file).public
    key.verify(base64.b64decode(content["signature"]), canonical(content["body"]))
    assert content["body"]["platform_log_mentions"] == 0
    content["body"]["removed"]["hub"]["hub.tenants"] = 0
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(content["signature"]), canonical(content["body"]))
    log = [json.loads(line) for line in (done.receipt.path.parent / "audit.jsonl").read_text().splitlines()]
    assert [(each["seq"], each["action"]) for each in log][-3:] == [
        (head.seq, "looked"),
        (head.seq + 1, "tenant.suspended"),
        (head.seq + 2, "tenant_forget_begun"),
    ]
    assert bytes.fromhex(log[-2]["prev_hash"].removeprefix("\\x")) == head.hash
    assert len((done.receipt.path.parent / "destructions.jsonl").read_text().splitlines()) == 1
    text = done.receipt.path.with_suffix(".txt").read_text()
    assert "Makbuz" in text
    assert "Receipt" in text
    assert done.receipt.sha256 in text
    with world.database.without_tenant() as connection:
        entries = connection.execute(
            "SELECT action, details ->> 'receipt_sha256' FROM hub.platform_audit_log WHERE object = %s ORDER BY seq",
            (f"receipt/{done.receipt_id}",),
        ).fetchall()
    assert entries == [("tenant_forget_begun", None), ("tenant_forgotten", done.receipt.sha256)]


@pytest.mark.parametrize("scope", [("tenant", "*"), ("dataset", "hub.mails")])
def test_a_legal_hold_of_any_scope_forbids_it(world: World, scope: tuple[Any, str]) -> None:
    ground = "İstanbul 3. Asliye Ticaret 2026/411 E."
    hold = holds.place(world.database, world.own, holds.NewHold(*scope, "litigation", ground), actor=ACTOR)
    before = removal.counts(world.database, world.own)

    with pytest.raises(HubError) as refused:
        world.forget()

    assert refused.value.code == "tenant_held"
    assert ground in str(refused.value)
    assert removal.counts(world.database, world.own) == before
    holds.release(world.database, world.own, hold.hold_id, actor=ACTOR)
    world.forget()
    assert removal.counts(world.database, world.own) == {}


def test_what_a_statute_keeps_forbids_it_until_its_article_is_named_as_handed_over(world: World) -> None:
    with outside_transaction(world.settings, "data") as admin:
        admin.execute(
            "UPDATE vault.withheld SET due_on = current_date + 100, article = 'TTK m. 82' WHERE tenant_id = %s",
            (world.own,),
        )

    with pytest.raises(HubError) as refused:
        world.forget(handed_over=("another article",))
    assert refused.value.code == "tenant_statute_stands"
    assert "TTK m. 82" in str(refused.value)

    done = world.forget(handed_over=("TTK m. 82",))
    assert json.loads(done.receipt.path.read_text())["body"]["handed_over_under"] == ["TTK m. 82"]
    assert removal.counts(world.database, world.own) == {}


def test_invoices_that_a_statute_keeps_forbid_it_too(world: World) -> None:
    with outside_transaction(world.settings, "data") as admin:
        admin.execute("ALTER TABLE hub.documents DISABLE TRIGGER USER")
        admin.execute(
            "UPDATE hub.documents SET kept_until = current_date + 100 WHERE tenant_id = %s RETURNING 1", (world.own,)
        )
        admin.execute("ALTER TABLE hub.documents ENABLE TRIGGER USER")

    with pytest.raises(HubError) as refused:
        world.forget()
    assert refused.value.code == "tenant_statute_stands"
    assert "TTK m. 82" in str(refused.value)

    world.forget(handed_over=("TTK m. 82",))
    assert removal.counts(world.database, world.own) == {}


def test_an_analysts_login_ends_with_the_tenant(world: World) -> None:
    login = analysts.add(world.settings, world.database, world.own, label="Mehmet")
    with world.database.analyst(login.role_name, login.password) as connection:
        connection.execute("SELECT 1")

    world.forget()

    with pytest.raises(HubError) as refused, world.database.analyst(login.role_name, login.password):
        pass
    assert refused.value.code == "analyst_login_refused"
    with outside_transaction(world.settings, "data") as admin:
        assert admin.execute("SELECT FROM pg_roles WHERE rolname = %s", (login.role_name,)).fetchone() is None
