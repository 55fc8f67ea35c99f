"""What a tenant's actions use up a day, kept within its caps however many processes send at once.

Everything happens in the caller's transaction, beside the change of state that it belongs to: a reservation that is
rolled back with it was never made. Reservations of one provider and day meet at one row, and each is a single statement
that locks the row before it reads it, so that the sum never passes the cap. A cap holds in one currency; what would
cost in another is refused, since nothing could be added up.

The day is Europe/Istanbul's: callers take it from `connectors.istanbul.day_of`, and keep it with the action, so that a
release or correction after midnight reaches the day of the reservation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import psycopg

    from connectors.actions import Cost

    Connection = psycopg.Connection[tuple[Any, ...]]

CapCode = Literal["spend_cap_count", "spend_cap_amount", "spend_cap_currency"]
"""Why nothing more may be spent today; the texts stand in hub/message_texts/spending.py."""


@dataclass(frozen=True)
class Fit:
    """How many of the costs, from the first one on, were reserved; and why the next one was not."""

    count: int
    refusal: CapCode | None = None


@dataclass(frozen=True)
class Spent:
    """One provider's use on one day in one currency. `units` are parts of an SMS, messages, reports."""

    provider: str
    day: date
    currency: str
    count: int
    units: int
    amount: Decimal


# The row is locked before its numbers are read: whoever waited for another reservation counts on top of that one.
_RESERVE = """
WITH spend AS (
    SELECT s.count, s.amount FROM hub.spend AS s
    WHERE s.tenant_id = %(tenant)s AND s.provider = %(provider)s AND s.day = %(day)s AND s.currency = %(currency)s
    FOR UPDATE
), room AS (
    SELECT spend.count, spend.amount, cap.daily_count, cap.daily_amount,
           coalesce(cap.currency = %(currency)s, true) AS currency_fits
    FROM spend LEFT JOIN (
        SELECT c.currency, c.daily_count, c.daily_amount FROM hub.spend_caps AS c
        WHERE c.tenant_id = %(tenant)s AND c.provider = %(provider)s
          AND (c.daily_count IS NOT NULL OR c.daily_amount IS NOT NULL)
    ) AS cap ON true
), asked AS (
    SELECT a.place, a.count, a.units, a.amount,
           CASE WHEN NOT room.currency_fits THEN 'spend_cap_currency'
                WHEN room.count + a.count > room.daily_count THEN 'spend_cap_count'
                WHEN room.amount + a.amount > room.daily_amount AND a.amount > 0 THEN 'spend_cap_amount'
           END AS refusal
    FROM room, unnest(%(counts)s::bigint[], %(units)s::bigint[], %(amounts)s::numeric[])
         WITH ORDINALITY AS a (count, units, amount, place)
), fit AS (
    SELECT count(*) FILTER (WHERE refusal IS NULL) AS places,
           coalesce(max(count) FILTER (WHERE refusal IS NULL), 0) AS count,
           coalesce(max(units) FILTER (WHERE refusal IS NULL), 0) AS units,
           coalesce(max(amount) FILTER (WHERE refusal IS NULL), 0) AS amount,
           (array_agg(refusal ORDER BY place) FILTER (WHERE refusal IS NOT NULL))[1] AS refusal
    FROM asked
)
UPDATE hub.spend AS s
SET count = s.count + fit.count, units = s.units + fit.units, amount = s.amount + fit.amount
FROM fit
WHERE s.tenant_id = %(tenant)s AND s.provider = %(provider)s AND s.day = %(day)s AND s.currency = %(currency)s
RETURNING fit.places, fit.refusal
"""
_BEGIN = (
    "INSERT INTO hub.spend (tenant_id, provider, day, currency)"
    " VALUES (%(tenant)s, %(provider)s, %(day)s, %(currency)s) ON CONFLICT DO NOTHING"
)


def reserve(
    connection: Connection, tenant_id: str, provider: str, day: date, cost: Cost, count: int = 1
) -> CapCode | None:
    """Reserve what `count` actions of this cost each will use, all or none; why not, where a cap forbids it."""
    key = _key(tenant_id, provider, day, cost.currency)
    return _reserved(connection, key, [count], [cost.units * count], [cost.amount * count]).refusal


