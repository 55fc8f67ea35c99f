from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.einvoice.responses.model import Verdict
from hub.einvoice.responses.window import Standing, may_answer, standing_with_buyer

RECEIVED = date(2026, 11, 18)
LAST = date(2026, 11, 26)


def at(days: int, *answers: tuple[int, Verdict], profile: str = "TICARIFATURA") -> Standing:
    given_on = [(RECEIVED + timedelta(days=day), verdict) for day, verdict in answers]
    return standing_with_buyer(profile, received=RECEIVED, today=RECEIVED + timedelta(days=days), answers=given_on)


def test_the_eighth_day_after_receipt_is_the_last_one() -> None:
    assert at(8) == Standing("open", None, LAST)
    assert at(9) == Standing("implied", "accepted", LAST)


@pytest.mark.parametrize("day", [0, 8])
def test_an_answer_within_the_days_counts(day: int) -> None:
    assert at(30, (day, "rejected")) == Standing("answered", "rejected", LAST)


def test_an_answer_after_the_days_counts_for_nothing() -> None:
    assert at(30, (9, "rejected")) == Standing("implied", "accepted", LAST)


def test_the_first_answer_counts() -> None:
    assert at(5, (4, "accepted"), (2, "rejected")) == Standing("answered", "rejected", LAST)


@pytest.mark.parametrize("profile", ["TEMELFATURA", "KAMU", "EARSIVFATURA", ""])
def test_a_profile_without_answers_has_none(profile: str) -> None:
    assert at(1, (1, "rejected"), profile=profile) == Standing("unanswerable")
    assert not may_answer(profile, received=RECEIVED, today=RECEIVED)


def test_customs_answers_an_export_whenever_it_likes_and_we_never_do() -> None:
    assert at(400, profile="IHRACAT") == Standing("open")
    assert at(400, (300, "accepted"), profile="IHRACAT") == Standing("answered", "accepted")
    assert not may_answer("IHRACAT", received=RECEIVED, today=RECEIVED)


def test_an_answer_before_the_invoice_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="before the invoice"):
        at(1, (-1, "accepted"))
    with pytest.raises(ValueError, match="before the invoice"):
        at(-1)


@settings(max_examples=60)
@given(st.integers(0, 20), st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["accepted", "rejected"]))))
def test_an_invoice_is_open_only_while_it_may_be_answered(days: int, answers: list[tuple[int, Verdict]]) -> None:
    found = at(days, *answers)
    given_on = [(RECEIVED + timedelta(days=day), verdict) for day, verdict in answers]
    today = RECEIVED + timedelta(days=days)
    may = may_answer("TICARIFATURA", received=RECEIVED, today=today, answers=given_on)
    assert may is (found.state == "open")
    assert (found.state == "implied") is (days > 8 and not any(day <= 8 for day, _verdict in answers))
