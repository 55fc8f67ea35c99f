"""What a policy file says of transfers abroad and of its own changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kvkk_policies.activity import Change, Transfer
from kvkk_policies.policy import PolicyError, load_policies

CHANGES = "changes:\n  - {{ version: 1, date: '2026-01-02' }}\n  - {second}\n"
GOOD = "{ version: 2, date: '2026-03-04', reason: Daha az veri., tightens: true }"


def written(tmp_path: Path, *, transfers: str = "[]", second: str = GOOD) -> Path:
    file = tmp_path / "shop.yaml"
    file.write_text(
        "provider: shop\nversion: 2\n" + CHANGES.format(second=second) + "streams:\n  orders:\n    purpose: Sipariş\n"
        f"    subject_groups: [diğer]\n    transfers: {transfers}\n    columns:\n"
        "      first: { category: NONE, retention: P1Y, action: keep }\n",
        encoding="utf-8",
    )
    return tmp_path


def test_transfers_and_changes_are_read(tmp_path: Path) -> None:
    signed = "[{ country: DE, mechanism: standard_contract, recipient: Bulut GmbH, signed_on: '2026-05-06' }]"
    policy = load_policies(written(tmp_path, transfers=signed))["shop"]
    assert policy.streams["orders"].transfers == (
        Transfer("DE", "standard_contract", "Bulut GmbH", date(2026, 5, 6), line=10),
    )
    assert policy.changes == (
        Change(1, date(2026, 1, 2), line=4),
        Change(2, date(2026, 3, 4), "Daha az veri.", tightens=True, line=5),
    )


def test_a_file_that_says_nothing_of_transfers_has_not_said_that_there_are_none(tmp_path: Path) -> None:
    directory = written(tmp_path)
    file = directory / "shop.yaml"
    file.write_text(file.read_text().replace("    transfers: []\n", ""))
    assert load_policies(directory)["shop"].streams["orders"].transfers is None


@pytest.mark.parametrize(
    ("transfer", "code", "line"),
    [
        ("country: TR, mechanism: adequacy, recipient: Yerli A.Ş.", "policy_transfer_at_home", 10),
        ("country: DE, mechanism: standard_contract, recipient: Bulut GmbH", "policy_transfer_unsigned", 10),
        ("country: DE, mechanism: explicit_consent, recipient: Bulut GmbH", "policy_schema", 10),
        ("country: Almanya, mechanism: adequacy, recipient: Bulut GmbH", "policy_schema", 10),
        ("country: DE, mechanism: adequacy, recipient: Bulut GmbH, signed_on: '2026-02-30'", "policy_schema", 10),
    ],
)
def test_a_transfer_without_a_ground_is_refused_with_its_line(
    tmp_path: Path, transfer: str, code: str, line: int
) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policies(written(tmp_path, transfers=f"[{{ {transfer} }}]"))
    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ("{ version: 1, date: '2026-03-04' }", "policy_change_order"),
        ("{ version: 3, date: '2026-03-04' }", "policy_change_ahead"),
        ("{ version: 2, date: '2026-03-04', tightens: true }", "policy_change_unexplained"),
        ("{ version: 2, date: '2026-13-04' }", "policy_schema"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_line(tmp_path: Path, second: str, code: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policies(written(tmp_path, second=second))
    assert (caught.value.code, caught.value.line) == (code, 5)
