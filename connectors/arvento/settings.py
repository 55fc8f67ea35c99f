"""What we know of Arvento and, set apart, what we assume: each assumption is one constant, here and nowhere else.

Arvento publishes no manual: "documented" means shown by an independent client or a customer's live test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any, Literal
from urllib.parse import urlsplit

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.istanbul import ISTANBUL
from connectors.settings import http_settings, invalid, rate_limit

LIVE = "https://ws.arvento.com"
SANDBOX = "http://127.0.0.1:8081"
"""Arvento has no sandbox: this is where ours is served (docs/sandbox.md)."""
REPORT_PATH = "/v1/report.asmx"
SERVICE_PATH = "/api/v1"

MINUTES_AHEAD = 180
"""Documented: `MinuteDif` is added to GMT in a report's times, a fixed number of minutes in summer and in winter."""
REPORT_ZONE = timezone(timedelta(minutes=MINUTES_AHEAD))
TRACK_SPAN = timedelta(minutes=120)
"""Documented: reports have no pages; a client in production asks for so much of the track at a time."""
STATUS_TRIES = 4
STATUS_PAUSE_SECONDS = 1.8
"""Documented: status calls in quick succession tell of fewer vehicles; a client asks again so often, so far apart."""

# Assumed: documented nowhere, or seen in one client only.
WALL_CLOCK_ZONE = ISTANBUL
"""Zone of request bounds, and of times in reports that take no `MinuteDif`. Turkey had summer time until 2016."""
RATE = RateLimit(requests=60, per=timedelta(minutes=1))
"""No quota is published; clients space their calls by 0.7 to 2 seconds."""
TRACK_TRAILING = timedelta(hours=6)
TRAILING_DAYS = 2
"""Units upload late: the last hours, and today's and yesterday's reports, are read again."""
RE_READ_HOUR = 3
"""The Istanbul hour at which the whole of yesterday's track is read once more."""
ADDRESS_WORDS = ("ip", "adres", "address")
"""Words that tell a refused address from refused credentials; where Arvento says neither, it is the credentials."""
REST_ZONES: Mapping[str, tzinfo] = {"/vehicle/lastEvents": ISTANBUL, "/report/general": UTC}
"""Zone of the service's times: a customer's live test and an older client disagree, so it goes by endpoint."""
REST_DATE_FORMAT = "%Y%m%d%H%M%S"
REST_WRONG_REQUEST = ("1000", "1012")
"""Documented as null reference and invalid date interval; assumed to be final."""

DEFAULT_HTTP = HttpSettings(request_timeout=180.0)
"""Documented: a report of two hours may take minutes."""
SETTING_NAMES = ("interface", "requests_per_minute", "request_timeout_seconds", "track_zone")
Interface = Literal["soap", "rest"]
_ZONES: Mapping[str, tzinfo] = {"utc": UTC, "istanbul": ISTANBUL}


@dataclass(frozen=True)
class ArventoSettings:
    """One integration's optional settings."""

    interface: Interface = "soap"
    rate: RateLimit = RATE
    http: HttpSettings = DEFAULT_HTTP
    track_zone: tzinfo = REST_ZONES["/report/general"]
    """Zone of the REST service's track."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> ArventoSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        interface = settings.get("interface", "soap")
        if interface not in ("soap", "rest"):
            raise invalid("interface")
        zone = settings.get("track_zone", "utc")
        if not isinstance(zone, str) or zone not in _ZONES:
            raise invalid("track_zone")
        return cls(interface, rate_limit(settings, RATE), http_settings(settings, DEFAULT_HTTP), _ZONES[zone])


def report_url(base_url: str) -> str:
    """Address of the report service; municipalities give the whole path of their own `Report.asmx`."""
    base = base_url.rstrip("/")
    return base if urlsplit(base).path.lower().endswith(".asmx") else base + REPORT_PATH


def service_url(base_url: str) -> str:
    """Address of the REST service: beside the report service where that one's whole path is given."""
    parts = urlsplit(base_url.rstrip("/"))
    if parts.path.lower().endswith(".asmx"):
        return f"{parts.scheme}://{parts.netloc}{SERVICE_PATH}"
    return base_url.rstrip("/") + SERVICE_PATH
