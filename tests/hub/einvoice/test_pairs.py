from __future__ import annotations

import pytest
from lxml import etree

from hub.einvoice.arithmetic.check import findings
from hub.einvoice.invoice.pairs import PAIRS, PROFILES, TYPES, InvoiceType, Profile, is_incentive_exemption
from hub.einvoice.invoice.reading import read
from hub.validation import InvalidInput
from tests.hub.einvoice.judges import package, second_run
from tests.hub.einvoice.samples import ALL_PAIRS, built, invoice, values

OTHER_PAIRS = [(profile, kind) for profile in PROFILES for kind in TYPES if kind not in PAIRS[profile]]


@pytest.mark.parametrize(("profile", "kind"), ALL_PAIRS)
def test_an_invoice_of_every_pair_is_taken_by_the_schema_and_the_rules(profile: Profile, kind: InvoiceType) -> None:
    assert package().errors(built(invoice(profile, kind))) == []


@pytest.mark.parametrize(("profile", "kind"), ALL_PAIRS)
def test_a_second_run_of_the_rules_takes_it_too_and_its_sums_agree(profile: Profile, kind: InvoiceType) -> None:
    draft = built(invoice(profile, kind))

    assert second_run().errors(draft) == []
    assert findings(etree.fromstring(draft)) == []


def test_the_packages_own_sums_agree_but_for_two_customs_that_it_does_not_know() -> None:
    """It adds VAT that a price holds already (OZELMATRAH) and VAT that is shown and not charged (sequence -1)."""
    unknown = {pair for pair in ALL_PAIRS if pair[1] == "OZELMATRAH" or is_incentive_exemption(*pair)}

    assert {pair for pair in ALL_PAIRS if package().sums(built(invoice(*pair)))} == unknown


def test_a_pair_outside_the_table_is_refused_with_the_types_that_go_with_its_profile() -> None:
    for profile, kind in OTHER_PAIRS:
        with pytest.raises(InvalidInput) as refused:
            read(values(profile, kind))
        [problem] = refused.value.problems
        assert (problem.field, problem.code) == ("type", "einvoice_pair_unsupported")
        assert problem.params == {"profile": profile, "types": ", ".join(PAIRS[profile])}


def test_the_table_holds_every_pair_that_the_sheet_asks_for_first() -> None:
    first = {"SATIS", "TEVKIFAT", "ISTISNA", "OZELMATRAH"}

    assert all(first <= set(PAIRS[profile]) for profile in ("TEMELFATURA", "TICARIFATURA", "EARSIVFATURA", "KAMU"))
    assert {profile for profile, kinds in PAIRS.items() if "IADE" in kinds} == {
        "TEMELFATURA",
        "EARSIVFATURA",
        "KAMU",
        "ILAC_TIBBICIHAZ",
        "YATIRIMTESVIK",
        "IDIS",
    }


def test_every_profile_and_type_that_the_rules_know_is_in_the_table() -> None:
    from hub.einvoice.codes.lists import all_lists

    lists = all_lists()
    assert set(PROFILES) == {*lists["ProfileIDType"], *lists["ProfileIDTypeEarchive"]}
    assert {kind for kinds in PAIRS.values() for kind in kinds} == set(lists["InvoiceTypeCodeList"])
