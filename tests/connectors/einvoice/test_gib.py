from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.einvoice.gib import CODES, resend, standing

SCHEMATRON = Path(__file__).parents[4] / "shared" / "ubl-tr/schematron/flat-20260701/efatura.sch"


@pytest.mark.parametrize("code", [1000, 1100, 1200, 1210, 1220])
def test_what_is_on_its_way_is_waited_for_and_not_sent_again(code: int) -> None:
    assert (standing(code), resend(code)) == ("pending", "no")


def test_the_last_word_is_success() -> None:
    assert (standing(1300), resend(1300)) == ("done", "no")


def test_an_invoice_that_is_registered_already_is_reconciled_and_never_sent_again() -> None:
    assert {(standing(code), resend(code)) for code in (1163, 1164)} == {("already_there", "no")}


@pytest.mark.parametrize("code", [1110, 1150, 1160, 1172, 1177, 1183])
def test_a_dead_envelope_is_repaired_and_sent_in_a_new_one(code: int) -> None:
    assert (standing(code), resend(code)) == ("repair", "after_repair")


@pytest.mark.parametrize("code", [1215, 1230])
def test_a_delivery_that_was_given_up_may_be_sent_again_under_its_number(code: int) -> None:
    assert (standing(code), resend(code)) == ("same_number", "same_number")


@pytest.mark.parametrize("code", [1190, 1195])
def test_a_fault_of_the_office_itself_is_tried_again(code: int) -> None:
    assert (standing(code), resend(code)) == ("again", "again")


def test_a_document_under_cancellation_waits_for_a_person() -> None:
    assert (standing(1235), resend(1235)) == ("person", "no")


@pytest.mark.parametrize("code", [0, 999, 1191 + 100, 9999])
def test_a_code_that_nobody_knows_fails_nothing(code: int) -> None:
    assert (standing(code), resend(code)) == ("pending", "no")


def test_every_code_of_the_schematron_is_known() -> None:
    if not SCHEMATRON.exists():
        pytest.skip("the reference material is not here")
    (listed,) = re.findall(r'AppResponseCodeType" value="\'([^\']+)\'', SCHEMATRON.read_text())
    assert {int(code) for code in listed.split(",") if code} <= set(CODES)


def test_every_code_is_explained() -> None:
    from hub.message_texts import TEXTS

    assert {f"gib_{code}" for code in CODES} == {name for name in TEXTS if name.startswith("gib_")}
