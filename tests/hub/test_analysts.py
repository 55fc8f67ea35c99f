"""Analysts' logins: made with a password shown once, bound to their tenant, gone when removed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from hub.control import analysts
from hub.db.catalogue_gate import findings
from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from hub.kvkk.breach.accesses import accessed

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings


def _seen(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT session_user").fetchall()


def test_a_login_has_a_random_name_and_good_manners(settings: Settings, database: Database, make_tenant: Any) -> None:
    tenant_id = make_tenant(name="Açıkgöz Nakliyat")
    login = analysts.add(settings, database, tenant_id, label="Ayşe")
    assert re.fullmatch(r"hub_an_[a-z2-7]{16}", login.role_name)
    assert login.password not in repr(login)
    with database.analyst(login.role_name, login.password) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)
        assert connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
    assert [(each.role_name, each.label) for each in analysts.listed(database, tenant_id)] == [
        (login.role_name, "Ayşe")
    ]


def test_rotation_closes_the_old_password(settings: Settings, database: Database, make_tenant: Any) -> None:
    tenant_id = make_tenant()
    old = analysts.add(settings, database, tenant_id, label="Ayşe")
    new = analysts.rotate(settings, database, tenant_id, old.role_name)
    assert new.password != old.password
    with pytest.raises(HubError, match="analyst_login_refused"), database.analyst(old.role_name, old.password):
        pass
    with database.analyst(new.role_name, new.password) as connection:
        assert _seen(connection) == [(new.role_name,)]


def test_rotation_ends_the_sessions_that_the_old_password_opened(
    settings: Settings, database: Database, make_tenant: Any
) -> None:
    tenant_id = make_tenant()
    login = analysts.add(settings, database, tenant_id, label="Ayşe")
    with database.analyst(login.role_name, login.password) as connection:
        new = analysts.rotate(settings, database, tenant_id, login.role_name)
        with pytest.raises(psycopg.OperationalError):
            _seen(connection)
    with database.crossing("platform") as connection:
        assert findings(connection, settings) == []
    with database.analyst(new.role_name, new.password) as connection:
        assert _seen(connection) == [(new.role_name,)]


def test_a_login_that_a_killed_session_left_goes_with_the_next_one_and_one_in_use_stays(
    settings: Settings, database: Database, make_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysts, "_UNUSED_SECONDS", 0)
    tenant_id = make_tenant()
    person = analysts.add(settings, database, tenant_id, label="Ayşe")
    left_over, in_use = (analysts.add(settings, database, tenant_id, label=analysts.SHORT_LIVED) for _ in range(2))
    with (
        database.analyst(in_use.role_name, in_use.password) as connection,
        analysts.short_lived(settings, database, tenant_id, label=analysts.SHORT_LIVED) as login,
    ):
        standing = {each.role_name for each in analysts.listed(database, tenant_id) if each.revoked_at is None}
        assert standing == {person.role_name, in_use.role_name, login.role_name}
        assert _seen(connection) == [(in_use.role_name,)]
    with (
        pytest.raises(HubError, match="analyst_login_refused"),
        database.analyst(left_over.role_name, left_over.password),
    ):
        pass


def test_removal_ends_sessions_and_closes_the_login(settings: Settings, database: Database, make_tenant: Any) -> None:
    tenant_id = make_tenant()
    login = analysts.add(settings, database, tenant_id, label="Ayşe")
    with database.analyst(login.role_name, login.password) as connection:
        analysts.remove(settings, database, tenant_id, login.role_name)
        with pytest.raises(psycopg.OperationalError):
            _seen(connection)
    with pytest.raises(HubError, match="analyst_login_refused"), database.analyst(login.role_name, login.password):
        pass
    assert analysts.listed(database, tenant_id)[0].revoked_at is not None
    with pytest.raises(HubError, match="analyst_unknown"):
        analysts.remove(settings, database, tenant_id, login.role_name)


def test_another_tenants_login_can_be_neither_rotated_nor_removed(
    settings: Settings, database: Database, make_tenant: Any
) -> None:
    theirs = analysts.add(settings, database, make_tenant(), label="Ayşe")
    mine = make_tenant()
    for change in (analysts.rotate, analysts.remove):
        with pytest.raises(HubError, match="analyst_unknown"):
            change(settings, database, mine, theirs.role_name)
    with database.analyst(theirs.role_name, theirs.password) as connection:
        assert _seen(connection) == [(theirs.role_name,)]


def test_a_login_for_an_unknown_tenant_leaves_no_role(settings: Settings, database: Database) -> None:
    before = _logins(database)
    with pytest.raises(HubError, match="tenant_unknown"):
        analysts.add(settings, database, "tzzzzzzzzzzz", label="Ayşe")
    assert _logins(database) == before


def test_a_short_lived_login_ends_with_its_block_even_on_failure(
    settings: Settings, database: Database, make_tenant: Any
) -> None:
    tenant_id = make_tenant()
    before = _logins(database)
    with pytest.raises(KeyError), analysts.short_lived(settings, database, tenant_id, label="hub sql"):
        raise KeyError
    assert _logins(database) == before


def test_who_made_rotated_and_removed_a_login_is_in_the_audit_log_by_the_logins_name(
    settings: Settings, database: Database, make_tenant: Any
) -> None:
    tenant_id, clerk = make_tenant(), Actor("memur", "operator")
    name = analysts.add(settings, database, tenant_id, label="Ayşe Yılmaz", actor=clerk).role_name
    analysts.rotate(settings, database, tenant_id, name, actor=clerk)
    analysts.remove(settings, database, tenant_id, name, actor=clerk)
    with analysts.short_lived(settings, database, tenant_id, label=analysts.SHORT_LIVED, actor=clerk) as login:
        pass
    with pytest.raises(HubError, match="analyst_unknown"):
        analysts.rotate(settings, database, tenant_id, "Ayşe Yılmaz", actor=clerk)

    log = list(entries(database, tenant_id))
    assert [(line.actor, line.action, line.object) for line in log] == [
        ("memur", "analyst.added", f"login:{name}"),
        ("memur", "analyst.rotated", f"login:{name}"),
        ("memur", "analyst.removed", f"login:{name}"),
        ("memur", "analyst.sql_opened", f"login:{login.role_name}"),
        ("memur", "analyst.removed", f"login:{login.role_name}"),
    ]
    # A session with SQL is an access that a breach's search cannot follow to anybody: it is counted as such.
    found = accessed(database, tenant_id, None, datetime.now(UTC) + timedelta(minutes=1))
    assert (found.entries, found.untraced) == (1, 1)


def test_a_login_is_in_the_audit_log_before_it_is_there(
    settings: Settings, database: Database, make_tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id = make_tenant()

    def crash(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(analysts, "_create_role", crash)
    with pytest.raises(MemoryError):
        analysts.add(settings, database, tenant_id, label="Ayşe")

    assert [line.action for line in entries(database, tenant_id)] == ["analyst.added"]


def _logins(database: Database) -> set[str]:
    with database.crossing("platform") as connection:
        rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'hub\\_an\\_%'").fetchall()
    return {row[0] for row in rows}
