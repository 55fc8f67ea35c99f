"""Whether anything that Presidio's own recognizers find rightly in the development texts is lost by ours.

    python -m benchmarks.stock_presidio

Presidio ships recognizers for Turkish identity numbers and plates, and general ones for telephones (asked for the
region TR), IBANs, cards, e-mail, IP and MAC addresses. They run here on the same blank Turkish pipeline. Fails if one
of their right answers is missing from ours.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

import tldextract
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, EntityRecognizer, RecognizerRegistry
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    PhoneRecognizer,
    TrLicensePlateRecognizer,
    TrNationalIdRecognizer,
)

from benchmarks.detection.score import misses
from benchmarks.detection.texts import LabelledText, read
from kvkk_policies.detect import Span, detect_many
from kvkk_policies.detect.recognizers import LANGUAGE, BlankTurkish

LABELS = {
    "TR_NATIONAL_ID": "TR_TCKN",
    "TR_LICENSE_PLATE": "TR_PLATE",
    "PHONE_NUMBER": "TR_PHONE",
    "IBAN_CODE": "TR_IBAN",
    "CREDIT_CARD": "CREDIT_CARD",
    "EMAIL_ADDRESS": "EMAIL",
    "IP_ADDRESS": "IP_ADDRESS",
    "MAC_ADDRESS": "MAC_ADDRESS",
}
"""Their entities and our labels."""


class _OfflineEmailRecognizer(EmailRecognizer):
    """Theirs asks the network for the list of domain endings on first use; the packaged list serves as well."""

    _endings = tldextract.TLDExtract(suffix_list_urls=())

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the domain ends in a known ending."""
        return bool(self._endings(pattern_text).fqdn)


def stock_engine() -> AnalyzerEngine:
    """Presidio's engine with its own recognizers for what our sheet lists."""
    recognizers: list[EntityRecognizer] = [
        TrNationalIdRecognizer(supported_language=LANGUAGE),
        TrLicensePlateRecognizer(supported_language=LANGUAGE),
        PhoneRecognizer(supported_language=LANGUAGE, supported_regions=("TR",)),
        IbanRecognizer(supported_language=LANGUAGE),
        CreditCardRecognizer(supported_language=LANGUAGE),
        _OfflineEmailRecognizer(supported_language=LANGUAGE),
        IpRecognizer(supported_language=LANGUAGE),
        MacAddressRecognizer(supported_language=LANGUAGE),
    ]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=[LANGUAGE])
    return AnalyzerEngine(registry=registry, nlp_engine=BlankTurkish(), supported_languages=[LANGUAGE])


def found_by_stock(texts: Sequence[str]) -> list[list[Span]]:
    """What Presidio's own recognizers find, under our labels."""
    results = BatchAnalyzerEngine(stock_engine()).analyze_iterator(texts, LANGUAGE)
    return [
        [
            Span(each.start, each.end, LABELS[each.entity_type], each.score)
            for each in found
            if each.entity_type in LABELS
        ]
        for found in results
    ]


def main() -> None:
    """Print a line a label: marked spans, how many each side finds, and what they find that ours do not."""
    labelled = read("dev")
    texts = [each.text for each in labelled]
    theirs, ours = found_by_stock(texts), detect_many(texts)
    marked: Counter[str] = Counter()
    right: dict[str, Counter[str]] = {"theirs": Counter(), "ours": Counter()}
    wrong: dict[str, Counter[str]] = {"theirs": Counter(), "ours": Counter()}
    lost: Counter[str] = Counter()
    for each, stock, scanned in zip(labelled, theirs, ours, strict=True):
        marked.update(span.label for span in each.spans if span.label in LABELS.values())
        answered = {"theirs": _answered(each, stock), "ours": _answered(each, scanned)}
        for side, found in (("theirs", stock), ("ours", scanned)):
            right[side].update(span.label for span in answered[side])
            wrong[side].update(span.label for span in misses(each.spans, found).invented)
        lost.update(span.label for span in answered["theirs"] - answered["ours"])
    for label in LABELS.values():
        print(
            f"{label:12} {marked[label]:3} marked; Presidio's own: {right['theirs'][label]:3} found, "
            f"{wrong['theirs'][label]:3} wrong; ours: {right['ours'][label]:3} found, {wrong['ours'][label]:3} wrong; "
            f"lost: {lost[label]}"
        )
    if lost:
        sys.exit("ours lose what Presidio's own recognizers find")


def _answered(text: LabelledText, found: Sequence[Span]) -> set[Span]:
    """The marked spans that were found under their label."""
    return set(text.spans) - set(misses(text.spans, found).lost)


if __name__ == "__main__":
    main()
