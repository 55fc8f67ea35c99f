"""Proof 3: planted personal data is nowhere in clear, after success, after a crash in each stage, after an error body.

Everything the hub writes lies under one directory and in two clusters. It is searched as a thief would search it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from hub.database import Database
from hub.keyring import Keyring
from hub.master_key import read_master_key
from hub.sync.batch import Engine
from hub.vault import Vault
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.proofs.identity import Identity
from tests.proofs.planted import House, house, order_rows, write_drop
from tests.proofs.stores import Found, superuser
from tests.proofs.sweep import Sweep
from tests.support.merchants import add_merchant
from tests.support.shop import NoDetector, add_shop

STAGES = ("fetched", "gated", "vaulted", "staged", "committing")
SHOPS = ("well", *STAGES, "broken_file", "wrong_type")
MERCHANTS = ("well", "error_with_personal_data", "wrong_type", "undeclared_column")
NAMES = (
    "Çiğdem Karaca",
    "İsmail Şimşek",
    "Gülşen Öztürk",
    "Oğuz Yıldırım",
    "Büşra Işık",
    "İbrahim Çakır",
    "Uğur Güneş",
)

KILLED = {stage: Identity.invented(f"killed at {stage}", 100 + n, name=NAMES[n]) for n, stage in enumerate(STAGES)}
SHOPPERS = {shop: Identity.invented(shop, n, name=NAMES[n % len(NAMES)]) for n, shop in enumerate(SHOPS)}


@dataclass
class Stage:
    """The installation, its tenants, the provider's stand-in, and a sweep that looks for everybody in the play."""

    house: House
    engine: Engine
    sandbox: Sandbox
    sweep: Sweep
    shops: dict[str, str] = field(default_factory=dict[str, str])
    merchants: dict[str, str] = field(default_factory=dict[str, str])

    def found(self) -> Found:
        return self.house.swept(self.sweep)

    def scalar(self, query: str) -> Any:
        with superuser(self.house.settings, "data", "hub") as admin:
            row = admin.execute(query.encode()).fetchone()
        return row[0] if row else None


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with house() as here, Sandbox(seed=77, pace=Pace(rows_per_day=4, history_days=8, subscribers=8)) as sandbox:
        settings = here.settings
        database = Database(settings)
        keyring = Keyring(database, read_master_key(settings.master_key_file))
        policies = load_policies(settings.policies_dir)
        engine = Engine(database, keyring, Vault(database, keyring), Gate(policies, NoDetector()), policies)
        people = [*SHOPPERS.values(), *KILLED.values()]
        secrets: dict[str, str] = {}
        for company in MERCHANTS:
            source = sandbox.world.company(company)
            people += [Identity.of_sandbox(f"{company} {n}", source.customer(n)) for n in range(8)]
            secrets |= {f"{company} {name}": value for name, value in sandbox.credentials(company).items()}
        play = Stage(here, engine, sandbox, Sweep(people, secrets))
        for shop in SHOPS:
            play.shops[shop] = add_shop(engine, here.outside / shop)
        for company in MERCHANTS:
            play.merchants[company] = add_merchant(database, keyring, sandbox, company)
        yield play
        database.close()


def test_after_a_sync_with_models_nothing_is_in_clear(stage: Stage) -> None:
    write_drop(stage.house.outside / "well", "orders", order_rows([SHOPPERS["well"]]))
    shops = stage.house.run(do="sync", provider="siparis")
    merchants = stage.house.run(do="sync", provider="iyzico", models=True)
    assert shops == {"succeeded": True, "failed": 0, "models": None}
    assert merchants == {"succeeded": True, "failed": 0, "models": True}
    assert stage.scalar("SELECT count(*) FROM landing.siparis_orders WHERE note ~ '<PERSON:'") > 0
    assert stage.scalar("SELECT count(*) FROM landing.iyzico_subscription_customers") > 0
    assert stage.scalar("SELECT count(*) FROM vault.originals") > 0
    assert stage.scalar("SELECT count(*) FROM marts.payments") > 0
    assert stage.found() == {}


