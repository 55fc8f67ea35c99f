"""Free text: masked where it names someone, dropped where it speaks of what nobody may store."""

from __future__ import annotations

import re
from collections.abc import Callable

from kvkk_policies.gate import Gated

GateCall = Callable[..., Gated]
NOTE = "Müşteri Ayşe Yılmaz 0555 000 00 02'den aradı, 34 ABC 123 plakalı araç"


def test_spans_become_labels_and_the_rest_stays_readable(gated: GateCall) -> None:
    note = gated({"note": NOTE}).table.column("note").to_pylist()[0]

    assert re.sub(r":[a-z]+_[a-z2-7]{26}>", ">", note) == (
        "Müşteri <PERSON> <TR_PHONE>'den aradı, <TR_PLATE> plakalı araç"
    )


def test_a_phone_in_a_note_is_the_phone_of_the_column(gated: GateCall) -> None:
    result = gated({"phone": 905550000002, "note": NOTE})

    assert f"<TR_PHONE:{result.table.column('phone').to_pylist()[0]}>" in result.table.column("note").to_pylist()[0]


def test_the_whole_text_goes_to_the_vault_under_the_rows_subject(gated: GateCall) -> None:
    result = gated({"note": "kargo yarın"}, {"note": NOTE, "tckn": "10000000146"})

    assert [(text.column, text.row_key, text.anchor, text.value) for text in result.texts] == [
        ("note", "1", ("tckn", result.table.column("tckn").to_pylist()[1]), NOTE)
    ]


def test_a_text_of_a_row_without_subject_is_anchored_on_whom_it_names(gated: GateCall) -> None:
    result = gated({"note": NOTE})

    assert result.texts[0].anchor[0] == "name"


def test_mentions_lead_from_a_person_to_the_texts(gated: GateCall) -> None:
    result = gated({"note": "a@ornek.com"}, {"note": "bir şey yok"}, {"note": "yine a@ornek.com ve a@ornek.com"})

    assert [(mention.row_key, mention.kind) for mention in result.mentions] == [("0", "email"), ("2", "email")]
    assert len({mention.pseudonym for mention in result.mentions}) == 1


def test_a_special_category_drops_the_text_keeps_the_row_and_counts(gated: GateCall) -> None:
    result = gated(
        {"note": "müşteri kanser tedavisi görüyor"}, {"note": "müşteri kanser tedavisi görüyor"}, {"note": "hasta bina"}
    )

    assert result.table.column("note").to_pylist() == [None, None, "hasta bina"]
    assert result.table.num_rows == 3
    assert result.texts_dropped == 2
    assert not result.texts


def test_a_dropped_text_leaves_nothing_of_whom_it_names(gated: GateCall) -> None:
    result = gated({"note": "Ayşe Yılmaz hamile, 0555 000 00 02"})

    assert result.table.column("note").to_pylist() == [None]
    assert (result.masked, result.texts, result.mentions) == ({}, [], [])


def test_an_original_text_is_kept_only_where_the_policy_says_so(gated: GateCall) -> None:
    result = gated({"remark": NOTE})

    assert "Yılmaz" not in result.table.column("remark").to_pylist()[0]
    assert not result.texts
    assert result.mentions


def test_masked_spans_count_under_their_own_category_once_a_row(gated: GateCall) -> None:
    result = gated({"note": NOTE}, {"note": NOTE})

    assert result.masked == {"ILETISIM": 2, "KIMLIK": 2, "LOKASYON": 2}


def test_masking_what_is_masked_changes_nothing(gated: GateCall) -> None:
    once = gated({"note": NOTE})
    again = gated({"note": once.table.column("note").to_pylist()[0]})

    assert again.table.column("note") == once.table.column("note")
    assert not again.texts
