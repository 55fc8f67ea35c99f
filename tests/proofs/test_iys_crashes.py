"""Whatever ends the process that brings permissions to İYS: each stands there, and none more than once.

İYS takes a permission as often as it is brought and keeps one state for an address. It refuses what is older than its
own (kvkk.md, section 9), and our stand-in what stands there already too, which the hub asks after and counts as taken.
The stand-in's ledger has what changed.
"""

from __future__ import annotations

import itertools
import multiprocessing
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.sandbox.server import Sandbox
from hub.control import consents
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from tests.proofs import iys_child
from tests.support.brand import EMAIL, OTHER, PHONE, Brand

pytestmark = pytest.mark.prove

_STEPS_AT_MOST = 60
_EXPECTED = Counter(
    (f"{PHONE} MESAJ ONAY", f"{PHONE} MESAJ RET", f"{OTHER} MESAJ ONAY", f"{EMAIL} EPOSTA ONAY"),
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    # A withdrawal is dated by the database's clock, and must not lie ahead of the sandbox's, which stands still.
    with Sandbox(seed=12, start=datetime.now(UTC) + timedelta(minutes=30)) as running:
        yield running


def run(settings: Settings, brand: Brand, last: int | None) -> int | None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs.iys_child"])
    child = context.Process(target=iys_child.main, args=(str(settings.home), brand.tenant_id, last))
    child.start()
    child.join(300)
    assert child.exitcode in ({0, -9} if last is not None else {0})
    return child.exitcode


def said(brand: Brand) -> None:
    """Three permissions, one of which is taken back."""
    brand.says("commercial_message", OTHER, keep=True)
    brand.says("commercial_email", EMAIL, keep=True, channel="email")
    brand.says("commercial_message", keep=True)


def taken_back(brand: Brand) -> None:
    (consent,) = [
        each
        for each in consents.listed(brand.database, brand.tenant_id, subject=brand.pseudonym())
        if each.purpose == "commercial_message"
    ]
    if consent.withdrawn_at is None:
        consents.withdraw(brand.database, brand.tenant_id, consent.consent_id, channel="sms", reason=None)


def test_a_process_killed_at_every_step_of_a_push_loses_no_permission(
    settings: Settings, database: Database, sandbox: Sandbox
) -> None:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    kills, brought = 0, 0
    for last in itertools.count(1):
        assert last < _STEPS_AT_MOST
        brand = Brand(database, keyring, sandbox, f"brand-{secrets.token_hex(4)}")
        brand.book.slow = False
        try:
            said(brand)
            ended = run(settings, brand, last)
            run(settings, brand, None)
            taken_back(brand)
            again = run(settings, brand, last)  # now with a refusal to bring
            run(settings, brand, None)
            found = Counter(
                deed.reference.split(" 20")[0] for deed in sandbox.world.ledger.deeds(company=brand.company)
            )
            assert found == _EXPECTED, last
            with database.tenant(brand.tenant_id, "app") as connection:
                states = connection.execute(
                    "SELECT state, count(*) FROM hub.iys_pushes WHERE tenant_id = %s GROUP BY state", (brand.tenant_id,)
                ).fetchall()
            assert states == [("accepted", 4)], last
            brought += sum(
                count
                for (_, company, path), count in sandbox.world.requests.items()
                if company == brand.company and path.endswith("/consents/request")
            )
        finally:
            brand.leave()
        kills += (ended == -9) + (again == -9)
        if ended == again == 0:
            break
    print(f"{kills} kills at {last - 1} steps, {brought} submissions of 4 permissions for each of {last} brands")
    assert kills > 10
