"""What the demo found: counts, masked categories, failures, and what one tenant's analyst sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psycopg import sql

from connectors.registry import PROVIDERS
from hub.control import analysts, status
from hub.demo.cast import Part, providers, sick_provider
from hub.demo.selling import Sale

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings


@dataclass
class Findings:
    """Everything the demo prints. `problems` names each expectation that was not met; empty means exit 0."""

    rows: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Landing rows by table and tenant's subdomain."""
    masked: dict[str, int] = field(default_factory=dict[str, int])
    """Values kept out of the warehouse's clear text, by KVKK category."""
    refused_at_first: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Records refused for want of a legal basis after the first sync, by stream and tenant's subdomain."""
    refused: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """The same at the end, after more consents were recorded."""
    failures: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    marts: dict[str, int] = field(default_factory=dict[str, int])
    analyst: str = ""
    analyst_query: str = ""
    analyst_columns: list[str] = field(default_factory=list[str])
    analyst_rows: list[list[str]] = field(default_factory=list[list[str]])
    sale: Sale | None = None
    """What was sold, invoiced and told by SMS."""
    problems: list[str] = field(default_factory=list[str])


ANALYST_QUERY = (
    "SELECT tenant_id, array_to_string(providers, ' + ') AS known_at, count(*) AS customers, sum(calls) AS calls,"
    " sum(payments) AS payments, sum(credit_reports) AS credit_reports"
    " FROM marts.customers GROUP BY 1, 2 ORDER BY cardinality(min(providers)) DESC, 3 DESC"
)


def count_rows(database: Database, cast: Sequence[Part]) -> dict[str, dict[str, int]]:
    """Landing rows by table and tenant, each counted under that tenant's own scope."""
    counted: dict[str, dict[str, int]] = {}
    tables = [f"{name}_{stream.name}" for name in providers() for stream in PROVIDERS[name].streams]
    for part in cast:
        with database.tenant(part.tenant_id, "loader") as connection:
            for table in tables:
                query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("landing", table))
                row = connection.execute(query).fetchone()
                counted.setdefault(table, {})[part.subdomain] = int(row[0]) if row else 0
    return counted


def failures(database: Database, cast: Sequence[Part]) -> list[dict[str, str]]:
    """What failed and why, as codes; the printed report explains them."""
    names = {part.tenant_id: part.subdomain for part in cast}
    return [
        {
            "tenant": names[integration.tenant_id],
            "provider": integration.provider,
            "stream": stream.stream,
            "kind": stream.failure_kind or "",
            "code": stream.failure_code or "",
        }
        for integration in status.read(database)
        for stream in integration.streams
        if stream.state == "failed" and integration.tenant_id in names
    ]


def ask_as_analyst(settings: Settings, database: Database, part: Part, findings: Findings) -> None:
    """Log in as the tenant's analyst, over the wire with a password, and look around."""
    findings.analyst, findings.analyst_query = part.subdomain, ANALYST_QUERY
    with (
        analysts.short_lived(settings, database, part.tenant_id, label="demo") as login,
        database.analyst(login.role_name, login.password) as connection,
    ):
        cursor = connection.execute(ANALYST_QUERY)
        findings.analyst_columns = [column.name for column in cursor.description or []]
        findings.analyst_rows = [[_shown(value) for value in row] for row in cursor.fetchall()]
        marts = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'marts' ORDER BY 1").fetchall()
        for (name,) in marts:
            query = sql.SQL("SELECT count(*), count(*) FILTER (WHERE tenant_id <> {}) FROM {}").format(
                part.tenant_id, sql.Identifier("marts", name)
            )
            own, foreign = connection.execute(query).fetchone() or (0, 0)
            findings.marts[name] = int(own)
            if foreign:
                findings.problems.append(f"analyst_sees_others:{name}")


def judge(findings: Findings, before: dict[str, dict[str, int]], cast: Sequence[Part], *, runs_ok: bool) -> None:
    """Compare with what had to happen."""
    sick = (cast[-1].subdomain, sick_provider())
    if not runs_ok:
        findings.problems.append("run_failed")
    failed = {(failure["tenant"], failure["provider"]) for failure in findings.failures}
    if failed != {sick}:
        findings.problems.append("failures_unexpected")
    if any(failure["code"] not in {"credentials_expired", "credentials_rejected"} for failure in findings.failures):
        findings.problems.append("failure_reason_unexpected")
    for part in cast[:-1]:
        for provider in providers():
            tables = [table for table in findings.rows if table.startswith(f"{provider}_")]
            if not any(findings.rows[table][part.subdomain] > before[table][part.subdomain] for table in tables):
                findings.problems.append(f"nothing_new:{provider}:{part.subdomain}")
    _judge_refusals(findings, cast)
    findings.problems += ["nothing_sold"] if findings.sale is None else findings.sale.problems
    if not findings.masked:
        findings.problems.append("nothing_masked")
    if not findings.analyst_rows:
        findings.problems.append("analyst_sees_nothing")
    if any(row[0] != cast[0].tenant_id for row in findings.analyst_rows):
        findings.problems.append("analyst_sees_others:query")


def _judge_refusals(findings: Findings, cast: Sequence[Part]) -> None:
    """Some reports were refused, and consents recorded since let some of them in, but not all."""
    if not findings.refused_at_first:
        findings.problems.append("nothing_refused")
    for stream, counts in findings.refused_at_first.items():
        for part in cast[:-1]:
            left = findings.refused.get(stream, {}).get(part.subdomain, 0)
            if not counts.get(part.subdomain, 0) > left > 0:
                findings.problems.append(f"refusals_unexpected:{stream}:{part.subdomain}")


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
