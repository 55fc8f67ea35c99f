"""The finders as Presidio recognizers, and Presidio's engine around them.

Import this module late: Presidio brings spaCy along, together 2.7 CPU seconds, which a run whose texts show no sign of
personal data does not pay. spaCy is a blank Turkish pipeline, so nothing is downloaded; our finders bring their own
keyword matching, because Presidio's compares lemmas and a blank pipeline has none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from kvkk_policies.detect.finders import FINDERS, Finder
from kvkk_policies.detect.prepared import Prepared, prepare
from kvkk_policies.detect.span import Span

if TYPE_CHECKING:
    from presidio_analyzer.nlp_engine import NlpArtifacts

LANGUAGE = "tr"


class FinderRecognizer(EntityRecognizer):
    """One finder in Presidio's shape."""

    def __init__(self, finder: Finder) -> None:
        self._find = finder.find
        super().__init__(supported_entities=list(finder.labels), name=f"tr_{finder.name}", supported_language=LANGUAGE)

    def load(self) -> None:
        """Nothing to load: the lists are read by the first text that needs them."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """The finder's spans with one of the asked labels (all, if `entities` is empty)."""
        return [
            RecognizerResult(entity_type=span.label, start=span.start, end=span.end, score=span.score)
            for span in self.spans(prepare(text))
            if not entities or span.label in entities
        ]

    def spans(self, text: Prepared) -> list[Span]:
        """The same without Presidio's result objects, of which a column of notes would need tens of thousands."""
        found = list(self._find(text))
        return text.back(found) if found else found


@cache
def recognizers() -> dict[str, FinderRecognizer]:
    """One recognizer a finder, by the finder's name."""
    return {finder.name: FinderRecognizer(finder) for finder in FINDERS}


@cache
def engine() -> AnalyzerEngine:
    """Presidio's engine with our recognizers only, for Turkish only."""
    registry = RecognizerRegistry(recognizers=list(recognizers().values()), supported_languages=[LANGUAGE])
    return AnalyzerEngine(registry=registry, nlp_engine=BlankTurkish(), supported_languages=[LANGUAGE])


class BlankTurkish(SpacyNlpEngine):
    """spaCy's rules for Turkish words without any model."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": LANGUAGE, "model_name": "blank"}])

    def load(self) -> None:
        """Make the pipeline; there is no model to read."""
        import spacy

        loaded: dict[str, Any] = {LANGUAGE: spacy.blank(LANGUAGE)}
        self.nlp = loaded


def spans_of(results: list[RecognizerResult]) -> list[Span]:
    """Presidio's results as spans."""
    return [Span(result.start, result.end, result.entity_type, result.score) for result in results]
