from __future__ import annotations

import json
import sqlite3
import traceback
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub.discovery.cells import LONGEST_TEXT
from hub.discovery.judgement import Finding, judge_table
from hub.discovery.sample import TableSample
from hub.discovery.sources import file_samples
from hub.errors import HubError
from tests.hub.discovery.people import HEADING, MARKER_DIGITS, MARKER_NAME, MARKERS, customers, phones, tckns, write_csv


def samples(path: Path, rows: int = 1_000) -> dict[str, TableSample]:
    _kind, found = file_samples(path, rows, lambda *_counts: None)
    return {sample.name: sample for sample in found}


def findings(path: Path) -> dict[str, Finding]:
    (sample,) = samples(path).values()
    return {finding.column: finding for finding in judge_table(sample)}


def refused(path: Path) -> HubError:
    with pytest.raises(HubError) as caught:
        samples(path)
    return caught.value


def everything_said(error: BaseException) -> str:
    """An error with all that hangs on it, what was raised before it included."""
    text, seen = "", error
    while seen is not None:
        text += "".join(traceback.format_exception(seen)) + repr(vars(seen))
        seen = seen.__cause__ or seen.__context__  # type: ignore[assignment]
    return text


class TestDelimited:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1254", "utf-16", "utf-16-le"])
    @pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
    def test_encoding_and_delimiter_are_found_out(self, tmp_path: Path, encoding: str, delimiter: str) -> None:
        rows = [[cell.replace(",", ".") for cell in row] for row in customers()]
        path = write_csv(tmp_path / "m.csv", [HEADING, *rows], encoding=encoding, delimiter=delimiter)

        (sample,) = samples(path).values()
        assert list(sample.columns) == list(HEADING)
        assert (sample.rows, sample.total) == (60, 60)
        assert MARKER_NAME in sample.columns["Ad Soyad"].texts

    def test_decimal_commas_do_not_pass_for_delimiters(self, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "m.csv", [("ad", "tutar"), *(("a", f"{n},5") for n in range(9))])

        assert list(samples(path)["m"].columns) == ["ad", "tutar"]

    def test_the_line_with_which_excel_names_its_delimiter_is_no_heading(self, tmp_path: Path) -> None:
        (tmp_path / "m.csv").write_text("sep=;\nil;ad\nİzmir;a\n")

        assert list(samples(tmp_path / "m.csv")["m"].columns) == ["il", "ad"]

    def test_a_turkish_letter_after_a_million_bytes_still_decides_the_encoding(self, tmp_path: Path) -> None:
        rows = [("id", "ad"), *((str(number), "a" * 100) for number in range(15_000)), ("x", "Şükrü")]
        path = write_csv(tmp_path / "m.csv", rows, encoding="cp1254")

        assert file_samples(path, 1, lambda *_: None)[0] == "CSV (cp1254, ;)"

    def test_a_file_without_a_heading_has_numbered_columns_and_its_first_row_is_data(self, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "m.csv", customers())

        (sample,) = samples(path).values()
        assert list(sample.columns) == [f"column_{at}" for at in range(1, 9)]
        assert sample.rows == 60

    def test_a_name_as_first_cell_is_no_heading(self, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "m.csv", [("Ayşe Yılmaz", "teslim"), ("Mehmet Demir", "iade")])

        assert list(samples(path)["m"].columns) == ["column_1", "column_2"]

    @pytest.mark.parametrize(
        ("heading", "names"),
        [
            (("Ad", "Soyad", "2024", "2025"), ["Ad", "Soyad", "column_3", "column_4"]),
            (("alfa_x", "beta"), ["alfa_x", "beta"]),
            (("Zübeyir", "Kırkpınaroğlu"), ["column_1", "column_2"]),
            (("Kredi Kartı", "0532 000 00 01", "açık"), ["column_1", "column_2", "column_3"]),
        ],
    )
    def test_in_doubt_a_first_row_is_data(self, tmp_path: Path, heading: tuple[str, ...], names: list[str]) -> None:
        path = write_csv(tmp_path / "m.csv", [heading, *[["x"] * len(heading)] * 3])

        assert list(samples(path)["m"].columns) == names

    def test_headings_that_come_twice_or_are_empty_stay_apart(self, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "m.csv", [("tel", "tel", ""), ("1", "2", "3", "4")])

        assert list(samples(path)["m"].columns) == ["tel", "tel_2", "column_3", "column_4"]

    def test_rows_are_taken_from_all_of_the_file_and_no_more_than_asked_for(self, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "m.csv", [("sira",), *((str(number),) for number in range(5_000))])

        sample = samples(path, rows=100)["m"]
        taken = sorted(int(text) for text in sample.columns["sira"].texts)
        assert (sample.rows, sample.total, len(taken)) == (100, 5_000, 100)
        assert taken[0] < 500
        assert taken[-1] > 4_500

    def test_a_heading_alone_speaks_of_its_columns(self, tmp_path: Path) -> None:
        found = findings(write_csv(tmp_path / "m.csv", [("eposta", "ad")]))

        assert (found["eposta"].kind, found["eposta"].meaning, found["eposta"].confidence) == ("empty", "email", "low")


