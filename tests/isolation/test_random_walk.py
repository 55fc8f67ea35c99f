"""A long walk of every role over two tenants on pools of one connection: what each sees is always exactly its own.

One connection a pool makes every step the next user of the last one's connection, also after a failure, a session-level
setting left behind, or a role not stepped out of.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from psycopg import sql

from hub.db.database import Database
from hub.db.roles import TENANT_SETTING

if TYPE_CHECKING:
    from tests.isolation.conftest import World

_WRITERS = {"hub.refusals": "app", "vault.subjects": "vault", "keys.subject_keys": "keys"}
_marks = st.sampled_from([f"walk-{number}" for number in range(4)])
_turns = st.booleans()


def _interrupt() -> None:
    raise InterruptedError


class Walk(RuleBasedStateMachine):
    """The model is the set of rows as (table, tenant, mark)."""

    world: ClassVar[World]
    pools: ClassVar[Database]

    @initialize()
    def empty(self) -> None:
        self.rows: set[tuple[str, str, str]] = set()
        for name in (*_WRITERS, self._landing()):
            admin = self.world.keys_admin if name.startswith("keys.") else self.world.admin
            table = self.world.tables[name]
            admin.execute(f"DELETE FROM {name} WHERE {table.key[1]} = ANY(%s)".encode(), (self._keys(name),))  # noqa: S608

    def _landing(self) -> str:
        return next(name for name in self.world.tables if name.startswith("landing."))

    def _keys(self, name: str) -> list[Any]:
        table = self.world.tables[name]
        return [table.row(self.world.own, f"walk-{number}")[table.key[1]] for number in range(4)]

    def _tenant(self, turn: bool) -> str:
        return self.world.own if turn else self.world.other

    def _scope(self, name: str, tenant_id: str) -> Any:
        role = _WRITERS.get(name, "loader")
        return self.pools.tenant_keys(tenant_id) if role == "keys" else self.pools.tenant(tenant_id, role)  # pyright: ignore

    @rule(turn=_turns, mark=_marks, name=st.sampled_from([*_WRITERS, "landing"]), fails=_turns)
    def insert(self, turn: bool, mark: str, name: str, fails: bool) -> None:
        name = self._landing() if name == "landing" else name
        tenant_id = self._tenant(turn)
        statement, values = self.world.tables[name].insert(self.world.tables[name].row(tenant_id, mark))
        try:
            with self._scope(name, tenant_id) as connection:
                connection.execute(statement + sql.SQL(" ON CONFLICT DO NOTHING"), values)
                if fails:
                    _interrupt()
            self.rows.add((name, tenant_id, mark))
        except InterruptedError:
            pass

    @rule(turn=_turns, mark=_marks, name=st.sampled_from(["hub.refusals", "vault.subjects"]))
    def delete(self, turn: bool, mark: str, name: str) -> None:
        """By key alone: the policy, and not the statement, decides whose row it is."""
        tenant_id, table = self._tenant(turn), self.world.tables[name]
        with self._scope(name, tenant_id) as connection:
            deleted = connection.execute(
                f"DELETE FROM {name} WHERE {table.key[1]} = %s".encode(),  # noqa: S608
                (table.row(tenant_id, mark)[table.key[1]],),
            )
            assert deleted.rowcount == int((name, tenant_id, mark) in self.rows)
        self.rows.discard((name, tenant_id, mark))

    @rule(turn=_turns, role=st.sampled_from(["app", "loader", "vault"]))
    def leave_a_setting_behind(self, turn: bool, role: Any) -> None:
        with self.pools.tenant(self._tenant(turn), role) as connection:
            connection.execute("SELECT set_config(%s, %s, false)", (TENANT_SETTING, self._tenant(not turn)))

    @rule(crossing=st.sampled_from(["platform", "scheduler", "transformer"]))
    def cross(self, crossing: Any) -> None:
        with self.pools.crossing(crossing) as connection:
            connection.execute("SELECT set_config(%s, %s, false)", (TENANT_SETTING, self.world.other))

    @rule(claimed=_turns)
    def the_analyst_claims_a_tenant(self, claimed: bool) -> None:
        self.world.analyst.execute("SELECT set_config(%s, %s, false)", (TENANT_SETTING, self._tenant(claimed)))

    @invariant()
    def everyone_sees_exactly_their_own(self) -> None:
        for name in (*_WRITERS, self._landing()):
            for tenant_id in (self.world.own, self.world.other):
                with self._scope(name, tenant_id) as connection:
                    assert self._counted(connection, name) == self._expected(name, tenant_id)
        name = self._landing()
        assert self._counted(self.world.analyst, name) == self._expected(name, self.world.own)

    def _counted(self, connection: Any, name: str) -> Counter[str]:
        key = self.world.tables[name].key[1]
        rows = connection.execute(
            f"SELECT tenant_id FROM {name} WHERE {key} = ANY(%s)".encode(),  # noqa: S608
            (self._keys(name),),
        )
        return Counter(row[0] for row in rows)

    def _expected(self, name: str, tenant_id: str) -> Counter[str]:
        return Counter(row[1] for row in self.rows if row[:2] == (name, tenant_id))


def _walk(world: World, *, walks: int, steps: int) -> None:
    Walk.world = world
    Walk.pools = Database(world.settings.model_copy(update={"pool_size": 1}))
    try:
        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=walks,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        Walk.pools.close()


def test_a_walk_never_meets_another_tenants_rows(world: World) -> None:
    _walk(world, walks=10, steps=30)


@pytest.mark.prove
def test_a_long_walk_never_meets_another_tenants_rows(world: World) -> None:
    _walk(world, walks=150, steps=60)
