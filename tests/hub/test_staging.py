"""Columns on their way to Postgres come out as they went in, whatever the values hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.db.staging import Staging

if TYPE_CHECKING:
    from hub.db.database import Database

ROWS = Staging({"key": "text", "number": "int", "sealed": "bytea"})
# Postgres stores no NUL in a text; the separator and what looks like an array are the traps.
TEXTS = st.text(
    st.one_of(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), st.sampled_from('\x1f{},"'))
)
EACH = st.tuples(TEXTS, st.integers(-5, 5), st.binary(max_size=8))


@given(st.lists(EACH, max_size=6))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_rows_come_out_as_they_went_in(database: Database, rows: list[tuple[str, int, bytes]]) -> None:
    columns = [
        [key for key, _, _ in rows],
        [str(number) for _, number, _ in rows],
        ["\\x" + sealed.hex() for _, _, sealed in rows],
    ]

    with database.crossing("platform") as connection:
        found = ROWS.execute(connection, "SELECT key, number, sealed FROM {rows}", columns).fetchall()

    assert found == rows


@pytest.mark.parametrize("key", ["", "\x1f", "a\x1fb"])
def test_what_splitting_would_lose_travels_as_an_array(database: Database, key: str) -> None:
    with database.crossing("platform") as connection:
        found = ROWS.execute(connection, "SELECT key FROM {rows}", [[key], ["1"], ["\\x"]]).fetchall()

    assert found == [(key,)]
