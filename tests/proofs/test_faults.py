"""Each fault of one tenant's iyzico: the neighbours are synced, the sick one says why, and heals when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.faults import ACT_FAULTS, FAULT_KINDS, Fault, FaultKind
from connectors.sandbox.gate import QUOTED_CUSTOMER
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from hub import messages
from hub.control import integrations, status
from hub.db.database import Database
from hub.i18n import Language, speaking
from hub.kvkk.audit_listing import entries
from hub.message_texts import TEXTS
from hub.settings import Settings
from hub.sync.batch import Engine
from hub.sync.record import PAUSE_AFTER_PERMANENT_FAILURES
from hub.sync.windows import Asked
from tests.support.merchant_engine import open_merchant_engine, sync
from tests.support.merchants import add_merchant, cursors, landed, told

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
PACE = Pace(rows_per_day=4, history_days=3, page_size=5)
STREAMS = ("transactions", "subscription_customers")
RETRY_AFTER = 1_200
SICK, WELL = "sick", ("well", "hale")


@dataclass(frozen=True)
class Meaning:
    """What the status table is to say of a fault."""

    kind: str
    code: str
    status: int | None = None
    fields: tuple[str | None, str | None] = (None, None)
    """Column by stream."""


MEANINGS: dict[FaultKind, Meaning] = {
    "rate_limited": Meaning("transient", "rate_limited", 429),
    "server_error": Meaning("transient", "provider_error", 500),
    "slow": Meaning("transient", "provider_timeout"),
    "truncated": Meaning("transient", "answer_truncated"),
    "not_json": Meaning("transient", "answer_malformed"),
    "bomb": Meaning("transient", "answer_malformed"),
    "redirect": Meaning("permanent", "address_refused", 302),
    "wrong_type": Meaning("transient", "wrong_type", None, ("price", "created_date")),
    "credentials_expired": Meaning("permanent", "credentials_rejected", 401),
    "error_with_personal_data": Meaning("permanent", "request_refused", 422),
}


IN_THE_SMALL_FORM = ("truncated", "wrong_type", "credentials_expired")
"""Every fault of every provider is tried in test_provider_faults.py, with less to compare afterwards."""


@pytest.fixture(scope="module")
def engine(installation: Settings, database: Database) -> Engine:
    return open_merchant_engine(installation, database)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=5, start=NOW, pace=PACE) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    yield running
    running.world.faults.clear()


class Street:
    """One sick shop and two healthy ones."""

    def __init__(self, engine: Engine, sandbox: Sandbox, **settings: Any) -> None:
        self.engine = engine
        self.sandbox = sandbox
        self.shops = {
            name: add_merchant(engine.database, engine.keyring, sandbox, name, **(settings if name == SICK else {}))
            for name in (WELL[0], SICK, WELL[1])
        }
        self.sick = self.shops[SICK]

    def sync(self, now: datetime = NOW) -> Any:
        asked = Asked(date_from=self.sandbox.world.first_day)
        return sync(self.engine, list(self.shops.values()), STREAMS, now=now, asked=asked)

    def whole(self, name: str) -> bool:
        """Whether landing holds all that the sandbox's books hold of a shop."""
        tenant_id = self.shops[name]
        books = told(self.sandbox.world, name, self.engine.keyring.tenant(tenant_id).pseudonymiser())
        return all(books.rows[stream] for stream in STREAMS) and landed(
            self.engine.database, tenant_id, STREAMS
        ) == dict(books.of(STREAMS))

    def shown(self) -> status.IntegrationStatus:
        """What `hub status` knows of the sick shop."""
        (found,) = status.read(self.engine.database, tenant_id=self.sick)
        return found


def streams_of(shown: status.IntegrationStatus) -> list[status.StreamStatus]:
    return [stream for stream in shown.streams if stream.stream in STREAMS]


def test_every_fault_is_tried() -> None:
    assert MEANINGS.keys() | {"undeclared_column"} == set(FAULT_KINDS) - ACT_FAULTS


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=[] if fault in IN_THE_SMALL_FORM else [pytest.mark.prove]) for fault in MEANINGS],
)
def test_a_sick_tenant_fails_alone_with_its_reason_and_heals_by_itself(
    engine: Engine, sandbox: Sandbox, fault: FaultKind
) -> None:
    street = Street(engine, sandbox, **({"request_timeout_seconds": 0.3} if fault == "slow" else {}))
    sandbox.world.faults.add(Fault(fault, company=SICK, seconds=RETRY_AFTER))
    meaning = MEANINGS[fault]

    result = street.sync()

    assert result.failed == 1
    assert all(street.whole(name) for name in WELL)
    assert landed(engine.database, street.sick, STREAMS) == {stream: {} for stream in STREAMS}
    assert set(cursors(engine.database, street.sick).values()) == {None}
    shown = street.shown()
    assert (shown.health, shown.state) == ("failed", "active")
    assert [
        (stream.failure_kind, stream.failure_code, stream.failure_status, stream.failure_field)
        for stream in streams_of(shown)
    ] == [(meaning.kind, meaning.code, meaning.status, field) for field in meaning.fields]
    assert shown.next_try is not None
    assert shown.next_try >= NOW + timedelta(minutes=1)
    assert not quoted(engine, sandbox, street.sick)

    sandbox.world.faults.clear()
    with_time = {"request_timeout_seconds": 60} if fault == "slow" else {}
    give_time(engine, street.sick, with_time)
    healed = street.sync(shown.next_try)

    assert healed.failed == 0
    assert street.whole(SICK)
    assert [(stream.state, stream.failure_code, stream.retry_at) for stream in streams_of(street.shown())] == [
        ("ok", None, None)
    ] * 2


