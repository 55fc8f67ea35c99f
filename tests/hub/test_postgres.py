"""The embedded servers: started when needed, joined when running, stopped by whoever leaves last."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from hub.db import postgres
from hub.db.endpoints import admin_endpoint, data_directory, embedded_tcp_port, endpoint, socket_directory
from hub.errors import HubError
from hub.settings import Settings
from tests.isolation.sessions import on_the_wire
from tests.support.rooms import new_directory


@pytest.fixture(scope="module")
def fresh() -> Iterator[Settings]:
    """A home of its own, initialised once, with its servers stopped."""
    home = new_directory("kopru-pg-")
    settings = Settings.apart(home)
    with postgres.running(settings):
        pass
    yield settings
    shutil.rmtree(home, ignore_errors=True)


def _answers(settings: Settings) -> bool:
    with on_the_wire(admin_endpoint(settings, "data").conninfo()) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_the_last_to_leave_stops_the_server(fresh: Settings) -> None:
    with postgres.running(fresh):
        with postgres.running(fresh):
            assert _answers(fresh)
        assert _answers(fresh)
    assert not postgres.is_running(fresh, "data")
    assert not postgres.is_running(fresh, "keys")


def test_another_process_leaving_first_stops_nothing(fresh: Settings) -> None:
    joined = (
        "import sys; from pathlib import Path; from hub.settings import Settings; from hub.db import postgres\n"
        "with postgres.running(Settings.apart(Path(sys.argv[1]))): pass"
    )
    with postgres.running(fresh):
        subprocess.run([sys.executable, "-c", joined, str(fresh.home)], check=True)
        assert _answers(fresh)


def test_a_server_whose_starter_was_killed_is_joined_and_stopped(fresh: Settings) -> None:
    started = (
        "import os, signal, sys; from pathlib import Path\n"
        "from hub.settings import Settings; from hub.db import postgres\n"
        "with postgres.running(Settings.apart(Path(sys.argv[1]))): os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", started, str(fresh.home)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert postgres.is_running(fresh, "data")
    with postgres.running(fresh):
        assert _answers(fresh)
    assert not postgres.is_running(fresh, "data")


def test_a_crashed_server_recovers_at_the_next_start(fresh: Settings) -> None:
    with postgres.running(fresh):
        with on_the_wire(admin_endpoint(fresh, "data").conninfo(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS x")
        postgres.stop(fresh, "data", immediate=True)
        with postgres.running(fresh), on_the_wire(admin_endpoint(fresh, "data").conninfo()) as connection:
            assert connection.execute("TABLE kept").fetchone() == (1,)


def test_a_server_left_behind_with_a_port_or_without_one_is_started_as_asked(fresh: Settings, free_port: int) -> None:
    left_behind = (
        "import os, sys; from pathlib import Path; from hub.settings import Settings; from hub.db import postgres\n"
        "with postgres.running(Settings.apart(Path(sys.argv[1])), tcp_port=int(sys.argv[2]) or None):\n"
        "    os.kill(os.getpid(), 9)"
    )
    for before, wanted in ((0, free_port), (free_port, None)):
        subprocess.run([sys.executable, "-c", left_behind, str(fresh.home), str(before)], check=False)
        assert embedded_tcp_port(fresh, "data") == (before or None)
        with postgres.running(fresh, tcp_port=wanted):
            assert embedded_tcp_port(fresh, "data") == wanted


def test_a_port_is_refused_while_others_use_a_server_without_it(fresh: Settings, free_port: int) -> None:
    with (
        postgres.running(fresh),
        pytest.raises(HubError, match="pg_port_not_open"),
        postgres.running(fresh, tcp_port=free_port),
    ):
        pass
    assert not postgres.is_running(fresh, "data")


def test_tcp_is_open_on_loopback_only_when_asked_for(fresh: Settings, free_port: int) -> None:
    with postgres.running(fresh, tcp_port=free_port):
        assert admin_endpoint(fresh, "data").port == free_port
        assert _answers(fresh)
        password = admin_endpoint(fresh, "data").password
        with on_the_wire(host="127.0.0.1", port=free_port, user="postgres", password=password) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        with pytest.raises(psycopg.OperationalError):
            on_the_wire(host="127.0.0.1", port=free_port, user="postgres", password="wrong")
    with postgres.running(fresh), on_the_wire(admin_endpoint(fresh, "data").conninfo()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_long_home_works_through_a_short_socket_path() -> None:
    home = new_directory("kopru-pg-") / ("d" * 100)
    settings = Settings.apart(home)
    try:
        with postgres.running(settings):
            assert _answers(settings)
            assert stat.S_IMODE(socket_directory(settings, "data").stat().st_mode) == 0o700
    finally:
        shutil.rmtree(home.parent, ignore_errors=True)
        for cluster in ("data", "keys"):
            shutil.rmtree(socket_directory(settings, cluster), ignore_errors=True)


def test_a_socket_directory_that_somebody_else_planted_is_refused() -> None:
    home = new_directory("kopru-pg-")
    settings = Settings.apart(home / ("d" * 100))
    planted = socket_directory(settings, "data")
    try:
        planted.symlink_to(home)
        with pytest.raises(HubError, match="socket_directory_unsafe"), postgres.running(settings):
            pass
    finally:
        with suppress(OSError):
            planted.unlink()
        shutil.rmtree(home, ignore_errors=True)


def test_a_missing_server_is_reported_and_not_waited_for(fresh: Settings) -> None:
    from hub.db.database import Database
    from hub.secrets_file import ensure_passwords

    ensure_passwords(fresh, ["app"])
    database = Database(fresh)
    with pytest.raises(HubError, match="database_down role=app sqlstate=unreached"), database.tenant("t" * 12, "app"):
        pass


def test_the_log_holds_no_value_of_a_row_that_an_error_quotes(fresh: Settings) -> None:
    marker = "marker-7f3a91"
    with postgres.running(fresh), on_the_wire(admin_endpoint(fresh, "data").conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE quoted (name text PRIMARY KEY)")
        connection.execute("INSERT INTO quoted VALUES (%s)", (marker,))
        for statement in ("INSERT INTO quoted VALUES (%s)", "SELECT %s::int", "SELECT 1 WHERE 1 / 0 = length(%s)"):
            with pytest.raises(psycopg.Error):
                connection.execute(statement, (marker,))
        with pytest.raises(psycopg.Error, match=marker):
            connection.execute(f"SELECT '{marker}'::int")
    log = (data_directory(fresh, "data") / "server.log").read_text()
    assert "database system is ready" in log
    assert marker not in log


def test_a_role_without_its_password_stays_out(settings: Settings) -> None:
    way = endpoint(settings, "app")
    with pytest.raises(psycopg.OperationalError):
        on_the_wire(host=way.host, port=way.port, dbname=way.database, user=way.user, password="", passfile=os.devnull)
