"""Issuing what a spreadsheet lists: every invoice is made ready before the first one gets a number.

Each has a key of its own, the file's with its name behind it: a file that was issued in part, or that is given twice,
is gone on with and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.einvoice.invoice.csv_rows import KEY, Group, read_groups
from hub.einvoice.issue.issuing import Asked, Issued, Issuing, Ready, finish, ready
from hub.errors import HubError
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    import httpx

ALIAS = "alias"
"""Column with the buyer's mailbox, where it has several."""
_OF_ONE = {
    "einvoice_alias_ambiguous": ALIAS,
    "einvoice_alias_unknown": ALIAS,
    "einvoice_buyer_missing": "customer.identity",
    "einvoice_buyer_not_registered": "profile",
    "einvoice_buyer_registered": "profile",
    "einvoice_check_failed": KEY,
    "einvoice_date_decreases": "issue_date",
    "idempotency_key_reused": KEY,
}
"""What is wrong with one invoice and not with the tenant or its integrator, by the column that would mend it."""


@dataclass(frozen=True)
class Sheet:
    """What became of a file: each invoice by its name in it, and what was left out for being wrong."""

    issued: Sequence[tuple[str, Issued]]
    wrong: Sequence[Problem]


async def issue_sheet(
    issuing: Issuing,
    tenant_id: str,
    content: bytes,
    client: httpx.AsyncClient,
    *,
    key: str,
    issued_by: str,
    paper: bool = False,
    skip_wrong: bool = False,
) -> Sheet:
    """Issue a CSV file's invoices in its order, each under `key` and its own name.

    InvalidInput names every wrong cell (`4:line.quantity`), and nothing of the file is issued then; with `skip_wrong`
    the invoices that are right are. A row that names no invoice is never skipped: another one would lack it.
    Otherwise raises as `hub.einvoice.issue.issuing.ready` and `read_groups` do.
    """
    groups, wrong = read_groups(content)
    found: list[tuple[Group, Ready | Issued]] = []
    if wrong:
        raise InvalidInput(wrong)
    for group in groups:
        try:
            found.append((group, await _ready(issuing, tenant_id, group, client, key=key, paper=paper)))
        except InvalidInput as error:
            wrong += error.problems
    if wrong and not skip_wrong:
        raise InvalidInput(wrong)
    issued: list[tuple[str, Issued]] = []
    for group, each in found:
        try:
            done = each if isinstance(each, Issued) else await finish(issuing, each, issued_by=issued_by)
        except HubError as error:
            # Whoever issues at the same time may have been faster; what is behind it in the file is not to blame.
            wrong.append(_as_problem(group, error))
            continue
        issued.append((group.name, done))
    return Sheet(issued, wrong)


async def _ready(
    issuing: Issuing, tenant_id: str, group: Group, client: httpx.AsyncClient, *, key: str, paper: bool
) -> Ready | Issued:
    if group.misplaced:
        raise InvalidInput(group.misplaced)
    values: dict[str, Any] = dict(group.values)
    alias = values.pop(ALIAS, None)
    try:
        return await ready(issuing, tenant_id, Asked(f"{key}{group.name}", values, alias=alias, paper=paper), client)
    except InvalidInput as error:
        problems = [group.in_file(problem) for problem in error.problems]
    except HubError as error:
        problems = [_as_problem(group, error)]
    raise InvalidInput(problems)


def _as_problem(group: Group, error: HubError) -> Problem:
    if error.code not in _OF_ONE:
        raise error
    params = {name: value for name, value in error.params.items() if isinstance(value, str | int)}
    return group.in_file(Problem(_OF_ONE[error.code], error.code, params))
