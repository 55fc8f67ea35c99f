"""What we know of Bulutfon and, set apart, what we assume: each assumption is one constant, here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.settings import http_settings, invalid, positive

Generation = Literal["v1", "v2"]

LIVE = "https://api.bulutfon.com"
"""Documented: both generations are served here, the second below /v2."""
OUR_STAND_IN = "http://127.0.0.1:8081"
"""Bulutfon has no test environment; this is where docs/sandbox.md starts ours."""
GENERATIONS: tuple[Generation, ...] = ("v1", "v2")
V1_TIME_LIMITS = (("hour", timedelta(hours=1)), ("day", timedelta(days=1)), ("month", timedelta(days=28)))
"""Documented words of the first generation's only filter by time, shortest first. A month is taken as its shortest."""

# Assumed: published nowhere. See the provider's spec sheet.
RATE = RateLimit(requests=1, per=timedelta(seconds=1))
"""429 is documented, its threshold is not."""
PAGE_SIZE = 100
"""The first generation's example; the second's largest page is unknown, so its `total_pages` is followed."""
TIME_LIMIT_MARGIN = timedelta(minutes=10)
"""Clocks differ, and a limit may count from the last request or from the start of the hour, day or month."""
TRAILING = timedelta(hours=48)
"""Calls appear late, end later, and their recordings are removed: so far back every sync reads again."""
STEPS_TRAILING = timedelta(hours=12)
"""The path of a call is told when it is over and does not change: this is for calls that appear late or last long."""
STEPS_EVERY = timedelta(hours=6)
"""Half as long as what is read again, so that no call's way is asked for more than three times."""
V2_KEY_HEADER = "apikey"
"""The key may travel in a header, whose name is not published."""
V2_PATHS = {
    "calls": "/v2/cdr/list",
    "extensions": "/v2/pbx/extensions",
    "groups": "/v2/pbx/groups",
    "numbers": "/v2/pbx/dids",
}
"""Calls and extensions are documented, the other two by analogy."""
V2_TIME_COLUMN = "call_time"
"""The operators are documented (`field[ge]`), the columns that they may be used on are not."""
V2_CALL_KEY = "data"
"""Key around the details of one call."""
WITHHELD_WORDS = frozenset(
    {"anonymous", "unknown", "restricted", "private", "withheld", "unavailable", "gizli", "bilinmeyen"}
)
"""What may stand where a caller hides the number."""
SHORT_DIGITS = 6
"""Menus have two digits, groups three, extensions four; no subscriber's number has as few as six."""
PHONE_DIGITS = 15
"""E.164."""

STEPS_SPAN = timedelta(hours=2)
"""Windows are short, so that a sync that stops at its bound keeps what it has."""
MOST_DETAILS_A_SYNC = 1_800
"""Calls whose path one sync asks for: half an hour at one request a second. The next sync goes on from there."""
WINDOWS_BEYOND_BOUND = int(STEPS_TRAILING / STEPS_SPAN) + 1
"""A sync begins with the windows that it reads again. It must get past them by one, however many calls they hold, or
every sync of a busy switchboard would stop in the same place."""
DETAILS_UNKNOWN_AT_FIRST = 5
"""So many unknown calls and not one known means that we ask in the wrong place."""

DEFAULT_HTTP = HttpSettings()
SETTING_NAMES = (
    "api_version",
    "key_in_header",
    "call_steps",
    "call_steps_at_most",
    "requests_per_minute",
    "request_timeout_seconds",
)
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class BulutfonSettings:
    """One integration's optional settings."""

    generation: Generation = "v2"
    """The vendor advises the second. Their keys are not interchangeable."""
    key_in_header: bool = False
    """Second generation only: keeps the key out of addresses, if the assumed header is right."""
    call_steps: bool = True
    """One request an answered call; without them nobody knows which agent took it."""
    most_details: int = MOST_DETAILS_A_SYNC
    rate: RateLimit = RATE
    """Raise it where Bulutfon has agreed to more."""
    http: HttpSettings = DEFAULT_HTTP

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> BulutfonSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        rate = RATE
        if (requests := positive(settings, "requests_per_minute")) is not None:
            # Evenly spread: sixty a minute are one a second, not sixty at once.
            rate = RateLimit(requests=1, per=timedelta(minutes=1) / requests)
        most = positive(settings, "call_steps_at_most")
        return cls(
            generation=_generation(settings),
            key_in_header=_truth(settings, "key_in_header", default=False),
            call_steps=_truth(settings, "call_steps", default=True),
            most_details=MOST_DETAILS_A_SYNC if most is None else max(1, int(most)),
            rate=rate,
            http=http_settings(settings, DEFAULT_HTTP),
        )


def _generation(settings: Mapping[str, Any]) -> Generation:
    value = settings.get("api_version")
    if value is None:
        return "v2"
    text = str(value).lower().removeprefix("v")
    for generation in GENERATIONS:
        if text == generation[1:]:
            return generation
    raise invalid("api_version")


def _truth(settings: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = settings.get(name)
    if value is None:
        return default
    meaning = value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
    if meaning is None:
        raise invalid(name)
    return meaning
