"""The connections that the door keeps to Dagster's webserver."""

from __future__ import annotations

import httpcore
import uvicorn

from hub.dagster_door.limits import Limits
from hub.dagster_door.webserver import Webserver


def test_a_kept_connection_is_given_up_before_the_webserver_ends_it() -> None:
    """Dagster's webserver takes uvicorn's default, and its pages ask every five seconds."""
    ended_after = uvicorn.Config(app="none").timeout_keep_alive
    webserver = Webserver("http://127.0.0.1:1", Limits())
    pool = webserver._transport._pool
    assert isinstance(pool, httpcore.AsyncConnectionPool)
    assert pool._keepalive_expiry is not None
    assert pool._keepalive_expiry < ended_after / 2
