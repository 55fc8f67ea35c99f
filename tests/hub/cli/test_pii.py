from __future__ import annotations

import json
from typing import Any

import pytest

from tests.hub.cli.conftest import Run

TEXT = "Ayşe'yi 0532 000 00 01 numarasından 🙂 arayın, TCKN 10000000146"


def test_spans_count_code_points(hub: Run) -> None:
    found = hub("pii", "detect", stdin=json.dumps({"id": "a", "text": TEXT}) + "\n\n")

    answer = found.json()
    by_label = {label: TEXT[start:end] for start, end, label in answer["spans"]}
    assert answer["id"] == "a"
    assert by_label["TR_TCKN"] == "10000000146"
    assert by_label["TR_PHONE"] == "0532 000 00 01"


def test_each_line_is_answered_in_order(hub: Run) -> None:
    lines = "".join(json.dumps({"id": number, "text": "merhaba"}) + "\n" for number in range(2_500))
    found = hub("pii", "detect", stdin=lines)

    assert [json.loads(line)["id"] for line in found.out.splitlines()] == list(range(2_500))


def test_text_is_masked_line_by_line_with_labels_only(hub: Run) -> None:
    masked = hub("pii", "mask", stdin=f"{TEXT}\n\nikinci satır\n")

    lines = masked.out.splitlines()
    assert "<TR_TCKN>" in lines[0]
    assert "10000000146" not in masked.out
    assert lines[1:] == ["", "ikinci satır"]


def test_a_tenants_pseudonyms_are_those_of_its_data(hub: Run, tenant: dict[str, Any]) -> None:
    arguments = ("pii", "mask", "--jsonl", "--tenant", tenant["subdomain"])
    once = hub(*arguments, stdin=json.dumps({"id": 1, "text": TEXT}))
    again = hub(*arguments, stdin=json.dumps({"id": 1, "text": TEXT}))

    assert "<TR_TCKN:tckn_" in once.json()["text"]
    assert once.out == again.out


def test_a_line_that_is_no_json_object_is_named_by_its_number(hub: Run) -> None:
    refused = hub("pii", "detect", stdin='{"id":1,"text":"a"}\nnonsense 10000000146\n')

    assert refused.status == 1
    assert "Line 2" in refused.err
    assert "10000000146" not in refused.err


@pytest.mark.parametrize("line", [r'{"id":1,"text":"\ud800 10000000146"}', r'{"id":"\udfff","text":"10000000146"}'])
def test_half_of_a_surrogate_pair_is_no_text(hub: Run, line: str) -> None:
    refused = hub("pii", "detect", stdin=f"{line}\n")

    assert refused.status == 1
    assert "Line 1" in refused.err
    assert "10000000146" not in refused.err + refused.out


def test_bytes_that_are_no_text_are_named_by_their_line(hub: Run) -> None:
    refused = hub("pii", "mask", stdin="bir\n\udcff\udcfe\n")  # as Python reads ff and fe under a C locale

    assert refused.status == 1
    assert "Line 2 is not UTF-8 text." in refused.err
