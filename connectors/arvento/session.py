"""One account's conversation with Arvento, over the interface that its integration names."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.arvento.readers import days, fleet, positions, track
from connectors.arvento.readers.plates import PlateBook
from connectors.arvento.rest.client import RestClient
from connectors.arvento.rest.source import RestSource
from connectors.arvento.settings import ArventoSettings
from connectors.arvento.soap.client import SoapClient
from connectors.arvento.soap.source import SoapSource
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import ConnectionSpec, Page, Window
from connectors.istanbul import day_of

if TYPE_CHECKING:
    import httpx

    from connectors.arvento.source import Source


class ArventoSession:
    """The streams of one fleet. Its `repr` shows no secret."""

    def __init__(self, source: Source, *, clock: Clock) -> None:
        self._source = source
        plates = PlateBook(source)
        self._readers: dict[str, Callable[[Window], AsyncIterator[Page]]] = {
            "vehicles": lambda _window: fleet.vehicle_pages(source, today=day_of(clock.now())),
            "drivers": lambda _window: fleet.driver_pages(source, today=day_of(clock.now())),
            "positions": lambda _window: positions.pages(source, clock),
            "track": lambda window: track.pages(source, plates, window, now=clock.now()),
            "operating_days": lambda window: days.operating_pages(source, plates, window),
            "distance_days": lambda window: days.distance_pages(source, plates, window),
            "speed_alarms": lambda window: days.speed_alarm_pages(source, plates, window),
        }

    async def test(self) -> None:
        """Make one request."""
        await self._source.test()

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """A stream's pages in a window. KeyError for an unknown stream."""
        return self._readers[stream](window)


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[ArventoSession]:
    """Open a session on the shared client. No request is made yet."""
    settings = ArventoSettings.of(spec.settings)
    yield ArventoSession(_source(spec, client, settings, clock), clock=clock)


def _source(spec: ConnectionSpec, client: httpx.AsyncClient, settings: ArventoSettings, clock: Clock) -> Source:
    if settings.interface == "rest":
        return RestSource(RestClient(spec, client, settings=settings, clock=clock), settings)
    return SoapSource(SoapClient(spec, client, settings=settings, clock=clock))
