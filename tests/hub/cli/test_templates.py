from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.hub.cli.conftest import Run

FIELDS = {
    "name": "kargo",
    "channel": "sms",
    "kind": "transactional",
    "text": "Sayın {{ ad|upper }}, {{ tutar }} tutarındaki siparişiniz yolda.",
    "variables": {"ad": "text", "tutar": "money"},
}


def test_a_template_is_added_shown_filled_and_retired(hub: Run, tenant: dict[str, Any], tmp_path: Path) -> None:
    reference = ("--tenant", tenant["tenant_id"])
    added = hub("templates", "add", *reference, "--from-file", "-", "--by", "ayşe", stdin=json.dumps(FIELDS))
    assert added.status == 0, added.err
    assert "version 1" in added.out
    listed = hub("templates", "list", *reference, "--json").json()
    assert [(each["name"], each["version"], each["created_by"]) for each in listed] == [("kargo", 1, "ayşe")]
    assert FIELDS["text"] in hub("templates", "show", "kargo", *reference).out
    filled = hub(
        *("templates", "render", "kargo", *reference, "--variables", "-"), stdin='{"ad": "ilkay", "tutar": "12.5"}'
    )
    assert filled.out == "Sayın İLKAY, 12,50 TL tutarındaki siparişiniz yolda.\n"
    text = tmp_path / "metin.txt"
    text.write_text("Merhaba {{ ad }}\n", encoding="utf-8")
    again = hub(
        *("templates", "add", *reference, "--name", "kargo", "--channel", "sms", "--kind", "transactional"),
        *("--text-file", str(text), "--variable", "ad=text", "--json"),
    )
    assert again.json()["version"] == 2
    assert hub("templates", "retire", "kargo", *reference).out.strip().endswith("2")
    gone = hub("templates", "render", "kargo", *reference, "--json")
    assert json.loads(gone.err)["error"]["code"] == "template_retired"
    assert "kargo" in hub("--lang", "tr", "templates", "list", *reference, "--all").out


def test_a_request_with_a_missing_variable_is_refused_and_says_which(hub: Run, tenant: dict[str, Any]) -> None:
    reference = ("--tenant", tenant["tenant_id"])
    hub("templates", "add", *reference, "--from-file", "-", stdin=json.dumps(FIELDS))
    refused = hub(
        *("--lang", "tr", "templates", "render", "kargo", *reference, "--variables", "-"), stdin='{"ad": "Ayşe Gizli"}'
    )
    assert refused.status == 1
    assert "variables.tutar" in refused.err
    assert "Gizli" not in refused.err


def test_a_wrong_template_is_explained_line_by_line(hub: Run, tenant: dict[str, Any]) -> None:
    wrong = FIELDS | {"text": "{{ ad.__class__ }}", "kind": "commercial"}
    reference = ("--tenant", tenant["tenant_id"], "--from-file", "-")
    shown = hub("--lang", "tr", "templates", "add", *reference, stdin=json.dumps(wrong))
    assert shown.status == 1
    assert [line.split(":")[0].strip() for line in shown.err.splitlines()[1:]] == ["purpose", "text"]


def test_what_a_tenant_decides_about_its_messages_is_set_and_shown(hub: Run, tenant: dict[str, Any]) -> None:
    command = ("tenants", "messaging", tenant["subdomain"])
    assert hub(*command, "--json").json() == {}
    done = hub(
        *(*command, "--quiet-hours", "sms=21:00-09:00", "--opt-out-text", "RET yaz 3333"),
        *("--sender-title", "Komut Ltd."),
    )
    assert done.status == 0, done.err
    assert "sms 21:00-09:00" in done.out
    assert hub(*command, "--quiet-hours", "sms=", "--json").json() == {
        "opt_out_text": "RET yaz 3333",
        "sender_title": "Komut Ltd.",
    }
    assert hub(*command, "--quiet-hours", "sms").status == 2
    assert "21:00-09:00" in hub(*command, "--quiet-hours", "sms=gece").err
