from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from hub.cli.pii_scan import _DEFAULT_ROWS  # pyright: ignore[reportPrivateUsage]
from hub.discovery.sample import DEFAULT_ROWS
from kvkk_policies.policy import load_policies
from tests.hub.cli.conftest import Outcome, Run
from tests.hub.discovery.people import HEADING, MARKER_NAME, MARKERS, customers, phones, write_csv

PASSWORD = "kavanoz-parolası-41"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A customer file."""
    return write_csv(tmp_path / "Müşteri Listesi.csv", [HEADING, *customers()], encoding="cp1254")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A SQLite database of two tables."""
    path = tmp_path / "dukkan.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE musteriler (id INTEGER PRIMARY KEY, ad_soyad TEXT, gsm TEXT)")
        rows = [(number, MARKER_NAME, phone) for number, phone in enumerate(phones(30))]
        connection.executemany("INSERT INTO musteriler VALUES (?, ?, ?)", rows)
        connection.execute("CREATE TABLE ayarlar (kod TEXT)")
    return path


def told(outcome: Outcome, *files: Path) -> str:
    return "\n".join([outcome.out, outcome.err, *(file.read_text() for file in files)])


def test_columns_are_shown_and_a_policy_is_drafted_without_a_value(hub: Run, shop: Path, tmp_path: Path) -> None:
    draft = tmp_path / "drafts" / "musteri.yaml"
    draft.parent.mkdir()
    done = hub("pii", "scan", str(shop), "--draft", str(draft))

    assert done.status == 0, done.err
    line = next(line for line in done.out.splitlines() if "TC Kimlik No" in line)
    assert "TR_TCKN 100 %" in line
    assert "KIMLIK vault" in line
    assert "musteri.yaml" in done.err
    columns = load_policies(draft.parent)["musteri_listesi"].streams["musteri_listesi"].columns
    assert columns["cep_tel"].kind == "phone"
    assert [marker for marker in MARKERS if marker in told(done, draft)] == []


def test_machines_get_one_document(hub: Run, shop: Path) -> None:
    done = hub("pii", "scan", str(shop), "--json", "--rows", "20", "--provider", "dukkan")

    document = done.json()
    (table,) = document["tables"]
    by_name = {column["column"]: column for column in table["columns"]}
    assert (document["source"], document["provider"], table["rows"]) == ("CSV (cp1254, ;)", "dukkan", 20)
    assert by_name["TC Kimlik No"]["found"] == {"TR_TCKN": 1.0}
    assert by_name["Müşteri No"]["key"] is True
    assert by_name["Açıklama"]["proposal"]["action"] == "scan"
    assert by_name["Cep Tel"]["proposal"] == {
        "name": "cep_tel",
        "category": "ILETISIM",
        "legal_basis": "contract",
        "retention": "P10Y",
        "action": "vault",
        "kind": "phone",
        "subject": "person",
    }
    assert [marker for marker in MARKERS if marker in told(done)] == []


def test_it_speaks_turkish(hub: Run, shop: Path) -> None:
    done = hub("--lang", "tr", "pii", "scan", str(shop))

    assert "Başlık ile değerler uyuşuyor" in done.out
    assert "serbest metin" in done.out


def test_progress_goes_to_the_error_stream(hub: Run, database: Path) -> None:
    done = hub("pii", "scan", str(database), "--json")

    assert [table["table"] for table in done.json()["tables"]] == ["ayarlar", "musteriler"]
    assert "Scan: musteriler" in done.err


