from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Run


def test_is_turkish_as_verbis_is(hub: Run) -> None:
    shown = hub("kvkk", "inventory", "--format", "csv")
    assert shown.status == 0, shown.err
    assert shown.out.splitlines()[0].startswith("\ufeffİş süreci;Faaliyet;Veri kategorisi")
    assert "arvento.track" in shown.out


def test_is_english_when_asked_for(hub: Run) -> None:
    shown = hub("kvkk", "inventory", "--lang", "en")
    assert "Data category" in shown.out
    assert "Purpose of processing" in shown.out


def test_of_one_tenant_leaves_out_what_it_does_not_use(hub: Run, tenant: dict[str, Any]) -> None:
    shown = hub("kvkk", "inventory", "--tenant", tenant["subdomain"], "--format", "json").json()
    assert {row["activity"].split(".")[0] for row in shown["rows"]} == {"hub"}
    assert shown["controller"] == "Komut Ltd. Şti."


def test_is_written_to_a_file(hub: Run, tmp_path: Path) -> None:
    for shape, start in (("xlsx", b"PK"), ("html", b"<!doctype html>")):
        file = tmp_path / f"envanter.{shape}"
        assert hub("kvkk", "inventory", "--format", shape, "--out", str(file)).status == 0
        assert file.read_bytes().startswith(start)


def test_says_which_formats_there_are(hub: Run) -> None:
    shown = hub("kvkk", "inventory", "--format", "docx")
    assert shown.status == 2
    assert "xlsx" in shown.err


def test_says_when_the_file_cannot_be_written(hub: Run, tmp_path: Path) -> None:
    shown = hub("kvkk", "inventory", "--format", "csv", "--out", str(tmp_path / "yok" / "envanter.csv"))
    assert shown.status == 1
    assert "cannot be written" in shown.err
