"""`hub sms`, as a person types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.sandbox.server import Sandbox
from tests.hub.cli.conftest import Run

TEXT = "Sayın müşterimiz, siparişiniz kargoda"


@pytest.fixture(scope="module")
def netgsm() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def account(hub: Run, tenant: dict[str, Any], netgsm: Sandbox) -> str:
    """A tenant with an account at the stand-in; its subdomain."""
    stored = hub(
        *("integrations", "set", "netgsm", "--tenant", tenant["subdomain"]),
        *("--environment", "sandbox", "--base-url", netgsm.url),
        *("--setting", "msgheader=FIRMA", "--setting", "sms_part_price=0,25"),
        stdin=json.dumps(netgsm.credentials("firma", "netgsm")),
    )
    assert stored.status == 0, stored.err
    return tenant["subdomain"]


def test_a_text_is_measured_in_every_encoding_without_an_account(hub: Run) -> None:
    found = {each["encoding"]: each for each in hub("sms", "preview", "--text", TEXT, "--json").json()}
    assert [each for each in found if found[each]["chosen"]] == ["TR"]
    assert {name: each["characters"] for name, each in found.items()} == {"GSM": 37, "TR": 40, "UNICODE": 37}
    assert found["GSM"]["text"] == "Sayin müsterimiz, siparisiniz kargoda"
    assert (found["GSM"]["changed"], found["TR"]["changed"], found["TR"]["cost"]) == (True, False, None)


def test_the_text_comes_from_standard_input_as_well(hub: Run) -> None:
    found = hub("sms", "preview", "--json", stdin=f"{TEXT}\n").json()
    assert found == hub("sms", "preview", "--text", TEXT, "--json").json()


def test_it_is_shown_to_people_with_what_would_change(hub: Run) -> None:
    shown = hub("--lang", "tr", "sms", "preview", stdin=f"{TEXT} 😀")
    assert shown.status == 0
    lines = shown.out.splitlines()
    assert any(line.startswith("→") and "UNICODE" in line and "aynen" in line for line in lines)
    assert any("GSM" in line and "1 karakter gönderilemez" in line for line in lines)
    changed = hub("--lang", "tr", "sms", "preview", stdin=TEXT)
    assert "GSM ile şöyle ulaşır: Sayin müsterimiz" in changed.out


def test_nothing_is_not_measured(hub: Run) -> None:
    refused = hub("sms", "preview", stdin=" \n")
    assert refused.status == 1
    assert "nothing was entered" in refused.err


def test_a_price_is_the_tenants_own(hub: Run, account: str) -> None:
    found = hub("sms", "preview", "--text", "ş" * 100, "--tenant", account, "--json").json()
    assert {each["encoding"]: each["cost"] for each in found} == {"GSM": "0.25", "TR": "0.50", "UNICODE": "0.50"}
    shown = hub("--lang", "tr", "sms", "preview", "--text", "ş" * 100, "--tenant", account)
    assert "₺0,50" in shown.out


def test_balance_and_sender_names_are_shown(hub: Run, account: str) -> None:
    assert hub("sms", "balance", "--tenant", account, "--json").json() == {
        "credit": "2.7",
        "packages": [{"name": "Adet SMS", "amount": "100000"}, {"name": "Adet OTP Sms", "amount": "1000"}],
    }
    assert "Kredi: ₺2,70" in hub("--lang", "tr", "sms", "balance", "--tenant", account).out
    assert "FIRMA" in hub("sms", "headers", "--tenant", account).out.splitlines()


def test_without_an_account_it_says_how_to_add_one(hub: Run, tenant: dict[str, Any]) -> None:
    refused = hub("sms", "balance", "--tenant", tenant["subdomain"])
    assert refused.status == 1
    assert "hub integrations set netgsm" in refused.err
