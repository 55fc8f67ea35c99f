from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.hub.kvkk.breach.conftest import WHOLE

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Run


def begun(hub: Run, tenant: dict[str, Any], *, hours_ago: float = 1, **fields: Any) -> str:
    learned = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()
    stated = {name: value for name, value in WHOLE.items() if name not in ("began_at", "ended_at")} | fields
    shown = hub(
        *("kvkk", "breach", "register", "--tenant", tenant["subdomain"], "--learned-at", learned),
        *("--from-file", "-", "--by", "ayşe", "--json"),
        stdin=json.dumps(stated),
    )
    assert shown.status == 0, shown.err
    return shown.json()["breach_id"]


def act(hub: Run, tenant: dict[str, Any], command: str, breach: str, *options: str, stdin: str = "") -> Any:
    return hub("kvkk", "breach", command, breach, "--tenant", tenant["subdomain"], *options, stdin=stdin)


def test_from_learning_to_closing(hub: Run, tenant: dict[str, Any], tmp_path: Path) -> None:
    breach = begun(hub, tenant)
    listed = hub("kvkk", "breach", "list", "--tenant", tenant["subdomain"], "--json").json()
    assert 70 * 3600 < listed[0]["remaining_seconds"] <= 71 * 3600

    missing = act(hub, tenant, "show", breach, "--json").json()["missing"]
    assert missing == ["began_at", "ended_at"]
    ended = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    fields = json.dumps({"began_at": "2026-01-01T00:00:00+03:00", "ended_at": ended})
    assert act(hub, tenant, "update", breach, "--from-file", "-", stdin=fields).status == 0
    assert act(hub, tenant, "show", breach, "--json").json()["missing"] == []

    page = tmp_path / "form.html"
    assert act(hub, tenant, "draft", breach, "--out", str(page)).status == 0
    assert "EKSİK" not in page.read_text()
    notice = act(hub, tenant, "draft", breach, "--paper", "notice", "--format", "text")
    assert "Bilmediğiniz numaraları açmayın." in notice.out

    assert act(hub, tenant, "close", breach).status == 1
    assert act(hub, tenant, "notify", breach, "--to", "board", "--evidence", "2026/7").status == 0
    published = ("--to", "persons", "--how", "publication", "--evidence", "https://ornek.com.tr")
    assert act(hub, tenant, "notify", breach, *published).status == 0
    assert act(hub, tenant, "close", breach).status == 0
    assert hub("kvkk", "breach", "list", "--tenant", tenant["subdomain"], "--json").json() == []

    shown = hub("--lang", "tr", "kvkk", "breach", "show", breach, "--tenant", tenant["subdomain"])
    assert "Zaman çizelgesi" in shown.out
    assert "board_told" in shown.out


def test_shows_the_hours_that_are_left_in_istanbul_time(hub: Run, tenant: dict[str, Any]) -> None:
    begun(hub, tenant, hours_ago=71.5)
    begun(hub, tenant, hours_ago=73.5)
    shown = hub("kvkk", "breach", "list", "--tenant", tenant["subdomain"]).out
    assert "0 h 29 min" in shown
    assert "over since 1 h 30 min" in shown


def test_proof_for_each_person_comes_from_a_file(hub: Run, tenant: dict[str, Any], tmp_path: Path) -> None:
    breach = begun(hub, tenant)
    file = tmp_path / "proof.csv"
    file.write_text(f"subject_id,evidence_ref\n{uuid4()},posta-1\n")
    refused = act(hub, tenant, "notify", breach, "--to", "persons", "--evidence-file", str(file))
    assert refused.status == 1
    assert "not among those" in refused.err
    file.write_text("kim,neyle\nayşe,posta\n")
    refused = act(hub, tenant, "notify", breach, "--to", "persons", "--evidence-file", str(file))
    assert "subject_id" in refused.err
    assert "ayşe" not in refused.err
    file.write_text(f"\ufeffsubject_id;evidence_ref\r\n{uuid4()};posta-1\r\n")  # as Turkish Excel saves it
    refused = act(hub, tenant, "notify", breach, "--to", "persons", "--evidence-file", str(file))
    assert "not among those" in refused.err


