"""Which passwords are accepted, and what they cost to guess."""

from __future__ import annotations

from threading import BoundedSemaphore

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import HubError
from hub.identity import passwords
from hub.identity.passwords import checked_password, fits, hash_password, is_outdated, renewed
from hub.validation import InvalidInput
from tests.support.cheap_passwords import HASHER_IN_FORCE

ABOUT = ("ayse.yilmaz@ornek.com.tr", "Ayşe Yılmaz", "Deneme Gıda Ltd. Şti.")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("kısa", "field_password_short"),
        ("on bir harf", "field_password_short"),
        ("a" * 129, "field_too_long"),
        ("password1234", "field_password_common"),
        ("Galatasaray1905", "field_password_common"),
        ("FENERBAHÇE1907!", "field_password_common"),
        ("şifreşifre123", "field_password_common"),
        ("Türkiye123456", "field_password_common"),
        ("123456123456", "field_password_common"),
        ("ababababababab", "field_password_common"),
        ("ayse.yilmaz@ornek.com.tr", "field_password_names"),
        ("Ayşe Yılmaz 1987", "field_password_names"),
        ("AYŞEYILMAZ123", "field_password_names"),
        ("denemegida2026", "field_password_names"),
    ],
)
def test_what_is_guessed_first_is_no_password(password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        checked_password(password, about=ABOUT)

    assert [problem.code for problem in error.value.problems] == [code]
    assert password not in str(error.value)


@pytest.mark.parametrize(
    "password", ["kırk yıllık hatır", "Tq7#mZ!p0Vx2", "ayşe her sabah yedide koşar", "x" * 60 + "abcdefg"]
)
def test_a_long_one_of_ones_own_is(password: str) -> None:
    assert checked_password(password, about=ABOUT) == password


def test_one_password_is_one_however_its_letters_are_composed() -> None:
    composed, decomposed = "şişli köprüsü öğlen", "s\u0327is\u0327li ko\u0308pru\u0308su\u0308 o\u0308g\u0306len"

    stored = hash_password(checked_password(decomposed, about=ABOUT))

    assert composed != decomposed
    assert fits(stored, composed)
    assert fits(stored, decomposed)
    assert not fits(stored, composed + " ")


@given(password=st.text(max_size=140), other=st.text(max_size=140))
@settings(max_examples=25, deadline=None)
def test_no_text_breaks_it_and_another_never_fits(password: str, other: str) -> None:
    try:
        plain = checked_password(password, about=())
    except InvalidInput:
        assert not fits(None, password)
        return
    stored = hash_password(plain)

    assert fits(stored, password)
    assert fits(stored, other) == (passwords.normalised(other) == plain)


def test_nobodys_password_is_worked_on_and_never_fits() -> None:
    assert not fits(None, "kırk yıllık hatır")
    assert not fits("no hash at all", "kırk yıllık hatır")


def test_the_parameters_are_more_than_owasp_asks_for() -> None:
    parameters = extract_parameters(HASHER_IN_FORCE().hash("x"))

    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=3, memory_cost=8, parallelism=1).hash("x"))
    assert not is_outdated(hash_password("x"))


def test_when_too_many_are_worked_on_another_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = BoundedSemaphore(1)
    monkeypatch.setattr(passwords, "_turns", turns)
    monkeypatch.setattr(passwords, "_WAIT_SECONDS", 0.01)
    old = PasswordHasher(time_cost=3, memory_cost=8, parallelism=1).hash("kırk yıllık hatır")
    with turns, pytest.raises(HubError) as error:
        fits(None, "kırk yıllık hatır")
    with turns:
        assert renewed(old, "kırk yıllık hatır") is None  # who was right comes in all the same
    assert fits(renewed(old, "kırk yıllık hatır"), "kırk yıllık hatır")
    fits(None, "kırk yıllık hatır")

    assert error.value.code == "sign_in_busy"
