"""`hub iys` on a tenant with a brand at the sandbox, from the consent that is typed to what İYS has."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.iys import tokens
from connectors.sandbox.iys.book import book_of
from connectors.sandbox.server import Sandbox
from tests.hub.cli.conftest import Run

PHONE = "+905320000001"
CONSENT = {
    "purpose": "commercial_message",
    "data_categories": ["ILETISIM"],
    "retention_period": "P1Y",
    "consent_text": "Ticari ileti almak istiyorum.",
    "text_version": "v1",
    "notice_id": "n1",
    "channel": "web",
    "evidence_ref": "form-1",
    "subject_kind": "phone",
    "subject": "0532 000 00 01",
}


@pytest.fixture(scope="module")
def iys() -> Iterator[Sandbox]:
    with Sandbox(seed=13, start=datetime.now(UTC) + timedelta(minutes=30)) as running:
        yield running


@pytest.fixture
def company() -> str:
    return f"brand-{secrets.token_hex(4)}"


@pytest.fixture
def connected(hub: Run, tenant: dict[str, Any], iys: Sandbox, company: str) -> Iterator[tuple[str, str]]:
    reference = ("--tenant", tenant["tenant_id"])
    settings = [f"--setting={name}={value}" for name, value in tokens.codes(company).items()]
    stored = hub(
        *("integrations", "set", "iys", *reference, "--environment", "sandbox", "--base-url", iys.url, *settings),
        stdin=json.dumps(iys.credentials(company, "iys")),
    )
    assert stored.status == 0, stored.err
    tested = hub("integrations", "test", "iys", *reference)
    assert tested.status == 0, tested.err
    yield reference
    hub("integrations", "pause", "iys", *reference)


def test_a_permission_goes_from_the_command_line_to_iys_and_back(
    hub: Run, connected: tuple[str, str], iys: Sandbox, company: str
) -> None:
    recorded = hub("kvkk", "consents", "record", *connected, "--from-file", "-", stdin=json.dumps(CONSENT))
    assert recorded.status == 0, recorded.err
    pushed = hub("iys", "push", *connected, "--json").json()
    assert (pushed["collected"], pushed["submitted"], pushed["unpushable"]) == (1, 1, 0)
    assert hub("iys", "push", *connected, "--json").json()["accepted"] == 1
    book = book_of(iys.world)
    record = book.state(company, {"recipient": PHONE, "type": "MESAJ"})
    assert record is not None
    assert record["status"] == "ONAY"
    agreed = hub("iys", "reconcile", *connected, "--json")
    assert (agreed.status, agreed.json()["agreeing"]) == (0, 1)
    iys.advance(seconds=5)
    book.citizen(company, recipient=PHONE, status="RET")
    pulled = hub("iys", "pull", *connected)
    assert pulled.status == 0, pulled.err
    listed = hub("kvkk", "consents", "list", *connected, "--active", "--json").json()
    assert listed == []
    shown = hub("--lang", "tr", "iys", "status", *connected)
    assert shown.status == 0, shown.err
    assert "kabul edildi" in shown.out
    state = hub("iys", "status", *connected, "--json").json()
    assert (state["account"], state["usable"], state["pushes"], state["states"]) == (
        "iys",
        True,
        {"accepted": 1},
        {"RET": 1},
    )
    everything = "".join(each.out + each.err for each in (recorded, pulled, shown, agreed))
    assert "5320000001" not in everything


def test_a_difference_ends_with_status_1_and_names_pseudonyms(hub: Run, connected: tuple[str, str]) -> None:
    hub("kvkk", "consents", "record", *connected, "--from-file", "-", stdin=json.dumps(CONSENT))
    shown = hub("iys", "reconcile", *connected)
    assert shown.status == 1
    assert "unknown to İYS" in shown.out
    assert "phone_" in shown.out


def test_somebody_who_calls_and_wants_no_more_is_recorded_and_told_to_iys(
    hub: Run, connected: tuple[str, str], iys: Sandbox, company: str
) -> None:
    hub("kvkk", "consents", "record", *connected, "--from-file", "-", stdin=json.dumps(CONSENT))
    hub("iys", "push", *connected)
    done = hub("iys", "opt-out", *connected, "--channel", "sms", "--all", stdin=f"{PHONE}\n")
    assert done.status == 0, done.err
    assert "5320000001" not in done.out + done.err
    hub("iys", "push", *connected)
    record = book_of(iys.world).state(company, {"recipient": PHONE, "type": "MESAJ"})
    assert record is not None
    assert (record["status"], record["source"]) == ("RET", "HS_MESAJ")
    wrong = hub("--lang", "tr", "iys", "opt-out", *connected, "--channel", "fax", stdin=f"{PHONE}\n")
    assert wrong.status == 1
    assert "sms, whatsapp" in wrong.err


def test_a_tenant_without_an_account_is_told_so(hub: Run, tenant: dict[str, Any]) -> None:
    for command in ("push", "pull", "reconcile"):
        refused = hub("iys", command, "--tenant", tenant["tenant_id"], "--json")
        assert json.loads(refused.err)["error"]["code"] == "iys_not_connected"
    state = hub("iys", "status", "--tenant", tenant["tenant_id"])
    assert state.status == 0
    assert "not usable" in state.out
