"""How a dump comes into a database: wholly or not at all, and into any server that the hub works with."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from hub.backup import clusters
from hub.db.endpoints import Endpoint, admin_endpoint
from hub.errors import HubError
from hub.migrations.connections import maintenance
from hub.settings import Settings
from tests.isolation.sessions import on_the_wire


@pytest.fixture
def scratch(settings: Settings) -> Iterator[Endpoint]:
    """An empty database on the session's key cluster."""
    with maintenance(settings, "keys") as admin:
        admin.execute("CREATE DATABASE scratch TEMPLATE template0")
        yield replace(admin_endpoint(settings, "keys"), database="scratch")
        admin.execute("DROP DATABASE scratch")


def test_a_dump_that_ends_half_way_leaves_nothing_and_a_whole_one_everything(scratch: Endpoint, tmp_path: Path) -> None:
    with on_the_wire(scratch.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT each, repeat('x', 50) FROM generate_series(1, 20000) each")
        whole, half = tmp_path / "whole.dump", tmp_path / "half.dump"
        clusters.dump(scratch, whole, ["--compress=none"])
        half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        connection.execute("DROP TABLE numbers")

        with pytest.raises(HubError, match="backup_failed"):
            clusters.load(scratch, half, [])
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT FROM numbers")

        clusters.load(scratch, whole, [])
        assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (20000,)
        with pytest.raises(HubError, match="backup_failed program=psql"):
            clusters.load(scratch, whole, [])


def test_a_server_of_before_17_is_not_asked_for_what_it_does_not_know() -> None:
    newer = b"SET transaction_timeout = 0;\n"
    before, after = b"SET lock_timeout = 0;\n", b"SET row_security = off;\n"
    rows = newer
    source, passed = io.BytesIO(before + newer + after + rows), io.BytesIO()

    clusters.without_newer_parameter(source, passed)

    assert passed.getvalue() == before + after
    assert source.read() == rows, "what comes after the parameters is nobody's to change"
