"""Incoming SMS between two times.

Asked without dates, Netgsm gives every message once and never again: whatever is lost on the way is lost for good. So
there is no way here to ask without them, and no reading without bounds.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connectors.nested import record_in, records_in
from connectors.netgsm.codes import EMPTY_INBOX
from connectors.netgsm.push import IncomingSms, incoming_sms
from connectors.netgsm.settings import LONGEST_INBOX
from connectors.netgsm.times import inbox_time

if TYPE_CHECKING:
    from connectors.netgsm.client import NetgsmClient

PATH = "/sms/rest/v2/inbox"


async def messages(client: NetgsmClient, start: datetime, stop: datetime) -> list[IncomingSms]:
    """Messages that came in `[start, stop]`, both aware, at most 30 days apart. It changes nothing at Netgsm.

    Raises `ProviderFailure`; ValueError for bounds that are naive, turned round or too far apart.
    """
    if start.tzinfo is None or stop.tzinfo is None:
        raise ValueError("an inbox is read between aware times")
    if not start < stop <= start + LONGEST_INBOX:
        raise ValueError("an inbox is read from an earlier to a later time, at most 30 days apart")
    query = client.named({"startdate": inbox_time(start), "stopdate": inbox_time(stop)})
    document = await client.ask("GET", PATH, query=query, empty=EMPTY_INBOX) or {}
    return [incoming_sms(record_in(each)) for each in records_in(document, "messages")]
