"""Grants of the API's own table: what repeated calls were answered."""

from __future__ import annotations

from hub.db.grant import ALL, Grant

API: dict[str, tuple[Grant, ...]] = {
    "hub.api_answers": (Grant("app", select=ALL, insert=ALL, update=ALL, delete=True),),
}
