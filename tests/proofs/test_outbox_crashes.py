"""Nothing twice, nothing lost: processes that are killed between any two steps, connections that are cut.

The stand-ins' own ledger is the judge. `make test` runs a few rounds, `make prove` a thousand trials.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest

from connectors.action_registry import kinds
from connectors.registry import accounts
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from connectors.webhooks import Call, Standing, StateHeard
from connectors.whatsapp import calls
from hub.db.database import Database
from hub.einvoice.issue.issuing import Asked, Issuing, issue
from hub.einvoice.issue.profile import IssuerProfile, set_profile
from hub.inbox.outbox import Actions
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import SYSTEM
from hub.migrations.connections import outside_transaction
from hub.outbox.open import open_outbox
from hub.settings import Settings
from hub.sync.fetch import http_client
from tests.conftest import MakeTenant
from tests.hub.einvoice.issue.conftest import PROFILE
from tests.proofs import outbox_child
from tests.proofs.outbox_cases import CASES, COMPANY, SEED, UNTRIED, Case, Hub

_A_ROUND = 10
_STEPS_AT_MOST = 120
_PASSES_AT_MOST = 12
"""Absence must be said twice, and a list that changes while it is read says nothing: several looks for some."""
_SETTLED = {"accepted", "delivered"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=SEED) as running:
        yield running


@dataclass
class Trial:
    """One action, and under which name the ledger would know it."""

    case: Case
    action_id: UUID
    name: str


@dataclass
class Trials:
    settings: Settings
    database: Database
    keyring: Keyring
    sandbox: Sandbox
    tenant: str

    def connect(self, cases: Sequence[Case]) -> None:
        for case in {each.provider: each for each in cases}.values():
            credentials = json.dumps(self.sandbox.credentials(COMPANY, case.provider)).encode()
            with self.database.tenant(self.tenant, "app") as connection:
                connection.execute(
                    "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher,"
                    " settings, state) VALUES (%s, %s, 'sandbox', %s, %s, %s, 'active')",
                    (
                        self.tenant,
                        case.provider,
                        self.sandbox.url,
                        self.keyring.tenant(self.tenant).seal("integration", case.provider, credentials),
                        json.dumps(dict(case.settings)),
                    ),
                )

    def ask(self, case: Case, index: int) -> Trial:
        payload = case.payload(self.sandbox, index)
        if case.issues:
            return self.issue(case, payload, index)
        action_id = case.ask(Hub(self.database, self.keyring, self.tenant), case.kind, payload, index)
        return Trial(case, action_id, case.named(action_id, payload))

    def issue(self, case: Case, values: dict[str, Any], index: int) -> Trial:
        """Through one integrator or the other: the tenant changes its mind."""
        profile = PROFILE | {"integrator": case.provider}
        set_profile(self.database, self.tenant, IssuerProfile.model_validate(profile), actor=SYSTEM)
        asked = Asked(f"{case.kind}-{index}", values)

        async def run() -> Trial:
            async with http_client() as client:
                issued = await issue(self.issuing, self.tenant, asked, client, issued_by="test")
            assert issued.document.action_id is not None
            return Trial(case, issued.document.action_id, str(issued.document.ettn))

        return asyncio.run(run())

    @cached_property
    def issuing(self) -> Issuing:
        number = self.sandbox.world.company(COMPANY).vkn
        cipher = self.keyring.tenant(self.tenant).seal("tenant-tax-number", self.tenant, number.encode())
        with self.database.tenant(self.tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.tenants SET tax_number_cipher = %s WHERE tenant_id = %s", (cipher, self.tenant)
            )
        return Issuing(self.database, self.keyring)

    def run(self, last: int | None) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.proofs.outbox_child"])
        child = context.Process(target=outbox_child.main, args=(str(self.settings.home), last))
        child.start()
        child.join(300)
        assert child.exitcode in ({0, -9} if last is not None else {0})

    def pass_time(self) -> None:
        """Whatever waits for its time is due. Attempts keep theirs: providers are asked by it."""
        with outside_transaction(self.settings, "data") as admin, admin.transaction():
            admin.execute(
                "UPDATE hub.actions SET not_before = least(not_before, now()),"
                " leased_until = CASE WHEN leased_until > now() THEN now() ELSE leased_until END,"
                " next_look_at = CASE WHEN next_look_at > now() THEN now() ELSE next_look_at END,"
                " expires_at = expires_at - interval '1 hour' WHERE tenant_id = %s",
                (self.tenant,),
            )
            admin.execute("UPDATE hub.action_holds SET held_until = now() WHERE tenant_id = %s", (self.tenant,))

    def may_be_cleared_up(self, asked: Sequence[Trial]) -> bool:
        """Whether anything that can be asked after is still open."""
        states = self.states()
        return any(
            states[trial.action_id][0] in {"pending", "leased", "unknown"}
            for trial in asked
            if trial.case.clears == "asking"
        )

    def hear(self) -> None:
        """What Meta has to tell, twice: an unclear message is cleared up by its event alone."""
        actions = Actions(open_outbox(self.database, self.keyring))
        standing = Standing(verified=True, received_at=datetime.now(UTC), settings=_settings_of("whatsapp"))
        for hook in self.sandbox.world.hooks.waiting(provider="whatsapp") * 2:
            for event in calls.events(Call(hook.body)):
                for meaning in calls.meanings(event, standing):
                    if isinstance(meaning, StateHeard):
                        actions.heard(self.tenant, "whatsapp", meaning)

    def ledger(self) -> Counter[tuple[str, str, str]]:
        """How often each deed of a provider was done under a name: an invoice and its cancel share an ETTN."""
        return Counter((deed.provider, deed.what, deed.reference) for deed in self.sandbox.world.ledger.deeds())

    def states(self) -> dict[UUID, tuple[str, str | None]]:
        with self.database.tenant(self.tenant, "app") as connection:
            rows = connection.execute(
                "SELECT action_id, state, reason FROM hub.actions WHERE tenant_id = %s", (self.tenant,)
            ).fetchall()
        return {row[0]: (row[1], row[2]) for row in rows}


@pytest.fixture
def trials(settings: Settings, database: Database, make_tenant: MakeTenant, sandbox: Sandbox) -> Iterator[Trials]:
    found = Trials(
        settings, database, Keyring(database, read_master_key(settings.master_key_file)), sandbox, make_tenant()
    )
    yield found
    with database.tenant(found.tenant, "app") as connection:
        for table in ("action_attempts", "actions", "action_holds"):
            connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (found.tenant,))  # noqa: S608


def dealt(chance: random.Random) -> Iterator[Case]:
    """Every case, shuffled, again and again: each comes as often as every other."""
    while True:
        yield from chance.sample(CASES, len(CASES))


def run(trials: Trials, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    cases = dealt(chance)
    trials.connect(CASES)
    asked: list[Trial] = []
    for _ in range(rounds):
        for _ in range(_A_ROUND):
            asked.append(trials.ask(next(cases), len(asked)))
        if chance.random() < 0.7:
            case = chance.choice(CASES)
            kind: Any = chance.choice(("cut_before", "cut_after", "late"))
            fault = Fault(kind, case.provider, COMPANY, case.path, times=chance.choice((1, 2)), seconds=2)
            trials.sandbox.world.faults.add(fault)
        trials.run(chance.randint(1, _STEPS_AT_MOST))
        trials.sandbox.world.faults.clear()
        trials.pass_time()
    for _ in range(_PASSES_AT_MOST):
        trials.run(None)
        trials.pass_time()
        if not trials.may_be_cleared_up(asked):
            break
    trials.hear()
    judge(trials, asked)


def _settings_of(provider: str) -> Mapping[str, Any]:
    return next(case.settings for case in CASES if case.provider == provider)


def judge(trials: Trials, asked: Sequence[Trial]) -> None:
    """At most once each; what ended well was done, what is unknown may be, and everything that can be asked was."""
    ledger, states = trials.ledger(), trials.states()
    table: Counter[tuple[str, str, str | None, int]] = Counter()
    for trial in asked:
        state, reason = states[trial.action_id]
        done = ledger[trial.case.provider, trial.case.deed, trial.name]
        table[trial.case.kind, state, reason, done] += 1
        assert done <= 1, (trial.case.kind, state, reason, done)
        if state in _SETTLED:
            assert done == 1, (trial.case.kind, state, reason)
        elif trial.case.clears == "asking":
            raise AssertionError((trial.case.kind, state, reason, done))
        elif trial.case.clears == "event":
            assert (state, done) == ("unknown", 0), (trial.case.kind, state, reason, done)
        else:
            assert state in {"unknown", "failed"}, (trial.case.kind, state, reason)
            assert state == "unknown" or reason == "expired", (trial.case.kind, state, reason)
    for (kind, state, reason, done), count in sorted(table.items(), key=str):
        print(f"{kind}: {count} {state} {reason or ''} done={done}")


def test_every_kind_is_under_trial_or_has_a_reason_why_it_is_not() -> None:
    tried = {case.kind for case in CASES}
    assert tried | UNTRIED.keys() == kinds().keys()
    assert not tried & UNTRIED.keys()
    assert {case.provider for case in CASES} <= accounts().keys()


@pytest.mark.long(30)
def test_a_few_trials_double_and_lose_nothing(trials: Trials) -> None:
    run(trials, rounds=3, seed=1)


@pytest.mark.prove
def test_a_thousand_trials_double_and_lose_nothing(trials: Trials) -> None:
    run(trials, rounds=100, seed=2026)
