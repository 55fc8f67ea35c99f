"""Detector down, master key missing, policy broken, vault or key store away: nothing loads, and the status says why.

Once the cause is gone, the next sync loads everything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.control import status
from hub.db.database import Database
from hub.errors import HubError
from hub.i18n import Language, speaking
from hub.messages import failure_text
from hub.migrations.connections import maintenance
from hub.settings import ClusterName, Settings
from hub.sync.batch import BatchRequest, Engine, sync_batch
from hub.sync.record import PAUSE_AFTER_PERMANENT_FAILURES
from hub.sync.unfit import record_unfit
from kvkk_policies.detect.span import Span
from tests.fixtures.siparis import PROVIDER
from tests.support.shop import NoDetector, Order, add_shop, open_shop_engine, shop_installation

pytestmark = pytest.mark.long(12)

NOTE = "Kargo kapıya bırakılsın"
ORDERS = 30
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


class QuotingDetector(NoDetector):
    """Breaks, and quotes the text on which it broke."""

    def scan(self, texts: Sequence[str]) -> list[list[Span]]:
        if texts:
            raise ValueError(f"cannot read {texts[0]}")
        return []


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    with shop_installation() as made:
        yield made


@dataclass
class Shop:
    """A tenant with orders that have notes, and syncs of it in processes that have just started."""

    settings: Settings
    tenant_id: str

    def sync(self, now: datetime, *, settings: Settings | None = None, detector: Any = None) -> int:
        """As a run does it: open the engine, sync, and enter why nothing could begin. Failed tenants."""
        request = BatchRequest([self.tenant_id])
        try:
            engine = open_shop_engine(settings or self.settings, detector or NoDetector())
        except HubError as error:
            database = Database(self.settings)
            try:
                return record_unfit(database, PROVIDER, request, error, run_id="run", now=lambda: now).failed
            finally:
                database.close()
        try:
            return sync_batch(engine, PROVIDER, request, run_id="run", now=lambda: now).failed
        finally:
            engine.database.close()

    def shown(self) -> status.IntegrationStatus:
        with opened(self.settings) as database:
            (found,) = status.read(database, tenant_id=self.tenant_id)
        return found

    def counts(self) -> tuple[int, int]:
        """Landed rows and stored originals."""
        with opened(self.settings) as database:
            with database.tenant(self.tenant_id, "loader") as connection:
                rows = connection.execute("SELECT count(*) FROM landing.siparis_orders").fetchone()
            with database.tenant(self.tenant_id, "vault") as connection:
                originals = connection.execute("SELECT count(*) FROM vault.originals").fetchone()
        return (rows or (0,))[0], (originals or (0,))[0]


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings)
    try:
        yield database
    finally:
        database.close()


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Shop:
    engine = open_shop_engine(settings, NoDetector())
    tenant_id = add_shop(engine, tmp_path)
    engine.database.close()
    rows = [Order(number, 1, 7).row() | {"note": NOTE} for number in range(ORDERS)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Shop(settings, tenant_id)


@contextmanager
def no_master_key(settings: Settings) -> Iterator[dict[str, Any]]:
    aside = settings.master_key_file.with_suffix(".aside")
    settings.master_key_file.rename(aside)
    try:
        yield {}
    finally:
        aside.rename(settings.master_key_file)


@contextmanager
def master_key_for_all_to_read(settings: Settings) -> Iterator[dict[str, Any]]:
    settings.master_key_file.chmod(0o644)
    try:
        yield {}
    finally:
        settings.master_key_file.chmod(0o600)


@contextmanager
def another_master_key(settings: Settings) -> Iterator[dict[str, Any]]:
    from hub.keys.master_key import create_master_key

    with no_master_key(settings):
        create_master_key(settings.master_key_file)
        try:
            yield {}
        finally:
            settings.master_key_file.unlink()


@contextmanager
def broken_policy(settings: Settings) -> Iterator[dict[str, Any]]:
    assert settings.policies_dir is not None
    path = settings.policies_dir / "siparis.yaml"
    before = path.read_text()
    path.write_text(before.replace("action: scan", "action: scann"))
    try:
        yield {}
    finally:
        path.write_text(before)


@contextmanager
def broken_detector(_settings: Settings) -> Iterator[dict[str, Any]]:
    yield {"detector": QuotingDetector()}


def locked_out(cluster: ClusterName, role: str) -> Callable[[Settings], AbstractContextManager[dict[str, Any]]]:
    @contextmanager
    def fault(settings: Settings) -> Iterator[dict[str, Any]]:
        name = settings.role(role)
        with maintenance(settings, cluster) as admin:
            admin.execute(f'ALTER ROLE "{name}" NOLOGIN'.encode())
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (name,))
        try:
            yield {}
        finally:
            with maintenance(settings, cluster) as admin:
                admin.execute(f'ALTER ROLE "{name}" LOGIN'.encode())

    return fault


@contextmanager
def key_store_unreachable(settings: Settings) -> Iterator[dict[str, Any]]:
    nobody_listens = settings.model_dump() | {"keys_database_url": "postgresql://127.0.0.1:1/hub_keys"}
    yield {"settings": Settings.apart(**nobody_listens)}


FAULTS: dict[str, tuple[Any, str, str]] = {
    "detector": (broken_detector, "detector_failed", "search for personal data"),
    "key missing": (no_master_key, "master_key_missing", "master key file is missing"),
    "key readable": (master_key_for_all_to_read, "master_key_readable_by_others", "must not be used as it is"),
    "key foreign": (another_master_key, "master_key_foreign", "another master key"),
    "policy": (broken_policy, "policies_invalid", "siparis.yaml:"),
    "vault": (locked_out("data", "vault"), "vault_down", "The vault does not let the hub in"),
    "keys": (locked_out("keys", "keys"), "key_store_down", "The key store does not let the hub in"),
    "keys away": (key_store_unreachable, "key_store_down", "The key store does not let the hub in"),
}


@pytest.mark.parametrize(("fault", "code", "words"), FAULTS.values(), ids=list(FAULTS))
def test_nothing_loads_the_status_says_why_and_the_next_sync_loads_everything(
    settings: Settings, shop: Shop, fault: Any, code: str, words: str
) -> None:
    moments = [NOW + timedelta(hours=turn) for turn in range(PAUSE_AFTER_PERMANENT_FAILURES + 1)]
    with fault(settings) as given:
        for now in moments[:-1]:
            assert shop.sync(now, **given) == 1

    assert shop.counts() == (0, 0)
    shown = shop.shown()
    assert (shown.health, shown.state) == ("failed", "active"), "a fault of the installation pauses no tenant"
    (stream,) = shown.streams
    assert stream.failure_code == code
    assert stream.synced_until is None
    assert shown.next_try is not None
    said = {language: told(stream, language) for language in ("en", "tr")}
    assert words in said["en"]
    assert said["en"] != said["tr"]
    assert "?" not in said["en"], "nothing is left to be filled in"
    assert NOTE not in str(shown) + said["en"]

    assert shop.sync(moments[-1]) == 0
    rows, originals = shop.counts()
    assert rows == ORDERS
    assert originals > ORDERS
    assert shop.shown().health == "ok"


def told(stream: status.StreamStatus, language: Language) -> str:
    assert stream.failure_code is not None
    with speaking(language):
        return failure_text(
            stream.failure_code,
            status=stream.failure_status,
            provider_code=stream.failure_provider_code,
            field=stream.failure_field,
        )


def test_what_was_loaded_before_stays_and_what_came_meanwhile_is_made_good(settings: Settings, shop: Shop) -> None:
    assert shop.sync(NOW) == 0
    with no_master_key(settings):
        assert shop.sync(NOW + timedelta(hours=1)) == 1
    assert shop.counts()[0] == ORDERS
    assert shop.shown().health == "failed"
    assert shop.sync(NOW + timedelta(hours=2)) == 0
    assert shop.shown().health == "ok"


def test_a_process_that_works_on_loads_nothing_for_tenants_whose_keys_it_cannot_get(
    settings: Settings, shop: Shop
) -> None:
    """The key store goes away between two batches of one process, whose connections are open."""
    impatient = settings.model_copy(update={"pool_wait_seconds": 5.0})
    engine: Engine = open_shop_engine(impatient, NoDetector())
    engine.keyring.masters.recognise(engine.database)
    with locked_out("keys", "keys")(settings):
        result = sync_batch(engine, PROVIDER, BatchRequest([shop.tenant_id]), run_id="run", now=lambda: NOW)
        assert result.failed == 1
    assert shop.counts() == (0, 0)

    again = NOW + timedelta(hours=1)
    result = sync_batch(engine, PROVIDER, BatchRequest([shop.tenant_id]), run_id="run", now=lambda: again)
    engine.database.close()

    assert result.failed == 0
    assert shop.counts()[0] == ORDERS
