from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.hub.cli.conftest import Run
from tests.hub.codes import ROOT

TEXT = "Ayşe'yi 0532 000 00 01 numarasından 🙂 arayın, TCKN 10000000146"
MARK = "\ufeff"


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


@pytest.mark.parametrize("identifier", ["a", "", 1, -1.5, 10**30, None, True, ["a", {"b": 1}], {"ç": [None]}])
def test_an_id_of_any_json_type_comes_back(hub: Run, identifier: object) -> None:
    found = hub("pii", "detect", stdin=json.dumps({"id": identifier, "text": TEXT}))

    assert found.json()["id"] == identifier
    assert type(found.json()["id"]) is type(identifier)


def test_marks_line_ends_and_a_missing_last_one_change_nothing(hub: Run) -> None:
    lines = [json.dumps({"id": number, "text": TEXT}) for number in range(3)]
    plain = hub("pii", "detect", stdin="\n".join(lines) + "\n")
    strange = hub("pii", "detect", stdin=MARK + "\r\n".join(["", *lines]))

    assert (strange.status, strange.out) == (0, plain.out)


@pytest.mark.parametrize("text", ["", " ", "\x00", "a\x00b 0532 000 00 01", "\r\n\u2028", "\ufffe"])
def test_any_text_is_a_text(hub: Run, text: str) -> None:
    found = hub("pii", "detect", stdin=json.dumps({"id": 1, "text": text}))
    masked = hub("pii", "mask", "--jsonl", stdin=json.dumps({"id": 1, "text": text}))

    assert (found.status, masked.status) == (0, 0)
    assert [label for _start, _end, label in found.json()["spans"]] == (["TR_PHONE"] if "0532" in text else [])
    assert masked.json()["text"] == text.replace("0532 000 00 01", "<TR_PHONE>")


def test_a_very_long_line_is_one_text(hub: Run) -> None:
    text = "merhaba dünya " * 40_000 + "0532 000 00 01"
    found = hub("pii", "detect", stdin=json.dumps({"id": 1, "text": text}))

    assert found.json()["spans"] == [[len(text) - 14, len(text), "TR_PHONE"]]


@pytest.mark.parametrize(
    "line",
    [
        '{"id":NaN,"text":"10000000146"}',
        '{"id":1e999,"text":"10000000146"}',
        '{"id":{"a":"\\ud800"},"text":"10000000146"}',
        '{"id":1,"text":"a","diger":"\\ud800 10000000146"}',
        '{"id":1,"text":10000000146}',
        '{"text":"10000000146"}',
        '["10000000146"]',
        "[" * 100_000,
        '{"id":1,"text":"10000000146"',
    ],
)
@pytest.mark.parametrize("command", [("detect",), ("mask", "--jsonl")])
def test_what_could_not_be_answered_in_json_is_refused_and_what_stands_before_it_is_not_lost(
    hub: Run, command: tuple[str, ...], line: str
) -> None:
    refused = hub("pii", *command, stdin='{"id":7,"text":"a"}\n' + line)

    assert refused.status == 1
    assert "Line 2 is not a JSON object" in refused.err
    assert "10000000146" not in refused.err
    assert json.loads(refused.out)["id"] == 7


def test_plain_text_is_found_line_by_line_when_asked(hub: Run) -> None:
    found = hub("pii", "detect", "--text", stdin=f"{MARK}0532 000 00 01\r\n\n{TEXT}")

    answers = [json.loads(line) for line in found.out.splitlines()]
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert answers[0]["spans"] == [[0, 14, "TR_PHONE"]]
    assert answers[1]["spans"] == []


def test_masking_keeps_the_fields_it_does_not_know(hub: Run) -> None:
    item = {"önce": [1, {"a": None}], "id": 1, "text": "ara: 0532 000 00 01", "sonra": 1.5}
    masked = hub("pii", "mask", "--jsonl", stdin=json.dumps(item))

    assert masked.json() == {**item, "text": "ara: <TR_PHONE>"}
    assert list(masked.json()) == list(item)


def test_the_terminals_locale_decides_nothing_and_nothing_heavy_is_loaded() -> None:
    line = json.dumps({"id": "ş", "text": "Şükrü Çağlar'ı 0532 000 00 01'den ara"}, ensure_ascii=False)
    script = (
        "import sys; from hub.cli import main; status = main(['pii', 'detect']);"
        "print(*sorted({'dagster', 'dlt', 'dbt', 'sqlalchemy', 'psycopg'} & sys.modules.keys()), file=sys.stderr);"
        "sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=line.encode(),
        capture_output=True,
        check=True,
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(ROOT)},
    )

    answer = json.loads(done.stdout.decode())
    assert answer["id"] == "ş"
    assert "TR_PHONE" in {label for _start, _end, label in answer["spans"]}
    assert done.stderr.strip() == b""
