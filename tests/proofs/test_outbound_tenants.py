"""A tenant's keys are rotated, and a tenant is forgotten, while actions wait, are under way and are unknown.

Both in an installation of their own, with drains that go on meanwhile: what was asked for is sent once under whichever
key, and nothing of who was forgotten is sent afterwards. The stand-ins' ledger is the judge.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from hub.errors import HubError
from hub.inbox import endpoints
from hub.inbox.opening import open_handling
from hub.inbox.receive import Receiver
from hub.inbox.receiver import receiver_app
from hub.keys.daily import DailyKeys
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.master_rotation import rotate_master
from hub.keys.tenant_rotation import TenantRotated, TenantRotation
from hub.kvkk.forget import removal
from hub.kvkk.forget.run import Forgetting
from hub.outbox import lease
from hub.outbox.drain import Pace, drain
from tests.hub.inbox.conftest import ACTOR, KEY, account, payment, served
from tests.proofs import outbox_child
from tests.proofs.outbound_house import Home, home
from tests.proofs.outbox_cases import CASES, COMPANY, SEED
from tests.proofs.test_outbox_crashes import Trial, Trials, judge
from tests.support.dagster_home import dagster_instance

pytestmark = pytest.mark.prove

_PASSES_AT_MOST = 12
_ARTICLE = "TTK m. 82"
_AT_ONCE = Pace(lingers=timedelta(0), least_wait=0.05)


@pytest.fixture(scope="module")
def ours() -> Iterator[Home]:
    with home() as made:
        yield made


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=SEED) as running:
        yield running


def trials_of(ours: Home, sandbox: Sandbox) -> Trials:
    trials = Trials(ours.settings, ours.database, ours.keyring, sandbox, ours.tenant())
    trials.connect(CASES)
    return trials


def emptied(ours: Home) -> Counter[str]:
    """By a process that has known the keys for a while."""
    outbox = replace(outbox_child.outbox(ours.database, outbox_child.Steps(None)), keyring=ours.keyring)
    return asyncio.run(drain(outbox, pace=_AT_ONCE))


_numbers = itertools.count()
"""No two tenants write the same to the same phone: a one-time password is known by nothing else."""


def ask(trials: Trials, count: int, chance: random.Random, *, but: str = "") -> list[Trial]:
    """Of every kind; `but` leaves an integrator to another tenant that is the same company to it."""
    cases = [case for case in CASES if case.provider != but]
    return [trials.ask(chance.choice(cases), next(_numbers)) for _ in range(count)]


def some_unclear(trials: Trials, ours: Home, chance: random.Random) -> None:
    """Every case meets a cut connection, before the act or after it."""
    for case in CASES:
        kind: Any = chance.choice(("cut_before", "cut_after"))
        trials.sandbox.world.faults.add(Fault(kind, case.provider, COMPANY, case.path, times=2))
    emptied(ours)
    trials.sandbox.world.faults.clear()


def to_the_end(trials: Trials, asked: list[Trial]) -> None:
    for _ in range(_PASSES_AT_MOST):
        trials.run(None)
        trials.pass_time()
        if not trials.may_be_cleared_up(asked):
            break
    trials.hear()
    judge(trials, asked)


def named(trial: Trial) -> tuple[str, str, str]:
    """In the ledger: an invoice that is cancelled or taken back shares its name with both."""
    return trial.case.provider, trial.case.deed, trial.name


def documents(ours: Home, tenant: str) -> dict[str, tuple[bytes, bytes, str]]:
    """Of each archived invoice the bytes that were signed, the bytes that are stored, and the state of its hash."""
    from hub.einvoice.issue import archive

    keys = ours.keyring.renewed(tenant)
    with ours.database.tenant(tenant, "app") as connection:
        rows = connection.execute(
            "SELECT number, document_id, content, encode(sha256, 'hex') FROM hub.documents WHERE tenant_id = %s",
            (tenant,),
        ).fetchall()
        return {row[0]: (archive.content(connection, keys, row[1]), bytes(row[2]), row[3]) for row in rows}


def generations(ours: Home, tenant: str) -> set[int]:
    """Under which generations of the tenant's key anything of its outbox and archive lies."""
    with ours.database.tenant(tenant, "app") as connection:
        rows = connection.execute(
            "SELECT payload_cipher FROM hub.actions WHERE tenant_id = %(tenant)s AND octet_length(payload_cipher) > 2"
            " UNION ALL SELECT private_cipher FROM hub.actions WHERE tenant_id = %(tenant)s AND private_cipher <> ''"
            " UNION ALL SELECT key_cipher FROM hub.documents WHERE tenant_id = %(tenant)s",
            {"tenant": tenant},
        ).fetchall()
    return {int.from_bytes(bytes(row[0])[:2], "big") for row in rows}


