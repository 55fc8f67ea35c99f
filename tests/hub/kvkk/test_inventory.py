"""The inventory: nothing that the hub does with personal data is missing from it, in any of its shapes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from connectors.registry import PROVIDERS
from hub.db.grants import TABLES
from hub.i18n import speaking
from hub.kvkk.inventory.formats import WRITERS, csv_bytes, html_bytes, json_bytes, xlsx_bytes
from hub.kvkk.inventory.measures import MEASURES
from hub.kvkk.inventory.own import ACTIVITIES, NO_ACTIVITY, own_rows
from hub.kvkk.inventory.read import Inventory, read_inventory
from hub.kvkk.inventory.rows import Row, Waiting, longest, stream_rows, waiting_rows
from hub.kvkk.inventory.sheet import HEADINGS, inventory_sheet
from kvkk_policies.activity import Change, Transfer
from kvkk_policies.landing import landing_columns
from kvkk_policies.override import Override
from kvkk_policies.policy import load_policies

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database

ROOT = Path(__file__).parents[3]
POLICIES = load_policies(ROOT / "kvkk_policies")
NOW = datetime(2026, 11, 26, 18, tzinfo=UTC)
ROWS = tuple(stream_rows(PROVIDERS, POLICIES))


def inventory(*rows: Row, owner: str | None = None) -> Inventory:
    return Inventory(rows or ROWS, owner, NOW)


def of(activity: str, category: str, rows: tuple[Row, ...] = ROWS) -> Row:
    return next(row for row in rows if (row.activity, row.category) == (activity, category))


def cell(sheet_of: Inventory, heading: str) -> list[str]:
    sheet = inventory_sheet(sheet_of)
    return [line[HEADINGS.index(heading)] for line in sheet.lines]


class TestNothingIsMissing:
    def test_every_declared_stream_is_an_activity(self) -> None:
        declared = {f"{name}.{stream.name}" for name, provider in PROVIDERS.items() for stream in provider.streams}
        assert declared == {row.activity for row in ROWS}

    def test_every_column_that_lands_is_an_item_of_its_category(self) -> None:
        landed = {
            (f"{name}.{stream.name}", column.category, column.name)
            for name, provider in PROVIDERS.items()
            for stream in provider.streams
            for column in landing_columns(stream, POLICIES[name].streams[stream.name])
        }
        assert landed == {(row.activity, row.category, item) for row in ROWS for item in row.items}

    def test_every_tenant_table_belongs_to_an_activity_or_is_excused_with_a_reason(self) -> None:
        covered = {table for activity in ACTIVITIES for table in activity.tables}
        assert covered | NO_ACTIVITY.keys() == TABLES.keys()
        assert covered & NO_ACTIVITY.keys() == set()
        assert all(NO_ACTIVITY.values())

    def test_every_row_about_a_person_says_all_that_verbis_asks(self) -> None:
        with speaking("tr"):
            rows = [row for row in (*ROWS, *own_rows()) if row.personal]
        for row in rows:
            assert row.subject_groups, row.activity
            assert row.purpose, row.activity
            assert row.legal_bases, row.activity
            assert row.transfers is not None, row.activity
            assert row.destruction, row.activity
            if row.items:
                assert (row.retention, row.retention_basis) > ("", ""), row.activity

    def test_every_shipped_version_that_followed_another_says_why(self) -> None:
        for policy in POLICIES.values():
            assert [change.version for change in policy.changes] == list(range(1, policy.version + 1))
            assert all(change.reason for change in policy.changes)

    def test_every_measure_is_shown_by_a_file_that_exists(self) -> None:
        missing = [each.shown_by for each in MEASURES if not (ROOT / each.shown_by).exists()]
        assert missing == []


class TestARow:
    def test_tells_the_longest_retention_of_its_items(self) -> None:
        assert longest(["P1Y", "P90D", "P11M", "P2Y"]) == "P2Y"
        assert of("arvento.vehicles", "KIMLIK").retention == "P10Y"

    def test_tells_kept_from_dropped_columns_and_how_the_rest_is_protected(self) -> None:
        row = of("arvento.positions", "LOKASYON")
        assert "address" in row.dropped
        assert "address" not in row.items
        assert {"latitude", "longitude"} <= set(row.protection["generalise"])

    def test_names_the_destruction_of_keys_where_originals_are_kept(self) -> None:
        assert of("arvento.drivers", "KIMLIK").destruction == ("delete", "crypto_shred")
        assert of("bulutfon.calls", "FINANS").destruction == ("delete",)

    def test_tells_why_a_version_tightened(self) -> None:
        with speaking("tr"):
            (text,) = set(cell(inventory(of("iyzico.refunds", "MUSTERI")), "Reasons of changes"))
        assert "2 (26.11.2026): Müşterilerin" in text

    def test_of_a_tenant_follows_the_tenants_own_choice(self) -> None:
        choice = Override("keep", "legitimate_interest", "P5Y")
        rows = tuple(stream_rows(PROVIDERS, POLICIES, {"arvento": {("positions", "region"): choice}}))
        row = of("arvento.positions", "LOKASYON", rows)
        assert row.retention == "P5Y"
        assert "region" in row.protection["keep"]
        assert [each.column for each in row.chosen] == ["region"]

    def test_says_where_data_goes_abroad_and_on_what_ground(self) -> None:
        row = replace(ROWS[0], transfers=(Transfer("DE", "standard_contract", "Bulut GmbH", date(2026, 1, 2)),))
        assert cell(inventory(row), "Transfer abroad") == ["DE: Bulut GmbH, standard contract (KVKK art. 9/4-c)"]
        assert cell(inventory(replace(row, transfers=())), "Transfer abroad") == ["none"]
        assert cell(inventory(replace(row, transfers=None)), "Transfer abroad") == ["not stated"]

    def test_gives_a_change_without_a_reason_as_one(self) -> None:
        row = replace(ROWS[0], changes=(Change(1, date(2026, 1, 2)),))
        assert cell(inventory(row), "Reasons of changes") == ["1 (02.01.2026): no reason given"]


class TestWaiting:
    def test_a_column_that_nobody_declared_is_shown_by_tenant(
        self, database: Database, make_tenant: Callable[[], str]
    ) -> None:
        first, second = sorted((make_tenant(), make_tenant()))
        for tenant in (first, second):
            with database.tenant(tenant, "app") as connection:
                connection.execute(
                    "INSERT INTO hub.sync_state (tenant_id, provider, stream, undeclared)"
                    " VALUES (%s, 'bulutfon', 'calls', ARRAY['kan_grubu'])",
                    (tenant,),
                )
        found = read_inventory(database, PROVIDERS, POLICIES)
        (row,) = (each for each in found.rows if each.state == "waiting" and each.dropped == ("kan_grubu",))
        assert (row.activity, row.tenants) == ("bulutfon.calls", (first, second))
        own = read_inventory(database, PROVIDERS, POLICIES, tenant_id=second)
        assert [each.tenants for each in own.rows if each.state == "waiting"] == [(second,)]

    def test_says_that_it_does_not_load(self) -> None:
        (row,) = waiting_rows(PROVIDERS, [Waiting("bulutfon", "calls", "kan_grubu", ("t1",))])
        with speaking("tr"):
            assert cell(inventory(row), "State") == ["beyan edilmeyi bekliyor; yüklenmez"]


class TestATenants:
    def test_has_only_the_providers_that_the_tenant_uses(
        self, database: Database, make_tenant: Callable[..., str]
    ) -> None:
        tenant = make_tenant(name="Filo A.Ş.")
        with database.tenant(tenant, "app") as connection:
            connection.execute(
                "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher)"
                " VALUES (%s, 'arvento', 'live', 'x')",
                (tenant,),
            )
        found = read_inventory(database, PROVIDERS, POLICIES, tenant_id=tenant)
        assert {row.activity.split(".")[0] for row in found.rows} == {"arvento", "hub"}
        assert found.owner == "Filo A.Ş."

    def test_shows_what_the_tenant_chose(self, database: Database, make_tenant: Callable[[], str]) -> None:
        tenant = make_tenant()
        with database.tenant(tenant, "app") as connection:
            connection.execute(
                "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher)"
                " VALUES (%s, 'arvento', 'live', 'x')",
                (tenant,),
            )
            connection.execute(
                "INSERT INTO hub.policy_overrides (tenant_id, provider, stream, column_name, action, legal_basis,"
                " retention, decided_by) VALUES (%s, 'arvento', 'track', 'license_plate', 'keep',"
                " 'legitimate_interest', 'P6M', 'ayşe')",
                (tenant,),
            )
        found = read_inventory(database, PROVIDERS, POLICIES, tenant_id=tenant)
        assert "license_plate" in of("arvento.track", "KIMLIK", found.rows).protection["keep"]


class TestShapes:
    @pytest.mark.parametrize("language", ["tr", "en"])
    def test_csv_has_a_line_for_each_row_under_the_headings(self, language: Any) -> None:
        with speaking(language):
            content = csv_bytes(inventory(), everything=False)
        splits = {"tr": ";", "en": ","}[language]
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=splits))
        assert len(lines) == 1 + sum(row.personal for row in ROWS)
        assert lines[0][2] == {"tr": "Veri kategorisi", "en": "Data category"}[language]
        assert content.startswith(b"\xef\xbb\xbf")

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_no_cell_of_the_csv_is_a_formula(self, start: str) -> None:
        evil = replace(ROWS[0], category="KIMLIK", purpose=f"{start}cmd|' /C calc'!A0")
        content = csv_bytes(inventory(evil), everything=True).decode("utf-8-sig")
        (_, line) = csv.reader(io.StringIO(content, newline=""))
        assert not [text for text in line if text.startswith(("=", "+", "-", "@", "\t", "\r"))]

    def test_no_cell_of_the_workbook_is_a_formula_or_a_link(self) -> None:
        evil = replace(ROWS[0], category="KIMLIK", purpose="=1+1", source="https://example.invalid/")
        with zipfile.ZipFile(io.BytesIO(xlsx_bytes(inventory(evil), everything=True))) as book:
            names = book.namelist()
            sheets = [etree.fromstring(book.read(name)) for name in names if name.startswith("xl/worksheets/sheet")]
            texts = etree.fromstring(book.read("xl/sharedStrings.xml"))
        assert not [name for name in names if "rels/sheet" in name]
        assert not [tree for tree in sheets if tree.findall(".//{*}f")]
        assert "=1+1" in [text.text for text in texts.iter("{*}t")]

    def test_the_workbook_holds_every_row_and_the_measures(self) -> None:
        with zipfile.ZipFile(io.BytesIO(xlsx_bytes(inventory(), everything=True))) as book:
            first, second = (etree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")) for number in (1, 2))
        assert len(first.findall(".//{*}row")) == 1 + len(ROWS)
        assert len(second.findall(".//{*}row")) == 1 + len(MEASURES)

    def test_html_is_one_page_with_header_cells_that_fetches_nothing(self) -> None:
        evil = replace(ROWS[0], category="KIMLIK", purpose="<script>alert(1)</script>")
        with speaking("tr"):
            content = html_bytes(inventory(evil, owner="Filo A.Ş."), everything=True).decode()
        seen = _Elements()
        seen.feed(content)
        assert seen.names.count("h1") == 1
        assert not {"script", "link", "img"} & set(seen.names)
        assert not [value for name, value in seen.attributes if name in ("src", "href")]
        assert ("lang", "tr") in seen.attributes
        assert seen.attributes.count(("scope", "col")) == len(HEADINGS) + 4
        assert seen.names.count("caption") == seen.names.count("table") == 2

    def test_json_has_codes(self) -> None:
        content = json.loads(json_bytes(inventory(), everything=True))
        assert {(row["activity"], row["category"]) for row in content["rows"]} == {
            (row.activity, row.category) for row in ROWS
        }
        assert len(content["measures"]) == len(MEASURES)

    def test_columns_about_nobody_are_shown_when_asked_for(self) -> None:
        assert len(inventory_sheet(inventory(), everything=True).lines) == len(ROWS)
        assert set(WRITERS) == {"csv", "xlsx", "html", "json"}


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
