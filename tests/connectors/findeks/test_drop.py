"""Reports as dropped files: what is read, in which window, and what a file does that cannot be read."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Row, Window
from connectors.failure import ProviderFailure
from connectors.sandbox.findeks.bureau import dropped as told
from connectors.sandbox.findeks.files import drop_report_files
from connectors.sandbox.server import Sandbox
from tests.connectors.findeks.bureau import TCKN, dropped, in_session, lately, read, spec

XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<RiskRaporu xmlns="urn:assumed:findeks:risk:1" referansNo="FK1" raporTarihi="01.06.2026 10:15:30">
  <Kisi kimlikTuru="TCKN" kimlikNo="{TCKN}"><AdSoyad>AYŞE ÖRNEK</AdSoyad></Kisi>
</RiskRaporu>""".replace("FK1", "FK0001")


def reports(directory: Path, window: Window | None = None) -> list[Row]:
    return read(dropped(directory), window or lately()).get("reports", [])


def files(directory: Path, window: Window | None = None) -> list[Row]:
    return read(dropped(directory), window or lately(), stream="report_files").get("report_files", [])


def put(directory: Path, name: str, content: str | bytes | dict[str, Any] | list[Any]) -> str:
    """Write a file; its SHA-256."""
    if isinstance(content, dict | list):
        content = json.dumps(content)
    data = content.encode() if isinstance(content, str) else content
    (directory / name).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def plain(reference: str, **more: Any) -> dict[str, Any]:
    subject = {"identityType": "TCKN", "identityNumber": TCKN}
    return {"referenceNo": reference, "status": "READY", "subject": subject, **more}


