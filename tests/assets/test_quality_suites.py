"""Which checks follow from a stream's declaration and its policy."""

from __future__ import annotations

import re
from typing import Any

import pytest

from assets.quality.run import batch_query
from assets.quality.suites import Suite, pseudonym_pattern, suite_for
from connectors.contract import Column, Snapshot, Stream
from connectors.registry import PROVIDERS
from hub.errors import HubError
from kvkk_policies.policy import ColumnPolicy, StreamPolicy, load_policies
from kvkk_policies.pseudonym import Pseudonymiser

TENANT = "taaaaaaaaaaa"


def policy(action: str, **more: Any) -> ColumnPolicy:
    return ColumnPolicy("value", "MUSTERI", "contract", "P1Y", action, **more)  # type: ignore[arg-type]


def suite(column: Column, column_policy: ColumnPolicy) -> Suite:
    stream = Stream(
        name="things",
        title="Things",
        description="",
        columns=(Column("id", "text", ""), column),
        key=("id",),
        plan=Snapshot(),
    )
    columns = {"id": ColumnPolicy("id", "NONE", None, "P1Y", "keep"), "value": column_policy}
    return suite_for("shop", stream, StreamPolicy("things", "", (), (), columns))


def codes(column: Column, column_policy: ColumnPolicy) -> set[str]:
    """Codes of the checks beyond those that every table has."""
    return {check.code for check in suite(column, column_policy).checks} - {
        "unique_key:id",
        "present:id",
        "not_in_the_future:_version",
    }


def test_every_table_has_a_unique_present_key_and_a_version_that_is_past() -> None:
    plain = suite(Column("value", "text", ""), policy("keep"))
    assert {check.code for check in plain.checks} == {"unique_key:id", "present:id", "not_in_the_future:_version"}
    assert plain.key == ("tenant_id", "id")


def test_a_kept_column_is_held_against_its_declaration() -> None:
    column = Column("value", "int", "", nullable=False, allowed=("1", "2"), minimum=1, maximum=2)
    assert codes(column, policy("keep")) == {"present:value", "allowed:value", "in_range:value"}


@pytest.mark.parametrize("action", ["pseudonymise", "vault"])
def test_a_masked_column_may_hold_pseudonyms_alone(action: str) -> None:
    column = Column("value", "text", "", nullable=False, allowed=("a",))
    assert codes(column, policy(action, kind="phone")) == {"present:value", "pseudonymous:value"}


def test_a_dropped_column_has_no_checks() -> None:
    assert codes(Column("value", "text", "", nullable=False), policy("drop")) == set()


def test_a_column_that_a_tenant_may_decide_to_drop_may_be_empty() -> None:
    column = Column("value", "text", "", nullable=False)
    assert codes(column, policy("vault", kind="phone", overridable=("drop",))) == {"pseudonymous:value"}


def test_the_pattern_of_a_masked_column_takes_what_the_gate_makes_and_no_value() -> None:
    pattern = re.compile(pseudonym_pattern(policy("vault", kind="phone")))
    assert pattern.search(Pseudonymiser(bytes(range(32))).one("phone", "905321234567"))
    for value in ("905321234567", "phone_905321234567", "email_" + "a" * 26, "phone_" + "a" * 26 + " 905321234567"):
        assert not pattern.search(value)


def test_a_tax_number_is_a_persons_or_a_companys() -> None:
    pattern = re.compile(pseudonym_pattern(policy("vault", kind="tax_number")))
    assert pattern.search("tckn_" + "a" * 26)
    assert pattern.search("vkn_" + "a" * 26)
    assert not pattern.search("phone_" + "a" * 26)


def test_what_a_policy_leaves_in_clear_is_allowed_beside_pseudonyms() -> None:
    pattern = re.compile(pseudonym_pattern(policy("vault", kind="phone", params={"keep_matching": "^[0-9]{3,4}$"})))
    assert pattern.search("1234")
    assert pattern.search("phone_" + "a" * 26)
    assert not pattern.search("905321234567")


def test_every_declared_stream_has_a_suite() -> None:
    policies = load_policies()
    made = [
        suite_for(provider.name, stream, policies[provider.name].streams[stream.name])
        for provider in PROVIDERS.values()
        for stream in provider.streams
    ]
    assert made
    for each in made:
        names = [check.code for check in each.checks]
        assert len(set(names)) == len(names), each.table


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        ("tenants", {"tenants": ["taaaaaaaaaaa'} OR true --"]}),
        ("tenants", {"exempt": {"value": ["x"]}}),
        ("load_id", {"load_id": "a' OR 'a'='a"}),
    ],
)
def test_an_id_that_is_none_does_not_get_into_the_query(argument: str, arguments: dict[str, Any]) -> None:
    plain = suite(Column("value", "text", ""), policy("keep"))
    with pytest.raises(HubError, match=f"quality_argument_malformed argument={argument}"):
        batch_query(plain, **({"tenants": [TENANT], "exempt": {}} | arguments))
