from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from connectors.secret import Secret
from hub.db.endpoints import Endpoint, admin_endpoint
from hub.discovery.judgement import judge_table
from hub.discovery.sample import Reservoir, TableSample
from hub.discovery.sources import databases
from hub.errors import HubError
from hub.settings import Settings
from tests.hub.discovery.people import MARKER_NAME, MARKER_WORD, MARKERS, phones, tckns
from tests.hub.discovery.test_files import everything_said
from tests.isolation.sessions import on_the_wire

_PASSWORD = "ş:@/kavanoz"

_SCHEMA = """
    CREATE SCHEMA depo;
    CREATE TABLE musteriler (
        musteri_no bigint PRIMARY KEY, ad_soyad text, tckn text, gsm text, kayit jsonb, tutar numeric(12,2),
        updated_at timestamptz, resim bytea, ip inet, uye boolean
    );
    CREATE TABLE depo.urunler (kod text, "Ürün Adı" text);
    INSERT INTO depo.urunler VALUES ('A-1', 'Masa');
    CREATE TABLE olaylar (gun date, aciklama text) PARTITION BY RANGE (gun);
    CREATE TABLE olaylar_2026 PARTITION OF olaylar FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO olaylar SELECT '2026-01-01', 'MARKER_WORD' FROM generate_series(1, 50);
    CREATE VIEW telefonlar AS SELECT gsm FROM musteriler;
    CREATE MATERIALIZED VIEW ozet AS SELECT count(*) AS adet FROM depo.urunler;
    CREATE TABLE hareketler (no bigint, ad text) WITH (fillfactor = 10, autovacuum_enabled = false);
    INSERT INTO hareketler SELECT n, repeat('x', 100) FROM generate_series(0, 2999) AS n;
    ANALYZE hareketler;
    DELETE FROM hareketler WHERE no = 0;
    CREATE TABLE gizli (ad text);
    CREATE TABLE bozuk (ad text);
    INSERT INTO bozuk VALUES ('MARKER_NAME');
    CREATE VIEW bozuk_gorunum AS SELECT ad::int AS ad FROM bozuk;
""".replace("MARKER_WORD", MARKER_WORD).replace("MARKER_NAME", MARKER_NAME)


