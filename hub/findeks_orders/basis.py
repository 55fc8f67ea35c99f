"""On what a report on a person may be ordered: what its loading will rest on, so that nothing is bought in vain.

No service may be made to depend on consent to it (Board 2023/1234): the hub asks for a recorded basis, and for no
particular one.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.findeks.streams.reports import PURPOSE, STREAM
from hub.control import consents, legal_bases
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Database

_RULE = STREAM.admission
CATEGORIES: tuple[str, ...] = () if _RULE is None else _RULE.categories


def legal_basis(database: Database, tenant_id: str, subject: str, at: datetime) -> str:
    """The ground's code for a pseudonym: a consent's, or another basis's.

    HubError `order_basis_missing`; `order_basis_inactive` when what is recorded does not carry (any more).
    """
    for records in (consents, legal_bases):
        for each in records.listed(database, tenant_id, subject=subject, purpose=PURPOSE, active_at=at):
            if set(CATEGORIES) <= set(each.data_categories):
                return each.legal_basis
    recorded = any(
        records.listed(database, tenant_id, subject=subject, purpose=PURPOSE) for records in (consents, legal_bases)
    )
    raise HubError("order_basis_inactive" if recorded else "order_basis_missing", purpose=PURPOSE)
