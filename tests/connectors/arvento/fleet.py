"""Sessions with the sandbox's Arvento, and reading of whole streams."""

from __future__ import annotations

from functools import partial
from typing import Any

from connectors.arvento import PROVIDER
from connectors.arvento.session import open_session
from connectors.contract import ConnectionSpec, Row, Window
from connectors.sandbox.server import Sandbox
from tests.connectors.stand_still import StandStill, days, keyed_by, opened, rows_of, spec_at, work_in

FLEET = "fleet-1"
SOAP_PATH = "/v1/report.asmx"


def spec(sandbox: Sandbox, company: str = FLEET, **settings: Any) -> ConnectionSpec:
    return spec_at(sandbox.url, sandbox.credentials(company, "arvento"), **settings)


session = partial(opened, open_session)
in_session = partial(work_in, open_session)


def read(
    connection: ConnectionSpec, stream: str, window: Window | None = None, time: StandStill | None = None
) -> list[Row]:
    """Every row of a stream."""
    return rows_of(open_session, connection, stream, window or days(2), time).get(stream, [])


def keyed(stream: str, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    """Rows by their key; a key that comes twice is an error."""
    return keyed_by(PROVIDER.stream(stream), rows)


def withhold(sandbox: Sandbox, *operations: str) -> None:
    """Take operations out of the fleet's contract."""
    sandbox.world.withheld.update(("arvento", FLEET, operation) for operation in operations)