def reserve_many(connection: Connection, tenant_id: str, provider: str, day: date, costs: Sequence[Cost]) -> Fit:
    """Reserve for as many of these actions, in their order, as the caps leave room for.

    The first that does not fit ends it, also where a cheaper one behind it would: nobody is overtaken.
    """
    done = 0
    currencies = {cost.currency for cost in costs}
    if len(currencies) > 1:
        # In a fixed order: two batches that name currencies the other way round wait for each other, not in a circle.
        for currency in sorted(currencies):
            _locked(connection, _key(tenant_id, provider, day, currency))
    for currency, run in groupby(costs, key=lambda cost: cost.currency):
        of_run = list(run)
        fit = _reserved(
            connection,
            _key(tenant_id, provider, day, currency),
            range(1, len(of_run) + 1),
            accumulate(cost.units for cost in of_run),
            accumulate(cost.amount for cost in of_run),
        )
        done += fit.count
        if fit.refusal is not None:
            return Fit(done, fit.refusal)
    return Fit(done)


def release(connection: Connection, tenant_id: str, provider: str, day: date, cost: Cost, count: int = 1) -> None:
    """Give back what was reserved for `count` actions of this cost each that were certainly not done."""
    connection.execute(
        "UPDATE hub.spend AS s SET count = greatest(s.count - %(count)s, 0), units = greatest(s.units - %(units)s, 0),"
        " amount = greatest(s.amount - %(amount)s, 0)"
        " WHERE s.tenant_id = %(tenant)s AND s.provider = %(provider)s AND s.day = %(day)s"
        " AND s.currency = %(currency)s",
        _key(tenant_id, provider, day, cost.currency)
        | {"count": count, "units": cost.units * count, "amount": cost.amount * count},
    )


def correct(connection: Connection, tenant_id: str, provider: str, day: date, *, estimate: Cost, real: Decimal) -> None:
    """Put what an action really cost in the place of its estimate: it is spent, whether or not a cap has room."""
    connection.execute(
        "UPDATE hub.spend AS s SET amount = greatest(s.amount + %(more)s, 0)"
        " WHERE s.tenant_id = %(tenant)s AND s.provider = %(provider)s AND s.day = %(day)s"
        " AND s.currency = %(currency)s",
        _key(tenant_id, provider, day, estimate.currency) | {"more": real - estimate.amount},
    )


def spent(
    connection: Connection, tenant_id: str, *, since: date, until: date, provider: str | None = None
) -> list[Spent]:
    """What was used from the day `since` to the day `until`, both included, newest first."""
    rows = connection.execute(
        "SELECT provider, day, currency, count, units, amount FROM hub.spend"
        " WHERE tenant_id = %(tenant)s AND day BETWEEN %(since)s AND %(until)s"
        " AND (%(provider)s::text IS NULL OR provider = %(provider)s) AND count > 0"
        " ORDER BY day DESC, provider, currency",
        {"tenant": tenant_id, "since": since, "until": until, "provider": provider},
    ).fetchall()
    return [Spent(*row) for row in rows]


def _locked(connection: Connection, key: Mapping[str, Any]) -> None:
    connection.execute(_BEGIN, key)
    connection.execute(
        "SELECT 1 FROM hub.spend AS s WHERE s.tenant_id = %(tenant)s AND s.provider = %(provider)s AND s.day = %(day)s"
        " AND s.currency = %(currency)s FOR UPDATE",
        key,
    )


def _reserved(
    connection: Connection,
    key: Mapping[str, Any],
    counts: Iterable[int],
    units: Iterable[int],
    amounts: Iterable[Decimal],
) -> Fit:
    """Running sums of what is asked for; those that fit are added."""
    given = {**key, "counts": list(counts), "units": list(units), "amounts": list(amounts)}
    row = connection.execute(_RESERVE, given).fetchone()
    if row is None:  # the day's first
        connection.execute(_BEGIN, key)
        row = connection.execute(_RESERVE, given).fetchone()
    if row is None:
        raise LookupError("the day's row of hub.spend")
    return Fit(row[0], row[1])


def _key(tenant_id: str, provider: str, day: date, currency: str) -> dict[str, Any]:
    return {"tenant": tenant_id, "provider": provider, "day": day, "currency": currency}