def test_after_exceptions_that_quote_people_in_each_stage_nothing_is_in_clear(stage: Stage) -> None:
    outside = stage.house.outside
    for name in STAGES:
        write_drop(outside / name, "orders", order_rows([SHOPPERS[name]]))
    broken = SHOPPERS["broken_file"].sentence()
    write_drop(outside / "broken_file", "orders", [*order_rows([SHOPPERS["broken_file"]]), f'{{"note": "{broken}'])
    wrong = [row | {"amount": SHOPPERS["wrong_type"].sentence()} for row in order_rows([SHOPPERS["wrong_type"]])]
    write_drop(outside / "wrong_type", "orders", wrong)
    raise_at = {stage.shops[name]: (name, SHOPPERS[name].sentence()) for name in STAGES}

    done = stage.house.run(do="sync", provider="siparis", raise_at=raise_at)

    assert done == {"succeeded": True, "failed": len(SHOPS) - 1, "models": None}
    assert stage.found() == {}


@pytest.mark.parametrize("where", STAGES)
def test_after_a_kill_in_any_stage_nothing_is_in_clear(stage: Stage, where: str) -> None:
    write_drop(
        stage.house.outside / "well", where, order_rows([KILLED[where]], first=1_000 + 100 * STAGES.index(where))
    )
    assert stage.house.run(do="sync", provider="siparis", kill_at=where) is None
    assert list((stage.house.settings.home / "work").glob("load-*"))
    assert stage.found() == {}


def test_after_a_provider_quoted_people_in_its_answers_nothing_is_in_clear(stage: Stage) -> None:
    for company in MERCHANTS[1:]:
        stage.sandbox.world.faults.add(Fault(company, company=company))
    done = stage.house.run(do="sync", provider="iyzico")
    stage.sandbox.world.faults.clear()
    assert done == {"succeeded": True, "failed": 2, "models": None}
    assert stage.found() == {}


KILLS = pytest.mark.parametrize("kill", [False, True], ids=["failing", "killed"])


@KILLS
def test_after_checks_that_fail_nothing_is_in_clear(stage: Stage, kill: bool) -> None:
    with superuser(stage.house.settings, "data", "hub") as admin:
        admin.execute("UPDATE landing.siparis_orders SET status = 'odd', customer_phone = 'no pseudonym'")
        admin.execute("UPDATE hub.sync_state SET modelled_at = NULL")
    done = stage.house.run(do="models", kill_at="check" if kill else None)
    assert done == (None if kill else {"succeeded": True, "failed_checks": ["quality", "quality_batch"]})
    assert stage.found() == {}


@KILLS
def test_after_marts_that_cannot_be_built_nothing_is_in_clear(stage: Stage, kill: bool) -> None:
    with superuser(stage.house.settings, "data", "hub") as admin:
        admin.execute("UPDATE landing.siparis_orders SET status = 'NEW', customer_phone = NULL")
        admin.execute("UPDATE hub.sync_state SET modelled_at = NULL")
        admin.execute("ALTER TABLE marts.payments ADD CONSTRAINT refuses_every_row CHECK (false) NOT VALID")
    try:
        done = stage.house.run(do="models", kill_at="dbt" if kill else None)
    finally:
        with superuser(stage.house.settings, "data", "hub") as admin:
            admin.execute("ALTER TABLE marts.payments DROP CONSTRAINT refuses_every_row")
    assert done is None if kill else done is not None and not done["succeeded"]
    assert bool(list((stage.house.settings.home / "work").glob("dbt-*"))) is kill
    assert stage.found() == {}


def test_the_next_sync_clears_away_what_killed_processes_left(stage: Stage) -> None:
    stage.house.run(do="sync", provider="siparis", models=True)
    assert list((stage.house.settings.home / "work").iterdir()) == []
    assert stage.found() == {}
