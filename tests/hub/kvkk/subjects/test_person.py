"""Who is one person: held against a slow reading of the rules over small random indexes, and case by case."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.kvkk import links, shared_identifiers
from hub.kvkk.audit import Actor
from hub.kvkk.person import Identified, Pair, Period
from tests.conftest import MakeTenant
from tests.hub.kvkk.subjects.index import Index

PAIRS: tuple[Pair, ...] = (("tckn", "tckn_1"), ("tckn", "tckn_2"), ("phone", "phone_1"), ("email", "email_1"))
NAMES = ("a", "b", "c", "d")


@pytest.fixture
def index(database: Database, keyring: Keyring, make_tenant: MakeTenant) -> Index:
    return Index(database, keyring, make_tenant())


Held = dict[tuple[str | Pair, Pair], str]

whos = st.sampled_from(NAMES) | st.sampled_from(PAIRS)
helds = st.dictionaries(st.tuples(whos, st.sampled_from(PAIRS)), st.sampled_from(("strong", "weak")), max_size=9)
linked = st.sets(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda two: two[0] < two[1]), max_size=2
)
some = st.sets(st.sampled_from(PAIRS), max_size=2)
named = st.sets(st.sampled_from(PAIRS), min_size=1, max_size=2)


def slowly(held: Held, joined: set[tuple[str, str]], shared: set[Pair], asked: set[Pair]) -> tuple[set, set]:  # type: ignore[type-arg]
    """The rules as `find_person` tells them, applied until nothing changes."""
    holders = {pair: {who: how for (who, each), how in held.items() if each == pair} for pair in PAIRS}

    def numbers(pair: Pair) -> set[Pair]:
        return {
            number
            for who in holders[pair]
            for (each, number), how in held.items()
            if each == who and number[0] == "tckn" and how == "strong"
        }

    nobodys = shared | {pair for pair in PAIRS if pair[0] != "tckn" and len(numbers(pair)) > 1}

    def grown(person: set[str | Pair], asked: set[Pair]) -> set[str | Pair]:
        while True:
            before = set(person)
            for pair in PAIRS:
                if pair in nobodys:
                    continue
                theirs = any(held.get((who, pair)) == "strong" for who in person)
                others = holders[pair].keys() - {pair}
                if pair in asked and (len(others) < 2 or any(others <= grown({who}, set()) for who in others)):
                    person |= holders[pair].keys()
                if pair in asked or theirs:
                    person |= {who for who, how in holders[pair].items() if how == "strong" or who == pair}
            for one, other in joined:
                if {one, other} & person:
                    person |= {one, other}
            if person == before:
                return person

    person = grown(set(), asked)
    common = asked | {pair for who, pair in held if who in person}
    return person, {who for pair in common for who in holders[pair]} - person


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(held=helds, joined=linked, shared=some, asked=named)
def test_a_person_is_who_the_rules_say(
    database: Database, keyring: Keyring, held: Held, joined: set[tuple[str, str]], shared: set[Pair], asked: set[Pair]
) -> None:
    index = Index(database, keyring)
    for (who, pair), how in held.items():
        index.has(who, how, pair)
    with database.tenant(index.tenant_id, "vault") as connection:
        for one, other in joined:
            connection.execute(
                "INSERT INTO vault.links (tenant_id, subject_id, other_subject_id, reason, made_by)"
                " VALUES (%s, %s::uuid, %s::uuid, 'same', 'test')",
                (index.tenant_id, index.subject(one), index.subject(other)),
            )
        for pair in shared:
            connection.execute(
                "INSERT INTO vault.shared_identifiers (tenant_id, kind, pseudonym, reason, noted_by)"
                " VALUES (%s, %s, %s, 'shared', 'test')",
                (index.tenant_id, *pair),
            )

    found = index.find(*asked)

    person, uncertain = slowly(held, joined, shared, asked)
    assert found.subjects.keys() == {index.subject(who) for who in person}
    assert found.uncertain == {index.subject(who) for who in uncertain}
    strengths: dict[Pair, str] = {}
    for (who, pair), how in held.items():
        if who in person:
            strengths[pair] = min(how, strengths.get(pair, how))
    assert found.identifiers == {Identified(*pair, how) for pair, how in strengths.items()}


TCKN, OTHER_TCKN, PHONE, EMAIL, PLATE = (
    ("tckn", "tckn_a"),
    ("tckn", "tckn_b"),
    ("phone", "phone_a"),
    ("email", "email_a"),
    ("plate", "plate_a"),
)


def test_an_identity_number_finds_its_person_and_leaves_a_weak_phone_to_a_reviewer(index: Index) -> None:
    index.has("customer", "strong", TCKN)
    index.has("customer", "weak", PHONE)
    caller = index.has(PHONE, "weak", PHONE)

    found = index.find(TCKN)

    assert index.names(found.subjects) == {"customer"}
    assert found.uncertain == {caller}


def test_a_named_phone_finds_its_calls_and_the_only_customer_who_has_it(index: Index) -> None:
    index.has("customer", "weak", PHONE)
    index.has("customer", "strong", TCKN)
    calls = index.has(PHONE, "weak", PHONE)

    assert index.find(PHONE).subjects.keys() == {index.subject("customer"), calls}


def test_a_named_phone_of_two_customers_finds_its_calls_alone(index: Index) -> None:
    for who in ("wife", "husband"):
        index.has(who, "weak", PHONE)
    calls = index.has(PHONE, "weak", PHONE)

    found = index.find(PHONE)

    assert found.subjects.keys() == {calls}
    assert index.names(found.uncertain) == {"wife", "husband"}


def test_a_verified_contact_leads_to_the_rows_that_carry_it_alone(index: Index) -> None:
    index.has("customer", "strong", TCKN, EMAIL)
    letters = index.has(EMAIL, "weak", EMAIL)

    assert index.find(TCKN).subjects.keys() == {index.subject("customer"), letters}


def test_a_contact_that_two_identity_numbers_have_strongly_joins_nobody(index: Index) -> None:
    index.has("wife", "strong", TCKN, EMAIL)
    index.has("husband", "strong", OTHER_TCKN, EMAIL)

    found = index.find(TCKN)

    assert index.names(found.subjects) == {"wife"}
    assert index.names(found.uncertain) == {"husband"}


def test_a_shared_switchboard_leads_nowhere_until_that_is_taken_back(index: Index, actor: Actor) -> None:
    index.has("employee", "strong", PHONE)
    index.has(PHONE, "weak", PHONE)
    assert len(index.find(PHONE).subjects) == 2

    shared_identifiers.share(index.database, index.tenant_id, PHONE, reason="switchboard", actor=actor)
    found = index.find(PHONE)
    assert (found.subjects, len(found.uncertain)) == ({}, 2)

    shared_identifiers.unshare(index.database, index.tenant_id, PHONE, actor=actor)
    assert len(index.find(PHONE).subjects) == 2


def test_a_link_makes_one_person_and_its_end_two_again_without_touching_a_key(
    index: Index, keyring: Keyring, actor: Actor
) -> None:
    first, second = index.has("first", "strong", TCKN), index.has("second", "strong", OTHER_TCKN)
    keys = keyring.subjects(index.tenant_id, [first, second])
    sealed = {subject: key.seal("row", subject.encode()) for subject, key in keys.items()}

    (made,) = links.link(
        index.database, index.keyring, index.tenant_id, TCKN, OTHER_TCKN, reason="same_person", actor=actor
    )

    assert set(index.find(TCKN).subjects.items()) == {(first, "strong"), (second, "link")}
    assert index.find(OTHER_TCKN).subjects.keys() == {first, second}
    again = links.link(
        index.database, index.keyring, index.tenant_id, OTHER_TCKN, TCKN, reason="same_person", actor=actor
    )
    assert again == []

    links.unlink(index.database, index.tenant_id, made.link_id, actor=actor)

    assert index.find(TCKN).subjects.keys() == {first}
    after = keyring.subjects(index.tenant_id, [first, second])
    assert {subject: after[subject].open("row", text).decode() for subject, text in sealed.items()} == {
        first: first,
        second: second,
    }


def test_days_in_which_a_pool_vehicle_was_one_drivers_are_told_with_the_driver(index: Index, actor: Actor) -> None:
    index.has("driver", "strong", TCKN)
    vehicle = index.has(PLATE, "weak", PLATE)
    shared_identifiers.share(index.database, index.tenant_id, PLATE, reason="pool_vehicle", actor=actor)
    shared_identifiers.assign(
        index.database,
        index.keyring,
        index.tenant_id,
        PLATE,
        TCKN,
        since=date(2026, 3, 1),
        until=date(2026, 4, 1),
        reason="driver_change",
        actor=actor,
    )

    found = index.find(TCKN)

    assert found.periods == {Period(*PLATE, date(2026, 3, 1), date(2026, 4, 1))}
    assert index.names(found.subjects) == {"driver"}
    assert found.uncertain == {vehicle}


def test_people_of_other_tenants_are_never_found(index: Index, database: Database, keyring: Keyring) -> None:
    other = Index(database, keyring)
    other.has("customer", "strong", TCKN)

    assert index.find(TCKN).subjects == {}
    assert uuid4() not in index.find(TCKN).uncertain
