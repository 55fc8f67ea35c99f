"""Policy files: what is refused, and at which line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.contract import Provider, Stream
from connectors.registry import PROVIDERS
from kvkk_policies import policy as policy_module
from kvkk_policies import vocabulary
from kvkk_policies.landing import landing_columns
from kvkk_policies.policy import PolicyError, ProviderPolicy, check_policies, load_policies

HEAD = """provider: shop
version: 1
streams:
  orders:
    purpose: Sipariş
    subject_groups: [diğer]
    columns:
"""


LAW = "{category: KIMLIK, legal_basis: law, retention: P1Y"


def problem_of(tmp_path: Path, column: str, head: str = HEAD) -> tuple[str, int]:
    (tmp_path / "shop.yaml").write_text(f"{head}      first: {column}\n", encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policies(tmp_path)
    assert caught.value.file == tmp_path / "shop.yaml"
    assert len(caught.value.problems) == 1
    return caught.value.problems[0].code, caught.value.line


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("{category: FINANSS, legal_basis: contract, retention: P1Y, action: keep}", "policy_unknown_category"),
        ("{category: FINANS, legal_basis: because, retention: P1Y, action: keep}", "policy_unknown_basis"),
        ("{category: FINANS, legal_basis: contract, retention: 1 year, action: keep}", "policy_bad_retention"),
        ("{category: FINANS, legal_basis: contract, retention: P, action: keep}", "policy_bad_retention"),
        ("{category: FINANS, legal_basis: contract, retention: P1Y, action: hide}", "policy_unknown_action"),
        ("{category: FINANS, legal_basis: contract, action: keep}", "policy_schema"),
        ("{category: FINANS, retention: P1Y, action: keep}", "policy_basis_missing"),
        (
            "{category: SAGLIK, legal_basis: contract, retention: P1Y, action: drop}",
            "policy_special_needs_special_basis",
        ),
        ("{category: KIMLIK, legal_basis: s_law, retention: P1Y, action: drop}", "policy_special_basis_on_ordinary"),
        (
            "{category: SAGLIK, legal_basis: s_law, retention: P1Y, action: keep, overridable: [drop]}",
            "policy_special_overridable",
        ),
        (
            "{category: KIMLIK, legal_basis: law, retention: P1Y, action: drop, overridable: [keep]}",
            "policy_dropped_overridable",
        ),
        ("{category: KIMLIK, legal_basis: law, retention: P1Y, action: vault}", "policy_kind_missing"),
        ("{category: KIMLIK, legal_basis: law, retention: P1Y, action: vault, kind: fone}", "policy_unknown_kind"),
        (f'{LAW}, action: vault, kind: phone, params: {{keep_matching: ".*"}}}}', "policy_params"),
        (f'{LAW}, action: vault, kind: phone, params: {{keep_matching: "^[0-9]+$"}}}}', "policy_params"),
        (f'{LAW}, action: vault, kind: phone, params: {{keep_matching: "^[0-9]{{2,9}}$"}}}}', "policy_params"),
        (f'{LAW}, action: vault, kind: phone, params: {{keep_matching: "^1|.{{9}}$"}}}}', "policy_params"),
        (f"{LAW}, action: generalise, params: {{to: place, decimals: 5}}}}", "policy_params"),
        (f"{LAW}, action: generalise, params: {{to: band, edges: [5, 1]}}}}", "policy_params"),
        ("{category: FINANS, legal_basis: law, retention: P1Y, action: partial, params: {first: 12}}", "policy_params"),
        ("{category: FINANS, legal_basis: law, retention: P1Y, action: partial}", "policy_params"),
    ],
)
def test_a_mistake_is_refused_with_its_line(tmp_path: Path, column: str, code: str) -> None:
    assert problem_of(tmp_path, column) == (code, 8)


def test_a_column_declared_twice_is_refused_at_the_second_place(tmp_path: Path) -> None:
    keep = "{category: NONE, retention: P1Y, action: keep}"
    head = f"{HEAD}      second: {keep}\n      third: {keep}\n      second: {keep}\n"

    assert problem_of(tmp_path, keep, head) == ("policy_declared_twice", 10)


def test_a_merged_value_is_reported_where_it_is_merged(tmp_path: Path) -> None:
    head = HEAD.replace("version: 1\n", "version: 1\nx-bad: &bad {category: BAD, retention: P1Y, action: keep}\n")

    assert problem_of(tmp_path, "{<<: *bad}", head) == ("policy_unknown_category", 9)


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("provider: shop\nversion: [1\nstreams: {}\n", encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        load_policies(tmp_path)

    assert (caught.value.code, caught.value.line) == ("policy_unreadable", 3)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    bad = "{category: NO, retention: P1Y, action: no}"
    (tmp_path / "shop.yaml").write_text(f"{HEAD}      first: {bad}\n      second: {bad}\n", encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        load_policies(tmp_path)

    assert sorted(problem.line for problem in caught.value.problems) == [8, 8, 9, 9]


def provider_of(stream: Stream) -> dict[str, Provider]:
    return {"shop": replace(PROVIDERS["iyzico"], name="shop", streams=(stream,))}


def codes(policies: dict[str, ProviderPolicy], stream: Stream) -> set[tuple[str, str]]:
    with pytest.raises(PolicyError) as caught:
        check_policies(policies, provider_of(stream))
    assert all(problem.line >= 1 for problem in caught.value.problems)
    return {(problem.code, problem.found) for problem in caught.value.problems}


def test_a_policy_that_covers_its_stream_passes(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    check_policies(policies, provider_of(stream))


def test_a_stream_column_without_policy_is_refused(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    more = replace(stream, columns=(*stream.columns, replace(stream.columns[0], name="shoe_size")))

    assert codes(policies, more) == {("policy_column_missing", "shoe_size")}


def test_a_policy_column_unknown_to_the_stream_is_refused(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    fewer = replace(stream, columns=tuple(column for column in stream.columns if column.name != "email"))

    assert codes(policies, fewer) == {("policy_column_unknown", "email")}


@pytest.mark.parametrize("column", ["card", "born", "note", "health"])
def test_an_action_that_would_destroy_a_key_is_refused(
    policies: dict[str, ProviderPolicy], stream: Stream, column: str
) -> None:
    assert "policy_key_destroyed" in {code for code, _ in codes(policies, replace(stream, key=("order_id", column)))}


def test_a_key_may_be_a_pseudonym(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    check_policies(policies, provider_of(replace(stream, key=("order_id", "tckn"))))


def test_a_tenant_may_not_override_a_key(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    assert codes(policies, replace(stream, key=("phone",))) == {
        ("policy_key_overridable", "keep"),
        ("policy_key_overridable", "drop"),
    }


def test_a_version_column_must_be_kept(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    assert codes(policies, replace(stream, version="seen_at")) == {("policy_version_destroyed", "generalise")}


def test_an_action_that_does_not_fit_the_type_is_refused(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    columns = tuple(replace(column, type="bool") if column.name == "email" else column for column in stream.columns)

    assert codes(policies, replace(stream, columns=columns)) == {("policy_action_type", "pseudonymise(bool)")}


def test_a_provider_without_a_policy_is_refused(stream: Stream) -> None:
    with pytest.raises(PolicyError) as caught:
        check_policies({}, provider_of(stream))
    assert caught.value.code == "policy_provider_missing"


def test_the_shipped_policies_cover_every_declared_stream() -> None:
    check_policies(load_policies(), PROVIDERS)


def test_the_schema_and_the_vocabulary_name_the_same_words() -> None:
    column = json.loads(Path(policy_module.__file__).with_name("schema.json").read_text(encoding="utf-8"))["$defs"][
        "column"
    ]["properties"]

    assert set(column["category"]["enum"]) == vocabulary.CATEGORIES
    assert set(column["legal_basis"]["enum"]) == vocabulary.ORDINARY_BASES | vocabulary.SPECIAL_BASES
    assert set(column["action"]["enum"]) == set(vocabulary.ACTIONS)
    assert column["retention"]["pattern"] == vocabulary.RETENTION


def test_the_landing_type_follows_the_action(policies: dict[str, ProviderPolicy], stream: Stream) -> None:
    landed = {
        column.name: column.postgres_type for column in landing_columns(stream, policies["shop"].streams["orders"])
    }

    assert "health" not in landed
    assert landed["latitude"] == "numeric"
    assert landed["born"] == "bigint"
    assert landed["score"] == "text"
    assert landed["seen_at"] == "timestamptz"
    assert landed["extra"] == "jsonb"
    assert [column.name for column in landing_columns(stream, policies["shop"].streams["orders"]) if column.key] == [
        "order_id"
    ]
