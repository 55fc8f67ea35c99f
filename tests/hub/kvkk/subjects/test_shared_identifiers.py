"""What is said about the index: who said it stays, days are given away once, and codes take the place of words."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from hub.db.database import Database
from hub.errors import HubError
from hub.keys.keyring import Keyring
from hub.kvkk import links, shared_identifiers
from hub.kvkk.audit import Actor
from hub.kvkk.person import Pair
from tests.conftest import MakeTenant
from tests.hub.kvkk.subjects.index import Index

PLATE, DRIVER, COLLEAGUE = ("plate", "plate_x"), ("tckn", "tckn_x"), ("tckn", "tckn_y")
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def index(database: Database, keyring: Keyring, make_tenant: MakeTenant, actor: Actor) -> Index:
    """A pool vehicle and two who drive it."""
    made = Index(database, keyring, make_tenant())
    made.has("driver", "strong", DRIVER)
    made.has("colleague", "strong", COLLEAGUE)
    shared_identifiers.share(database, made.tenant_id, PLATE, reason="pool_vehicle", actor=actor)
    return made


def assign(index: Index, actor: Actor, since: date | None, until: date | None, holder: Pair = DRIVER) -> Any:
    return shared_identifiers.assign(
        index.database,
        index.keyring,
        index.tenant_id,
        PLATE,
        holder,
        since=since,
        until=until,
        reason="driver_change",
        actor=actor,
    )


def acts(index: Index) -> list[tuple[str, str, str]]:
    with index.database.tenant(index.tenant_id, "app") as connection:
        return connection.execute("SELECT action, object, actor FROM hub.audit_log ORDER BY seq").fetchall()


def test_drivers_follow_one_another(index: Index, actor: Actor) -> None:
    assign(index, actor, MARCH, APRIL)
    assign(index, actor, APRIL, None, COLLEAGUE)

    found = shared_identifiers.periods(index.database, index.tenant_id)

    assert [(index.names([each.subject_id]), each.since, each.until) for each in found] == [
        ({"driver"}, MARCH, APRIL),
        ({"colleague"}, APRIL, None),
    ]


@pytest.mark.parametrize(
    ("since", "until"), [(MARCH, MAY), (None, None), (None, date(2026, 3, 2)), (date(2026, 3, 31), None)]
)
def test_a_day_is_given_to_one_driver_alone(index: Index, actor: Actor, since: date | None, until: date | None) -> None:
    assign(index, actor, MARCH, APRIL)
    with pytest.raises(HubError, match="period_taken"):
        assign(index, actor, since, until, COLLEAGUE)
    assert len(shared_identifiers.periods(index.database, index.tenant_id)) == 1


def test_a_period_that_was_taken_back_can_be_given_anew(index: Index, actor: Actor) -> None:
    first = assign(index, actor, MARCH, APRIL)
    shared_identifiers.unassign(index.database, index.tenant_id, first.period_id, actor=actor)
    assign(index, actor, MARCH, APRIL, COLLEAGUE)

    assert index.find(DRIVER).periods == frozenset()
    assert len(index.find(COLLEAGUE).periods) == 1
    with pytest.raises(HubError, match="period_unknown"):
        shared_identifiers.unassign(index.database, index.tenant_id, first.period_id, actor=actor)


def test_periods_end_with_the_sharing(index: Index, actor: Actor) -> None:
    assign(index, actor, MARCH, APRIL)
    shared_identifiers.unshare(index.database, index.tenant_id, PLATE, actor=actor)

    assert shared_identifiers.periods(index.database, index.tenant_id) == []
    assert shared_identifiers.shared(index.database, index.tenant_id) == []
    with pytest.raises(HubError, match="identifier_not_shared"):
        shared_identifiers.unshare(index.database, index.tenant_id, PLATE, actor=actor)


@pytest.mark.parametrize(
    ("problem", "given"),
    [
        ("period_reversed", {"since": APRIL, "until": MARCH}),
        ("period_reversed", {"since": MARCH, "until": MARCH}),
        ("subject_unknown", {"holder": ("tckn", "nobody")}),
        ("identifier_not_shared", {"pair": ("plate", "another")}),
        ("reason_malformed", {"reason": "Ayşe drove it"}),
    ],
)
def test_what_cannot_be_is_refused_and_not_entered(
    index: Index, actor: Actor, problem: str, given: dict[str, Any]
) -> None:
    said: dict[str, Any] = {
        "pair": PLATE,
        "holder": DRIVER,
        "since": MARCH,
        "until": APRIL,
        "reason": "driver_change",
    } | given
    before = acts(index)
    with pytest.raises(HubError, match=problem):
        shared_identifiers.assign(
            index.database, index.keyring, index.tenant_id, said.pop("pair"), said.pop("holder"), actor=actor, **said
        )
    assert acts(index) == before


def test_every_word_is_in_the_audit_log_by_pseudonym(index: Index, actor: Actor) -> None:
    held = assign(index, actor, MARCH, APRIL)
    shared_identifiers.unassign(index.database, index.tenant_id, held.period_id, actor=actor)
    shared_identifiers.unshare(index.database, index.tenant_id, PLATE, actor=actor)
    (made,) = links.link(
        index.database, index.keyring, index.tenant_id, DRIVER, COLLEAGUE, reason="same_person", actor=actor
    )
    links.unlink(index.database, index.tenant_id, made.link_id, actor=actor)

    subject = f"subject:{made.subject_id}"
    assert acts(index) == [
        ("identifier_shared", "identifier:plate_x", "Deniz"),
        ("identifier_assigned", "identifier:plate_x", "Deniz"),
        ("identifier_unassigned", "identifier:plate_x", "Deniz"),
        ("identifier_unshared", "identifier:plate_x", "Deniz"),
        ("subjects_linked", subject, "Deniz"),
        ("subjects_unlinked", subject, "Deniz"),
    ]


def test_links_are_told_of_either_side_and_of_a_link_that_never_was(index: Index, actor: Actor) -> None:
    links.link(index.database, index.keyring, index.tenant_id, DRIVER, COLLEAGUE, reason="same_person", actor=actor)

    either = [links.links_of(index.database, index.keyring, index.tenant_id, pair) for pair in (DRIVER, COLLEAGUE)]
    assert either[0] == either[1]
    assert len(either[0]) == 1
    with pytest.raises(HubError, match="link_unknown"):
        links.unlink(index.database, index.tenant_id, uuid4(), actor=actor)
    with pytest.raises(HubError, match="subject_unknown"):
        links.link(
            index.database, index.keyring, index.tenant_id, DRIVER, ("tckn", "nobody"), reason="same", actor=actor
        )
