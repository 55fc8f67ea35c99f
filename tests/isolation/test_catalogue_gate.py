"""What would show rows past row-level security: each is made, seen to leak where it does, and found by the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from hub.db.catalogue_gate import findings
from tests.isolation.sessions import as_app, tenants_seen

if TYPE_CHECKING:
    from tests.isolation.conftest import World


_FUNCTION = """
    CREATE FUNCTION hub.around() RETURNS SETOF hub.refusals LANGUAGE sql SECURITY DEFINER AS 'TABLE hub.refusals'
"""


class TestWaysAroundATable:
    """Each of these shows every tenant's rows; the gate goes red for each."""

    @pytest.mark.parametrize(
        ("make", "relation", "code"),
        [
            ("CREATE VIEW hub.around AS TABLE hub.refusals", "hub.around", "view_of_its_owner"),
            ("CREATE MATERIALIZED VIEW hub.around AS TABLE hub.refusals", "hub.around", "materialised_view"),
            ("CREATE TABLE hub.around AS TABLE hub.refusals", "hub.around", "table_undeclared"),
            ("CREATE TABLE marts.around AS TABLE hub.refusals", "marts.around", "security_not_forced"),
            (_FUNCTION, "hub.around()", "function_security_definer"),
        ],
    )
    def test_is_shown_and_found(self, world: World, make: str, relation: str, code: str) -> None:
        with world.admin.transaction(force_rollback=True):
            world.admin.execute(make.encode())
            kind = "FUNCTION" if "(" in relation else "TABLE"
            right = "EXECUTE" if "(" in relation else "SELECT"
            world.admin.execute(f"GRANT {right} ON {kind} {relation} TO PUBLIC".encode())
            world.admin.execute("GRANT USAGE ON SCHEMA marts TO PUBLIC")
            as_app(world, world.admin)
            assert tenants_seen(world.admin, relation) >= {world.own, world.other}
            assert code in {finding.code for finding in findings(world.admin, world.settings)}

    def test_a_view_of_its_reader_keeps_to_the_policy(self, world: World) -> None:
        with world.admin.transaction(force_rollback=True):
            world.admin.execute("CREATE VIEW hub.around WITH (security_invoker = true) AS TABLE hub.refusals")
            world.admin.execute("GRANT SELECT ON hub.around TO PUBLIC")
            as_app(world, world.admin)
            assert tenants_seen(world.admin, "hub.around") == {world.own}
            assert "view_of_its_owner" not in {finding.code for finding in findings(world.admin, world.settings)}

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            ("CREATE TABLE hub.new (tenant_id text PRIMARY KEY)", "table_undeclared"),
            ("CREATE TABLE landing.new (tenant_id text PRIMARY KEY)", "security_not_forced"),
            ("CREATE TABLE landing.new (id text PRIMARY KEY, tenant_id text)", "primary_key_without_tenant"),
            ("CREATE TABLE landing.new (tenant_id text)", "primary_key_without_tenant"),
            ("CREATE UNIQUE INDEX ON hub.refusals (record_key)", "unique_without_tenant"),
            (
                "ALTER TABLE hub.refusals ADD FOREIGN KEY (record_key) REFERENCES hub.tenants",
                "reference_without_tenant",
            ),
            ("CREATE RULE r AS ON DELETE TO hub.refusals DO INSTEAD NOTHING", "table_with_rule"),
            ("CREATE SEQUENCE hub.counter", "sequence"),
            ("GRANT USAGE ON SCHEMA vault TO PUBLIC", "schema_grant_differs"),
            ("CREATE POLICY extra ON hub.refusals USING (true)", "policy_differs"),
            ("CREATE POLICY extra ON hub.refusals AS RESTRICTIVE USING (true)", "policy_differs"),
            ("GRANT SELECT ON hub.refusals TO PUBLIC", "grant_differs"),
            ("CREATE FUNCTION hub.quick() RETURNS int LANGUAGE sql LEAKPROOF AS 'SELECT 1'", "function_leakproof"),
        ],
    )
    def test_the_gate_goes_red(self, world: World, make: str, code: str) -> None:
        with world.admin.transaction(force_rollback=True):
            world.admin.execute("DELETE FROM hub.refusals")
            world.admin.execute(make.encode())
            assert code in {finding.code for finding in findings(world.admin, world.settings)}

    def test_the_gate_goes_red_for_a_crossing_that_nobody_declared(self, world: World) -> None:
        with world.admin.transaction(force_rollback=True):
            world.admin.execute("CREATE ROLE everything")
            world.admin.execute(sql.SQL("GRANT everything TO {}").format(sql.Identifier(world.settings.role("app"))))
            assert {f.code for f in findings(world.admin, world.settings)} == {"membership_undeclared"}

    def test_the_gate_goes_red_for_a_crossing_that_a_login_inherits(self, world: World) -> None:
        names = [sql.Identifier(world.settings.role(name)) for name in ("platform", "app")]
        with world.admin.transaction(force_rollback=True):
            world.admin.execute(sql.SQL("GRANT {} TO {} WITH INHERIT TRUE").format(*names))
            assert {f.code for f in findings(world.admin, world.settings)} == {"membership_undeclared"}
