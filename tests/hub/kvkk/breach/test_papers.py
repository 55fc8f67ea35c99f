"""The papers: the Board's form with what is missing marked, and the notice that says what the law wants said."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hub.errors import HubError
from hub.kvkk.audit_listing import entries
from hub.kvkk.breach.draft import SECTIONS
from hub.kvkk.breach.form import LABELS
from hub.kvkk.breach.papers import write_paper
from tests.hub.kvkk.breach.conftest import ACTOR, LEARNED, WHOLE

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from tests.hub.kvkk.breach.conftest import Begin

NOW = LEARNED + timedelta(hours=10)


def written(database: Database, keyring: Keyring, of: Any, paper: str, shape: str, language: Any = "tr") -> str:
    tenant, breach = of
    made = write_paper(
        database,
        keyring,
        tenant,
        breach.breach_id,
        paper=paper,
        shape=shape,
        language=language,
        actor=ACTOR,
        now=NOW,
    )
    return made.content.decode()


class TestTheForm:
    def test_has_every_field_in_one_of_its_groups(self) -> None:
        grouped = [name for _, names in SECTIONS for name in names]
        assert sorted(grouped) == sorted(LABELS)

    def test_marks_what_is_missing_and_only_that(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        page = written(database, keyring, begin({"contact_name": "Zeynep Kaya"}), "form", "html")
        content = json.loads(written(database, keyring, begin({"contact_name": "Zeynep Kaya"}), "form", "json"))
        assert page.count('<td class="missing">EKSİK</td>') == len(content["missing"]) > 10
        assert "contact_name" not in content["missing"]
        assert 'class="missing"' not in written(database, keyring, begin(WHOLE), "form", "html").split("</style>")[1]

    def test_is_in_words_of_the_law(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        page = written(database, keyring, begin(WHOLE), "form", "html")
        for words in ("siber saldırı, oltalama", "Sağlık", "kesin sayı", "29.10.2026 23:00", "02.11.2026 12:00"):
            assert words in page
        assert "cyber attack" in written(database, keyring, begin(WHOLE), "form", "html", "en")

    def test_is_one_page_that_runs_nothing(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        page = written(database, keyring, begin({"source_details": "<script>x</script>"}), "form", "html")
        assert "<script" not in page
        assert not re.findall(r'(?:src|href)="', page)
        assert "@media print" in page

    def test_is_json_for_machines(self, database: Database, keyring: Keyring, begin: Begin) -> None:
        content = json.loads(written(database, keyring, begin(WHOLE), "form", "json"))
        assert (content["stage"], content["late"], content["missing"]) == ("initial", False, [])
        assert content["form"]["sources"] == ["cyber_attack", "phishing"]

    def test_says_that_an_examined_list_of_special_categories_is_empty(
        self, database: Database, keyring: Keyring, begin: Begin
    ) -> None:
        page = written(database, keyring, begin(WHOLE | {"special_categories": []}), "form", "html")
        assert "<td>yok</td>" in page


class TestTheNotice:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("tr", ["29.10.2026 23:00", "Kimlik, İletişim", "özel nitelikli verileriniz", "Sağlık"]),
            ("en", ["It lasted from 29.10.2026 23:00", "Identity, Contact", "special data", "Health"]),
        ],
    )
    def test_says_what_decision_2019_271_asks_for(
        self, database: Database, keyring: Keyring, begin: Begin, language: str, words: list[str]
    ) -> None:
        text = written(database, keyring, begin(WHOLE), "notice", "text", language)
        said = [WHOLE["consequences"], WHOLE["technical_measures_after"], WHOLE["advice_to_persons"]]
        for part in (*words, *said, WHOLE["contact_for_persons"], "Deneme Ltd. Şti."):
            assert part in text

    @pytest.mark.parametrize(
        "field",
        ["began_at", "categories", "special_categories", "consequences", "advice_to_persons", "contact_for_persons"],
    )
    def test_is_not_written_while_it_would_say_less(
        self, database: Database, keyring: Keyring, begin: Begin, field: str
    ) -> None:
        fields = {name: value for name, value in WHOLE.items() if name != field}
        if field == "categories":
            fields["special_categories"] = []
        with pytest.raises(HubError, match="breach_notice_incomplete"):
            written(database, keyring, begin(fields), "notice", "text")

    def test_does_not_tell_who_works_for_the_controller(
        self, database: Database, keyring: Keyring, begin: Begin
    ) -> None:
        assert "Zeynep" not in written(database, keyring, begin(WHOLE), "notice", "html")


def test_every_paper_is_in_the_audit_log(database: Database, keyring: Keyring, begin: Begin) -> None:
    of = begin(WHOLE)
    written(database, keyring, of, "form", "html")
    written(database, keyring, of, "notice", "text", "en")
    found = [line.details for line in entries(database, of[0], action="breach.drafted")]
    assert [(each["paper"], each["format"], each["language"]) for each in found] == [
        ("form", "html", "tr"),
        ("notice", "text", "en"),
    ]


def test_a_paper_that_there_is_not_is_refused(database: Database, keyring: Keyring, begin: Begin) -> None:
    with pytest.raises(HubError, match="breach_paper_unknown"):
        written(database, keyring, begin(), "notice", "json")
