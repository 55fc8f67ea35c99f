"""`hub actions caps set|list`: how much a tenant's actions may cost a day, and what they have used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import JsonOption, ProviderArgument, TenantOption
from hub.cli.output import say, show_json, show_table
from hub.i18n import N_, _

_CENT = Decimal("0.01")


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command(
        "set", help=N_("Set what a tenant's actions at a provider may cost a day. What is not given has no cap.")
    )(set_)
    group.command("list", help=N_("Show a tenant's daily caps, and what was used on the last days."))(list_)


def set_(
    provider: ProviderArgument,
    tenant: TenantOption,
    daily_count: Annotated[
        str | None, typer.Option("--daily-count", metavar="N", help=N_("Actions a day at most; 0 allows none."))
    ] = None,
    daily_amount: Annotated[
        str | None, typer.Option("--daily-amount", metavar="AMOUNT", help=N_("Money a day at most, such as 250.00."))
    ] = None,
    currency: Annotated[str, typer.Option(metavar="CODE", help=N_("Its currency, TRY unless given."))] = "TRY",
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """A cap takes the place of the former one as a whole."""
    from hub.outbox.caps.limits import NewCap, set_cap
    from hub.validation import checked

    new = checked(NewCap, {"daily_count": daily_count, "daily_amount": daily_amount, "currency": currency})
    actor = acting(by)
    with opened() as hub:
        cap = set_cap(hub.database, hub.tenant_id(tenant), provider, new, actor=actor)
    if as_json:
        show_json(cap)
        return
    count = _("any number") if cap.daily_count is None else str(cap.daily_count)
    amount = _("any amount") if cap.daily_amount is None else _money(cap.daily_amount, cap.currency)
    say(_("Cap a day at {provider}: {count} actions, {amount}.").format(provider=provider, count=count, amount=amount))


def list_(
    tenant: TenantOption,
    days: Annotated[int, typer.Option(min=1, max=366, metavar="N", help=N_("So many days back, 7 unless given."))] = 7,
    as_json: JsonOption = False,
) -> None:
    """Counts and sums by provider and day (Europe/Istanbul)."""
    from connectors.istanbul import day_of
    from hub.outbox.caps.limits import caps
    from hub.outbox.caps.spending import spent

    today = day_of(datetime.now(UTC))
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        with hub.database.tenant(tenant_id, "app") as connection:
            allowed = caps(connection, tenant_id)
            used = spent(connection, tenant_id, since=today - timedelta(days=days - 1), until=today)
    if as_json:
        show_json({"caps": allowed, "spent": used})
        return
    show_table(
        [_("Provider"), _("Actions a day"), _("Amount a day")],
        [[cap.provider, _shown(cap.daily_count), _money(cap.daily_amount, cap.currency)] for cap in allowed],
        title=_("Caps"),
    )
    show_table(
        [_("Day"), _("Provider"), _("Actions"), _("Units"), _("Amount")],
        [[f"{e.day:%d.%m.%Y}", e.provider, str(e.count), str(e.units), _money(e.amount, e.currency)] for e in used],
        title=_("Used"),
    )


def _shown(number: int | None) -> str:
    return "–" if number is None else str(number)


def _money(amount: Decimal | None, currency: str) -> str:
    from babel.numbers import format_currency

    from hub.i18n import language_in_use

    if amount is None:
        return "–"
    # Unit prices may have more places than money has.
    whole = amount == amount.quantize(_CENT)
    return format_currency(amount.normalize(), currency, locale=language_in_use(), decimal_quantization=whole)
