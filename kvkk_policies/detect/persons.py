"""Finder for person names without a model: every word is evidence, and so are the words around it.

No list holds every name and most names are words somewhere, so no single rule decides. What a word is listed as, how it
is written, what stands before and behind are added up (`name_scores`); the tail of a firm or of a street takes the name
away again.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvkk_policies.detect.famous import famous_at
from kvkk_policies.detect.name_runs import inverted_at, name_at
from kvkk_policies.detect.name_scores import GIVEN_NAMES
from kvkk_policies.detect.name_sentence import Sentence
from kvkk_policies.detect.name_words import CAPITAL, COMMON, FAMED, NAMED
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span

_BEGINS = CAPITAL | GIVEN_NAMES | FAMED
_EVERYDAY = NAMED | COMMON
"""Without any of `_BEGINS` such a word begins nothing; most words of a note are that, and are asked nothing more."""


def find_person(text: Prepared) -> Iterator[Span]:
    """Names of persons; the title before and the honorific or suffix after stay outside the span."""
    sentence = Sentence(text)
    at, size = 0, len(sentence.bits)
    while at < size:
        bits = sentence.bits[at]
        if bits & _EVERYDAY and not bits & _BEGINS:
            at += 1
            continue
        famous = famous_at(sentence, at)
        if famous:
            at += famous
            continue
        count = inverted_at(sentence, at)
        if not count or famous_at(sentence, at + 1):
            count = name_at(sentence, at)
        if count:
            yield Span(sentence.starts[at], sentence.ends[at + count - 1], "PERSON", 0.7)
            if count > 1:
                sentence.enumerate_behind(at + count)
        at += count or 1
