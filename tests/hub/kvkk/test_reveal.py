"""One value, for a purpose, by somebody permitted, so many times an hour; every attempt on record."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Known, Vault
from hub.kvkk import reveal as revealing
from hub.kvkk.audit import Actor
from hub.kvkk.audit_listing import entries
from kvkk_policies.gated import Gated, Identifier, Original

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

PHONE = "+905320001122"
AYSE, CAN = Actor("ayse", "operator"), Actor("can", "operator")


@dataclass
class Desk:
    database: Database
    keyring: Keyring
    tenant: str
    pseudonym: str

    def reveal(
        self, actor: Actor = AYSE, *, why: str = "dispute", pseudonym: str | None = None, reference: str = "T-1"
    ) -> list[str | None]:
        found = revealing.reveal(
            self.database,
            self.keyring,
            self.tenant,
            pseudonym or self.pseudonym,
            why=why,
            reference=reference,
            actor=actor,
        )
        return [each.value for each in found]

    def log(self) -> list[tuple[str, str, str]]:
        return [(each.actor, each.action, each.result) for each in entries(self.database, self.tenant)]


@pytest.fixture
def desk(settings: Settings, database: Database, make_tenant: Callable[[], str]) -> Desk:
    """A tenant with one phone in its vault."""
    tenant = make_tenant()
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    pseudonym = keyring.tenant(tenant).pseudonymiser().one("phone", PHONE)
    anchor = ("phone", pseudonym)
    gated = Gated(table=None, undeclared={}, masked={}, texts_dropped=0)  # pyright: ignore[reportArgumentType]
    gated.originals = [Original("phone", pseudonym, anchor, PHONE)]
    gated.identifiers = [Identifier("phone", pseudonym, anchor, "weak", "customer_phone")]
    Vault(database, keyring).store(tenant, "bulutfon.calls", gated, Known())
    return Desk(database, keyring, tenant, pseudonym)


def test_nobody_is_permitted_until_the_tenant_says_so(desk: Desk) -> None:
    with pytest.raises(HubError, match="reveal_not_permitted"):
        desk.reveal()
    assert desk.log() == [("ayse", "reveal", "reveal_not_permitted")]


def test_a_permitted_user_sees_the_original_and_the_log_says_so_before_it_is_read(desk: Desk) -> None:
    revealing.permit(desk.database, desk.tenant, "ayse", actor=CAN)
    assert desk.reveal() == [PHONE]
    assert desk.log() == [
        ("can", "reveal_permitted", "ok"),
        ("ayse", "reveal", "ok"),
        ("ayse", "original_read", "ok"),
    ]
    assert not any(PHONE[-7:] in str(line) for line in entries(desk.database, desk.tenant))


def test_a_permission_that_was_taken_back_is_none(desk: Desk) -> None:
    revealing.permit(desk.database, desk.tenant, "ayse", actor=CAN)
    revealing.revoke(desk.database, desk.tenant, "ayse", actor=CAN)
    with pytest.raises(HubError, match="reveal_not_permitted"):
        desk.reveal()


def test_a_permission_is_one_tenants(desk: Desk, make_tenant: Callable[[], str]) -> None:
    revealing.permit(desk.database, make_tenant(), "ayse", actor=CAN)
    with pytest.raises(HubError, match="reveal_not_permitted"):
        desk.reveal()


def test_the_limit_holds_whoever_asks_at_once_and_is_each_users_own(desk: Desk) -> None:
    for user in ("ayse", "can"):
        revealing.permit(desk.database, desk.tenant, user, actor=CAN, per_hour=3)

    def attempt(_: int) -> str:
        try:
            desk.reveal()
        except HubError as error:
            return error.code
        return "ok"

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(attempt, range(8)))
    assert sorted(results) == ["ok"] * 3 + ["reveal_too_often"] * 5
    assert desk.reveal(CAN) == [PHONE]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"why": "curiosity"}, "reveal_purpose_unknown"),
        ({"pseudonym": PHONE}, "reveal_pseudonym_malformed"),
        ({"reference": "Ayşe Işık"}, "reveal_reference_malformed"),
        ({"reference": "10000000146"}, "reveal_reference_malformed"),
        ({"pseudonym": "phone_" + "a" * 26}, "reveal_nothing"),
    ],
)
def test_what_is_wrong_with_the_question_is_said(desk: Desk, changed: dict[str, str], code: str) -> None:
    revealing.permit(desk.database, desk.tenant, "ayse", actor=CAN)
    with pytest.raises(HubError, match=code) as raised:
        desk.reveal(**changed)  # pyright: ignore[reportArgumentType]
    assert PHONE not in str(raised.value)


def test_a_limit_is_a_number_that_means_something(desk: Desk) -> None:
    with pytest.raises(HubError, match="reveal_limit_out_of_range"):
        revealing.permit(desk.database, desk.tenant, "ayse", actor=CAN, per_hour=0)
