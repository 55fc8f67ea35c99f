"""Generated tables grow, forget what no policy declares, and refuse what needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from hub.errors import HubError
from hub.migrations.connections import outside_transaction
from hub.migrations.generated import GeneratedColumn, GeneratedTable, apply_table
from hub.migrations.marts import mart_tables

if TYPE_CHECKING:
    from hub.settings import Settings

Connection = psycopg.Connection[tuple[Any, ...]]

TENANT = GeneratedColumn("tenant_id", "text", "The tenant.", required=True)
NUMBER = GeneratedColumn("number", "bigint", "A number.", required=True)
NOTE = GeneratedColumn("note", "text", "What was said.")
TABLE = GeneratedTable("landing", "things", "Things.", (TENANT, NUMBER, NOTE), ("tenant_id", "number"), (("note",),))


@pytest.fixture
def owner(settings: Settings) -> Iterator[Connection]:
    """The tables' owner in a transaction that is undone."""
    with outside_transaction(settings, "data") as admin, admin.transaction(force_rollback=True):
        admin.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(settings.role("owner"))))
        yield admin


def _columns(owner: Connection) -> dict[str, str]:
    rows = owner.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = 'landing.things'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    return {row[0]: row[1] for row in rows}


class TestATable:
    def test_is_created_once(self, owner: Connection) -> None:
        assert [apply_table(owner, TABLE), apply_table(owner, TABLE)] == ["created", "unchanged"]
        assert _columns(owner) == {"tenant_id": "text", "number": "bigint", "note": "text"}

    def test_carries_its_descriptions(self, owner: Connection) -> None:
        apply_table(owner, TABLE)
        row = owner.execute("SELECT col_description('landing.things'::regclass, 3)").fetchone()
        assert row == ("What was said.",)

    def test_grows_by_a_column(self, owner: Connection) -> None:
        apply_table(owner, TABLE)
        grown = replace(TABLE, columns=(*TABLE.columns, GeneratedColumn("price", "numeric", "Its price.")))
        assert apply_table(owner, grown) == "altered"
        assert _columns(owner)["price"] == "numeric"

    def test_forgets_a_column_that_nobody_declares_any_more(self, owner: Connection) -> None:
        apply_table(owner, TABLE)
        owner.execute("INSERT INTO landing.things VALUES ('t', 1, 'said')")
        assert apply_table(owner, replace(TABLE, columns=(TENANT, NUMBER), indexes=())) == "altered"
        assert "note" not in _columns(owner)
        due = owner.execute("SELECT rewrite_due FROM hub.generated_tables WHERE table_name = 'things'").fetchall()
        assert due == [(True,)]
        assert apply_table(owner, TABLE) == "altered"
        again = owner.execute("SELECT rewrite_due FROM hub.generated_tables WHERE table_name = 'things'").fetchall()
        assert again == due

    def test_refuses_another_type(self, owner: Connection) -> None:
        apply_table(owner, TABLE)
        changed = replace(TABLE, columns=(TENANT, NUMBER, replace(NOTE, type="bigint")))
        with pytest.raises(HubError, match=r"generated_type_changed .*column=note found=text declared=bigint"):
            apply_table(owner, changed)

    def test_refuses_another_key(self, owner: Connection) -> None:
        apply_table(owner, TABLE)
        with pytest.raises(HubError, match="generated_key_changed"):
            apply_table(owner, replace(TABLE, key=("tenant_id", "note")))

    def test_refuses_a_new_column_that_old_rows_could_not_have(self, owner: Connection) -> None:
        apply_table(owner, TABLE)
        needed = GeneratedColumn("needed", "text", "Needed.", required=True)
        with pytest.raises(HubError, match="generated_column_required"):
            apply_table(owner, replace(TABLE, columns=(*TABLE.columns, needed)))

    def test_refuses_to_go_back_to_an_older_declaration(self, owner: Connection) -> None:
        apply_table(owner, replace(TABLE, version=2))
        with pytest.raises(HubError, match="schema_newer"):
            apply_table(owner, replace(TABLE, version=1))

    @pytest.mark.parametrize("key", [(), ("number",), ("number", "tenant_id"), ("tenant_id", "unknown")])
    def test_must_have_a_key_that_begins_with_the_tenant(self, key: tuple[str, ...]) -> None:
        with pytest.raises(HubError, match="generated_table_malformed"):
            replace(TABLE, key=key)


def _model(**changes: Any) -> dict[str, Any]:
    model: dict[str, Any] = {
        "resource_type": "model",
        "schema": "marts",
        "name": "days",
        "alias": "days",
        "description": "One row a day.",
        "config": {
            "materialized": "incremental",
            "contract": {"enforced": True},
            "meta": {"primary_key": ["tenant_id", "day"]},
        },
        "columns": {
            "tenant_id": {"name": "tenant_id", "data_type": "text"},
            "day": {"name": "day", "data_type": "date"},
            "total": {"name": "total", "data_type": "numeric(18,2)", "constraints": [{"type": "not_null"}]},
            "at": {"name": "at", "data_type": "timestamptz"},
        },
    }
    return {"nodes": {"model.kopru.days": model | changes}}


class TestAMart:
    def test_follows_from_its_contract(self, owner: Connection) -> None:
        (table,) = mart_tables(owner, _model())
        assert [(column.name, column.type, column.required) for column in table.columns] == [
            ("tenant_id", "text", True),
            ("day", "date", True),
            ("total", "numeric(18,2)", True),
            ("at", "timestamp with time zone", False),
        ]
        assert [apply_table(owner, table), apply_table(owner, table)] == ["created", "unchanged"]

    def test_takes_its_key_from_a_constraint_as_well(self, owner: Connection) -> None:
        config = {"materialized": "incremental", "contract": {"enforced": True}}
        constraint = {"type": "primary_key", "columns": ["tenant_id", "day"]}
        (table,) = mart_tables(owner, _model(config=config, constraints=[constraint]))
        assert table.key == ("tenant_id", "day")

    def test_an_ephemeral_model_is_no_table(self, owner: Connection) -> None:
        assert mart_tables(owner, _model(config={"materialized": "ephemeral"})) == []

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"config": {"materialized": "table", "contract": {"enforced": False}}}, "mart_without_contract"),
            ({"config": {"materialized": "view"}}, "mart_without_contract"),
            ({"config": {"materialized": "incremental", "contract": {"enforced": True}}}, "mart_without_key"),
            ({"columns": {}}, "mart_without_key"),
            (
                {
                    "columns": {
                        "tenant_id": {"name": "tenant_id", "data_type": "txet"},
                        "day": {"name": "day", "data_type": "date"},
                    }
                },
                "mart_type_unknown",
            ),
        ],
    )
    def test_without_a_full_contract_is_refused_by_name(
        self, owner: Connection, changes: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(HubError, match=f"{code} model=days"):
            mart_tables(owner, _model(**changes))
