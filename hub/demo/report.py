"""The demo's report: a short table for people, the same as JSON for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from hub.cli.output import say, show_json, show_table
from hub.demo.cast import Part
from hub.demo.findings import Findings
from hub.i18n import _
from hub.messages import text_of


def show(findings: Findings, cast: Sequence[Part], *, as_json: bool) -> None:
    """Print what happened."""
    if as_json:
        show_json(asdict(findings) | {"ok": not findings.problems})
        return
    subdomains = [part.subdomain for part in cast]
    show_table(
        [_("Stream"), *subdomains],
        [[table, *(str(counts[name]) for name in subdomains)] for table, counts in findings.rows.items()],
        title=_("Rows in landing"),
    )
    show_table(
        [_("KVKK category"), _("Values")],
        [[category, str(count)] for category, count in sorted(findings.masked.items())],
        title=_("Masked before loading"),
    )
    show_table(
        [_("Stream"), *subdomains],
        [
            [
                stream,
                *(f"{counts.get(name, 0)} → {findings.refused.get(stream, {}).get(name, 0)}" for name in subdomains),
            ]
            for stream, counts in findings.refused_at_first.items()
        ],
        title=_("Refused for want of a legal basis, before and after more consents were recorded"),
    )
    show_table(
        [_("Tenant"), _("Provider"), _("Stream"), _("Reason")],
        [[each["tenant"], each["provider"], each["stream"], text_of(each["code"])] for each in findings.failures],
        title=_("Failed"),
    )
    show_table(
        [_("Mart"), _("Rows")],
        [[name, str(count)] for name, count in findings.marts.items()],
        title=_("Marts as the analyst of {tenant} sees them").format(tenant=findings.analyst),
    )
    say(findings.analyst_query)
    show_table(findings.analyst_columns, findings.analyst_rows)
    if findings.sale is not None:
        sale = findings.sale
        show_table(
            [_("What"), _("Which"), _("State")],
            [
                [_("Payment"), sale.payment, sale.paid],
                [_("e-Arşiv invoice, sealed and checked"), sale.invoice, sale.invoice_state],
                [_("SMS with its link"), _("{parts} parts").format(parts=sale.sms_parts), sale.sms_state],
                *([name, _("done"), f"{count}×"] for name, count in sale.ledger.items()),
            ],
            title=_("Sold by {tenant}").format(tenant=sale.tenant),
        )
    if findings.problems:
        say(_("Not as expected: {problems}").format(problems=", ".join(findings.problems)))
    else:
        say(_("All as expected."))
