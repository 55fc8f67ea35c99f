"""The caps themselves: how many actions, and how much money, a tenant allows a provider a day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field

from hub.control import integrations
from hub.errors import HubError
from hub.kvkk import audit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

    from hub.db.database import Database
    from hub.kvkk.audit import Actor

    Connection = psycopg.Connection[tuple[Any, ...]]

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Amount = Annotated[Decimal, Field(ge=0, le=1_000_000_000, decimal_places=6)]


class NewCap(BaseModel):
    """A cap as somebody chose it; a number that is missing allows any. Zero allows none."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True)

    daily_count: Count | None = None
    daily_amount: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "TRY"


@dataclass(frozen=True)
class Cap:
    """A provider's cap, per Istanbul day."""

    provider: str
    currency: str
    daily_count: int | None
    daily_amount: Decimal | None

    def fields(self) -> dict[str, str | None]:
        """What tells this cap from another."""
        return {name: None if value is None else str(value) for name, value in asdict(self).items()}


def set_cap(
    database: Database,
    tenant_id: str,
    provider: str,
    new: NewCap,
    *,
    actor: Actor = audit.SYSTEM,
    seen: Mapping[str, Any] | None = None,
) -> Cap:
    """Put a cap in the place of the provider's former one. HubError `provider_unknown`.

    `seen` is what the caller read before (`Cap.fields`): HubError `version_differs` if somebody changed it since.
    """
    name = integrations.provider_named(provider).name
    values = {"tenant": tenant_id, "provider": name, **new.model_dump()}
    with database.tenant(tenant_id, "app") as connection:
        if seen is not None:
            # A cap that is not there yet has no row to hold: the tenant's own is held.
            connection.execute("SELECT 1 FROM hub.tenants WHERE tenant_id = %s FOR NO KEY UPDATE", (tenant_id,))
            if dict(seen) != cap(connection, tenant_id, name).fields():
                raise HubError("version_differs")
        connection.execute(
            "INSERT INTO hub.spend_caps (tenant_id, provider, currency, daily_count, daily_amount)"
            " VALUES (%(tenant)s, %(provider)s, %(currency)s, %(daily_count)s, %(daily_amount)s)"
            " ON CONFLICT (tenant_id, provider) DO UPDATE SET currency = EXCLUDED.currency,"
            " daily_count = EXCLUDED.daily_count, daily_amount = EXCLUDED.daily_amount, changed_at = now()",
            values,
        )
        details = {name: None if value is None else str(value) for name, value in new.model_dump().items()}
        audit.append(connection, tenant_id, audit.Entry(actor, "spend_cap.set", f"provider:{name}", details=details))
    return _of((name, new.currency, new.daily_count, new.daily_amount))


def cap(connection: Connection, tenant_id: str, provider: str) -> Cap:
    """A provider's cap, also where there is none. HubError `provider_unknown`."""
    name = integrations.provider_named(provider).name
    row = connection.execute(
        "SELECT provider, currency, daily_count, daily_amount FROM hub.spend_caps"
        " WHERE tenant_id = %s AND provider = %s",
        (tenant_id, name),
    ).fetchone()
    return Cap(name, "TRY", None, None) if row is None else _of(row)


def caps(connection: Connection, tenant_id: str) -> list[Cap]:
    """A tenant's caps, by provider."""
    rows = connection.execute(
        "SELECT provider, currency, daily_count, daily_amount FROM hub.spend_caps WHERE tenant_id = %s"
        " AND (daily_count IS NOT NULL OR daily_amount IS NOT NULL) ORDER BY provider",
        (tenant_id,),
    ).fetchall()
    return [_of(row) for row in rows]


def _of(row: tuple[str, str, int | None, Decimal | None]) -> Cap:
    """One amount has one form, and so one `ETag`, whoever wrote it how: two decimals, and more where they say more."""
    provider, currency, count, amount = row
    if amount is not None:
        places = cast("int", amount.normalize().as_tuple().exponent)
        amount = amount.quantize(Decimal(1).scaleb(min(places, -2)))
    return Cap(provider, currency, count, amount)
