"""One tenant's reports, from the gateway, from dropped files, or from both, as the integration is set up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import ConnectionSpec, Page, Window
from connectors.failure import ProviderFailure
from connectors.findeks.client import FindeksClient
from connectors.findeks.settings import POLL_EVERY, FindeksSettings
from connectors.findeks.sources import drop, gateway

if TYPE_CHECKING:
    import httpx


class FindeksSession:
    """The streams of one account. Its `repr` shows no secret."""

    def __init__(self, client: FindeksClient | None, *, settings: FindeksSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._readers: dict[str, Callable[[Window], AsyncIterator[Page]]] = {
            "reports": self._reports,
            "report_files": self._report_files,
        }

    async def test(self) -> None:
        """Ask the gateway for what changed just now, and look for the directory. Leaves no trace, costs no query."""
        if self._client is not None:
            await gateway.reach(self._client, self._clock.now())
        if self._settings.report_directory is not None:
            await asyncio.to_thread(drop.reach, self._settings.report_directory)

    async def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """A stream's pages in a window. KeyError for a stream that has no requests of its own."""
        try:
            async for page in self._readers[stream](window):
                yield page
        except ProviderFailure as failure:
            patient = _patient(failure)
        else:
            return
        raise patient

    async def _reports(self, window: Window) -> AsyncIterator[Page]:
        if self._client is not None:
            async for page in gateway.pages(self._client, window, accept=self._settings.report_format):
                yield page
        if self._settings.report_directory is not None:
            async for page in drop.pages(self._settings.report_directory, window):
                yield page

    async def _report_files(self, window: Window) -> AsyncIterator[Page]:
        if self._settings.report_directory is not None:
            async for page in drop.file_pages(self._settings.report_directory, window):
                yield page


def _patient(failure: ProviderFailure) -> ProviderFailure:
    """The same failure, which asks to be tried again no sooner than reports may be asked for."""
    wait = failure.retry_after
    if failure.kind == "transient":
        wait = max(wait or 0.0, POLL_EVERY.total_seconds())
    return ProviderFailure(
        failure.kind,
        failure.code,
        status=failure.status,
        provider_code=failure.provider_code,
        retry_after=wait,
        field=failure.field,
    )


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[FindeksSession]:
    """Open a session on the shared client. No request is made yet.

    Raises `ProviderFailure` credentials_rejected when there are neither whole credentials nor a directory.
    """
    settings = FindeksSettings.of(spec.settings)
    given = [bool(spec.credentials.get(name)) for name in ("client_id", "client_secret")]
    if any(given) != all(given) or not (all(given) or settings.report_directory is not None):
        raise ProviderFailure("permanent", "credentials_rejected", field="client_secret" if given[0] else "client_id")
    gateway_client = FindeksClient(spec, client, settings=settings, clock=clock) if all(given) else None
    yield FindeksSession(gateway_client, settings=settings, clock=clock)
