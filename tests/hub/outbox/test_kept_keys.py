"""An erasure takes the key's words and not its meaning: what was asked for before is not done anew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.actions import Found, Taken
from connectors.registry import PROVIDERS
from hub.errors import HubError
from hub.kvkk.audit import SYSTEM
from hub.kvkk.person import Identified, Person
from hub.kvkk.stores import Hub
from hub.kvkk.stores.outbox import OutboxStore
from hub.migrations.connections import outside_transaction
from hub.outbox import decide, lease
from hub.outbox.gate import Gates
from hub.outbox.kept_key import empty, kept
from hub.outbox.learn import Heard, heard
from hub.settings import Settings
from kvkk_policies.policy import load_policies
from tests.hub.outbox.conftest import Bench
from tests.support.waiting import until

KEY = "Ayşe Yılmaz'ın siparişi"
TO = "+905320000001"


def erase(bench: Bench) -> None:
    keys = bench.keyring.tenant(bench.tenant)
    phone = keys.pseudonymiser().one("phone", TO)
    known = frozenset({Identified("phone", phone, "strong")})
    person = Person(bench.tenant, {keys.subject_id("phone", phone): "strong"}, frozenset(), known)
    OutboxStore(Hub(bench.database, bench.keyring, PROVIDERS, load_policies())).erase(person, before=bench.now())


def stored(bench: Bench) -> str:
    return str(bench.execute("SELECT a::text FROM hub.actions a WHERE tenant_id = %s", bench.tenant))


def test_the_same_request_is_still_the_same_action_and_another_is_refused(bench: Bench) -> None:
    first, other = bench.ask(KEY), bench.ask("başkasının", payload={"to": "+905320000002"})
    bench.drain()
    erase(bench)
    assert "Ayşe" not in stored(bench)
    assert "başkasının" in stored(bench)

    again = bench.ask(KEY)
    assert (again.action_id, again.state, again.repeated) == (first.action_id, "accepted", True)
    with pytest.raises(HubError, match="idempotency_key_reused"):
        bench.ask(KEY, payload={"to": TO, "text": "Başka"})
    bench.drain()
    assert bench.far.ledger == {first.action_id.hex: 1, other.action_id.hex: 1}
    assert bench.execute("SELECT count(*) FROM hub.actions WHERE tenant_id = %s", bench.tenant) == [(2,)]


def test_one_that_was_withdrawn_by_an_erasure_is_not_asked_for_anew_by_its_key(bench: Bench) -> None:
    first = bench.ask(KEY)
    erase(bench)
    again = bench.ask(KEY)
    assert (again.action_id, again.state, again.repeated) == (first.action_id, "failed", True)


def test_the_hash_of_a_key_is_a_tenants_own(bench: Bench) -> None:
    other = bench.keyring.tenant(bench.make_tenant())
    assert kept(bench.keyring.tenant(bench.tenant), KEY) != kept(other, KEY)


def test_who_asks_while_an_erasure_is_under_way_waits_for_it(bench: Bench, settings: Settings) -> None:
    first = bench.ask(KEY)
    bench.drain()

    def waits() -> bool:
        with outside_transaction(settings, "data") as admin:
            return admin.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is not None

    with ThreadPoolExecutor(1) as pool:
        with bench.database.tenant(bench.tenant, "app") as connection:
            assert empty(connection, bench.keyring.tenant(bench.tenant), "true", {"tenant": bench.tenant}) == 1
            again = pool.submit(bench.ask, KEY)
            until("the second request waits", waits, seconds=20)
        assert again.result() == type(first)(first.action_id, "accepted", repeated=True)


def test_an_answer_that_comes_after_an_erasure_brings_nothing_personal_back(bench: Bench) -> None:
    """A process is stopped in its call; its action is given up by a person, and emptied, before the answer is there."""
    asked = bench.ask(KEY)

    def meanwhile() -> None:
        bench.age(301)
        lease.take_back(bench.database)
        decide.settle(bench.database, bench.tenant, asked.action_id, "failed", SYSTEM)
        erase(bench)

    bench.far.answers = [Taken("wamid.ayse", private={"user_id": "TR.ayse"})]
    bench.far.before_answer = meanwhile
    bench.drain()
    assert bench.state(asked.action_id) == ("accepted", None)
    said = Heard("deneme", Found("delivered", "wamid.ayse", private={"user_id": "TR.ayse"}), asked.action_id.hex)
    assert heard(bench.database, bench.keyring, bench.tenant, said, Gates(()), bench.kinds)
    assert bench.state(asked.action_id) == ("delivered", None)
    [row] = bench.execute("SELECT private_cipher, provider_mark FROM hub.actions WHERE tenant_id = %s", bench.tenant)
    assert row == (None, None)
