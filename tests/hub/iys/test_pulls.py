"""What people change at İYS holds here at once, and what differs is seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.iys.netgsm import pushed
from connectors.iys.register import Address, Standing
from connectors.iys.wire import permission_fields
from hub.control import consents
from hub.iys import changes, owed, push, reconcile, runs, states
from hub.iys.accounts import Account
from tests.connectors.iys.permissions import permission
from tests.support.brand import OTHER, PHONE, Brand


def now() -> datetime:
    return datetime.now(UTC)


def pull(brand: Brand, account: Account) -> changes.Heard:
    heard = changes.pull(brand.database, brand.keyring, brand.tenant_id, account, now())
    assert heard is not None
    return heard


def state(brand: Brand, value: str = PHONE) -> str | None:
    who = states.Who(brand.pseudonym(value), "MESAJ", "BIREYSEL")
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        found = states.read(connection, brand.tenant_id, [who.recipient]).get(who)
    return found.status if found else None


def test_a_refusal_at_iys_ends_the_permission_here_and_is_not_brought_back(brand: Brand, account: Account) -> None:
    brand.says("commercial_message", keep=True)
    brand.says("marketing")
    brand.at_iys("ONAY")
    brand.sandbox.advance(seconds=3)
    brand.book.citizen(brand.company, recipient=PHONE, status="RET")
    heard = pull(brand, account)
    assert (heard.movements, heard.refusals, heard.withdrawn) == (2, 1, 1)
    assert state(brand) == "RET"
    (permission_,) = consents.listed(brand.database, brand.tenant_id, purpose="commercial_message")
    (consent,) = consents.listed(brand.database, brand.tenant_id, purpose="marketing")
    assert permission_.withdrawn_at is not None
    assert consent.withdrawn_at is None, "the KVKK consent is another record"
    assert owed.collect(brand.database, brand.tenant_id, now()) == 0
    assert pull(brand, account) == changes.NOTHING_HEARD


def test_what_loosens_at_iys_is_only_asked_for_anew(brand: Brand, account: Account) -> None:
    brand.at_iys("RET", ago=timedelta(hours=1))
    pull(brand, account)
    assert state(brand) == "RET"
    brand.book.citizen(brand.company, recipient=PHONE, status="ONAY")
    pull(brand, account)
    assert state(brand) is None


def test_an_answer_that_was_asked_for_before_a_refusal_was_heard_does_not_undo_it(brand: Brand) -> None:
    who = states.Who(brand.pseudonym(), "MESAJ", "BIREYSEL")
    asked, heard = brand.now - timedelta(seconds=2), brand.now - timedelta(seconds=1)
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        states.note_refusals(connection, brand.tenant_id, {who: ("IYS_WEB", heard)}, heard_at=heard)
        states.remember(connection, brand.tenant_id, {who: Standing("ONAY")}, asked_at=asked)
    assert state(brand) == "RET"


def test_a_refusal_from_before_the_permission_that_iys_told_of_changes_nothing(brand: Brand) -> None:
    who = states.Who(brand.pseudonym(), "MESAJ", "BIREYSEL")
    old, given = brand.now - timedelta(days=9), brand.now - timedelta(days=2)
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        states.remember(connection, brand.tenant_id, {who: Standing("ONAY", None, given)}, asked_at=brand.now)
        states.note_refusals(connection, brand.tenant_id, {who: ("HS_WEB", old)}, heard_at=brand.now)
    assert state(brand) == "ONAY"


def test_a_permission_given_after_the_refusal_stays(brand: Brand, account: Account) -> None:
    brand.at_iys("RET", ago=timedelta(hours=3))
    brand.says("commercial_message", ago=timedelta(hours=2))
    assert pull(brand, account).withdrawn == 0


def test_an_unsigned_push_blocks_until_iys_is_asked_and_ends_nothing(brand: Brand) -> None:
    brand.says("commercial_message")
    refusal = permission_fields(permission(Address(PHONE, "MESAJ"), "RET", at=brand.now))
    heard = changes.apply(
        brand.database, brand.keyring, brand.tenant_id, pushed([refusal]), now=brand.now, trusted=False
    )
    assert heard == changes.Heard(1, 1, 0)
    assert state(brand) == "RET"
    (permission_,) = consents.listed(brand.database, brand.tenant_id, purpose="commercial_message")
    assert permission_.withdrawn_at is None


def test_the_place_where_to_go_on_is_kept_for_each_origin(brand: Brand, account: Account) -> None:
    brand.at_iys("ONAY")
    pull(brand, account)
    assert runs.cursor(brand.database, brand.tenant_id, "iys", "HS") is not None
    assert runs.last(brand.database, brand.tenant_id, "iys").pulled_at is not None


def test_differences_are_listed_with_counts_and_a_refusal_ends_the_permission(brand: Brand, account: Account) -> None:
    agreeing, refused, missing, allowed, unknown = (f"+90532000010{number}" for number in range(5))
    for value in (agreeing, refused, missing):
        brand.says("commercial_message", value, keep=True)
    brand.says("commercial_message", unknown)
    back = brand.says("commercial_message", allowed, keep=True)
    consents.withdraw(brand.database, brand.tenant_id, back.consent_id, channel="web", reason=None)
    for value in (agreeing, allowed):
        brand.at_iys("ONAY", value)
    brand.at_iys("RET", refused)
    found = reconcile.reconcile(brand.database, brand.keyring, brand.tenant_id, account, now())
    assert (found.compared, found.agreeing, found.withdrawn) == (5, 1, 1)
    assert found.counts == {"refused_at_iys": 1, "missing_at_iys": 1, "allowed_at_iys": 1, "unknown_here": 1}
    assert found.people["refused_at_iys"] == [brand.pseudonym(refused)]
    assert runs.last(brand.database, brand.tenant_id, "iys").differences == found.counts
    again = reconcile.reconcile(brand.database, brand.keyring, brand.tenant_id, account, now())
    assert "refused_at_iys" not in again.counts


def test_after_a_push_both_agree(brand: Brand, account: Account) -> None:
    brand.says("commercial_message", OTHER, keep=True)
    owed.collect(brand.database, brand.tenant_id, now())
    push.submit(brand.database, brand.keyring, brand.tenant_id, account, now())
    push.listen(brand.database, brand.keyring, brand.tenant_id, account, now())
    found = reconcile.reconcile(brand.database, brand.keyring, brand.tenant_id, account, now())
    assert (found.agreeing, dict(found.counts)) == (1, {})
