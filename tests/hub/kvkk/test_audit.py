"""The audit chain: nothing can be changed, taken out or moved without it showing, up to the last exported head."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from os import geteuid
from pwd import getpwuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.errors import HubError
from hub.kvkk import audit
from hub.kvkk.audit import Actor, Entry, Head, operator
from hub.kvkk.audit_heads import SigningKey, export_heads
from hub.kvkk.audit_heads_file import read_heads
from hub.kvkk.audit_listing import entries
from hub.kvkk.audit_verify import check_chain, verify_chain
from hub.migrations.connections import outside_transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hub.db.database import Database
    from hub.settings import Settings

ACTOR = Actor("ayşe", "dpo", "10.0.0.1")


def entry(number: int = 0) -> Entry:
    return Entry(ACTOR, "original_read", f"vault.originals/{number}", count=number, details={"codes": [number]})


def fill(database: Database, tenant_id: str, count: int) -> None:
    for number in range(count):
        audit.record(database, tenant_id, entry(number))


def rows_of(database: Database, tenant_id: str) -> list[tuple[Any, ...]]:
    with database.tenant(tenant_id, "app") as connection:
        return connection.execute(
            f"SELECT {audit.COLUMNS} FROM hub.audit_log WHERE tenant_id = %s ORDER BY seq".encode(),  # noqa: S608
            (tenant_id,),
        ).fetchall()


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """The installation with heads and signing key in a directory of the test's own."""
    return settings.model_copy(
        update={"audit_heads_file": tmp_path / "heads.jsonl", "audit_signing_key_file": tmp_path / "signing.key"}
    )


def exported(own: Settings) -> Any:
    return read_heads(own.audit_heads_file, SigningKey(own.audit_signing_key_file).public)


class TestAChain:
    def test_verifies_and_says_what_no_head_protects(
        self, database: Database, make_tenant: Callable[[], str], own: Settings
    ) -> None:
        tenant = make_tenant()
        fill(database, tenant, 3)
        export_heads(own, database, actor=ACTOR)
        fill(database, tenant, 2)
        verdict = verify_chain(database, tenant, exported(own))
        assert (verdict.entries, verdict.protected, verdict.unprotected, verdict.findings) == (5, 3, 2, ())

    def test_has_one_order_whoever_writes_at_once(self, database: Database, make_tenant: Callable[[], str]) -> None:
        tenant = make_tenant()
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda number: audit.record(database, tenant, entry(number)), range(24)))
        verdict = check_chain(tenant, rows_of(database, tenant), None)
        assert (verdict.entries, verdict.findings) == (24, ())

    def test_goes_with_the_act(self, database: Database, make_tenant: Callable[[], str]) -> None:
        tenant = make_tenant()
        with pytest.raises(ZeroDivisionError), database.tenant(tenant, "app") as connection:
            audit.append(connection, tenant, entry()).seq / 0
        assert rows_of(database, tenant) == []

    @pytest.mark.parametrize("statement", ["UPDATE hub.audit_log SET result = 'x'", "DELETE FROM hub.audit_log"])
    def test_cannot_be_changed_by_the_application(
        self, database: Database, make_tenant: Callable[[], str], statement: str
    ) -> None:
        tenant = make_tenant()
        fill(database, tenant, 1)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), database.tenant(tenant, "app") as connection:
            connection.execute(statement.encode())

    def test_refuses_even_its_owner(
        self, settings: Settings, database: Database, make_tenant: Callable[[], str]
    ) -> None:
        tenant = make_tenant()
        fill(database, tenant, 1)
        with outside_transaction(settings, "data") as admin, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            admin.execute("UPDATE hub.audit_log SET result = 'x' WHERE tenant_id = %s", (tenant,))

    def test_is_listed_by_action(self, database: Database, make_tenant: Callable[[], str]) -> None:
        tenant = make_tenant()
        fill(database, tenant, 2)
        audit.record(database, tenant, Entry(ACTOR, "reveal", "x", result="refused"))
        assert [line.result for line in entries(database, tenant, action="reveal")] == ["refused"]
        assert [line.seq for line in entries(database, tenant)] == [1, 2, 3]


