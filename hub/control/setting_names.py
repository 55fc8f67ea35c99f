"""What an account's settings mean: kind, default and a sentence, for those who store an account.

Providers know their settings by name (`Provider.setting_names`) and read them in `connectors/<name>/settings.py`; what
a person needs to know of each stands here, once for those that several providers share.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from hub.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.contract import Provider

Kind = Literal["text", "number", "amount", "truth"]


@dataclass(frozen=True)
class Setting:
    """One setting. `default` is what holds where it is not stored; None: nothing. `about` is English, for gettext."""

    name: str
    kind: Kind
    about: str
    default: str | int | bool | None = None


def _named(*settings: Setting) -> Mapping[str, Setting]:
    return {each.name: each for each in settings}


_SHARED = _named(
    Setting("requests_per_minute", "number", N_("Calls a minute, where the provider has agreed to another number.")),
    Setting("request_timeout_seconds", "number", N_("Seconds after which a call without an answer is given up.")),
    Setting("interface", "text", N_("`soap` or `rest`: which of the provider's services is asked."), "soap"),
    Setting(
        "track_zone", "text", N_("Time zone of the track that the REST service tells: `utc` or `istanbul`."), "utc"
    ),
    Setting("api_version", "text", N_("Version of the provider's interface.")),
    Setting("key_in_header", "truth", N_("Send the key in a header and not in the address."), default=False),
    Setting("call_steps", "truth", N_("Read who took each answered call; one call more for each."), default=True),
    Setting("call_steps_at_most", "number", N_("For how many calls of one sync that is read at most.")),
    Setting("report_directory", "text", N_("Directory on the hub's machine in which reports arrive as files.")),
    Setting("report_format", "text", N_("In which form the gateway is asked for reports."), "json"),
    Setting("report_price", "amount", N_("What one ordered report costs, in TRY."), "0"),
    Setting("settlement_directory", "text", N_("Directory on the hub's machine in which settlement files arrive.")),
    Setting("merchant_id", "text", N_("The merchant's number, which the provider's notices carry.")),
    Setting("webhook_unsigned", "truth", N_("Take notices without a signature too."), default=False),
    Setting("refunds_per_minute", "number", N_("Refunds a minute at most.")),
    Setting("cancels_per_minute", "number", N_("Cancellations a minute at most.")),
    Setting("links_per_minute", "number", N_("Payment links a minute at most.")),
    Setting("msgheader", "text", N_("Sender's name of messages that name none.")),
    Setting("appname", "text", N_("Name of the program, as the provider's panel shows it.")),
    Setting("partnercode", "text", N_("Code of the provider's partner, if there is one.")),
    Setting("iys_brand_code", "text", N_("The company's brand code at İYS.")),
    Setting("sms_part_price", "amount", N_("What one part of an SMS costs, in TRY."), "0"),
    Setting("otp_price", "amount", N_("What a one-time password by SMS costs, in TRY."), "0"),
    Setting("whatsapp_otp_price", "amount", N_("What a one-time password by WhatsApp costs, in TRY."), "0"),
    Setting("reports_per_minute", "number", N_("Questions a minute for delivery reports.")),
    Setting("phone_number_id", "text", N_("Meta's id of the number that sends. Must be given.")),
    Setting("waba_id", "text", N_("Meta's id of the business account, to which templates belong.")),
    Setting("price_currency", "text", N_("Currency of the prices."), "TRY"),
    Setting("price_marketing", "amount", N_("What a marketing message costs.")),
    Setting("price_utility", "amount", N_("What a utility message costs.")),
    Setting("price_authentication", "amount", N_("What an authentication message costs.")),
    Setting("price_service", "amount", N_("What a service message costs.")),
    Setting("unverified_contract", "text", N_("`accepted`: the interface was never tried against the real provider.")),
    Setting("send_path", "text", N_("Path to which messages are sent.")),
    Setting("test_path", "text", N_("Path that a test of the account asks for.")),
    Setting("price_per_message", "amount", N_("What a message costs, in TRY."), "0"),
    Setting("iys_code", "text", N_("The company's code at İYS, in digits. Must be given.")),
    Setting("brand_code", "text", N_("The brand's code at İYS, in digits. Must be given.")),
    Setting("template_uuid", "text", N_("Design of the printed invoice; the integrator's own without one.")),
)


def settings_of(provider: Provider) -> list[Setting]:
    """A provider's settings in its own order. KeyError for one that nobody has described (a test asks for all)."""
    return [_with_default(provider, _SHARED[name]) for name in provider.setting_names]


def _with_default(provider: Provider, setting: Setting) -> Setting:
    default = setting.default
    if setting.name == "requests_per_minute":
        default = round(provider.rate.requests * 60 / provider.rate.per.total_seconds())
    if setting.name == "request_timeout_seconds":
        module = import_module(f"connectors.{provider.name}.settings")
        default = int(module.DEFAULT_HTTP.request_timeout)
    return Setting(setting.name, setting.kind, setting.about, default)
