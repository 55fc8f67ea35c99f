"""The marker sweep's play: an installation of its own, shops and companies full of people, one good sync behind it.

Every test takes the stage as it finds it, does one more thing to it and sweeps all that was ever written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault
from hub.sync.batch import Engine
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.proofs import controls
from tests.proofs.identity import Identity
from tests.proofs.planted import House, house, order_rows, write_drop
from tests.proofs.stores import superuser
from tests.proofs.sweep import Found, Sweep
from tests.support.accounts import add_account, add_tenant, providers_with_a_stand_in
from tests.support.shop import NoDetector, add_shop

STAGES = ("fetched", "gated", "vaulted", "staged", "committing")
SICK_SHOPS = (*STAGES, "broken_file", "wrong_type")
SHOPS = ("well", *SICK_SHOPS)
FAULTS: tuple[FaultKind, ...] = ("error_with_personal_data", "wrong_type", "undeclared_column")
"""Those that put people where a provider should not; the company's name is its fault's."""
COMPANIES = ("well", *FAULTS)
PEOPLE_OF_A_COMPANY = 8
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
    """The installation, its tenants, the providers' stand-ins, and a sweep that looks for everybody in the play."""

    house: House
    engine: Engine
    sandbox: Sandbox
    sweep: Sweep
    providers: tuple[str, ...]
    shops: dict[str, str] = field(default_factory=dict[str, str])
    companies: dict[str, str] = field(default_factory=dict[str, str])
    unseen_controls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Kinds of store to which the sweep was blind before anything ran."""

    def in_clear(self) -> Found:
        """What stands in clear anywhere, but for the controls."""
        return controls.without_controls(self.house.swept(self.sweep))

    def scalar(self, query: str) -> Any:
        with superuser(self.house.settings, "data", "hub") as admin:
            row = admin.execute(query.encode()).fetchone()
        return row[0] if row else None

    def execute(self, *statements: str) -> None:
        with superuser(self.house.settings, "data", "hub") as admin:
            for statement in statements:
                admin.execute(statement.encode())

    def kill_at(self, stage: str) -> None:
        """Sync the shops, one of which has a person whom only this run sees, and die in that stage."""
        first = 1_000 + 100 * STAGES.index(stage)
        write_drop(self.house.outside / "well", stage, order_rows([KILLED[stage]], first=first))
        assert self.house.run(do="sync", providers=["siparis"], kill_at=stage) is None
        assert {path.name for path in (self.house.settings.home / "work").glob("load-*")} - {controls.LEFT_LOAD}

    def sick_sync(self) -> dict[str, Any] | None:
        """Sync everybody: shops that break in each stage quoting people, companies whose providers quote them."""
        outside = self.house.outside
        write_drop(outside / "well", "orders", order_rows([SHOPPERS["well"]]))
        for name in STAGES:
            write_drop(outside / name, "orders", order_rows([SHOPPERS[name]]))
        broken = SHOPPERS["broken_file"].sentence()
        write_drop(outside / "broken_file", "orders", [*order_rows([SHOPPERS["broken_file"]]), f'{{"note": "{broken}'])
        wrong = [row | {"amount": SHOPPERS["wrong_type"].sentence()} for row in order_rows([SHOPPERS["wrong_type"]])]
        write_drop(outside / "wrong_type", "orders", wrong)
        raise_at = {self.shops[name]: (name, SHOPPERS[name].sentence()) for name in STAGES}
        for fault in FAULTS:
            self.sandbox.world.faults.add(Fault(fault, company=fault))
        try:
            return self.house.run(do="sync", providers=["siparis", *self.providers], raise_at=raise_at, models=True)
        finally:
            self.sandbox.world.faults.clear()


@contextmanager
def stage() -> Iterator[Stage]:
    """The play before its first act: controls planted and looked for, nobody synced."""
    pace = Pace(rows_per_day=4, history_days=8, subscribers=8)
    with house() as here, Sandbox(seed=77, pace=pace) as sandbox:
        settings = here.settings
        database = Database(settings)
        keyring = Keyring(database, read_master_key(settings.master_key_file))
        policies = load_policies(settings.policies_dir)
        engine = Engine(database, keyring, Vault(database, keyring), Gate(policies, NoDetector()), policies)
        providers = providers_with_a_stand_in()
        people = [*SHOPPERS.values(), *KILLED.values(), *controls.PEOPLE.values()]
        secrets: dict[str, str] = {}
        for company in COMPANIES:
            source = sandbox.world.company(company)
            for n in range(PEOPLE_OF_A_COMPANY):
                people += [
                    Identity.of_sandbox(f"{company} {n}", source.customer(n)),
                    Identity.of_sandbox(f"{company} employee {n}", source.employee(n)),
                ]
            for name, provider in providers.items():
                hidden = {field.name for field in provider.credential_fields if field.secret}
                given = sandbox.credentials(company, name)
                secrets |= {f"{company} {name} {key}": value for key, value in given.items() if key in hidden}
        play = Stage(here, engine, sandbox, Sweep(people, secrets), tuple(providers))
        controls.plant(here.root, settings)
        play.unseen_controls = controls.unseen(here.swept(play.sweep))
        for shop in SHOPS:
            play.shops[shop] = add_shop(engine, here.outside / shop)
        for company in COMPANIES:
            tenant_id = play.companies[company] = add_tenant(database)
            for provider in providers.values():
                add_account(database, keyring, sandbox, provider, company, tenant_id=tenant_id)
        yield play
        database.close()
