"""`hub kvkk audit` as a person types it: a line that a crash tore is told, and goes with the next export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hub.cli.conftest import Run


def test_a_torn_line_is_told_plainly_fails_nothing_and_goes_with_the_next_export(
    hub: Run, tenant: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "heads.jsonl"
    monkeypatch.setenv("HUB_AUDIT_HEADS_FILE", str(file))
    one = ("kvkk", "audit", "verify", "--tenant", tenant["tenant_id"])
    assert hub("kvkk", "audit", "heads").status == 0
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"body": {"at": "2026')

    told = hub(*one)
    assert (told.status, "ends in a torn line (2)" in told.err) == (0, True)
    assert hub(*one, "--json").json()["heads_file_torn_line"] == 2
    assert hub("kvkk", "audit", "heads").status == 0
    assert file.read_bytes().startswith(whole)
    assert "torn" not in hub(*one).err

    file.write_bytes(b"{\n" + file.read_bytes())
    assert hub(*one).status == 1
    assert hub("kvkk", "audit", "heads").status == 1