def quoted(engine: Engine, sandbox: Sandbox, tenant_id: str) -> list[str]:
    """What the status tables kept of the person whom an indiscreet provider quotes."""
    with engine.database.tenant(tenant_id, "app") as connection:
        kept = connection.execute("SELECT s::text FROM hub.sync_state s").fetchall()
        kept += connection.execute("SELECT h::text FROM hub.sync_history h").fetchall()
    person = sandbox.world.company(SICK).customer(QUOTED_CUSTOMER)
    values = (person.tckn, person.surname, person.plain_phone, person.email, person.upper_name)
    assert len(kept) > len(STREAMS)
    return [value for value in values if value in str(kept)]


def give_time(engine: Engine, tenant_id: str, settings: dict[str, Any]) -> None:
    """A loaded machine may need more than the third of a second that makes a slow provider fail."""
    from psycopg.types.json import Jsonb

    with engine.database.tenant(tenant_id, "app") as connection:
        connection.execute("UPDATE hub.integrations SET settings = settings || %s", (Jsonb(settings),))


def test_a_provider_that_names_a_time_is_left_alone_until_then(engine: Engine, sandbox: Sandbox) -> None:
    street = Street(engine, sandbox)
    sandbox.world.faults.add(Fault("rate_limited", company=SICK, seconds=RETRY_AFTER))

    street.sync()

    assert street.shown().next_try == NOW + timedelta(seconds=RETRY_AFTER)


@pytest.mark.parametrize("meaning", MEANINGS.values(), ids=list(MEANINGS))
def test_the_reason_is_told_in_the_readers_words(meaning: Meaning) -> None:
    assert meaning.code in TEXTS
    assert told_in("en", meaning) != told_in("tr", meaning)


def told_in(language: Language, meaning: Meaning) -> str:
    with speaking(language):
        return messages.failure_text(meaning.code, status=meaning.status, field=meaning.fields[0])


def test_an_undeclared_column_is_named_and_the_rest_of_its_rows_load(engine: Engine, sandbox: Sandbox) -> None:
    street = Street(engine, sandbox)
    sandbox.world.faults.add(Fault("undeclared_column", company=SICK))

    result = street.sync()

    assert result.failed == 0
    assert all(street.whole(name) for name in street.shops)
    assert {stream.undeclared for stream in streams_of(street.shown())} == {("buyer_note",)}
    assert result.tenants[street.shops[WELL[0]]].outcomes[0].undeclared == {}

    sandbox.world.faults.clear()
    street.sync(NOW + timedelta(hours=1))
    assert {stream.undeclared for stream in streams_of(street.shown())} == {()}


def test_a_sync_without_rows_does_not_make_an_undeclared_column_known(engine: Engine, sandbox: Sandbox) -> None:
    street = Street(engine, sandbox)
    sandbox.world.faults.add(Fault("undeclared_column", company=SICK))
    street.sync()
    sandbox.world.faults.clear()
    years_ago = Asked(
        date_from=sandbox.world.first_day - timedelta(days=9), date_to=sandbox.world.first_day - timedelta(days=8)
    )

    empty = sync(engine, [street.sick], STREAMS[:1], now=NOW + timedelta(hours=1), asked=years_ago)

    assert empty.tenants[street.sick].outcomes[0].rows_seen == 0
    assert streams_of(street.shown())[0].undeclared == ("buyer_note",)


def test_credentials_that_stay_expired_pause_the_integration_until_a_person_acts(
    engine: Engine, sandbox: Sandbox
) -> None:
    street = Street(engine, sandbox)
    sandbox.world.faults.add(Fault("credentials_expired", company=SICK))
    for turn in range(PAUSE_AFTER_PERMANENT_FAILURES):
        assert street.shown().state == "active", turn
        street.sync(NOW + timedelta(hours=turn))

    shown = street.shown()
    assert (shown.health, shown.paused_reason) == ("paused", "credentials_rejected")
    assert shown.next_try is None
    assert {stream.retry_at for stream in shown.streams} == {None}
    (entry,) = entries(engine.database, street.sick, action="integration.paused")
    assert (entry.actor_role, entry.details) == ("system", {"why": "credentials_rejected"})
    assert "hub integrations set" in messages.text_of(str(shown.paused_reason))
    assert street.sync(NOW + timedelta(hours=9)).skipped == 1

    sandbox.world.faults.clear()
    integrations.resume(engine.database, street.sick, "iyzico")
    assert street.sync(NOW + timedelta(hours=10)).failed == 0
    assert street.whole(SICK)


def test_passing_trouble_never_pauses(engine: Engine, sandbox: Sandbox) -> None:
    street = Street(engine, sandbox)
    for turn in range(PAUSE_AFTER_PERMANENT_FAILURES):
        sandbox.world.faults.clear()
        kinds: tuple[FaultKind, ...] = ("credentials_expired", "not_json")
        sandbox.world.faults.add(Fault(kinds[turn % 2], company=SICK))
        street.sync(NOW + timedelta(hours=turn))
    assert street.shown().state == "active"


def test_a_database_that_is_away_is_no_reason_to_pause() -> None:
    from hub.errors import HubError
    from hub.sync.outcome import failure_of

    assert failure_of(HubError("database_down", role="keys")).kind == "transient"
    assert failure_of(HubError("ciphertext_invalid")).kind == "permanent"
