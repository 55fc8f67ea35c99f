"""Two processes at the same queue, one of which is killed again and again: the ledger has each action exactly once."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.process import BaseProcess
from uuid import UUID

import pytest

from connectors.sandbox.server import Sandbox
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.migrations.connections import outside_transaction
from hub.outbox.drain import Pace
from hub.outbox.enqueue import NewAction, enqueue_all
from hub.settings import Settings
from tests.conftest import MakeTenant
from tests.proofs import outbox_child

TENANTS, EACH = 50, 60
TOGETHER = 1
"""Messages of a call: as many calls as actions, so that there is something to be killed in."""
IN_HAND = Pace(lingers=timedelta(0), least_wait=0.05, most=100, share=10)
"""A process takes little at a time, and leaves the rest to the other."""
KILLS_AT_LEAST = 3
STEPS = (30, 200)
PASSES_AT_MOST = 12
_ACCOUNT = {"msgheader": "FIRMA", "reports_per_minute": 100_000, "requests_per_minute": 100_000}


@pytest.fixture
def tenants(database: Database, make_tenant: MakeTenant) -> Iterator[list[str]]:
    made = [make_tenant() for _ in range(TENANTS)]
    yield made
    for tenant in made:  # the session's database is everybody's
        with database.tenant(tenant, "app") as connection:
            for table in ("action_attempts", "actions", "action_holds"):
                connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (tenant,))  # noqa: S608


@pytest.mark.prove
def test_two_drains_do_three_thousand_actions_once_each_whatever_is_killed(
    settings: Settings, database: Database, tenants: list[str]
) -> None:
    chance = random.Random(2026)
    with Sandbox(seed=7) as sandbox:
        asked = [action for tenant in tenants for action in ask(settings, database, sandbox, tenant)]
        steady, killed, unhurt = start(settings, None), 0, 0
        while steady.is_alive() or killed < KILLS_AT_LEAST:
            victim = start(settings, chance.randint(*STEPS))
            victim.join(300)
            killed += victim.exitcode == -9
            unhurt += victim.exitcode == 0
            if unhurt and not steady.is_alive():
                break  # nothing is left to be killed at
        steady.join(300)
        assert steady.exitcode == 0
        for _ in range(PASSES_AT_MOST):
            pass_time(settings, tenants)
            last = start(settings, None)
            last.join(300)
            assert last.exitcode == 0
            if not open_ones(settings, tenants):
                break
        ledger = Counter(deed.reference for deed in sandbox.world.ledger.deeds(provider="netgsm", what="sms"))
    states, leases = stood(settings, tenants)
    print(f"{len(asked)} actions, {killed} kills, {leases} leases, states {dict(states)}")
    assert killed >= KILLS_AT_LEAST
    assert leases > 2, "one process did it all"
    assert ledger == Counter(action.hex for action in asked)
    assert states == {"accepted": TENANTS * EACH}


def ask(settings: Settings, database: Database, sandbox: Sandbox, tenant: str) -> list[UUID]:
    """A tenant with an account of its own and messages to send."""
    keys = Keyring(database, read_master_key(settings.master_key_file)).tenant(tenant)
    credentials = json.dumps(sandbox.credentials(tenant, "netgsm")).encode()
    news = [
        NewAction("netgsm.sms", f"sms-{at}", {"to": f"+90532{at:07d}", "text": f"Siparişiniz {at} kargoda"})
        for at in range(EACH)
    ]
    with database.tenant(tenant, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher, settings,"
            " state) VALUES (%s, 'netgsm', 'sandbox', %s, %s, %s, 'active')",
            (tenant, sandbox.url, keys.seal("integration", "netgsm", credentials), json.dumps(_ACCOUNT)),
        )
        return [each.action_id for each in enqueue_all(connection, keys, news, created_by="test")]


def start(settings: Settings, last: int | None) -> BaseProcess:
    """A process that empties the outbox; it dies at step number `last`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs.outbox_child"])
    process = context.Process(target=outbox_child.main, args=(str(settings.home), last, IN_HAND, TOGETHER))
    process.start()
    return process


def pass_time(settings: Settings, tenants: list[str]) -> None:
    """Whatever waits for its time is due."""
    with outside_transaction(settings, "data") as admin, admin.transaction():
        admin.execute(
            "UPDATE hub.actions SET not_before = least(not_before, now()),"
            " leased_until = CASE WHEN leased_until > now() THEN now() ELSE leased_until END,"
            " next_look_at = CASE WHEN next_look_at > now() THEN now() ELSE next_look_at END"
            " WHERE tenant_id = ANY(%s)",
            (tenants,),
        )
        admin.execute("UPDATE hub.action_holds SET held_until = now() WHERE tenant_id = ANY(%s)", (tenants,))


def open_ones(settings: Settings, tenants: list[str]) -> bool:
    """Whether anything has not come to its end."""
    states, _ = stood(settings, tenants)
    return bool(states.keys() & {"pending", "leased", "unknown"})


def stood(settings: Settings, tenants: list[str]) -> tuple[Counter[str], int]:
    """Actions by state, and how many leases attempts were made under."""
    with outside_transaction(settings, "data") as admin:
        states = admin.execute(
            "SELECT state, count(*) FROM hub.actions WHERE tenant_id = ANY(%s) GROUP BY 1", (tenants,)
        ).fetchall()
        leases = admin.execute(
            "SELECT count(DISTINCT lease) FROM hub.action_attempts WHERE tenant_id = ANY(%s)", (tenants,)
        ).fetchone()
    return Counter({state: int(count) for state, count in states}), 0 if leases is None else int(leases[0])
