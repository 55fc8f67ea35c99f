"""docs/security.md names a test for each thing it promises; every one of them is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
_NAMED = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z_0-9]+)`")


def test_every_test_that_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = _NAMED.findall(page)
    assert len(named) > 30
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_every_risk_of_the_ten_has_its_row() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    for number in range(1, 11):
        row = next(line for line in page.splitlines() if line.startswith(f"| API{number} "))
        assert _NAMED.search(row), row
