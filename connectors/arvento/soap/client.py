"""Calls of the report service. Knows HTTP, envelopes and refusals, nothing of streams."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.arvento.failures import CODES, refusal
from connectors.arvento.settings import ArventoSettings, report_url
from connectors.arvento.soap.results import NAMESPACE, Result, read_result
from connectors.arvento.soap.xml import envelope
from connectors.arvento.values import Record
from connectors.failure import ProviderFailure
from connectors.http import HttpClient
from connectors.limits import LIMITS
from connectors.secret import Secret

if TYPE_CHECKING:
    import httpx

    from connectors.arvento.soap.operations import Operation
    from connectors.clock import Clock
    from connectors.contract import ConnectionSpec
    from connectors.http import Answer

_NO_PIN = Secret("")
_A_FEW_WORDS = 500
"""Bytes."""


class SoapClient:
    """One account's way to the report service. Its `repr` shows no secret.

    SOAP and not the GET binding, which would write user and codes into the address.
    """

    def __init__(
        self, spec: ConnectionSpec, client: httpx.AsyncClient, *, settings: ArventoSettings, clock: Clock
    ) -> None:
        self._username = spec.credentials["username"]
        self._pin1 = spec.credentials.get("pin1", _NO_PIN)
        self._pin2 = spec.credentials.get("pin2", _NO_PIN)
        if not self._pin1:
            raise ProviderFailure("permanent", "settings_invalid", field="pin1")
        self._url = report_url(spec.base_url)
        limit = LIMITS.of(
            provider=f"arvento {self._url}", credential=self._username.reveal(), rate=settings.rate, clock=clock
        )
        self._http = HttpClient(client, limit=limit, settings=settings.http, clock=clock)

    async def call(
        self, operation: Operation, *, start: datetime | None = None, end: datetime | None = None, node: str = ""
    ) -> list[Record]:
        """The rows of an operation's result. Raises `ProviderFailure`."""
        parameters = {name: value.replace("{node}", node) for name, value in operation.parameters.items()}
        if start is not None and end is not None:
            parameters |= operation.bounds(start, end)

        def prepare() -> httpx.Request:
            credentials = {
                "Username": self._username.reveal(),
                "PIN1": self._pin1.reveal(),
                "PIN2": self._pin2.reveal(),
            }
            headers = {
                "content-type": "text/xml; charset=utf-8",
                "soapaction": f'"{NAMESPACE}{operation.name}"',
            }
            content = envelope(operation.name, namespace=NAMESPACE, parameters=credentials | parameters)
            return self._http.request("POST", self._url, headers=headers, content=content)

        return await self._http.send(prepare, partial(read_answer, operation=operation.name))


def read_answer(answer: Answer, *, operation: str) -> list[Record]:
    """The rows of a good answer. Raises `ProviderFailure` for every other one."""
    of_status = answer.failure_of_status()
    if of_status is not None:
        # ASMX tells its faults under 500, and of these only the fault itself says whose it is.
        raise (_of_fault(answer, operation) if answer.status == 500 else None) or of_status
    plain = _plain_refusal(answer)
    if plain is not None:
        raise plain
    result = read_result(answer.content, operation)
    failure = _failure_in(result, status=answer.status)
    if failure is not None:
        raise failure
    return result.records


def _of_fault(answer: Answer, operation: str) -> ProviderFailure | None:
    try:
        result = read_result(answer.content, operation)
    except ProviderFailure:
        return None
    return _failure_in(result, status=answer.status)


def _failure_in(result: Result, *, status: int) -> ProviderFailure | None:
    for text in result.said:
        if (refused := refusal(text, status=status)) is not None:
            return refused
    if result.fault is not None:
        return CODES.failure("CLIENT_FAULT" if result.fault == "client" else "SERVER_FAULT", status=status)
    if len(result.records) == 1:
        # Where rows are typed, a refusal comes as the one row, in a field of its choosing.
        for value in result.records[0].values():
            if isinstance(value, str) and (refused := refusal(value, status=status, in_row=True)) is not None:
                return refused
    return CODES.failure("ERROR", status=status) if result.said else None


def _plain_refusal(answer: Answer) -> ProviderFailure | None:
    """A body that is nothing but a few words."""
    if len(answer.content) > _A_FEW_WORDS or b"<" in answer.content:
        return None
    return refusal(answer.content.decode("utf-8", "replace"), status=answer.status)
