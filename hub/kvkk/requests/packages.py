"""What the desk must know of packages: whether a request's own is gone, and whose answer an erasure would empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.kvkk.export.record import can_be_had

if TYPE_CHECKING:
    from uuid import UUID

    from hub.db.database import Connection
    from hub.kvkk.requests.record import Request

READY = "export_ready"
"""The work code of a request whose package was made."""

_WAITING = """
SELECT request_id FROM hub.requests
WHERE tenant_id = %(tenant)s AND request_id <> %(request)s AND type IN ('access', 'info', 'third_parties')
  AND state NOT IN ('answered', 'closed')
  AND request_id IN (
    SELECT theirs.request_id FROM hub.request_subjects theirs
    JOIN hub.request_subjects ours ON ours.tenant_id = theirs.tenant_id AND ours.subject_id = theirs.subject_id
    WHERE theirs.tenant_id = %(tenant)s AND theirs.decision = 'included'
      AND ours.request_id = %(request)s AND ours.decision = 'included'
  )
ORDER BY received_at, request_id LIMIT 1
"""


def is_gone(connection: Connection, tenant_id: str, request: Request) -> bool:
    """Whether the package that the work made expired, or was destroyed with the person's data."""
    return request.work_code == READY and not can_be_had(connection, tenant_id, request.request_id)


def require_none_waiting(connection: Connection, tenant_id: str, erasure: UUID) -> None:
    """HubError `request_before_erasure` while the same person waits for an answer that the erasure would empty.

    A person who asks what is held of them and to have it erased is to have both: the answer first (KVKK art. 11/1-a to
    ç, then e).
    """
    waiting = connection.execute(_WAITING, {"tenant": tenant_id, "request": erasure}).fetchone()
    if waiting is not None:
        raise HubError("request_before_erasure", request=str(waiting[0]))
