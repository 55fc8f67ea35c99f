"""The declaration itself: closed lists, and nothing in it that would contradict the design."""

from __future__ import annotations

import pytest

from hub.db import roles
from hub.db.grant import Grant


def test_the_crossings_are_the_six_of_the_design() -> None:
    assert set(roles.CROSSINGS) == {"scheduler", "dispatcher", "resolver", "janitor", "platform", "transformer"}


def test_one_crossing_on_the_key_cluster_sees_no_key() -> None:
    assert set(roles.KEYS_CROSSINGS) == {"custodian"}
    (grant,) = [grant for grant in roles.TABLES["keys.tenant_keys"] if grant.role == "custodian"]
    assert not grant.writes
    assert not any(column.startswith("wrapped") for column in grant.select)
    assert {table for table, grants in roles.TABLES.items() if any(each.role == "custodian" for each in grants)} == {
        "keys.tenant_keys"
    }


def test_crossings_read_named_columns_only_outside_the_generated_schemas() -> None:
    broad = [
        (table, grant.role)
        for table, grants in roles.TABLES.items()
        for grant in grants
        if grant.role in roles.CROSSINGS and roles.ALL in (grant.select, grant.insert, grant.update)
    ]
    assert broad == []


def test_only_the_transformer_and_whoever_leases_write_across_tenants() -> None:
    writing = {
        (grant.role, table)
        for table, grants in (*roles.TABLES.items(), *roles.GENERATED.items())
        for grant in grants
        if grant.role in roles.CROSSINGS and grant.writes and table not in roles.GENERATED
    }
    assert writing == {
        ("transformer", "hub.sync_state"),
        ("dispatcher", "hub.actions"),
        ("dispatcher", "hub.deliveries"),
    }


def test_whoever_leases_changes_nothing_but_the_lease_and_sees_nothing_of_what_is_sent() -> None:
    (grant,) = (each for each in roles.TABLES["hub.actions"] if each.role == "dispatcher")
    assert set(grant.update) == {"state", "attempting", "lease", "leased_until", "next_look_at", "reason"}
    assert not {"payload_cipher", "private_cipher", "recipient", "summary", "facts"} & set(grant.select)


def test_the_platform_sees_no_landing_marts_or_vault() -> None:
    tables = {table for table, grants in roles.TABLES.items() for grant in grants if grant.role == "platform"}
    assert all(table.startswith("hub.") for table in tables)
    assert "platform" not in {grant.role for grants in roles.GENERATED.values() for grant in grants}


def test_the_vault_is_the_vault_roles_alone() -> None:
    users = {grant.role for table, grants in roles.TABLES.items() for grant in grants if table.startswith("vault.")}
    assert users == {"vault"}
    assert roles.SCHEMA_USAGE["vault"] == ("vault", "forgetter")


@pytest.mark.parametrize("table", [*sorted(roles.TABLES), "landing.any", "marts.any"])
def test_the_forgetter_deletes_in_every_tenant_table_and_reads_nothing_but_the_tenant(table: str) -> None:
    (grant,) = [grant for grant in roles.grants_of(table) if grant.role in roles.FORGETTERS.values()]
    assert grant == Grant(roles.FORGETTERS[table.partition(".")[0]], select=("tenant_id",), delete=True)
    assert grant.role in roles.SCOPED


def test_the_forgetter_has_no_table_without_a_tenant() -> None:
    users = {grant.role for grants in roles.WITHOUT_TENANT.values() for grant in grants}
    assert not users & set(roles.FORGETTERS.values())


def test_nobody_may_change_a_subdomain_or_a_login_name_of_a_tenant_that_exists() -> None:
    for name in roles.UNIQUE_ACROSS_TENANTS:
        table, _, column = name.rpartition(".")
        for grant in roles.TABLES[table]:
            assert column not in grant.update
            assert grant.update != roles.ALL


@pytest.mark.parametrize("table", sorted(roles.TABLES))
def test_every_role_that_touches_a_table_has_exactly_one_policy_there(table: str) -> None:
    policies = roles.policies_of(table)
    assert sorted(policy.role for policy in policies) == sorted(grant.role for grant in roles.grants_of(table))
    crossings = roles.CROSSINGS | roles.KEYS_CROSSINGS
    assert all(policy.using == roles.CROSSING_EXPRESSION for policy in policies if policy.role in crossings)
    assert all(policy.using != roles.CROSSING_EXPRESSION for policy in policies if policy.role not in crossings)


def test_a_table_that_nobody_declared_has_no_grants() -> None:
    with pytest.raises(KeyError):
        roles.grants_of("hub.nobody")
