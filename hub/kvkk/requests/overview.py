"""One request as the desk looks at it: where it stands, whom it concerns, what was done, what there is to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.kvkk.export.record import Export, of_request
from hub.kvkk.requests import record, subjects
from hub.kvkk.requests.duties import DUTIES, Duties, declared_recipients, score_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from hub.db.database import Database
    from hub.kvkk.requests.record import Event, Request
    from hub.kvkk.requests.subjects import Concerned
    from kvkk_policies.policy import ProviderPolicy


@dataclass(frozen=True)
class Overview:
    """Ids, codes, times. `lists` are the recipients, or the columns of scores, where the request asks about them."""

    request: Request
    subjects: Sequence[Concerned]
    events: Sequence[Event]
    packages: Sequence[Export]
    duties: Duties
    lists: Sequence[str]


def overview(database: Database, tenant_id: str, request_id: UUID, policies: Mapping[str, ProviderPolicy]) -> Overview:
    """The request as it stands. HubError `request_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        request = record.read(connection, tenant_id, request_id)
        events = record.events(connection, tenant_id, request_id)
        concerned = subjects.concerned(connection, tenant_id, request_id)
    lists: list[str] = []
    if request.type == "notify_recipients":
        lists = declared_recipients(policies)
    if request.type == "object_automated":
        lists = list(score_columns(policies))
    packages = of_request(database, tenant_id, request_id)
    return Overview(request, concerned, events, packages, DUTIES[request.type], lists)