class TestWhatTheOwnerOfTheDatabaseDoes:
    """With triggers off, as a superuser can."""

    def tamper(self, settings: Settings, *statements: str, tenant: str) -> None:
        with outside_transaction(settings, "data") as admin:
            admin.execute("ALTER TABLE hub.audit_log DISABLE TRIGGER audit_log_append_only")
            try:
                for statement in statements:
                    admin.execute(statement.encode(), {"tenant": tenant})
            finally:
                admin.execute("ALTER TABLE hub.audit_log ENABLE TRIGGER audit_log_append_only")

    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            ("UPDATE hub.audit_log SET count = 99 WHERE tenant_id = %(tenant)s AND seq = 2", [(2, "altered")]),
            ("UPDATE hub.audit_log SET at = now() WHERE tenant_id = %(tenant)s AND seq = 1", [(1, "altered")]),
            ("DELETE FROM hub.audit_log WHERE tenant_id = %(tenant)s AND seq = 2", [(3, "removed")]),
            ("DELETE FROM hub.audit_log WHERE tenant_id = %(tenant)s AND seq = 4", [(3, "cut_off")]),
            ("DELETE FROM hub.audit_log WHERE tenant_id = %(tenant)s", [(0, "cut_off")]),
        ],
    )
    def test_shows(
        self,
        settings: Settings,
        database: Database,
        make_tenant: Callable[[], str],
        own: Settings,
        statement: str,
        expected: list[tuple[int, str]],
    ) -> None:
        tenant = make_tenant()
        fill(database, tenant, 4)
        export_heads(own, database, actor=ACTOR)
        self.tamper(settings, statement, tenant=tenant)
        found = verify_chain(database, tenant, exported(own)).findings
        assert [(each.seq, each.fault) for each in found] == expected

    def test_shows_when_two_entries_change_places(
        self, settings: Settings, database: Database, make_tenant: Callable[[], str], own: Settings
    ) -> None:
        tenant = make_tenant()
        fill(database, tenant, 4)
        export_heads(own, database, actor=ACTOR)
        move = "UPDATE hub.audit_log SET seq = {} WHERE tenant_id = %(tenant)s AND seq = {}"
        self.tamper(settings, move.format(99, 2), move.format(2, 3), move.format(3, 99), tenant=tenant)
        found = verify_chain(database, tenant, exported(own)).findings
        assert {2, 3} <= {each.seq for each in found}

    def test_shows_when_another_chain_stands_in_its_place(
        self, database: Database, make_tenant: Callable[[], str], own: Settings
    ) -> None:
        tenant, other = make_tenant(), make_tenant()
        fill(database, tenant, 3)
        export_heads(own, database, actor=ACTOR)
        fill(database, other, 3)  # sound in itself
        found = check_chain(other, rows_of(database, other), exported(own).heads[tenant]).findings
        assert [(each.seq, each.fault) for each in found] == [(3, "rewritten")]

    @hypothesis_settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_shows_whatever_it_is(self, data: st.DataObject) -> None:
        rows = a_chain(5)
        head = Head(5, rows[-1][14])
        action = data.draw(st.sampled_from(["change", "remove", "swap"]))
        place = data.draw(st.integers(0, 4))
        changed = list(rows)
        if action == "change":
            column = data.draw(st.sampled_from([2, 3, 4, 5, 8, 9, 12]))
            value = {8: 1_000, 12: {"codes": [1_000]}}.get(column, "another")
            changed[place] = (*rows[place][:column], value, *rows[place][column + 1 :])
        elif action == "remove":
            del changed[place]
        else:
            other = data.draw(st.integers(0, 4).filter(lambda each: each != place))
            changed[place], changed[other] = rows[other], rows[place]
        assert check_chain("t", rows, head).findings == ()
        assert check_chain("t", changed, head).findings != ()