class TestUrl:
    def test_one_without_a_password_may_be_an_argument(self, hub: Run, database: Path) -> None:
        done = hub("pii", "scan", f"sqlite:///{database}", "--table", "musteriler", "--json")

        assert [table["table"] for table in done.json()["tables"]] == ["musteriler"]

    @pytest.mark.parametrize(
        "url", [f"postgresql://ali:{PASSWORD}@127.0.0.1:1/x", f"postgresql://h/x?password={PASSWORD}"]
    )
    def test_one_with_a_password_may_not_and_is_told_how(self, hub: Run, url: str) -> None:
        done = hub("pii", "scan", url)

        assert done.status == 1
        assert "--url-env" in done.err
        assert PASSWORD not in told(done)

    def test_it_comes_from_the_environment(self, hub: Run, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DUKKAN_URL", f"sqlite:///{database}")

        assert hub("pii", "scan", "--url-env", "DUKKAN_URL", "--json").json()["source"] == "sqlite"

    def test_it_comes_by_standard_input(self, hub: Run, database: Path) -> None:
        assert hub("pii", "scan", "-", "--json", stdin=f"sqlite:///{database}\n").json()["provider"] == "dukkan"

    @pytest.mark.parametrize("way", ["environment", "input"])
    def test_a_refused_login_tells_nothing_of_it(self, hub: Run, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
        url = f"postgresql://ali:{PASSWORD}@127.0.0.1:1/x"
        monkeypatch.setenv("DUKKAN_URL", url)
        arguments = ("--url-env", "DUKKAN_URL") if way == "environment" else ("-",)
        done = hub("pii", "scan", *arguments, stdin=url)

        assert done.status == 1
        assert "does not let us in" in done.err
        assert PASSWORD not in told(done)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name a file"),
        (("yok.csv",), "no file"),
        (("yok.csv", "--url-env", "X"), "Name a file"),
        (("--url-env", "HUB_NOWHERE_URL"), "HUB_NOWHERE_URL"),
        (("sqlite:///yok.db",), "no file"),
        (("{database}", "--table", "x"), "--table is for databases"),
        (("sqlite:///{database}", "--table", "yok"), "no table or view yok"),
        (("{empty}",), "is empty"),
        (("{broken}",), "cannot be read"),
        (("{strange}",), "is not known"),
        (("{shop}", "--provider", "Dükkan"), "provider's name"),
        (("{shop}", "--draft", "{shop}"), "exists already"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_status_and_without_a_value(
    hub: Run, shop: Path, database: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    files = {name: tmp_path / f"{name}.json" for name in ("empty", "broken", "strange")}
    files["empty"].write_text("")
    files["broken"].write_text(f'[{{"ad": "{MARKER_NAME}",}}]')
    files["strange"].write_bytes(b"PK\x03\x04" + MARKER_NAME.encode())
    done = hub("pii", "scan", *(each.format(shop=shop, database=database, **files) for each in arguments))

    assert done.status == 1
    assert words in done.err
    assert [marker for marker in MARKERS if marker in told(done)] == []


def test_an_unforeseen_fault_tells_no_value_either(hub: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(texts: list[str]) -> None:
        raise RuntimeError(texts[0], MARKER_NAME)

    monkeypatch.setattr("kvkk_policies.detect.detect_many", broken)
    done = hub("pii", "scan", str(shop))

    assert done.status == 1
    assert "RuntimeError" in done.err
    assert [marker for marker in MARKERS if marker in told(done)] == []


def test_a_table_that_cannot_be_read_does_not_end_the_others(hub: Run, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE gecici (a)")
        connection.execute("CREATE VIEW bozuk AS SELECT a FROM gecici")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'gecici'")
    done = hub("pii", "scan", f"sqlite:///{database}", "--json")

    assert done.status == 1
    assert [table["table"] for table in done.json()["tables"]] == ["ayarlar", "musteriler"]
    assert [each["table"] for each in done.json()["unreadable"]] == ["bozuk"]
    assert "bozuk" in done.err


def test_the_commands_default_is_the_samples() -> None:
    assert _DEFAULT_ROWS == DEFAULT_ROWS


def test_a_heading_that_is_no_name_shows_no_value(hub: Run, tmp_path: Path) -> None:
    rows = [(phone, "durum") for phone in phones(5)]
    keyed = {phone: {"ad": MARKER_NAME} for phone, _state in rows}
    (tmp_path / "a.json").write_text(json.dumps([{"id": 1, "kisiler": keyed}]))
    shown = [
        hub("pii", "scan", str(write_csv(tmp_path / "a.csv", rows))),
        hub("pii", "scan", str(tmp_path / "a.json"), "--draft", str(tmp_path / "a.yaml")),
    ]

    everything = told(shown[0]) + told(shown[1], tmp_path / "a.yaml")
    assert [phone for phone, _state in rows if phone in everything] == []
    assert "kisiler.*.ad" in everything
