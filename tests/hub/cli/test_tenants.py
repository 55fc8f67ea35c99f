from __future__ import annotations

import json
from typing import Any

import pytest
from dagster import DagsterInstance

from hub.orchestration.dagster_home import open_instance
from hub.orchestration.partitions import PARTITIONS_NAME
from hub.settings import Settings
from tests.hub.cli.conftest import Run, tenant_fields


def partitions(settings: Settings) -> list[str]:
    instance: DagsterInstance
    with open_instance(settings) as instance:
        return list(instance.get_dynamic_partitions(PARTITIONS_NAME))


def test_a_tenant_added_by_options_and_standard_input_has_its_dagster_partition(
    hub: Run, settings: Settings, subdomain: str
) -> None:
    added = hub(
        "tenants",
        "add",
        *("--name", "Komut A.Ş.", "--subdomain", subdomain, "--tax-office", "Üsküdar"),
        *("--kvkk-consent-date", "2026-02-01", "--plan", "starter", "--json"),
        stdin="10000000146\n",
    )

    assert added.status == 0, added.err
    assert (added.json()["plan"], added.json()["subdomain"]) == ("starter", subdomain)
    assert "10000000146" not in added.out + added.err
    assert added.json()["tenant_id"] in partitions(settings)


def test_adding_a_tenant_repairs_the_partitions_that_an_earlier_crash_left_out(
    hub: Run, settings: Settings, make_tenant: Any, subdomain: str
) -> None:
    forgotten = make_tenant()
    hub("tenants", "add", "--from-file", "-", stdin=json.dumps(tenant_fields(subdomain)))

    assert forgotten in partitions(settings)


def test_wrong_fields_are_named_in_turkish_with_their_fix(hub: Run) -> None:
    shown = hub(
        "--lang", "tr", "tenants", "add", "--from-file", "-", stdin=json.dumps(tenant_fields("Ö") | {"tax_number": "1"})
    )

    assert shown.status == 1
    assert "subdomain: DNS etiketi değil" in shown.err
    assert "tax_number: 10 haneli (VKN)" in shown.err


@pytest.mark.parametrize(("stdin", "code"), [("", "file_not_json"), ("[1]", "file_not_json"), ("{", "file_not_json")])
def test_what_is_no_json_object_is_refused(hub: Run, stdin: str, code: str) -> None:
    shown = hub("tenants", "add", "--from-file", "-", "--json", stdin=stdin)

    assert json.loads(shown.err)["error"]["code"] == code


def test_a_missing_tax_number_is_asked_for_and_nothing_is_an_error(hub: Run, subdomain: str) -> None:
    shown = hub("tenants", "add", "--name", "X", "--subdomain", subdomain, "--json", stdin="\n")

    assert json.loads(shown.err)["error"]["code"] == "input_empty"


def test_tenants_are_listed_without_their_tax_numbers(hub: Run, tenant: dict[str, Any]) -> None:
    listed = hub("tenants", "list", "--json")
    table = hub("tenants", "list")

    assert tenant["tenant_id"] in {each["tenant_id"] for each in listed.json()}
    assert tenant["subdomain"] in table.out
    assert "1234567890" not in listed.out + table.out


def test_a_tenant_is_suspended_and_resumed_by_its_subdomain(hub: Run, tenant: dict[str, Any]) -> None:
    suspended = hub("tenants", "suspend", tenant["subdomain"], "--json").json()
    resumed = hub("tenants", "resume", tenant["tenant_id"], "--json").json()

    assert (suspended["active"], resumed["active"]) == (False, True)


class TestAnalysts:
    def test_a_login_is_made_shown_once_and_sees_its_tenant(self, hub: Run, tenant: dict[str, Any]) -> None:
        reference = ("--tenant", tenant["tenant_id"])
        login = hub("tenants", "analyst", "add", *reference, "--label", "Ayşe", "--json").json()
        rotated = hub("tenants", "analyst", "rotate", login["login"], *reference, "--json").json()

        assert rotated["login"] == login["login"]
        assert rotated["password"] != login["password"]
        assert hub("tenants", "analyst", "remove", login["login"], *reference).status == 0
        assert hub("tenants", "analyst", "rotate", login["login"], *reference).status == 1

    def test_a_plan_takes_no_more_logins_than_it_allows(self, hub: Run, make_tenant: Any) -> None:
        tenant_id = make_tenant(limits='{"analysts": 1}')
        arguments = ("tenants", "analyst", "add", "--tenant", tenant_id, "--label", "x", "--json")
        first = hub(*arguments).json()
        refused = hub(*arguments)

        assert json.loads(refused.err)["error"]["code"] == "plan_limit_reached"
        hub("tenants", "analyst", "remove", first["login"], "--tenant", tenant_id)
        assert hub(*arguments).status == 0


class TestSql:
    def test_a_statement_is_answered_as_a_table_and_as_json(self, hub: Run, tenant: dict[str, Any]) -> None:
        reference = ("--tenant", tenant["tenant_id"])
        table = hub("sql", *reference, "-c", "SELECT 7 AS seven")
        answer = hub("sql", *reference, "--json", "-c", "SELECT 7 AS seven, 1.5::numeric AS half")

        assert table.status == 0
        assert "seven" in table.out
        assert answer.json() == [{"seven": 7, "half": "1.5"}]

    def test_json_has_every_column_every_result_and_a_text_for_what_it_has_no_word_for(
        self, hub: Run, tenant: dict[str, Any]
    ) -> None:
        reference = ("sql", "--tenant", tenant["tenant_id"], "--json", "-c")
        odd = hub(
            *reference, "SELECT interval '90 min' AS i, 'nan'::float8 AS n, '\\x00ff'::bytea AS b, inet '10.0.0.1' AS a"
        )
        twice = hub(*reference, "SELECT 1 AS a, 2 AS a")
        both = hub(*reference, "SELECT 1 AS a; SELECT 2 AS b")

        assert odd.json() == [{"i": "1:30:00", "n": "nan", "b": "\\x00ff", "a": "10.0.0.1"}]
        assert twice.json() == [{"a": 1, "a_2": 2}]
        assert both.out.replace(" ", "").replace("\n", "") == '[{"a":1}][{"b":2}]'

    def test_statements_come_from_standard_input_too(self, hub: Run, tenant: dict[str, Any]) -> None:
        answer = hub("sql", "--tenant", tenant["tenant_id"], "--json", stdin="SELECT\n 1 AS a;\n")

        assert answer.json() == [{"a": 1}]

    def test_the_control_plane_is_out_of_an_analysts_reach(self, hub: Run, tenant: dict[str, Any]) -> None:
        refused = hub("sql", "--tenant", tenant["tenant_id"], "--json", "-c", "SELECT * FROM hub.tenants")

        assert refused.status == 1
        assert '"sql_failed"' in refused.err

    def test_the_login_is_gone_when_the_session_is(self, hub: Run, tenant: dict[str, Any], database: Any) -> None:
        answer = hub("sql", "--tenant", tenant["tenant_id"], "--json", "-c", "SELECT session_user AS me")

        with database.crossing("platform") as connection:
            left = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", (answer.json()[0]["me"],))
            assert left.fetchone() == (0,)
