from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.failure import ProviderFailure
from connectors.iyzico import PROVIDER
from connectors.sandbox.iyzico.settlement import drop_settlement_files
from connectors.sandbox.server import Sandbox
from tests.connectors.stand_still import days, keyed, read, spec

SHOP = "shop-3"
HEADER = "transactionDate,paymentTxId,price,buyerName,afterSettlement"
ROW = "2026-11-17 10:00:00,17,10.50,Ayşe,0"


def drop(directory: Path, text: str, name: str = "transaction-123-20261117.csv", encoding: str = "utf-8") -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(text.encode(encoding))


def rows(sandbox: Sandbox, directory: Path) -> list[dict[str, Any]]:
    found = read(spec(sandbox, SHOP, settlement_directory=str(directory)), "settlement_files", days(5))
    return found.get("settlement_files", [])


class TestDrop:
    def test_the_reports_of_the_window_are_read_and_agree_with_the_api(self, sandbox: Sandbox, tmp_path: Path) -> None:
        assert len(drop_settlement_files(sandbox.world, SHOP, tmp_path, days=3)) == 6
        found = keyed("settlement_files", rows(sandbox, tmp_path))
        listed = read(spec(sandbox, SHOP), "transactions", days(5))["transactions"]
        prices = {row["payment_tx_id"]: row["price"] for row in listed if row["transaction_type"] == "PAYMENT"}
        reported = {row["payment_tx_id"]: row["price"] for row in found.values() if row["report"] == "transaction"}
        assert reported
        assert all(prices[number] == price for number, price in reported.items() if number in prices)
        assert {row["report"] for row in found.values()} == {"transaction", "settlement"}

    def test_rows_hold_the_declared_columns(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop_settlement_files(sandbox.world, SHOP, tmp_path)
        declared = {column.name for column in PROVIDER.stream("settlement_files").columns}
        assert all(row.keys() == declared for row in rows(sandbox, tmp_path))
        assert any(row["settlement_reference_code"] for row in rows(sandbox, tmp_path))

    def test_without_a_directory_there_is_nothing(self, sandbox: Sandbox) -> None:
        assert read(spec(sandbox, SHOP), "settlement_files") == {}

    def test_a_directory_that_is_not_there_is_said_to_be_so(self, sandbox: Sandbox, tmp_path: Path) -> None:
        with pytest.raises(ProviderFailure) as caught:
            rows(sandbox, tmp_path / "gone")
        assert (caught.value.code, caught.value.field) == ("settings_invalid", "settlement_directory")

    def test_files_of_other_days_and_other_names_are_left_alone(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f"{HEADER}\n{ROW}\n", "transaction-123-20261001.csv")
        drop(tmp_path, f"{HEADER}\n{ROW}\n", "transaction-123-20261399.csv")
        drop(tmp_path, f"{HEADER}\n{ROW}\n", "notes.csv")
        assert rows(sandbox, tmp_path) == []

    def test_a_file_that_came_too_late_for_its_day_is_read_when_it_came(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f"{HEADER}\n{ROW}\n", "settlement-123-20260101.csv")
        connection = spec(sandbox, SHOP, settlement_directory=str(tmp_path))
        arrived = datetime.fromtimestamp((tmp_path / "settlement-123-20260101.csv").stat().st_ctime, UTC)
        for end, expected in ((arrived + timedelta(hours=1), 1), (arrived - timedelta(days=2), 0)):
            found = read(connection, "settlement_files", days(3, end)).get("settlement_files", [])
            assert len(found) == expected, end

    def test_two_merchant_numbers_of_a_company_keep_their_rows(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f"{HEADER}\n{ROW}\n")
        drop(tmp_path, f"{HEADER}\n{ROW}\n", "transaction-456-20261117.csv")
        assert len(keyed("settlement_files", rows(sandbox, tmp_path))) == 2

    def test_a_link_out_of_the_directory_is_not_followed(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path / "theirs", f"{HEADER}\n{ROW}\n")
        mine = tmp_path / "mine"
        mine.mkdir()
        (mine / "transaction-123-20261117.csv").symlink_to(tmp_path / "theirs" / "transaction-123-20261117.csv")
        assert rows(sandbox, mine) == []


class TestFormat:
    def test_a_row_knows_its_file_and_place(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path / "transaction", f"{HEADER}\n{ROW}\n{ROW}\n")
        found = rows(sandbox, tmp_path)
        assert [(row["report"], row["report_date"], row["line"], row["merchant_id"]) for row in found] == [
            ("transaction", date(2026, 11, 17), 1, "123"),
            ("transaction", date(2026, 11, 17), 2, "123"),
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1254"])
    def test_turkish_letters_survive_either_encoding(self, sandbox: Sandbox, tmp_path: Path, encoding: str) -> None:
        drop(tmp_path, f"{HEADER}\n{ROW}\n", encoding=encoding)
        assert [row["buyer_name"] for row in rows(sandbox, tmp_path)] == ["Ayşe"]

    def test_semicolons_and_turkish_amounts_are_understood(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f"{HEADER.replace(',', ';')}\n2026-11-17 10:00:00;17;1.234,56;Ayşe;0\n")
        assert [row["price"] for row in rows(sandbox, tmp_path)] == [Decimal("1234.56")]

    def test_what_follows_an_empty_line_is_the_summary(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f"{HEADER}\n{ROW}\n\ntotalMerchantPayoutAmount,10\n")
        assert len(rows(sandbox, tmp_path)) == 1

    def test_an_undeclared_column_travels_on(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f"{HEADER},buyerShoeSize\n{ROW},44\n")
        assert rows(sandbox, tmp_path)[0]["buyer_shoe_size"] == "44"

    def test_a_file_that_ends_in_the_middle_of_a_row_is_read_later(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f"{HEADER}\n{ROW}\n2026-11-17 10:00:00,18")
        with pytest.raises(ProviderFailure, match="transient answer_truncated"):
            rows(sandbox, tmp_path)

    def test_an_unclosed_quote_is_malformed_and_not_quoted(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f'{HEADER}\n2026-11-17 10:00:00,18,1,"Ayşe,0\n')
        with pytest.raises(ProviderFailure) as caught:
            rows(sandbox, tmp_path)
        assert caught.value.code == "answer_malformed"
        assert caught.value.__context__ is None

    def test_a_wrong_type_names_its_column(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, f"{HEADER}\n2026-11-17 10:00:00,17,çok,Ayşe,0\n")
        with pytest.raises(ProviderFailure) as caught:
            rows(sandbox, tmp_path)
        assert (caught.value.code, caught.value.field) == ("wrong_type", "price")

    def test_a_first_row_in_place_of_the_header_is_no_list_of_columns(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, "2026-11-17 10:00:00,17,10.50,ayse,0\n2026-11-17 10:00:00,18,10.50,veli,0\n")
        with pytest.raises(ProviderFailure, match=r"transient answer_malformed$"):
            rows(sandbox, tmp_path)

    def test_an_empty_file_has_no_rows(self, sandbox: Sandbox, tmp_path: Path) -> None:
        drop(tmp_path, "")
        assert rows(sandbox, tmp_path) == []
