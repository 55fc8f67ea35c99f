"""A restored outbox, inbox and archive: what was done after the backup is not done again, and numbers go on.

Actions in every state, invoices and events are dumped, then everything is done and more is issued. The other
installation knows none of that, and the stand-ins' ledger must not grow by anything that was asked for before.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.sandbox.server import Sandbox
from hub.backup.dump import back_up
from hub.backup.restore import Dumps, restore
from hub.db import postgres
from hub.db.database import Database
from hub.einvoice.issue import series
from hub.errors import HubError
from hub.inbox import endpoints
from hub.inbox.expiry import expire
from hub.inbox.opening import open_handling
from hub.inbox.receive import Receiver
from hub.inbox.receiver import receiver_app
from hub.keys.daily import DailyKeys
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit_heads import export_heads
from hub.migrations.connections import outside_transaction
from hub.outbox import decide, lease
from hub.settings import Settings
from tests.hub.inbox.conftest import ACTOR, KEY, account, payment, served
from tests.proofs.outbound_house import Home, home
from tests.proofs.outbox_cases import CASES, SEED
from tests.proofs.test_outbound_tenants import ask, documents, emptied, some_unclear, to_the_end
from tests.proofs.test_outbox_crashes import Trials
from tests.support.rooms import new_directory

pytestmark = pytest.mark.prove

_ISSUES = next(case for case in CASES if case.kind == "nilvera.earchive")
_DAYS = 40


@pytest.fixture(autouse=True)
def dagster_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening Dagster's instance sets variables: whatever it sets is undone."""
    for name in ("DAGSTER_HOME", "HUB_HOME", "HUB_DAGSTER_STORAGE_URL", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")


@pytest.fixture
def fresh() -> Iterator[Settings]:
    directory = new_directory("kopru-g-")
    yield Settings.apart(directory)
    shutil.rmtree(directory, ignore_errors=True)


def told(ours: Home, tenant: str, numbers: range) -> None:
    """Events of today."""
    address = endpoints.issue(ours.database, tenant, "iyzico", actor=ACTOR, rotate=numbers.start > 0)
    receiver = Receiver(ours.database, ours.keyring, DailyKeys(ours.database, ours.keyring, fresh_seconds=0))
    with served(receiver_app(receiver)) as client:
        for number in numbers:
            body, headers = payment(number)
            assert client.post(address.path, content=body, headers=headers).status_code == 200


def made_older(ours: Home, tenant: str) -> None:
    """What is told so far was told so long ago that its day's key is over."""
    for cluster, statement in (
        ("keys", "UPDATE keys.daily_keys SET day = day - %s WHERE tenant_id = %s"),
        ("data", "UPDATE hub.inbox_events SET key_day = key_day - %s WHERE tenant_id = %s"),
    ):
        with outside_transaction(ours.settings, cluster) as admin:  # type: ignore[arg-type]
            admin.execute(statement.encode(), (_DAYS, tenant))


def inbox(database: Database, tenant: str) -> Counter[str]:
    with database.tenant(tenant, "app") as connection:
        rows = connection.execute("SELECT state FROM hub.inbox_events WHERE tenant_id = %s", (tenant,)).fetchall()
    return Counter(row[0] for row in rows)


def test_a_restored_installation_does_nothing_of_the_past_and_gives_no_number_twice(
    fresh: Settings, tmp_path: Path
) -> None:
    chance = random.Random(4)
    with home() as first, Sandbox(seed=SEED) as sandbox:
        trials = Trials(first.settings, first.database, first.keyring, sandbox, first.tenant())
        trials.connect(CASES)
        asked = ask(trials, 12, chance)
        emptied(first)
        asked += ask(trials, 30, chance)
        some_unclear(trials, first, chance)
        asked += ask(trials, 24, chance)
        lease.lease(first.database, most=100, share=8)  # by a process that is gone
        listener = first.tenant()
        account((first.database, first.keyring), listener, "iyzico", api_key="k", secret_key=KEY.reveal())
        told(first, listener, range(10))
        made_older(first, listener)
        told(first, listener, range(10, 30))
        standing = Counter(state for state, _ in trials.states().values())
        assert {"pending", "leased", "unknown", "accepted", "delivered"} <= standing.keys(), standing
        archived = documents(first, trials.tenant)
        export_heads(first.settings, first.database, actor=ACTOR)
        data = back_up(first.settings, first.database, "data", tmp_path / "data", actor=ACTOR)

        # What the backup does not know.
        assert expire(first.database, listener, actor=ACTOR).keys == 1
        to_the_end(trials, asked)
        before = documents(first, trials.tenant).keys()
        late = [trials.ask(_ISSUES, 9_000 + each) for each in range(3)]
        to_the_end(trials, late)
        numbers = documents(first, trials.tenant).keys()
        keys = back_up(first.settings, first.database, "keys", tmp_path / "keys", actor=ACTOR)
        ledger = sandbox.world.ledger.counts()
        first.database.close()
        shutil.copy(first.settings.master_key_file, fresh.master_key_file)
        shutil.copytree(first.settings.audit_heads_file.parent, fresh.audit_heads_file.parent)

        with postgres.running(fresh):
            restored = restore(fresh, Dumps(data.path, keys.path), actor=ACTOR)
            database = Database(fresh)
            second = Home(fresh, database, Keyring(database, read_master_key(fresh.master_key_file)))
            again = Trials(fresh, database, second.keyring, sandbox, trials.tenant)
            doubted = sum(standing[state] for state in ("pending", "leased", "unknown"))
            assert restored.cleaned.actions_doubted == doubted

            for _ in range(4):  # by itself, then by everybody who asks for a look
                for _ in range(2):
                    again.run(None)
                    again.pass_time()
                assert sandbox.world.ledger.counts() == ledger
                for action_id, (state, _) in again.states().items():
                    if state == "unknown":
                        decide.look_now(database, trials.tenant, action_id, ACTOR)
            left = Counter(again.states().values())
            assert not {"pending", "leased"} & {state for state, _ in left}, left

            assert documents(second, trials.tenant) == archived
            with pytest.raises(HubError, match="einvoice_series_doubted"):
                again.ask(_ISSUES, 9_100)
            # The newest of the series that is issued from here: a tenant has one for each kind of invoice.
            newest = max(numbers - before)
            name, year, last = newest[:3], int(newest[3:7]), int(newest[7:])
            series.confirm(database, trials.tenant, name, year, last + 1, actor=ACTOR)
            new = [again.ask(_ISSUES, 9_100 + each) for each in range(3)]
            to_the_end(again, new)
            given = sorted(documents(second, trials.tenant).keys() - archived.keys())
            assert given == [series.number(name, year, last + each) for each in (1, 2, 3)]
            assert sandbox.world.ledger.counts() - ledger == Counter(trial.name for trial in new)

            assert inbox(database, listener) == {"received": 20}
            assert open_handling(database, second.keyring).drain(seconds=60)["handled"] == 20
            with database.tenant_keys(listener) as connection:
                days = connection.execute(
                    "SELECT day < now()::date - %s, wrapped_key IS NULL FROM keys.daily_keys WHERE tenant_id = %s",
                    (timedelta(days=30), listener),
                ).fetchall()
            assert sorted(days) == [(False, False), (True, True)]
            database.close()
    print(f"{len(asked)} actions ({dict(standing)}), {doubted} in doubt, then {dict(left)}; {len(numbers)} numbers")
