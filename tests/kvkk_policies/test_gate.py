"""The gate as a whole: what lands, what goes to the vault, what is only named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Stream
from connectors.failure import ProviderFailure
from hub.errors import HubError
from kvkk_policies.detect import ColumnScanner, Span
from kvkk_policies.gate import Gate, Gated
from kvkk_policies.landing import landing_columns
from kvkk_policies.policy import ProviderPolicy
from kvkk_policies.pseudonym import Pseudonymiser
from kvkk_policies.rows import UNNAMEABLE

GateCall = Callable[..., Gated]
TCKN = "10000000146"


def column(result: Gated, name: str) -> list[Any]:
    return result.table.column(name).to_pylist()


def test_the_table_has_the_landing_columns_and_no_other(
    gated: GateCall, policies: dict[str, ProviderPolicy], stream: Stream
) -> None:
    landed = landing_columns(stream, policies["shop"].streams["orders"])

    result = gated({"phone": "05550000002", "unknown": 1})

    assert result.table.schema.names == [column.name for column in landed]
    assert [field.type for field in result.table.schema] == [column.arrow_type for column in landed]


def test_no_rows_give_an_empty_table_of_the_same_columns(gated: GateCall) -> None:
    empty = gated()

    assert empty.table.num_rows == 0
    assert empty.table.schema == gated({}).table.schema
    assert (empty.undeclared, empty.masked, empty.originals, empty.identifiers) == ({}, {}, [], [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(min_size=1), st.one_of(st.none(), st.integers(), st.text()), max_size=5))
def test_an_undeclared_field_never_reaches_the_table(gated: GateCall, stream: Stream, extra: dict[str, Any]) -> None:
    known = {column.name for column in stream.columns}
    unknown = {name: value for name, value in extra.items() if name not in known}

    result = gated(unknown, {})

    assert not set(unknown) & set(result.table.schema.names)
    assert result.table.num_rows == 2
    assert sum(result.undeclared.values()) == sum(value is not None for value in unknown.values())


def test_undeclared_fields_are_named_and_counted_by_filled_rows(gated: GateCall) -> None:
    result = gated({"shoeSize": 42}, {"shoeSize": None}, {"shoeSize": 43, "hair.colour": "grey"})

    assert result.undeclared == {"shoeSize": 2, "hair.colour": 1}


def test_a_field_name_that_may_be_data_is_not_repeated(gated: GateCall) -> None:
    result = gated({"905550000002": 1, "Ali Veli": 2, "customer_10000000146": 3})

    assert result.undeclared == {UNNAMEABLE: 3}


def test_one_person_has_one_pseudonym_in_every_spelling(gated: GateCall) -> None:
    phones = column(
        gated(*({"phone": value} for value in (905550000002, "0555 000 00 02", "+90 (555) 000-00-02"))), "phone"
    )

    assert len(set(phones)) == 1
    assert phones[0].startswith("phone_")


def test_two_tenants_have_different_pseudonyms(gated: GateCall, other_key: bytes) -> None:
    row = {"phone": "05550000002", "email": "a@ornek.com", "tckn": TCKN, "name": "Ali Veli"}
    one, other = gated(row), gated(row, key=other_key)

    for name in row:
        assert column(one, name) != column(other, name)


def test_a_value_that_does_not_look_like_its_kind_is_not_shown_either(gated: GateCall) -> None:
    result = gated({"phone": "call Ali Veli", "tckn": "none given", "plate": "scooter of Ali", "card": "card of Ali"})

    assert column(result, "phone")[0].startswith("phone_")
    assert column(result, "tckn")[0].startswith("tckn_")
    assert column(result, "plate") == ["****"]
    assert column(result, "card") == ["****"]


def test_short_internal_numbers_stay_where_the_policy_says_so(gated: GateCall) -> None:
    others = ("102\n", "102\n05550000002", "123456", "١٢٣")
    result = gated({"phone": "102"}, *({"phone": value} for value in others))

    assert column(result, "phone")[0] == "102"
    assert all(value.startswith("phone_") for value in column(result, "phone")[1:])
    assert "102" not in {original.value for original in result.originals}


def test_a_tax_number_is_keyed_by_what_it_is(gated: GateCall) -> None:
    result = gated({"tax_number": TCKN, "tckn": TCKN}, {"tax_number": "4540536920"})

    assert column(result, "tax_number")[0] == column(result, "tckn")[0]
    assert column(result, "tax_number")[1].startswith("vkn_")


def test_partial_and_generalised_values(gated: GateCall) -> None:
    result = gated(
        {
            "plate": "34 abc 123",
            "card": "5528 7900 0000 0008",
            "latitude": "41.008237",
            "seen_at": "2026-03-01T22:30:00Z",
            "born": "1985-03-15",
            "score": 999,
            "ip": "85.34.78.112",
            "address": "Çınar Mah. Gül Sok. No:3 Kadıköy/İstanbul",
            "bin": "55287900",
        },
        {"score": 1000, "ip": "2001:db8:1:2::3", "address": "evin karşısı", "card": "12345"},
        {"score": 1500, "ip": "nowhere", "address": "Ankara Cad. No:5 İzmir"},
    )

    assert column(result, "plate")[0] == "34****"
    assert column(result, "card")[:2] == ["552879******0008", "****"]
    assert column(result, "latitude")[0] == Decimal("41.008")
    # Half past one at night on 2 March in Turkey.
    assert column(result, "seen_at")[0] == datetime(2026, 3, 1, 21, tzinfo=UTC)
    assert column(result, "born")[0] == 1985
    assert column(result, "score") == ["500-1000", "1000-1500", ">=1500"]
    assert column(result, "ip") == ["85.34.78.0/24", "2001:db8:1::/48", None]
    assert column(result, "address") == ["Kadıköy/İstanbul", None, "İzmir"]
    assert column(result, "bin")[0] == "552879"


def test_ordinary_columns_pass_typed(gated: GateCall) -> None:
    result = gated({"amount": "250.00", "paid": 1, "day": "2026-03-01", "extra": {"a": None}})

    assert column(result, "amount") == [Decimal(250)]
    assert column(result, "paid") == [True]
    assert column(result, "day") == [date(2026, 3, 1)]
    assert column(result, "extra") == ['{"a":null}']


def test_a_wrong_type_loads_nothing(gated: GateCall) -> None:
    with pytest.raises(ProviderFailure, match="wrong_type field=amount"):
        gated({"amount": "1"}, {"amount": "Ali Veli"})


def test_a_row_without_its_key_loads_nothing(gated: GateCall) -> None:
    with pytest.raises(ProviderFailure, match="wrong_type field=order_id"):
        gated({"order_id": None})


def test_a_stream_without_policy_loads_nothing(stream: Stream, key: bytes) -> None:
    with pytest.raises(HubError, match="policy_stream_missing"):
        Gate({}, ColumnScanner()).apply(provider="shop", stream=stream, rows=[], pseudonymiser=Pseudonymiser(key))


class BrokenDetector:
    def scan(self, texts: Sequence[str]) -> list[list[Span]]:
        raise RuntimeError("detector down")

    def special(self, texts: Sequence[str]) -> list[bool]:
        return [False] * len(texts)


class ForgetfulDetector(BrokenDetector):
    def scan(self, texts: Sequence[str]) -> list[list[Span]]:
        return []


def test_a_detector_that_fails_loads_nothing(gated: GateCall) -> None:
    with pytest.raises(HubError, match="detector_failed kind=RuntimeError") as raised:
        gated({"note": "anything"}, detector=BrokenDetector())
    assert raised.value.__context__ is None, "what the detector says may quote a text"


def test_a_detector_that_leaves_texts_out_loads_nothing(gated: GateCall) -> None:
    with pytest.raises(HubError, match="detector_failed kind=answers_missing"):
        gated({"note": "anything"}, detector=ForgetfulDetector())


def test_originals_go_to_the_vault_once_a_person(gated: GateCall) -> None:
    result = gated(
        {"phone": "0555 000 00 02", "tckn": TCKN}, {"phone": 905550000002, "tckn": TCKN}, {"phone": "05550000002"}
    )
    phone, person = column(result, "phone")[0], column(result, "tckn")[0]

    assert {(original.anchor, original.value) for original in result.originals} == {
        (("tckn", person), "0555 000 00 02"),
        (("phone", phone), "0555 000 00 02"),
    }


def test_the_strongest_identifier_of_the_same_subject_is_the_anchor(gated: GateCall) -> None:
    result = gated(
        {"phone": "05550000002", "email": "a@ornek.com", "tckn": TCKN, "name": "Ali Veli", "tax_number": "4540536920"}
    )
    person, payer = column(result, "tckn")[0], column(result, "tax_number")[0]

    anchors = {identifier.column: (identifier.anchor, identifier.strength) for identifier in result.identifiers}
    assert anchors == {
        "tckn": (("tckn", person), "strong"),
        "phone": (("tckn", person), "weak"),
        "email": (("tckn", person), "weak"),
        "tax_number": (("vkn", payer), "strong"),
    }
    assert {original.anchor for original in result.originals} == {("tckn", person)}


def test_a_name_alone_is_its_own_anchor_and_finds_nobody(gated: GateCall) -> None:
    result = gated({"name": "Ali Veli"})

    assert not result.identifiers
    assert [original.anchor for original in result.originals] == [("name", column(result, "name")[0])]


def test_a_plate_finds_its_subject_although_only_its_province_lands(gated: GateCall) -> None:
    result = gated({"plate": "34 ABC 123", "tckn": TCKN})

    assert ("plate", column(result, "tckn")[0]) in {
        (identifier.kind, identifier.anchor[1]) for identifier in result.identifiers
    }


def test_dropped_and_masked_values_are_counted_by_category(gated: GateCall) -> None:
    result = gated({"health": "x", "phone": "05550000002", "card": "5528790000000008"}, {"health": "", "phone": "102"})

    assert result.masked == {"FINANS": 1, "ILETISIM": 1, "SAGLIK": 1}


def test_printing_what_goes_to_the_vault_shows_no_value(gated: GateCall) -> None:
    result = gated({"phone": "05550000002", "name": "Ali Veli", "note": "Ayşe Yılmaz 0555 000 00 02"})

    for word in ("Ali", "Ayşe", "000 00", "0000002"):
        assert word not in repr(result)
        assert word not in str(result.texts)