@pytest.fixture(scope="module")
def shop(settings: Settings) -> Iterator[Endpoint]:
    """A database of a stranger's on the session's server, and a login that may read all of it but one table."""
    admin = admin_endpoint(settings, "data")
    name = f"dukkan_{secrets.token_hex(4)}"
    with on_the_wire(admin.conninfo(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{_PASSWORD}'".encode())
    inside = replace(admin, database=name)
    with on_the_wire(inside.conninfo()) as connection:
        connection.execute(_SCHEMA.encode())
        rows: list[tuple[Any, ...]] = [
            (number, MARKER_NAME, tckn, phone, '{"adres": {"il": "İzmir"}}', 1.5, "2026-01-01", b"x", "10.0.0.1", True)
            for number, (tckn, phone) in enumerate(zip(tckns(3_000), phones(3_000), strict=True))
        ]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO musteriler VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", rows)
        connection.execute(f"GRANT USAGE ON SCHEMA public, depo TO {name}".encode())
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public, depo TO {name}".encode())
        connection.execute(f"REVOKE ALL ON gizli FROM {name}".encode())
    yield replace(inside, user=name, password=_PASSWORD)
    with on_the_wire(admin.conninfo(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        connection.execute(f"DROP ROLE {name}".encode())


def url_of(way: Endpoint, *, password: bool = True) -> str:
    """The URL that a person would write."""
    secret = f":{quote(way.password, safe='')}" if password else ""
    return f"postgresql://{way.user}{secret}@/{way.database}?host={quote(way.host, safe='')}&port={way.port}"


def scanned(url: str, rows: int = 10_000, tables: tuple[str, ...] = ()) -> tuple[dict[str, TableSample], list[str]]:
    failed: list[databases.Unreadable] = []
    parsed = databases.parse(Secret(url))
    found = databases.samples(parsed, rows, lambda *_counts: None, tables=tables, failed=failed)
    return {sample.name: sample for sample in found}, [str(each) for each in failed]


def refused(url: str, tables: tuple[str, ...] = ()) -> HubError:
    with pytest.raises(HubError) as caught:
        scanned(url, tables=tables)
    return caught.value


def test_every_table_view_and_schema_is_read_and_parts_of_a_table_once(shop: Endpoint) -> None:
    found, failed = scanned(url_of(shop))

    assert {name: sample.rows for name, sample in found.items()} == {
        "depo.urunler": 1,
        "bozuk": 1,
        "hareketler": 2_999,
        "musteriler": 3_000,
        "olaylar": 50,
        "ozet": 1,
        "telefonlar": 3_000,
    }
    assert sorted(failed) == [
        "scan_table_unreadable table=bozuk_gorunum sqlstate=22P02",
        "scan_table_unreadable table=gizli sqlstate=42501",
    ]


def test_types_key_and_cursor_of_a_table_are_the_databases_own(shop: Endpoint) -> None:
    found, _failed = scanned(url_of(shop), tables=("musteriler",))

    judged = {finding.column: finding for finding in judge_table(found["musteriler"])}
    assert {name: finding.evidence.type for name, finding in judged.items()} == {
        "musteri_no": "int",
        "ad_soyad": "text",
        "tckn": "text",
        "gsm": "text",
        "kayit.adres.il": "text",
        "tutar": "decimal",
        "updated_at": "timestamp",
        "resim": "text",
        "ip": "text",
        "uye": "bool",
    }
    assert [name for name, finding in judged.items() if finding.key] == ["musteri_no"]
    assert [name for name, finding in judged.items() if finding.cursor] == ["updated_at"]
    assert [judged[name].meaning for name in ("tckn", "gsm", "ip", "resim")] == ["tckn", "phone", "ip", "binary"]


@pytest.mark.parametrize("name", ["depo.urunler", "urunler"])
def test_one_table_is_named_with_its_schema_or_without(shop: Endpoint, name: str) -> None:
    found, failed = scanned(url_of(shop), tables=(name,))

    assert (list(found), failed) == (["depo.urunler"], [])


def test_a_table_that_is_not_there_is_named(shop: Endpoint) -> None:
    error = refused(url_of(shop), tables=("musteriler", "yok"))

    assert (error.code, error.params) == ("scan_table_unknown", {"table": "yok"})


def test_a_sample_comes_from_all_of_the_table(shop: Endpoint) -> None:
    found, _failed = scanned(url_of(shop), rows=100, tables=("hareketler", "musteriler", "telefonlar"))

    spread = {
        name: sorted(int(number) for number in found[name].columns[column].texts)
        for name, column in (("hareketler", "no"), ("musteriler", "musteri_no"))
    }
    assert {name: (80 <= len(taken) <= 100, taken[0] < 500, taken[-1] > 2_500) for name, taken in spread.items()} == {
        "hareketler": (True, True, True),
        "musteriler": (True, True, True),
    }
    assert 80 <= found["telefonlar"].rows <= 100
    assert found["hareketler"].total == 3_000  # the server's estimate: by pages, without counting
    assert found["musteriler"].total == 3_000


def test_the_same_table_gives_the_same_sample(shop: Endpoint) -> None:
    once, again = (scanned(url_of(shop), rows=100, tables=("hareketler",))[0] for _time in range(2))

    assert once["hareketler"].columns["no"].texts == again["hareketler"].columns["no"].texts


def test_what_comes_every_nth_row_is_not_missed(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE t (n INTEGER)")
        connection.executemany("INSERT INTO t VALUES (?)", [(number % 10,) for number in range(10_000)])

    found, _failed = scanned(f"sqlite:///{tmp_path}/a.db", rows=1_000)
    assert {number: 70 <= count <= 130 for number, count in found["t"].columns["n"].texts.items()} == {
        str(number): True for number in range(10)
    }


def test_the_server_sends_hardly_more_rows_than_are_looked_at(shop: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[Reservoir[Any]] = []

    class Watched(Reservoir[Any]):
        def __init__(self, limit: int) -> None:
            super().__init__(limit)
            offered.append(self)

    monkeypatch.setattr(databases, "Reservoir", Watched)
    scanned(url_of(shop), rows=100, tables=("hareketler", "musteriler", "telefonlar"))

    assert [each.seen <= 300 for each in offered] == [True] * 3


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_a_scan_cannot_write(shop: Endpoint, tmp_path: Path, kind: str) -> None:
    sqlite3.connect(tmp_path / "a.db").execute("CREATE TABLE gizli (ad text)").connection.close()
    url = url_of(shop) if kind == "postgresql" else f"sqlite:///{tmp_path}/a.db"

    with (
        databases.engine_of(databases.parse(Secret(url))) as engine,
        databases.reading(engine) as connection,
        pytest.raises(Exception, match=r"read-?only"),
    ):
        connection.execute(text("CREATE TABLE yeni (a int)"))


def test_nothing_of_a_database_is_told_by_an_error(shop: Endpoint) -> None:
    wrong = replace(shop, password=MARKER_WORD)
    errors = [
        refused(url_of(wrong)),
        refused(f"postgresql://{MARKER_WORD}:{MARKER_WORD}@127.0.0.1:1/x"),
        refused(f"oracle9://{MARKER_WORD}@host/x"),
        refused(f"{MARKER_WORD}"),
        refused(f"sqlite:///{MARKER_WORD}.db"),
    ]

    assert [error.code for error in errors] == [
        "scan_database_down",
        "scan_database_down",
        "scan_driver_missing",
        "scan_url_malformed",
        "scan_file_missing",
    ]
    told = [everything_said(error) for error in errors[:-1]]  # a file's name was given as an argument
    assert [marker for marker in MARKERS for each in told if marker in each] == []


def test_a_value_that_breaks_a_view_is_not_told(shop: Endpoint) -> None:
    parsed = databases.parse(Secret(url_of(shop)))
    with pytest.raises(HubError) as caught:
        list(databases.samples(parsed, 10, lambda *_counts: None, tables=("bozuk_gorunum",)))

    assert caught.value.params == {"table": "bozuk_gorunum", "sqlstate": "22P02"}
    assert MARKER_NAME not in everything_said(caught.value)


def test_an_empty_database_says_so(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "a.db").execute("PRAGMA user_version = 1").connection.close()

    assert refused(f"sqlite:///{tmp_path}/a.db").code == "scan_no_tables"


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("postgresql://u@h/d", False),
        ("postgresql://u:p@h/d", True),
        ("postgresql://u:@h/d", True),
        ("postgresql://h/d?user=u&password=p", True),
        ("postgresql://h/d?sslpassword=p", True),
        ("postgresql://h/d?sslmode=require", False),
    ],
)
def test_a_password_is_seen_wherever_it_stands(url: str, *, holds: bool) -> None:
    assert databases.holds_password(databases.parse(Secret(url))) is holds
