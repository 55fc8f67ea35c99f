"""Masking again what landed: texts keep their anchors, whatever the order of the key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.contract import Column, Hours, Stream
from kvkk_policies.detect.span import Span
from kvkk_policies.policy import ColumnPolicy, StreamPolicy
from kvkk_policies.pseudonym import Pseudonymiser
from kvkk_policies.regate import Again

PHONE = "+905320001122"


class FindsThePhone:
    def scan(self, texts: Sequence[str]) -> list[list[Any]]:
        return [[Span(text.index(PHONE), text.index(PHONE) + len(PHONE), "TR_PHONE")] for text in texts]

    def special(self, texts: Sequence[str]) -> list[bool]:
        return [False for _ in texts]


def test_a_text_finds_its_subject_where_the_key_names_its_columns_in_another_order() -> None:
    names = ("line", "report", "buyer", "note")
    stream = Stream(
        name="files",
        title="Files",
        description="Rows of a file.",
        columns=tuple(Column(name, "int" if name == "line" else "text", name) for name in names),
        key=("report", "line"),
        plan=Hours(timedelta(hours=1), timedelta(days=1), timedelta(days=1)),
    )
    columns = {
        "line": ColumnPolicy("line", "NONE", None, "P1Y", "keep"),
        "report": ColumnPolicy("report", "NONE", None, "P1Y", "keep"),
        "buyer": ColumnPolicy(
            "buyer", "KIMLIK", "contract", "P1Y", "pseudonymise", kind="tckn", subject="buyer", strength="strong"
        ),
        "note": ColumnPolicy("note", "MUSTERI", "contract", "P1Y", "scan", {"vault": True}, subject="buyer"),
    }
    policy = StreamPolicy("files", "Mutabakat", (), (), columns)
    pseudonymiser = Pseudonymiser(bytes(range(32)))
    buyer = pseudonymiser.one("tckn", "10000000146")
    row = {"line": 7, "report": "R", "buyer": buyer, "note": f"{PHONE} aradı"}

    gated = Again("shop", 1, stream, policy, "note").mask([row], FindsThePhone(), pseudonymiser)

    (text,) = gated.texts
    assert text.row_key == "7|R"
    assert text.anchor == ("tckn", buyer)
