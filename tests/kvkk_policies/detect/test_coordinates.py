"""Coordinates in the spellings that people use. Values are synthetic or published test values."""

from __future__ import annotations

import pytest

from tests.support.marked_texts import assert_found


@pytest.mark.parametrize(
    "marked",
    [
        "konum [[GEO|41.0082, 28.9784]]",
        "[[GEO|41.00823,28.97841]] noktasında",
        "koordinat: [[GEO|41,0082 28,9784]]",
        "enlem [[GEO|41.0082]] boylam [[GEO|28.9784]]",
        "[[GEO|28.9784, 41.0082]]",
        "https://maps.google.com/?q=[[GEO|41.0082,28.9784]]",
        "[[GEO|41°00'29.5\"N 28°58'42.2\"E]]",
    ],
)
def test_every_spelling_is_found_with_its_span(marked: str) -> None:
    assert_found(marked)
