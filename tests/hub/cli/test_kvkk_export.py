"""`hub kvkk export`: identifiers from standard input, progress on the error stream, nothing personal in either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyzipper

from tests.hub.cli.conftest import Run

TCKN = "10000000146"
LINES = "tckn 100 000 00146\nphone 0532 000 11 22\nplate 34 ABC 123\n"


def test_a_package_is_made_fetched_opened_and_linked(hub: Run, tenant: dict[str, Any], tmp_path: Path) -> None:
    reference = ("--tenant", tenant["tenant_id"])
    made = hub("kvkk", "export", *reference, "--json", "--by", "Ayşe Yetkili", stdin=LINES)
    assert made.status == 0, made.err
    package = made.json()
    fetched = hub("kvkk", "export", "fetch", package["export_id"], *reference, "--to", str(tmp_path / "p.zip"))
    again = hub("kvkk", "export", "fetch", package["export_id"], *reference, "--to", str(tmp_path / "p.zip"))
    linked = hub("kvkk", "export", "link", package["export_id"], *reference, "--json")
    listed = hub("kvkk", "export", "list", *reference, "--json")

    assert fetched.status == linked.status == listed.status == 0
    assert (tmp_path / "p.zip").stat().st_mode & 0o777 == 0o600
    assert again.status != 0
    with pyzipper.AESZipFile(tmp_path / "p.zip") as opened:
        opened.setpassword(package["passphrase"].encode())
        assert b"bulunamam" in opened.read("answer_tr.html")
    assert linked.json()["link"].startswith("/kvkk/exports/")
    assert [each["state"] for each in listed.json()] == ["ready"]
    assert "100 %" in made.err
    assert not any(TCKN in outcome.out + outcome.err for outcome in (made, fetched, linked, listed))


def test_the_passphrase_was_shown_and_is_shown_no_more(hub: Run, tenant: dict[str, Any]) -> None:
    reference = ("--tenant", tenant["tenant_id"])
    made = hub("kvkk", "export", *reference, "--link", stdin=LINES)

    exports = hub("kvkk", "export", "list", *reference, "--json").json()
    again = hub("kvkk", "export", "passphrase", exports[0]["export_id"], *reference)

    assert "Passphrase" in made.out
    assert "/kvkk/exports/" in made.out
    assert again.status != 0
    assert "shown already" in again.err


def test_wrong_identifiers_and_none_at_all_are_named(hub: Run, tenant: dict[str, Any]) -> None:
    reference = ("--tenant", tenant["tenant_id"])
    wrong = hub("kvkk", "export", *reference, stdin="tckn 12345678901\n")
    unknown = hub("kvkk", "export", *reference, stdin="shoe 43\n")
    none = hub("kvkk", "export", *reference)
    nobody = hub("kvkk", "export", stdin=LINES)

    assert {each.status for each in (wrong, unknown, none, nobody)} != {0}
    assert "not a valid identity number (TCKN)" in wrong.err
    assert "plate" in unknown.err
    assert "nothing was entered" in none.err
    assert "--tenant" in nobody.err
    assert "12345678901" not in wrong.err