class TestWhatIsRead:
    def test_the_sandboxs_files_in_both_formats_and_encodings(self, sandbox: Sandbox, tmp_path: Path) -> None:
        written = drop_report_files(sandbox.world, "shop-1", tmp_path)
        assert {path.suffix for path in written} == {".json", ".xml"}
        assert any(b"windows-1254" in path.read_bytes() for path in written)
        rows = {row["reference_no"]: row for row in reports(tmp_path)}
        expected = {query.reference_no: query.subject for query in told(sandbox.world, "shop-1")}
        assert rows.keys() == expected.keys()
        for reference, subject in expected.items():
            row = rows[reference]
            assert (row["identity_number"], row["full_name"], row["source"]) == (subject.number, subject.name, "file")

    def test_a_list_of_reports_and_one_under_items(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", [plain("FK0001"), plain("FK0002")])
        put(tmp_path, "b.json", {"items": [plain("FK0003")]})
        assert {row["reference_no"] for row in reports(tmp_path)} == {"FK0001", "FK0002", "FK0003"}

    def test_what_a_file_is_written_in_is_told_by_its_content(self, tmp_path: Path) -> None:
        put(tmp_path, "rapor.json", XML)
        assert [row["full_name"] for row in reports(tmp_path)] == ["AYŞE ÖRNEK"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1254", "utf-16"])
    @pytest.mark.parametrize("declared", ["UTF-8", "windows-1254"])
    def test_any_encoding_whatever_the_declaration_says(self, tmp_path: Path, encoding: str, declared: str) -> None:
        put(tmp_path, "rapor.xml", XML.replace("UTF-8", declared).encode(encoding))
        assert [row["full_name"] for row in reports(tmp_path)] == ["AYŞE ÖRNEK"]

    @pytest.mark.parametrize("name", ["rapor.pdf", "rapor.json.part", "README", ".rapor.tmp"])
    def test_other_files_are_left_alone(self, tmp_path: Path, name: str) -> None:
        put(tmp_path, name, plain("FK0001"))
        assert reports(tmp_path) == files(tmp_path) == []

    def test_reports_still_on_their_way_wait(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", plain("FK0001") | {"status": "PENDING"})
        assert reports(tmp_path) == []

    def test_a_directory_below_is_read_and_a_link_out_of_it_is_not(self, tmp_path: Path) -> None:
        drop, other = tmp_path / "drop", tmp_path / "another-tenant"
        (drop / "2026").mkdir(parents=True)
        other.mkdir()
        put(drop / "2026", "a.json", plain("FK0001"))
        put(other, "b.json", plain("FK0002"))
        (drop / "b.json").symlink_to(other / "b.json")
        (drop / "all").symlink_to(other)
        assert [row["reference_no"] for row in reports(drop)] == ["FK0001"]

    def test_files_of_before_and_after_the_window_are_not_read(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", plain("FK0001"))
        now = datetime.now(UTC)
        assert reports(tmp_path, Window(now - timedelta(days=2), now - timedelta(days=1))) == []
        assert reports(tmp_path, Window(now + timedelta(days=1), now + timedelta(days=2))) == []

    def test_a_file_that_kept_its_old_time_of_writing_is_still_new(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", plain("FK0001"))
        os.utime(tmp_path / "a.json", (0, 0))
        assert len(reports(tmp_path)) == 1

    def test_gateway_and_files_come_together_where_both_are_set_up(self, sandbox: Sandbox, tmp_path: Path) -> None:
        put(tmp_path, "a.json", plain("FK0001"))
        now = datetime.now(UTC)
        window = Window(now - timedelta(days=3650), now + timedelta(days=3650))
        rows = read(spec(sandbox, "shop-1", report_directory=str(tmp_path)), window)["reports"]
        assert {row["source"] for row in rows} == {"gateway", "file"}

    def test_a_report_of_a_person_says_nothing_of_the_gateway(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", plain("FK0001"))
        assert files(tmp_path)[0].keys() == {"file_name", "file_sha256", "format", "bytes", "reports", "arrived_at"}


BROKEN: dict[str, str | bytes | dict[str, Any] | list[Any]] = {
    "half an object": '{"referenceNo": "FK0001", "sub',
    "half a document": XML[: len(XML) // 2],
    "nothing": "",
    "no report": {"greeting": "merhaba"},
    "a list with something else in it": [plain("FK0001"), 7],
    "another document": "<html><body/></html>",
    "bytes of no text": b"\x81\x8d\x8f\x90",
    "an amount in words": plain("FK0001", summary={"totalDebt": "elli"}),
    "an amount of two meanings": plain("FK0001", summary={"totalDebt": "185.000"}),
    "an identity number for a reference": plain(TCKN),
    "a tax number for a reference": plain("4540536920"),
    "a name for a reference": plain("Ayşe Örnek"),
    "a document type": XML.replace("<RiskRaporu", "<!DOCTYPE RiskRaporu><RiskRaporu", 1),
    "an entity": XML.replace("<RiskRaporu", '<!DOCTYPE r [<!ENTITY a "AYŞE">]><RiskRaporu', 1).replace(
        "AYŞE ÖRNEK", "&a;"
    ),
    "an entity of a file": XML.replace(
        "<RiskRaporu", '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><RiskRaporu', 1
    ).replace("AYŞE ÖRNEK", "&a;"),
    "a laughing billion": '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><RiskRaporu>&b;</RiskRaporu>',
    "a nest": "<RiskRaporu>" + "<a>" * 40 + "</a>" * 40 + "</RiskRaporu>",
    "a nest of lists": "[" * 100_000,
    "too much": b" " * (8 * 1024 * 1024 + 1),
}


class TestAFileThatCannotBeRead:
    @pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
    def test_it_is_named_by_its_digest_and_the_others_are_read(
        self, tmp_path: Path, content: str | bytes | dict[str, Any] | list[Any]
    ) -> None:
        digest = put(tmp_path, f"Ayşe Örnek {TCKN}.xml", content)
        put(tmp_path, "good.json", plain("FK0009"))
        assert [row["reference_no"] for row in reports(tmp_path)] == ["FK0009"]
        with pytest.raises(ProviderFailure) as caught:
            files(tmp_path)
        assert (caught.value.kind, caught.value.code, caught.value.field) == (
            "transient",
            "file_malformed",
            digest[:12],
        )
        assert caught.value.__context__ is None
        assert "Ayşe" not in str(caught.value)
        assert TCKN not in str(caught.value)

    def test_several_are_counted(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", "{")
        put(tmp_path, "b.json", "[")
        with pytest.raises(ProviderFailure) as caught:
            files(tmp_path)
        assert caught.value.field is not None
        assert caught.value.field.endswith(" +1")

    def test_mended_it_is_read_and_the_failure_is_over(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", '{"referenceNo": "FK0001", "subj')
        assert reports(tmp_path) == []
        digest = put(tmp_path, "a.json", plain("FK0001"))
        assert [row["reference_no"] for row in reports(tmp_path)] == ["FK0001"]
        assert [row["file_sha256"] for row in files(tmp_path)] == [digest]

    def test_taken_away_the_failure_is_over_too(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", "{")
        (tmp_path / "a.json").unlink()
        assert files(tmp_path) == []

    def test_of_a_file_with_one_bad_report_none_comes(self, tmp_path: Path) -> None:
        put(tmp_path, "a.json", [plain("FK0001"), plain("FK0002", summary={"totalDebt": "elli"})])
        assert reports(tmp_path) == []

    def test_a_directory_that_is_not_there_is_a_wrong_setting(self, tmp_path: Path) -> None:
        connection = dropped(tmp_path / "missing")
        for work in (lambda: read(connection), lambda: in_session(connection, lambda opened: opened.test())):
            with pytest.raises(ProviderFailure, match="permanent settings_invalid field=report_directory"):
                work()

    def test_one_that_is_there_passes_the_test(self, tmp_path: Path) -> None:
        in_session(dropped(tmp_path), lambda opened: opened.test())
