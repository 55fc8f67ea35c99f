"""Each statement names its tenant at each table with tenants' rows, and does not leave that to row-level security.

Row-level security is the second lock and not the first: a statement that is right under it alone reads everybody's rows
the day it runs in another role, and an index that begins with `tenant_id` serves it by luck.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.db.grants import TABLES

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO) ({'|'.join(map(re.escape, sorted(TABLES, reverse=True)))})\b")

COMPOSED = {
    # The tenant's column comes with the others, from a mapping.
    ("hub/control/tenants.py", "INSERT INTO hub.tenants ({}) VALUES ({})"),
    # A statement's first half; the second, with the tenant, is the same for each.
    ("hub/kvkk/retention/run.py", "UPDATE hub.requests"),
    ("hub/kvkk/retention/run.py", "SELECT count(*) FROM hub.requests r"),
    ("hub/kvkk/stores/consents.py", "UPDATE hub.consents AS r SET"),
    ("hub/kvkk/stores/consents.py", "UPDATE hub.legal_bases AS r SET"),
    ("hub/kvkk/stores/consents.py", "DELETE FROM hub.refusals AS r USING"),
    ("hub/kvkk/stores/desk.py", "UPDATE hub.requests SET"),
    ("hub/kvkk/stores/desk.py", "UPDATE hub.exports SET"),
    ("hub/kvkk/stores/desk.py", "DELETE FROM hub.mails"),
    ("hub/kvkk/stores/desk.py", "DELETE FROM hub.request_identifiers"),
    ("hub/kvkk/stores/desk.py", "DELETE FROM hub.request_subjects"),
    # Meant for all tenants at once: the custodian's and the resolver's crossing, and a backup of everything.
    ("hub/keys/master_rotation.py", "SELECT EXISTS (SELECT FROM keys.tenant_keys WHERE destroyed_at IS NULL"),
    ("hub/inbox/endpoints.py", "SELECT secret_hash FROM hub.webhook_endpoints WHERE valid_until IS NULL"),
    ("hub/backup/dump.py", "SELECT erasure_id FROM hub.erasures WHERE state = 'done'"),
    ("hub/backup/dump.py", "SELECT count(*) FROM keys.erasure_journal"),
}


def text_of(node: ast.AST) -> str | None:
    """A string as far as it stands in the source; whatever is put into it is a hole."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return None if left is None or right is None else left + right
    return None


def statements(source: str) -> Iterator[tuple[int, str]]:
    """Outermost strings that name one of the tables, with their lines."""
    inner: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        text = None if id(node) in inner else text_of(node)
        if text is not None:
            inner |= {id(each) for each in ast.walk(node)}
            if _NAMED.search(text):
                yield getattr(node, "lineno", 0), " ".join(text.split())


def nameless(source: str) -> list[tuple[int, str]]:
    """Statements that name the tenant less often than tables with tenants' rows."""
    return [(line, text) for line, text in statements(source) if text.count("tenant_id") < len(_NAMED.findall(text))]


@pytest.mark.parametrize(
    "package",
    [
        "backup",
        "control",
        "identity",
        "inbox",
        "iys",
        "keys",
        "kvkk",
        "limits",
        "mail",
        "messaging",
        "policies",
        "subscriptions",
        "sync",
        "templates",
    ],
)
def test_every_statement_names_its_tenant_at_each_table(package: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line} {text}"
        for file in sorted((ROOT / "hub" / package).rglob("*.py"))
        for line, text in nameless(file.read_text())
        if not any(str(file.relative_to(ROOT)) == where and text.startswith(begin) for where, begin in COMPOSED)
    ]

    assert found == []


def test_a_statement_that_leaves_it_to_row_level_security_is_found() -> None:
    two = '"SELECT 1 FROM hub.consents c WHERE tenant_id = %s" " AND EXISTS (SELECT FROM hub.refusals r)"'

    assert nameless('run("SELECT count(*) FROM hub.consents WHERE id = %s")') != []
    assert nameless(f"run({two})") != []
    assert nameless('run("SELECT count(*) FROM hub.consents WHERE tenant_id = %s")') == []