def test_keys_rotated_under_actions_events_and_invoices_open_everything_and_send_it_once(
    ours: Home, sandbox: Sandbox
) -> None:
    chance, trials = random.Random(3), trials_of(ours, sandbox)
    asked = ask(trials, 30, chance)
    some_unclear(trials, ours, chance)
    asked += ask(trials, 20, chance)
    before = documents(ours, trials.tenant)
    listener = ours.tenant()
    account((ours.database, ours.keyring), listener, "iyzico", api_key="k", secret_key=KEY.reveal())
    address = endpoints.issue(ours.database, listener, "iyzico", actor=ACTOR)
    receiver = Receiver(ours.database, ours.keyring, DailyKeys(ours.database, ours.keyring))
    told = 0

    with served(receiver_app(receiver)) as client, ThreadPoolExecutor(1) as threads:

        def tell(count: int) -> None:
            nonlocal told
            for number in range(told, told + count):
                body, headers = payment(number)
                assert client.post(address.path, content=body, headers=headers).status_code == 200
            told += count

        tell(50)
        for turn in range(2):
            rotating = threads.submit(rotated, ours, [trials.tenant, listener], cut_short=turn == 1)
            while not rotating.done():
                tell(5)
                asked += ask(trials, 1, chance)
                emptied(ours)
            assert [each.unreadable for each in rotating.result()] == [{}, {}]
            assert generations(ours, trials.tenant) == {turn + 2}

    for number, (signed, stored, digest) in before.items():
        assert documents(ours, trials.tenant)[number] == (signed, stored, digest)
    fresh = Keyring(ours.database, read_master_key(ours.settings.master_key_file))
    handled = open_handling(ours.database, fresh).drain()
    assert handled == {"handled": told}
    to_the_end(trials, asked)
    print(
        f"{len(asked)} actions, {told} events, {len(before)} invoices, 2 rotations of 2 tenants and of the master key"
    )


def rotated(ours: Home, tenants: list[str], *, cut_short: bool) -> list[TenantRotated]:
    """The master key's rotation, then the tenants', which may end in the middle once and is then gone on with."""
    rotate_master(ours.database, actor=ACTOR)
    if cut_short:
        left = iter([False, True])

        def hook(stage: str) -> None:
            if stage == "resealed" and next(left, False):
                raise InterruptedError

        with pytest.raises(InterruptedError):
            TenantRotation(ours.database, ours.keyring, actor=ACTOR, hook=hook).rotate(tenants)
    return TenantRotation(ours.database, ours.keyring, actor=ACTOR).rotate(tenants)


def test_nothing_of_a_forgotten_tenant_is_sent_and_its_neighbour_loses_nothing(ours: Home, sandbox: Sandbox) -> None:
    chance = random.Random(7)
    own, other = trials_of(ours, sandbox), trials_of(ours, sandbox)
    endpoint = endpoints.issue(ours.database, own.tenant, "netgsm", actor=ACTOR)
    of_own, of_other = ask(own, 24, chance, but="uyumsoft"), ask(other, 24, chance, but="nilvera")
    some_unclear(own, ours, chance)
    of_own += ask(own, 24, chance, but="uyumsoft")
    of_other += ask(other, 24, chance, but="nilvera")
    lease.lease(ours.database, most=1_000, share=8)  # by a process that is gone
    standing = Counter(state for state, _ in own.states().values())
    assert {"pending", "leased", "unknown"} <= standing.keys(), standing
    archived = documents(ours, other.tenant)
    over = Event()

    def drains() -> None:
        while not over.is_set():
            emptied(ours)

    with dagster_instance(ours.settings) as instance, ThreadPoolExecutor(1) as threads:
        forgetting = Forgetting(ours.settings, ours.database, lambda: instance)
        with pytest.raises(HubError, match="tenant_statute_stands"):
            forgetting.forget(own.tenant, actor=ACTOR)
        sandbox.world.faults.add(Fault("late", company=COMPANY, times=6, seconds=1))
        draining = threads.submit(drains)
        try:
            done = forgetting.forget(own.tenant, actor=ACTOR, handed_over=(_ARTICLE,))
            ledger = own.ledger()
        finally:
            over.set()
        draining.result()
    sandbox.world.faults.clear()

    assert removal.counts(ours.database, own.tenant) == {}
    assert done.removed["hub"]["hub.documents"] > 0
    assert endpoints.tenant_of(ours.database, "netgsm", endpoint.secret) is None
    to_the_end(other, of_other)
    for trial in of_own:
        assert own.ledger()[named(trial)] == ledger[named(trial)] <= 1
    kept = documents(ours, other.tenant)
    assert {number: kept[number] for number in archived} == archived
    sent = sum(ledger[named(trial)] for trial in of_own)
    print(f"{len(of_own)} actions of the forgotten ({dict(standing)}), {sent} done before; its neighbour's: 48")
