"""What we know of Netgsm and, set apart, what we assume: each assumption is one constant, here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.settings import http_settings, invalid, positive, rate_limit

LIVE = "https://api.netgsm.com.tr"
NO_SANDBOX = "https://netgsm-sandbox.invalid"
"""Netgsm has no sandbox: an integration of that environment names the stand-in's address."""
WHATSAPP_LIVE = "https://whatsappapi.netgsm.com.tr"

OTP_RATE = RateLimit(requests=100, per=timedelta(minutes=1))
"""Documented for one-time passwords."""
REPORT_RATE = RateLimit(requests=10, per=timedelta(minutes=1))
"""Documented by the vendor's SDKs; one integrator's note speaks of 60."""
MOST_JOBS_ASKED = 50
REPORT_PAGE = 100
FLOOD_PAUSE = 60.0
"""Seconds after code 85: more than 20 jobs a minute to one number."""
HISTORY = timedelta(days=90)
"""Reports reach three months back."""
OTP_LIVES = timedelta(seconds=180)
"""Netgsm delivers a one-time password within three minutes or not at all."""
LONGEST_SCHEDULE = timedelta(hours=21)
SHORTEST_SCHEDULE = timedelta(hours=1)

# Assumed: documented nowhere, or by integrators' notes only. See the provider's spec sheet, marks [A] and [I].
RATE = RateLimit(requests=100, per=timedelta(minutes=1))
"""No limit is stated for sending; code 80 says when there is one."""
WIRE_ENCODINGS: Mapping[str, str | None] = {"GSM": None, "TR": "TR", "UNICODE": "UNICODE"}
"""The vendor's clients know `TR` and nothing; `UNICODE` is from integrators' notes of the manual."""
MESSAGES_TOGETHER = 100
"""Messages in one call."""
REPORT_PAGES_READ = 100
"""Pages of one question: ten minutes at the documented rate. What was not read is not called absent."""
LOOK_BACK = timedelta(minutes=30)
"""How far Netgsm's clock may be behind ours."""
LOOK_AHEAD = timedelta(hours=1)
"""How far it may be ahead."""
SETTLES_AFTER = timedelta(minutes=15)
"""A message is in the report once it is queued, waiting; what is not there by now was never taken."""
LONGEST_INBOX = timedelta(days=30)
WHATSAPP_CODE = re.compile(r"[0-9]{4,8}")
"""The fixed template holds a code; samples have six digits."""

DEFAULT_HTTP = HttpSettings(request_timeout=30.0)
SETTING_NAMES = (
    "msgheader",
    "appname",
    "partnercode",
    "iys_brand_code",
    "sms_part_price",
    "otp_price",
    "whatsapp_otp_price",
    "requests_per_minute",
    "reports_per_minute",
    "request_timeout_seconds",
)
HEADER = re.compile(r"[ -~]{3,11}")
"""A sender name: 3 to 11 characters, or the subscriber's number."""
_WORD = re.compile(r"[!-~]{1,64}")
_HIGHEST_PRICE = 1_000


@dataclass(frozen=True)
class NetgsmSettings:
    """One integration's optional settings. Prices are TRY without taxes, 0 while nobody has entered one."""

    msgheader: str | None = None
    """Sender name of messages that name none."""
    appname: str | None = None
    """Shown in Netgsm's panel."""
    partnercode: str | None = None
    iys_brand_code: str | None = None
    """The tenant's brand at İYS, for Netgsm's İYS services."""
    sms_part_price: Decimal = Decimal(0)
    otp_price: Decimal = Decimal(0)
    whatsapp_otp_price: Decimal = Decimal(0)
    rate: RateLimit = RATE
    report_rate: RateLimit = REPORT_RATE
    http: HttpSettings = DEFAULT_HTTP

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> NetgsmSettings:
        """Read the integration's settings. `ProviderFailure` settings_invalid names the one that is wrong."""
        if not settings:
            return DEFAULTS
        reports = positive(settings, "reports_per_minute")
        return cls(
            msgheader=_text(settings, "msgheader", HEADER),
            appname=_text(settings, "appname", _WORD),
            partnercode=_text(settings, "partnercode", _WORD),
            iys_brand_code=_text(settings, "iys_brand_code", _WORD),
            sms_part_price=_price(settings, "sms_part_price"),
            otp_price=_price(settings, "otp_price"),
            whatsapp_otp_price=_price(settings, "whatsapp_otp_price"),
            rate=rate_limit(settings, RATE),
            report_rate=REPORT_RATE if reports is None else RateLimit(max(1, int(reports)), timedelta(minutes=1)),
            http=http_settings(settings, DEFAULT_HTTP),
        )


DEFAULTS = NetgsmSettings()


def _text(settings: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str | None:
    value = settings.get(name)
    if value is None or value == "":
        return None
    # A number typed as a setting (a header may be the subscriber's number) arrives as one.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not form.fullmatch(text):
        raise invalid(name)
    return text


def _price(settings: Mapping[str, Any], name: str) -> Decimal:
    """A price in TRY, with a point or a comma."""
    value = settings.get(name)
    if value is None or value == "":
        return Decimal(0)
    price: Decimal | None = None
    if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
        try:
            price = Decimal(str(value).strip().replace(",", "."))
        except InvalidOperation:
            price = None
    if price is None or not price.is_finite() or not 0 <= price < _HIGHEST_PRICE:
        raise invalid(name)
    return price
