"""A person who stands twice in a row is shown twice; whoever else stands there is not, whatever they have in common."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from connectors.iyzico import PROVIDER as IYZICO
from hub.kvkk.export.landed import LandedStream
from hub.kvkk.export.own import Own
from hub.kvkk.export.row_subjects import RowReader
from hub.kvkk.export.scope import OwnDays, Scope
from kvkk_policies.canonical import canonical
from kvkk_policies.policy import load_policies
from kvkk_policies.pseudonym import Pseudonymiser

PSEUDONYMS = Pseudonymiser(bytes(range(32)))
NUMBER, OTHER_NUMBER, MAIL = "10000011104", "20000022208", "baskasi@ornek.com.tr"


def made(kind: str, value: str) -> str:
    form = canonical(kind, value)
    assert form is not None
    return PSEUDONYMS.one(kind, form)


def reader(*, also: dict[str, str] | None = None, shared: str | None = None) -> RowReader:
    """Of `iyzico.subscription_customers`; `also` gives columns another subject, `shared` is a shared address."""
    policy = load_policies()["iyzico"].streams["subscription_customers"]
    columns = dict(policy.columns)
    for name, subject in (also or {}).items():
        columns[name] = dataclasses.replace(columns[name], subject=subject)
    policy = dataclasses.replace(policy, columns=columns)
    landed = LandedStream(IYZICO, IYZICO.stream("subscription_customers"), policy, policy)
    names = {"name": "Ayşe Nur", "surname": "Yılmaz"}
    originals = {made("tckn", NUMBER): NUMBER, **{made("name", value): value for value in names.values()}}
    own = Own(frozenset(originals), originals, frozenset({"ayşe", "nur", "yılmaz"}))
    days = (OwnDays("email", shared, None, None),) if shared else ()
    scope = Scope("t", frozenset(), (), frozenset({made("tckn", NUMBER)}), frozenset(), frozenset(), days)
    return RowReader(landed, scope, own, PSEUDONYMS)


def shown(of: RowReader, *, column: str, row: dict[str, str]) -> str | None:
    """What a column's value becomes; None where it is hidden."""
    kinds = {"identity_number": "tckn", "contact_email": "email"}
    landed: Any = of._each  # pyright: ignore[reportPrivateUsage] - what the reader was given
    full = dict.fromkeys((each.name for each in landed.columns), None) | {
        name: made(kinds.get(name, "name"), value) for name, value in row.items()
    }
    return of.own_value(of.subjects(full), landed.base.columns[column], str(full[column]))


HERS = {"identity_number": NUMBER, "name": "Ayşe Nur", "surname": "Yılmaz"}


@pytest.mark.parametrize("spelling", ["Ayşe Nur Yılmaz", "AYŞE NUR YILMAZ", " ayşe  nur yılmaz "])
def test_the_whole_name_of_the_person_is_shown_under_another_subject_of_their_row(spelling: str) -> None:
    row = HERS | {"billing_contact_name": spelling}

    assert shown(reader(), column="billing_contact_name", row=row) == "Ayşe Nur Yılmaz"


@pytest.mark.parametrize("name", ["Mehmet Demir", "Ayşe Nur Demir", "Ayşe Yılmaz", "Ayşe Nur", "Yılmaz", "Nur Yılmaz"])
def test_another_name_stays_hidden_also_one_that_begins_or_ends_as_theirs_does(name: str) -> None:
    row = HERS | {"billing_contact_name": name}

    assert shown(reader(), column="billing_contact_name", row=row) is None
    assert shown(reader(), column="name", row=row) == "Ayşe Nur"


def test_a_single_name_of_theirs_is_anybodys_where_the_row_tells_no_more() -> None:
    row = {"identity_number": NUMBER, "billing_contact_name": "Yılmaz"}

    assert shown(reader(), column="billing_contact_name", row=row) is None


def test_a_namesake_whom_the_row_tells_apart_by_an_identifier_stays_hidden() -> None:
    row = HERS | {"billing_contact_name": "Ayşe Nur Yılmaz", "contact_email": MAIL}
    of = reader(also={"contact_email": "billing"})

    assert shown(of, column="billing_contact_name", row=row) is None
    assert shown(of, column="contact_email", row=row) is None


@pytest.mark.parametrize(("name", "expected"), [("Ayşe Nur Yılmaz",) * 2, ("Ayşe Nur",) * 2, ("Ayşe Kaya", None)])
def test_in_days_of_theirs_under_a_shared_identifier_their_own_name_is_shown(name: str, expected: str | None) -> None:
    row = HERS | {"billing_contact_name": name, "contact_email": MAIL}
    of = reader(also={"contact_email": "billing"}, shared=made("email", MAIL))

    assert shown(of, column="billing_contact_name", row=row) == expected


def test_in_a_row_that_is_another_persons_no_name_is_put_together() -> None:
    row = HERS | {"identity_number": OTHER_NUMBER, "billing_contact_name": "Ayşe Nur Yılmaz"}

    assert shown(reader(), column="billing_contact_name", row=row) is None
    assert shown(reader(), column="surname", row=row) is None
