"""What changed at İYS: a refusal holds here at once; what loosened is only asked for anew.

A person's refusal at İYS ends the permission that is recorded here, too: it is a withdrawal of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from connectors.iys.register import ORIGINS, Changes, Permission
from hub.errors import HubError
from hub.iys import states
from hub.iys.owed import FROM_IYS
from hub.iys.talking import talk
from hub.iys.vocabulary import KINDS_BY_TYPE, PERMISSION_PURPOSES
from kvkk_policies.canonical import canonical

if TYPE_CHECKING:
    from connectors.iys.register import Origin, PermissionRegister
    from hub.control.consents import Consent
    from hub.db.database import Database
    from hub.iys.accounts import Account
    from hub.keys.keyring import Keyring

MOST_PAGES = 100
"""Of one run and origin; the cursor is kept, so the next run goes on."""
REASON = "refused_at_iys"


class Heard(NamedTuple):
    """Movements that were read, refusals among them, and permissions recorded here that ended by them."""

    movements: int = 0
    refusals: int = 0
    withdrawn: int = 0

    def plus(self, other: Heard) -> Heard:
        """Both together."""
        return Heard(*(one + another for one, another in zip(self, other, strict=True)))


NOTHING_HEARD = Heard()


def pull(database: Database, keyring: Keyring, tenant_id: str, account: Account, now: datetime) -> Heard | None:
    """Read what changed since the last time. None where the account tells changes by webhook only.

    Raises `ProviderFailure`; pages read before it are kept, with the place where to go on.
    """
    from hub.iys import runs

    heard = Heard()
    for origin in ORIGINS:
        for _ in range(MOST_PAGES):
            after = runs.cursor(database, tenant_id, account.provider, origin)
            page = talk(account, lambda register, origin=origin, after=after: _page(register, origin, after))
            if page is None:
                return None
            heard = heard.plus(apply(database, keyring, tenant_id, page.changes, now=now))
            # After the page: one that is applied twice changes nothing.
            if page.after is not None:
                runs.keep_cursor(database, tenant_id, account.provider, origin, page.after)
            if not page.more or page.after in (None, after):
                break
    runs.note(database, tenant_id, account.provider, pulled_at=now)
    return heard


def apply(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    changes: Sequence[Permission],
    *,
    now: datetime,
    trusted: bool = True,
) -> Heard:
    """Take changes in, in their order. What was not asked from İYS itself (an unsigned push) is not `trusted`.

    An untrusted refusal holds until İYS is asked the next time, and ends no permission.
    """
    pseudonymiser = keyring.tenant(tenant_id).pseudonymiser()
    last: dict[states.Who, Permission] = {}
    for change in changes:
        kind = KINDS_BY_TYPE[change.address.type]
        form = canonical(kind, change.address.recipient)
        if form is not None:
            who = states.Who(pseudonymiser.one(kind, form), change.address.type, change.address.recipient_type)
            last[who] = change
    refusals = {who: (each.source, each.consent_date) for who, each in last.items() if each.status == "RET"}
    with database.tenant(tenant_id, "app") as connection:
        states.note_refusals(connection, tenant_id, refusals, heard_at=now)
        permissions = {who: each.consent_date for who, each in last.items() if each.status == "ONAY"}
        states.forget(connection, tenant_id, permissions)
    withdrawn = end_permissions(database, tenant_id, refusals) if trusted else 0
    return Heard(len(changes), len(refusals), withdrawn)


def end_permissions(database: Database, tenant_id: str, refusals: Mapping[states.Who, tuple[str, datetime]]) -> int:
    """Withdraw the permissions recorded here that people refused at İYS since they gave them; how many."""
    from hub.control import consents
    from hub.messaging import persons

    if not refusals:
        return 0
    names = persons.names_of(database, tenant_id, {who.recipient for who in refusals})
    done = 0
    for who, (_source, date) in refusals.items():
        if who.recipient_type != "BIREYSEL":
            continue
        for name in names[who.recipient]:
            found = consents.listed(database, tenant_id, subject=name, purpose=PERMISSION_PURPOSES[who.type])
            done += _withdraw(database, tenant_id, (each for each in found if each.given_at <= date))
    return done


def _withdraw(database: Database, tenant_id: str, found: Iterable[Consent]) -> int:
    from hub.control import consents

    done = 0
    for each in found:
        if each.withdrawn_at is not None:
            continue
        try:
            consents.withdraw(database, tenant_id, each.consent_id, channel=FROM_IYS, reason=REASON)
        except HubError as error:
            if error.code != "consent_already_withdrawn":
                raise
            continue
        done += 1
    return done


async def _page(register: PermissionRegister, origin: Origin, after: str | None) -> Changes | None:
    return await register.changes(origin, after) if register.tells_changes else None
