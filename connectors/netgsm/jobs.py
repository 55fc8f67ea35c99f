"""Jobs that Netgsm holds: taking one back before it starts, and how many of its messages went where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.nested import record_in, records_in
from connectors.netgsm.codes import NOTHING_THERE
from connectors.netgsm.reports import whole_number

if TYPE_CHECKING:
    from connectors.netgsm.client import NetgsmClient


@dataclass(frozen=True)
class JobCount:
    """Messages of a job that share a status."""

    status: int | None
    """As in the report."""
    messages: int | None
    parts: int | None


async def cancel(client: NetgsmClient, job: str) -> bool:
    """Take back a job whose start lies ahead; False when Netgsm has no such job waiting. Raises `ProviderFailure`.

    All messages of the job's call are taken back. May be repeated: a job that is gone is not there.
    """
    body = client.named({"jobid": job})
    return await client.ask("POST", "/sms/rest/v2/cancel", body=body, empty=NOTHING_THERE) is not None


async def stats(client: NetgsmClient, job: str) -> list[JobCount]:
    """Counts of a job by status; Netgsm answers once in ten minutes for each. Raises `ProviderFailure`."""
    body = client.named({"jobid": job})
    document = await client.ask("POST", "/sms/rest/v2/stats", body=body, empty=NOTHING_THERE) or {}
    return [_count(record_in(each)) for each in records_in(document, "stats")]


def _count(record: dict[str, Any]) -> JobCount:
    return JobCount(
        status=whole_number(record.get("status")),
        messages=whole_number(record.get("totalSms")),
        parts=whole_number(record.get("totalMessageLength")),
    )
