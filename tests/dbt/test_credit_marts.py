"""What the bureau last said of whom, and what changed. All of it is one dbt run over two tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from hub.models.dbt import build_models
from tests.dbt.warehouse import land, mart

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database
    from hub.models.dbt_results import ModelRun
    from hub.settings import Settings

AYSE, VELI, FATMA, THIN, REFUSED, OTHER_MODEL, SHORT = (f"tckn_{letter * 26}" for letter in "avftrms")
FIRM = f"vkn_{'c' * 26}"


def report(reference: str, subject: str, queried_at: str, **more: Any) -> dict[str, Any]:
    return {
        "reference_no": reference,
        "source": "gateway",
        "report_type": "RISK",
        "status": "READY",
        "queried_at": queried_at,
        "subject_type": "COMPANY" if subject == FIRM else "INDIVIDUAL",
        "identity_number": subject,
        "score": "1400-1500",
        "score_band": "LOW_RISK",
        "score_model": "BKN",
        "total_limit": 1000,
        "total_debt": 250,
        "delinquent_balance": 0,
    } | more


def account(reference: str, seq: int, balance: str, currency: str | None = "TRY") -> dict[str, Any]:
    return {"reference_no": reference, "seq": seq, "balance": balance, "currency": currency}


JUNE, JULY, AUGUST = "2026-06-01T10:00:00+03:00", "2026-07-01T10:00:00+03:00", "2026-07-31T22:30:00Z"
REPORTS = [
    report("A1", AYSE, JUNE, score="900-1000", score_band="MEDIUM_RISK", total_debt=100, delinquent_balance=50),
    report("A2", AYSE, JULY),
    report("A3", AYSE, AUGUST, score=">=1900", score_band="VERY_GOOD", total_limit=1200, total_debt=300),
    report("V1", VELI, JUNE),
    report("V2", VELI, JULY, status="REJECTED", score=None, score_band=None, total_limit=None, total_debt=None),
    report("F1", FATMA, JUNE, status="NO_RECORD", score=None, score_band=None, total_limit=None, total_debt=None),
    report("T1", THIN, JUNE, score=None, score_band=None, no_score_reason="02", total_limit=0, total_debt=0),
    report("R1", REFUSED, JUNE, score=None, score_band=None),
    report("M1", OTHER_MODEL, JUNE),
    report("M2", OTHER_MODEL, JULY, score_model="NEW", score_band="GOOD"),
    report("S1", SHORT, JUNE, total_limit=None, debt_to_limit_pct="34.73"),
    report("C1", FIRM, JUNE, score_model="TKN", score_band=None),
    report("C2", FIRM, JULY, report_type="CHEQUE", cheque_index=640, cheque_ban=False, score=None, total_limit=None),
    report("C3", FIRM, AUGUST, report_type="CHEQUE", cheque_index=700, cheque_ban=True, score=None, total_limit=None),
]
ACCOUNTS = [
    account("A3", 1, "200"),
    account("A3", 2, "100", None),
    account("V1", 1, "249.99"),
    account("M2", 1, "100"),
    account("M2", 2, "150", "USD"),
]


@dataclass(frozen=True)
class Bureau:
    """The tenant that asked about everybody, its neighbour who asked about one, and the run that modelled both."""

    database: Database
    tenant_id: str
    neighbour: str
    run: ModelRun

    def exposure(self, subject: str) -> dict[str, Any]:
        rows = mart(self.database, "credit_exposure", self.tenant_id)
        (row,) = [row for row in rows if row["subject"] == subject]
        return row

    def findings(self, test: str) -> dict[str, int]:
        (found,) = [each for each in self.run.tests if each.name == test]
        return dict(found.failing)


@pytest.fixture(scope="module")
def bureau(installation: Settings, database: Database, make_tenant: Callable[..., str]) -> Bureau:
    tenant_id, neighbour = make_tenant(), make_tenant()
    land(database, tenant_id, "reports", REPORTS, provider="findeks")
    land(database, tenant_id, "accounts", ACCOUNTS, provider="findeks")
    land(database, neighbour, "reports", [report("N1", AYSE, JUNE, total_debt=999)], provider="findeks")
    return Bureau(database, tenant_id, neighbour, build_models(database, installation))


def test_the_models_are_built(bureau: Bureau) -> None:
    assert bureau.run.ok
    assert len(mart(bureau.database, "credit_exposure", bureau.tenant_id)) == 8


def test_the_latest_report_counts_and_the_one_before_is_what_it_is_compared_with(bureau: Bureau) -> None:
    ayse = bureau.exposure(AYSE)
    assert (ayse["report_id"], ayse["previous_report_id"], ayse["reports"]) == ("A3", "A2", 3)
    assert (ayse["score_band"], ayse["score_from"], ayse["previous_score_band"]) == ("VERY_GOOD", 1900, "LOW_RISK")
    assert (ayse["band_change"], ayse["limit_change"], ayse["debt_change"]) == (2, Decimal(200), Decimal(50))
    assert (ayse["utilisation"], ayse["available_limit"]) == (Decimal("0.25"), Decimal(900))
    assert ayse["queried_on"] == date(2026, 8, 1), "a day is a day in Turkey"


def test_a_query_that_was_refused_takes_nothing_from_the_report_before(bureau: Bureau) -> None:
    veli = bureau.exposure(VELI)
    assert (veli["report_id"], veli["last_status"], veli["total_debt"]) == ("V1", "REJECTED", Decimal(250))


def test_whom_the_bureau_does_not_know_stands_there_without_figures(bureau: Bureau) -> None:
    fatma = bureau.exposure(FATMA)
    assert (fatma["report_id"], fatma["last_status"], fatma["total_debt"]) == (None, "NO_RECORD", None)


def test_without_a_limit_there_is_no_share_of_it_unless_the_report_gives_one(bureau: Bureau) -> None:
    assert bureau.exposure(THIN)["utilisation"] is None
    assert bureau.exposure(SHORT)["utilisation"] == Decimal("0.3473")


def test_scores_of_two_models_are_not_compared(bureau: Bureau) -> None:
    assert bureau.exposure(OTHER_MODEL)["band_change"] is None


def test_a_company_has_its_latest_cheque_report_beside_its_risk_report(bureau: Bureau) -> None:
    firm = bureau.exposure(FIRM)
    assert (firm["subject_type"], firm["report_id"], firm["reports"]) == ("COMPANY", "C1", 3)
    assert (firm["cheque_index"], firm["cheque_ban"]) == (700, True)


def test_accounts_are_summed_in_one_currency_only(bureau: Bureau) -> None:
    assert bureau.exposure(AYSE)["account_debt"] == Decimal(300)
    assert bureau.exposure(OTHER_MODEL)["account_debt"] is None


def test_a_neighbours_report_of_the_same_person_stays_the_neighbours(bureau: Bureau) -> None:
    (row,) = mart(bureau.database, "credit_exposure", bureau.neighbour)
    assert (row["report_id"], row["total_debt"], row["previous_report_id"]) == ("N1", Decimal(999), None)


def test_what_does_not_hold_is_found_with_its_tenant(bureau: Bureau) -> None:
    assert bureau.findings("credit_exposure_accounts_add_up") == {bureau.tenant_id: 1}
    assert bureau.findings("credit_exposure_score_or_reason") == {bureau.tenant_id: 1}
    for name in ("unique", "subject_known", "band_known", "pseudonymous", "score_not_zero", "previous_is_older"):
        assert bureau.findings(f"credit_exposure_{name}") == {}
