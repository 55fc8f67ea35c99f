"""As one tenant's analyst or runtime role, no row of another tenant can be met, in any table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.db.catalogue_gate import findings

if TYPE_CHECKING:
    from tests.isolation.conftest import World


def test_every_schema_with_tenant_data_is_under_test(world: World) -> None:
    assert {name.partition(".")[0] for name in world.tables} == {"hub", "vault", "landing", "marts", "keys"}


def test_no_role_meets_another_tenants_rows_in_any_table(world: World) -> None:
    leaks = [leak for table in world.tables.values() for leak in world.leaks(table)]
    assert not leaks, "\n".join(leaks)


def test_the_catalogue_agrees_with_the_declaration(world: World) -> None:
    assert findings(world.admin, world.settings) == []
    assert findings(world.keys_admin, world.settings) == []
