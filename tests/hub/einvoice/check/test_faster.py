"""The rewritten rules beside the package's own run, on documents that are wrong in ways nobody thought of."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

import pytest
from efatura_kontrol.kontrol import kontrol_et
from lxml import etree

from hub.einvoice.check.checker import warm_checker
from tests.support.ubl_samples import SHARED, draft

TEXTS = (
    *("", "x", "0", "2.0", "2026-11-20", "TRY", "USD", "TRY,USD", "0015", "555", "702", "EARSIVFATURA"),
    *("IADE", "TEVKIFAT", "ISTISNA", "IHRACKAYITLI", "SARJ", "SGK", "YTBISTISNA", "TEKNOLOJIDESTEK"),
    *("IHRACAT", "KAMU", "ENERJI", "YATIRIMTESVIK", "IDIS", "ILAC_TIBBICIHAZ", "YOLCUBERABERFATURA", "HKS"),
)
ATTRIBUTES = ("", "TCKN", "VKN", "X", "C62", "ADET", "PLAKA", "TRY", "TRY,USD")
LARGEST = 60_000
"""Bytes: samples that carry a stylesheet of 200 kB say nothing more."""


def damaged(document: bytes, draw: random.Random) -> bytes:
    """One to four elements removed, doubled, or with another text or attribute."""
    root = etree.fromstring(document)
    for _ in range(draw.randint(1, 4)):
        element: Any = draw.choice([each for each in root.iter() if isinstance(each.tag, str) and each is not root])
        match draw.randint(0, 4):
            case 0:
                element.getparent().remove(element)
            case 1:
                element.getparent().append(deepcopy(element))
            case 2:
                element.text = draw.choice(TEXTS)
            case 3 if element.attrib:
                element.set(draw.choice(list(element.attrib)), draw.choice(ATTRIBUTES))
            case _:
                deciding = draw.choice(("ProfileID", "InvoiceTypeCode"))
                for each in root.iter(f"{{*}}{deciding}"):
                    each.text = draw.choice(TEXTS)
    return etree.tostring(root)


def said(document: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The rules broken, with GİB's words, here and there."""
    ours = [(each.finding.code.removeprefix("gib:"), each.words) for each in warm_checker().tell(document)]
    theirs = [(each.kod.removeprefix("sch-"), each.mesaj) for each in kontrol_et(document).bulgular if each.gib_mesaj]
    known = {name for name, _words in theirs}
    return sorted(each for each in ours if each[0] in known or each[1]), sorted(theirs)


def test_damaged_drafts_break_the_same_rules_with_the_same_words() -> None:
    draw = random.Random(20260701)
    for _ in range(60):
        ours, theirs = said(damaged(draft(lines=2), draw))

        assert ours == theirs


@pytest.mark.prove
def test_damaged_samples_break_the_same_rules_with_the_same_words() -> None:
    samples = [path.read_bytes() for path in sorted(SHARED.glob("*/*.xml"))]
    samples = [sample for sample in samples if len(sample) < LARGEST]
    if not samples:
        pytest.skip("the reference folder ../shared with UBL-TR samples is not here")
    draw = random.Random(20260702)
    for _ in range(1_500):
        ours, theirs = said(damaged(draw.choice(samples), draw))

        assert ours == theirs
