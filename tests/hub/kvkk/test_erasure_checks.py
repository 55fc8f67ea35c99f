"""The check of a real provider's streams: a report's parts rest on the consent as the report does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from connectors.registry import PROVIDERS
from hub.kvkk.erasure_checks import records

if TYPE_CHECKING:
    from hub.db.database import Database

SUBJECT = "tckn_" + "a" * 26


def test_the_parts_of_a_record_are_counted_with_it(database: Database, make_tenant: Callable[[], str]) -> None:
    tenant, other = make_tenant(), make_tenant()
    for of, subject, report in (
        (tenant, SUBJECT, "R1"),
        (tenant, SUBJECT, "R2"),
        (tenant, "tckn_b", "R3"),
        (other, SUBJECT, "R1"),
    ):
        with database.tenant(of, "loader") as connection:
            system = "_version, _loaded_at, _policy_version, _load_id"
            connection.execute(
                f"INSERT INTO landing.findeks_reports (tenant_id, reference_no, identity_number, {system})"  # noqa: S608
                " VALUES (%s, %s, %s, now(), now(), 1, 'l')",
                (of, report, subject),
            )
            for number in range(2):
                connection.execute(
                    f"INSERT INTO landing.findeks_accounts (tenant_id, reference_no, seq, {system})"  # noqa: S608
                    " VALUES (%s, %s, %s, now(), now(), 1, 'l')",
                    (of, report, number),
                )
    purpose = next(s.admission.purpose for s in PROVIDERS["findeks"].streams if s.admission)
    found = {name: count for name, _, count in records(database, PROVIDERS, tenant, SUBJECT, purpose)}
    assert {name: count for name, count in found.items() if count} == {"findeks.reports": 2, "findeks.accounts": 4}
    assert records(database, PROVIDERS, tenant, SUBJECT, "marketing") == []
