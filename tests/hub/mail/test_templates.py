from __future__ import annotations

import pytest

from hub.errors import HubError
from hub.i18n import Language, catalogue
from hub.mail.templates import TEMPLATES, render

FIELDS = {
    "request": "6a1f",
    "webhook": "0b7c",
    "host": "ornek.com.tr",
    "type": "access",
    "article": "KVKK 11/1-a",
    "due": "01.04.2026 23:30",
    "state": "in_progress",
    "days_left": "3",
    "tenant": "Deneme <b>Ltd</b>",
    "received": "02.03.2026",
    "expires": "05.03.2026 12:00",
    "link": "https://hub.invalid/answer/abc?x=1&y=2",
    "breach": "b-1",
    "hours_left": "12",
    "at": "04.03.2026 09:15",
    "count": "4",
    "controller": "Deneme Ltd. Şti.",
    "notice": "Nelere yol açabilir\nİstenmeyen aramalar.",
}


def filled(name: str, language: Language = "tr", **changes: str) -> tuple[str, str, str]:
    return render(name, language, {key: (FIELDS | changes)[key] for key in TEMPLATES[name].fields})


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_mail_has_both_languages_and_says_the_same_things(name: str) -> None:
    turkish, english = filled(name), filled(name, "en")

    assert turkish[0] != english[0]
    for value in (FIELDS[field] for field in TEMPLATES[name].fields):
        assert value in turkish[0] + turkish[1]
        assert value in english[0] + english[1]
    for text in TEMPLATES[name].paragraphs:
        assert text in ("{link}", "{notice}") or catalogue("tr").gettext(text) != text


def test_html_is_escaped_and_only_the_link_is_one() -> None:
    html = filled("export_link")[2]

    assert "Deneme &lt;b&gt;Ltd&lt;/b&gt;" in html
    assert html.count("<a ") == 1
    assert '<a href="https://hub.invalid/answer/abc?x=1&amp;y=2">' in html
    assert '<html lang="tr">' in html


def test_a_subject_stays_on_one_line() -> None:
    assert filled("export_link", tenant="Deneme\r\nBcc: x@y.invalid")[0].splitlines() == [
        "Deneme Bcc: x@y.invalid başvurunuzun cevabı"
    ]


def test_a_mail_with_too_few_or_too_many_fields_is_refused() -> None:
    for fields, differing in (({}, "request"), (FIELDS, "breach")):
        with pytest.raises(HubError) as refused:
            render("request_overdue", "tr", fields)
        assert refused.value.code == "mail_fields_wrong"
        assert differing in str(refused.value.params["fields"])
    with pytest.raises(HubError) as unknown:
        render("greetings", "tr", {})
    assert unknown.value.code == "mail_template_unknown"
