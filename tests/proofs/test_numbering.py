"""Gapless, unique, ordered: several processes issue the same orders at once and are killed at any moment.

The rules of the tax office are not asked here, nor is its list (tests/proofs/numbering_child.py): both come before a
number is taken. Numbers, seal, archive and outbox are the real ones. `make test` does it with a few, `make prove` with
eight processes and five thousand invoices.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from multiprocessing import connection
from pathlib import Path
from typing import Any

import pytest

from hub.db.database import Database
from hub.einvoice.issue import archive, series
from hub.einvoice.issue.profile import IssuerProfile, set_profile
from hub.einvoice.issue.seals import set_file_seal
from hub.einvoice.seal.verify import verify
from hub.einvoice.xml import parse
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import SYSTEM
from hub.settings import Settings
from tests.conftest import MakeTenant
from tests.hub.einvoice import samples
from tests.hub.einvoice.issue.conftest import PROFILE
from tests.proofs import numbering_child
from tests.support.seals import make_seal

_CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_AN_INVOICE_HAS = 30
"""Statements, about: a process that may die within `n` invoices dies at one of so many."""


@dataclass
class Site:
    settings: Settings
    database: Database
    keyring: Keyring
    tenant: str
    answers: Path

    def documents(self) -> list[archive.Document]:
        return archive.listed(self.database, self.tenant, most=10_000)


@pytest.fixture
def site(settings: Settings, database: Database, make_tenant: MakeTenant, tmp_path: Path) -> Iterator[Site]:
    keyring, tenant = Keyring(database, read_master_key(settings.master_key_file)), make_tenant()
    keys, now = keyring.tenant(tenant), datetime.now(UTC)
    with database.tenant(tenant, "app") as opened:
        opened.execute(
            "UPDATE hub.tenants SET tax_number_cipher = %s WHERE tenant_id = %s",
            (keys.seal("tenant-tax-number", tenant, samples.SUPPLIER_VKN.encode()), tenant),
        )
        opened.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher, state)"
            " VALUES (%s, 'nilvera', 'sandbox', 'http://127.0.0.1:9', %s, 'active')",
            (tenant, keys.seal("integration", "nilvera", json.dumps({"api_key": "unused"}).encode())),
        )
    set_profile(database, tenant, IssuerProfile.model_validate(PROFILE), actor=SYSTEM)
    seal = make_seal(start=now - timedelta(days=400), end=now + timedelta(days=1))
    set_file_seal(database, keys, key=seal.key_file(), certificates=seal.certificate_file(), actor=SYSTEM)
    yield Site(settings, database, keyring, tenant, tmp_path)
    with database.tenant(tenant, "app") as opened:
        opened.execute("DELETE FROM hub.actions WHERE tenant_id = %s", (tenant,))


def run(site: Site, *, processes: int, orders: int, kills: int, days: int, seed: int) -> int:
    """Have the orders issued; how many processes were killed. Every order is asked for by two processes."""
    chance, context = random.Random(seed), multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs.numbering_child"])
    first_day, day = samples.issue_day() - timedelta(days=days), context.RawValue("i", 0)
    left, killed = kills, 0
    within = orders // processes * _AN_INVOICE_HAS

    def start(which: int) -> Any:
        nonlocal left
        last = None
        if left and chance.random() < 0.5:
            left, last = left - 1, chance.randint(1, within)
        share = [order for order in range(orders) if order % processes in (which, (which + 1) % processes)]
        chance.shuffle(share)
        arguments = (
            str(site.settings.home), site.tenant, share, str(site.answers / str(which)), first_day, day, last,
        )  # fmt: skip
        child = context.Process(target=numbering_child.main, args=arguments)
        child.start()
        return child

    running = {which: start(which) for which in range(processes)}
    try:
        while running:
            connection.wait([child.sentinel for child in running.values()], timeout=chance.uniform(0.01, 0.5))
            # A day passes now and then: a process may have begun an invoice on the day before.
            day.value = days * len(_told(site)) // (2 * orders + 1)
            if left and chance.random() < 0.5:
                left -= 1
                chance.choice(list(running.values())).kill()
            for which, child in list(running.items()):
                if child.exitcode is None:
                    continue
                assert child.exitcode in {0, -9}, child.exitcode
                killed += child.exitcode == -9
                running.pop(which)
                if child.exitcode == -9:
                    running[which] = start(which)
    finally:
        for child in running.values():
            child.kill()
            child.join()
    return killed


def judge(site: Site, orders: int, *, seals_verified: int) -> None:
    documents = sorted(site.documents(), key=lambda each: each.number)
    assert len(documents) == orders
    for (name, year), each in groupby(documents, key=lambda document: (document.number[:3], document.number[3:7])):
        found = list(each)
        assert [document.number for document in found] == [
            series.number(name, int(year), counter) for counter in range(1, len(found) + 1)
        ]
        assert all(earlier.issue_date <= later.issue_date for earlier, later in pairwise(found))
        held = next(
            one for one in series.listed(site.database, site.tenant) if (one.series, str(one.year)) == (name, year)
        )
        assert (held.next_number, held.last_issue_date) == (len(found) + 1, found[-1].issue_date)
    _judge_content(site, documents, seals_verified)
    _judge_answers(site, orders)


def _judge_content(site: Site, documents: list[archive.Document], seals_verified: int) -> None:
    keys = site.keyring.tenant(site.tenant)
    with site.database.tenant(site.tenant, "app") as opened:
        actions = opened.execute(
            "SELECT about, action_id FROM hub.actions WHERE tenant_id = %s", (site.tenant,)
        ).fetchall()
        assert Counter(actions) == Counter((f"document:{each.document_id}", each.action_id) for each in documents)
        for at, document in enumerate(documents):
            content = archive.content(opened, keys, document.document_id)
            root = parse(content)
            said = [root.findtext(_CBC + name) for name in ("ID", "UUID", "IssueDate")]
            assert said == [document.number, str(document.ettn).upper(), document.issue_date.isoformat()]
            if at < seals_verified:
                assert all(signature.holds for signature in verify(content))


def _judge_answers(site: Site, orders: int) -> None:
    """Whoever asked under a key was told the number of its one document."""
    with site.database.tenant(site.tenant, "app") as opened:
        issued = dict(
            opened.execute(
                "SELECT idempotency_key, number FROM hub.documents WHERE tenant_id = %s", (site.tenant,)
            ).fetchall()
        )
    assert issued.keys() == {f"order-{order}" for order in range(orders)}
    told = _told(site)
    assert len(told) >= 2 * orders
    assert all(issued[f"order-{order}"] == number for order, number in told)


def _told(site: Site) -> list[list[str]]:
    return [line.split() for each in site.answers.iterdir() for line in each.read_text().splitlines()]


def test_processes_that_are_killed_leave_no_gap_and_no_twin(site: Site) -> None:
    killed = run(site, processes=3, orders=40, kills=2, days=2, seed=1)
    assert killed
    judge(site, 40, seals_verified=3)


@pytest.mark.prove
def test_eight_processes_issue_five_thousand_invoices_among_kills(site: Site) -> None:
    began = time.perf_counter()
    killed = run(site, processes=8, orders=5_000, kills=300, days=30, seed=2026)
    seconds = time.perf_counter() - began
    judge(site, 5_000, seals_verified=200)
    print(f"5000 invoices by 8 processes on {os.cpu_count()} cores, {killed} kills: {5_000 / seconds:.0f} a second")