def a_chain(length: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    previous, at = audit.GENESIS, datetime(2026, 1, 1, tzinfo=UTC)
    for seq in range(1, length + 1):
        one = entry(seq)
        digest = audit.entry_hash("t", seq, at, one, previous)
        what = (one.action, one.object, None, None, one.count, "ok", ACTOR.ip, None, dict(one.details))
        rows.append((seq, at, ACTOR.name, ACTOR.role, *what, previous, digest))
        previous = digest
    return rows


class TestTheFileOfHeads:
    def test_holds_only_what_moved(self, database: Database, make_tenant: Callable[[], str], own: Settings) -> None:
        tenant = make_tenant()
        for _ in range(2):
            fill(database, tenant, 1)
            export_heads(own, database, actor=ACTOR)
        lines = [json.loads(line)["body"]["heads"] for line in own.audit_heads_file.read_text().splitlines()]
        assert set(lines[1]) == {tenant, audit.PLATFORM}
        assert own.audit_heads_file.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        ("spoil", "fault"),
        [
            (lambda lines: [lines[1]], "line_missing 1"),
            (lambda lines: [lines[0].replace(b'"seq": 1', b'"seq": 7'), lines[1]], "signature_wrong 1"),
            (lambda lines: [b"{", lines[1]], "line_unreadable 1"),
            (lambda lines: [lines[0], b"{"], "line_unreadable 2"),
            (lambda lines: [lines[0] + lines[1][:40], lines[1]], "line_unreadable 1"),
        ],
    )
    def test_shows_what_was_done_to_it_and_is_not_written_over(
        self, database: Database, make_tenant: Callable[[], str], own: Settings, spoil: Any, fault: str
    ) -> None:
        tenant = make_tenant()
        for _ in range(2):
            fill(database, tenant, 1)
            export_heads(own, database, actor=ACTOR)
        own.audit_heads_file.write_bytes(b"\n".join(spoil(own.audit_heads_file.read_bytes().splitlines())) + b"\n")
        assert fault in exported(own).faults
        before = own.audit_heads_file.read_bytes()
        with pytest.raises(HubError, match="audit_heads_broken"):
            export_heads(own, database, actor=ACTOR)
        assert own.audit_heads_file.read_bytes() == before

    @pytest.mark.parametrize("torn", [b"{", b'{"body": {"at"', b"\0" * 40, "ş".encode()[:1]])
    def test_heals_a_torn_last_line_which_is_no_fault(
        self, database: Database, make_tenant: Callable[[], str], own: Settings, torn: bytes
    ) -> None:
        tenant = make_tenant()
        fill(database, tenant, 2)
        export_heads(own, database, actor=ACTOR)
        whole = own.audit_heads_file.read_bytes()
        own.audit_heads_file.write_bytes(whole + torn)

        assert (exported(own).torn, exported(own).faults, exported(own).heads[tenant].seq) == (2, (), 2)
        assert verify_chain(database, tenant, exported(own)).findings == ()
        export_heads(own, database, actor=ACTOR)

        after = own.audit_heads_file.read_bytes()
        assert after.startswith(whole)
        assert after[len(whole) :].startswith(b'{"body"')
        assert (exported(own).torn, exported(own).faults) == (None, ())
        (*_, last) = entries(database, audit.PLATFORM, action="audit_heads_exported")
        assert last.details["torn_bytes"] == len(torn)

    def test_leaves_a_torn_line_alone_where_an_inner_one_is_damaged(
        self, database: Database, make_tenant: Callable[[], str], own: Settings
    ) -> None:
        fill(database, make_tenant(), 1)
        export_heads(own, database, actor=ACTOR)
        damaged = own.audit_heads_file.read_bytes().replace(b'"seq": 1', b'"seq": 7') + b'{"body"'
        own.audit_heads_file.write_bytes(damaged)

        assert (exported(own).torn, exported(own).faults) == (2, ("signature_wrong 1",))
        with pytest.raises(HubError, match="audit_heads_broken"):
            export_heads(own, database, actor=ACTOR)
        assert own.audit_heads_file.read_bytes() == damaged

    def test_keeps_a_last_line_of_which_only_the_line_feed_was_lost(
        self, database: Database, make_tenant: Callable[[], str], own: Settings
    ) -> None:
        tenant = make_tenant()
        fill(database, tenant, 1)
        export_heads(own, database, actor=ACTOR)
        whole = own.audit_heads_file.read_bytes()
        own.audit_heads_file.write_bytes(whole.rstrip(b"\n"))

        assert (exported(own).torn, exported(own).heads[tenant].seq) == (None, 1)
        fill(database, tenant, 1)
        export_heads(own, database, actor=ACTOR)

        assert own.audit_heads_file.read_bytes().startswith(whole)
        assert (exported(own).faults, exported(own).heads[tenant].seq) == ((), 2)

    def test_has_one_order_whoever_exports_at_once(
        self, database: Database, make_tenant: Callable[[], str], own: Settings
    ) -> None:
        tenant = make_tenant()

        def one(_: int) -> None:
            fill(database, tenant, 1)
            export_heads(own, database, actor=ACTOR)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(one, range(12)))

        assert (exported(own).faults, exported(own).heads[tenant].seq) == ((), 12)

    def test_is_signed_by_a_key_that_nobody_else_may_read(
        self, database: Database, make_tenant: Callable[[], str], own: Settings
    ) -> None:
        fill(database, make_tenant(), 1)
        export_heads(own, database, actor=ACTOR)
        own.audit_signing_key_file.chmod(0o644)
        with pytest.raises(HubError, match="audit_key_readable_by_others"):
            export_heads(own, database, actor=ACTOR)


def test_who_runs_a_command_is_the_systems_to_say_and_not_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ayse")
    monkeypatch.setenv("USER", "ayse")

    assert operator().name == getpwuid(geteuid()).pw_name
    assert operator("Ayşe Yetkili").name == "Ayşe Yetkili"