RECORD = {
    "id": 1,
    "musteri": {"ad": "Ali", "telefonlar": ["0532 000 00 01", "0532 000 00 02"]},
    "kalem": [{"f": 1.5}],
}
RECORD_COLUMNS = ["id", "musteri.ad", "musteri.telefonlar[]", "kalem[].f"]


class TestJson:
    @pytest.mark.parametrize(
        ("name", "text", "table"),
        [
            ("a.json", json.dumps([RECORD] * 3), "a"),
            ("a.json", json.dumps([RECORD] * 3, indent=2), "a"),
            ("a.json", json.dumps({"data": [RECORD] * 3}), "data"),
            ("a.json", json.dumps({"result": {"items": [RECORD] * 3}}), "result.items"),
            ("a.json", "\n".join([json.dumps(RECORD)] * 3), "a"),
            ("a.jsonl", "\r\n".join([json.dumps(RECORD)] * 3) + "\r\n", "a"),
            ("export", json.dumps([RECORD] * 3), "export"),
        ],
    )
    def test_every_way_of_writing_records_gives_the_same_columns(
        self, tmp_path: Path, name: str, text: str, table: str
    ) -> None:
        (tmp_path / name).write_text(text)

        (sample,) = samples(tmp_path / name).values()
        assert (sample.name, sample.rows, list(sample.columns)) == (table, 3, RECORD_COLUMNS)
        assert sample.columns["musteri.telefonlar[]"].texts.total() == 6

    def test_what_stands_around_the_records_is_looked_at_too(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text(json.dumps({"soran": {"eposta": "a@ornek.com.tr"}, "data": [RECORD]}))

        assert list(samples(tmp_path / "a.json")["a"].columns) == ["soran.eposta"]

    def test_an_object_keyed_by_people_names_none_of_them(self, tmp_path: Path) -> None:
        keyed = {phone: {"durum": "açık"} for phone in phones(20)}
        (tmp_path / "a.json").write_text(json.dumps([{"id": 1, "kisiler": keyed}]))
        (tmp_path / "b.json").write_text(json.dumps(keyed))

        assert list(samples(tmp_path / "a.json")["a"].columns) == ["id", "kisiler.*.durum"]
        assert samples(tmp_path / "b.json")["*"].rows == 20

    def test_a_key_that_is_written_like_no_programs_name_is_taken_for_data(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text(json.dumps([{"Kırkpınaroğlu": {"x": 1}, "Doğum Tarihi": 2, "someKey": 3}]))

        assert list(samples(tmp_path / "a.json")["a"].columns) == ["*.x", "Doğum Tarihi", "someKey"]

    @pytest.mark.parametrize("around", [False, True])
    def test_an_object_of_very_many_objects_is_keyed_by_data(self, tmp_path: Path, around: bool) -> None:
        keyed = {f"soyad{chr(97 + n // 26)}{chr(97 + n % 26)}": {"tel": phone} for n, phone in enumerate(phones(100))}
        (tmp_path / "a.json").write_text(json.dumps(keyed if around else [{"id": 1, "kisiler": keyed}]))

        (sample,) = samples(tmp_path / "a.json").values()
        assert list(sample.columns) == (["*.tel"] if around else ["id", "kisiler.*.tel"])
        assert len(list(sample.columns.values())[-1].texts) == 100

    def test_of_long_texts_a_part_is_kept(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text(json.dumps([{"not": "x" * 300_000}]))

        assert [len(text) for text in samples(tmp_path / "a.json")["a"].columns["not"].texts] == [LONGEST_TEXT]

    def test_records_longer_than_a_piece_that_is_read_are_whole(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text(json.dumps([{"not": "x" * 300_000, "no": number} for number in range(4)]))

        sample = samples(tmp_path / "a.json")["a"]
        assert sorted(sample.columns["no"].texts) == ["0", "1", "2", "3"]

    def test_half_of_a_surrogate_pair_and_nul_are_looked_at_and_end_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text('[{"not": "\\ud800 0532 000 00 01 \\u0000"}]')

        assert findings(tmp_path / "a.json")["not"].evidence.labels == {"TR_PHONE": 1.0}

    @pytest.mark.parametrize("text", ['[{"a": 1}, {"a": ', '[{"a": 1},]', '{"a": 1} x', "[1 2]", "[" * 100_000])
    def test_broken_json_is_refused_without_a_word_of_it(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "a.json").write_text(text.replace("1", f'"{MARKER_NAME}"'))

        error = refused(tmp_path / "a.json")
        assert error.code == "scan_file_unreadable"
        assert MARKER_NAME not in everything_said(error)


class TestParquet:
    def test_types_lists_and_structures_are_flattened(self, tmp_path: Path) -> None:
        table = pa.table(
            {
                "tckn": [float(number) for number in tckns(50)[:-1]] + [None],
                "kisi": [{"ad": "Ali", "tel": phone} for phone in phones(50)],
                "resim": [b"x"] * 50,
            }
        )
        pq.write_table(table, tmp_path / "a.parquet", row_group_size=7)

        found = findings(tmp_path / "a.parquet")
        assert list(found) == ["tckn", "kisi.ad", "kisi.tel", "resim"]
        assert found["tckn"].evidence.labels["TR_TCKN"] == 1.0
        assert (found["tckn"].evidence.type, found["tckn"].evidence.filled) == ("int", 0.98)
        assert (found["resim"].kind, found["resim"].meaning) == ("binary", "binary")

    def test_rows_are_taken_from_all_row_groups(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"sira": range(5_000)}), tmp_path / "a.parquet", row_group_size=500)

        sample = samples(tmp_path / "a.parquet", rows=100)["a"]
        groups = {int(text) // 500 for text in sample.columns["sira"].texts}
        assert (sample.rows, sample.total) == (100, 5_000)
        assert groups == set(range(10))

    def test_a_damaged_file_is_refused(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"ad": [MARKER_NAME] * 1_000}), tmp_path / "a.parquet")
        content = (tmp_path / "a.parquet").read_bytes()
        (tmp_path / "a.parquet").write_bytes(content[: len(content) // 2])

        error = refused(tmp_path / "a.parquet")
        assert error.code == "scan_file_unreadable"
        assert MARKER_NAME not in everything_said(error)


def test_a_sqlite_file_is_read_table_by_table_and_not_written(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE siparis (no INTEGER PRIMARY KEY, tel TEXT)")
        connection.executemany("INSERT INTO siparis VALUES (?, ?)", enumerate(phones(300)))
        connection.execute("CREATE VIEW gorunum AS SELECT tel FROM siparis")
    before = (tmp_path / "a.db").read_bytes()

    found = samples(tmp_path / "a.db", rows=50)
    assert {name: (sample.rows, sample.total) for name, sample in found.items()} == {
        "gorunum": (50, 300),
        "siparis": (50, 300),
    }
    assert found["siparis"].key == ("no",)
    assert (tmp_path / "a.db").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.db"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "scan_file_empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n \r\n", "scan_file_empty"),
        ("a.json", b"", "scan_file_empty"),
        ("a.json", b"[]", "scan_file_empty"),
        ("a.xlsx", b"PK\x03\x04" + MARKER_DIGITS.encode() * 9, "scan_format_unknown"),
        ("a.csv.gz", b"\x1f\x8b" + MARKER_DIGITS.encode() * 9, "scan_format_unknown"),
        ("a.dat", bytes(range(256)) * 9 + MARKER_DIGITS.encode(), "scan_format_unknown"),
        ("a.md", f"{MARKER_NAME}\n".encode() * 9, "scan_format_unknown"),
        ("a.csv", b"a;b\n" + b"\x81\x8d" * 9 + MARKER_DIGITS.encode(), "scan_format_unknown"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason_and_without_its_content(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)

    error = refused(tmp_path / name)
    assert error.code == code
    assert [marker for marker in MARKERS if marker in everything_said(error)] == []


def test_a_missing_file_and_a_directory_are_no_files(tmp_path: Path) -> None:
    assert [refused(path).code for path in (tmp_path / "a.csv", tmp_path)] == ["scan_file_missing"] * 2


def test_a_field_that_never_ends_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.discovery.sources.delimited.LONGEST_FIELD", 1_000)
    (tmp_path / "a.csv").write_text(f'a;b\n1;"{MARKER_NAME}\n' + f"2;{MARKER_NAME}\n" * 1_000)

    error = refused(tmp_path / "a.csv")
    assert error.code == "scan_file_unreadable"
    assert MARKER_NAME not in everything_said(error)


def test_values_do_not_show_when_a_sample_is_printed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "m.csv", [HEADING, *customers()])

    shown: Any = repr(samples(path))
    assert [marker for marker in MARKERS if marker in shown] == []