def test_the_audit_log_as_csv_opens_in_turkish_excel(hub: Run, tenant: dict[str, Any]) -> None:
    begun(hub, tenant)
    shown = hub("--lang", "tr", "kvkk", "audit", "list", "--tenant", tenant["subdomain"], "--csv").out
    lines = list(csv.DictReader(io.StringIO(shown.removeprefix("\ufeff"), newline=""), delimiter=";"))
    (registered,) = (each for each in lines if each["action"] == "breach.registered")
    assert shown.startswith("\ufeffseq;at;actor")
    assert datetime.fromisoformat(registered["at"]).tzinfo is not None
    assert "fields" in json.loads(registered["details"])


def test_a_notice_is_mailed_and_counted_in_the_persons_language(hub: Run, tenant: dict[str, Any]) -> None:
    breach = begun(hub, tenant, began_at=(datetime.now(UTC) - timedelta(hours=2)).isoformat())
    assert act(hub, tenant, "send", breach, "--json").json()["persons"] == 0
    shown = hub("--lang", "tr", "kvkk", "breach", "send", breach, "--tenant", tenant["subdomain"], "--dry-run")
    assert "E-posta adresi olmayanlar" in shown.out
    assert act(hub, tenant, "send", breach, "--lang", "de").status == 2


def test_persons_are_searched_in_the_log_and_in_streams(hub: Run, tenant: dict[str, Any]) -> None:
    breach = begun(hub, tenant)
    found = act(hub, tenant, "subjects", breach, "--audit", "--stream", "bulutfon.calls", "--json")
    assert found.status == 0, found.err
    assert [each["subjects"] for each in found.json()] == [0, 0]
    assert act(hub, tenant, "subjects", breach, "--json").json() == []
    assert act(hub, tenant, "subjects", breach, "--stream", "bulutfon.faks").status == 2


def test_a_time_without_its_zone_is_refused(hub: Run, tenant: dict[str, Any]) -> None:
    shown = hub("kvkk", "breach", "register", "--tenant", tenant["subdomain"], "--learned-at", "2026-03-02T10:15")
    assert shown.status == 2
    assert "--learned-at" in shown.err


def test_a_breach_is_registered_with_when_and_what(hub: Run, tenant: dict[str, Any]) -> None:
    register = ("kvkk", "breach", "register", "--tenant", tenant["subdomain"])
    refused = hub(*register)
    assert refused.status == 1
    assert "learned_at: is missing" in refused.err
    assert "source_details: is missing: give at least one of source_details, sources" in refused.err
    learned = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    done = hub(*register, "--learned-at", learned, "--what", "Bir dizüstü bilgisayar çalındı.", "--json")
    assert done.status == 0, done.err
    assert "source_details" not in act(hub, tenant, "show", done.json()["breach_id"], "--json").json()["missing"]


def test_a_notice_needs_its_proof(hub: Run, tenant: dict[str, Any]) -> None:
    breach = begun(hub, tenant)
    assert "--evidence" in act(hub, tenant, "notify", breach, "--to", "board").err
    assert act(hub, tenant, "notify", breach, "--to", "mahkeme", "--evidence", "1").status == 2


def test_nothing_that_was_told_of_people_is_in_an_error(hub: Run, tenant: dict[str, Any]) -> None:
    breach = begun(hub, tenant)
    wrong = json.dumps({"contact_name": ["Zeynep Kaya"], "counting": "Zeynep"})
    shown = act(hub, tenant, "update", breach, "--from-file", "-", stdin=wrong)
    assert shown.status == 1
    assert "contact_name" in shown.err
    assert "Zeynep" not in shown.err
