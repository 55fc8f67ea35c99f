"""No pattern may take longer than a text is long: a row of 100 kB that somebody typed must not stop a load."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as codes  # pyright: ignore[reportAttributeAccessIssue]
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any

import pytest

import kvkk_policies.detect as package
from kvkk_policies.detect import detect_many
from kvkk_policies.detect.documents import DOCUMENTS

REPEATS_TO_ITS_END = {
    "emails._DOMAIN",  # begins at an @ and holds none
    "emails._SUFFIX",  # whole words only
    "prepared._CLUSTER",  # the next search begins behind it
    "spoken._RUN",  # the next search begins behind it
    "topic_words._WORD",  # the next search begins behind it
}
"""Repeat more than a character, or look ahead, without a bound, and why that costs nothing."""


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules(package.__path__):
        for name, value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).items():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, re.Pattern):
                    yield f"{module.name}.{name}", each
    for document in DOCUMENTS:
        for name in ("says", "before", "after", "also"):
            yield f"documents.{document.label}.{name}", getattr(document, name)


def is_unbounded(items: Any, *, looking: bool = False) -> bool:
    """Whether a group, or anything inside a look-ahead, repeats without a bound."""
    for code, given in items:
        inner: list[Any] = []
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            _, most, repeated = given
            single = len(repeated) == 1 and repeated[0][0] in (codes.IN, codes.LITERAL, codes.NOT_LITERAL, codes.ANY)
            if most == codes.MAXREPEAT and (looking or not single):
                return True
            inner = [repeated]
        elif code is codes.SUBPATTERN:
            inner = [given[3]]
        elif code is codes.BRANCH:
            inner = given[1]
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            inner = [given[1]]
        looks = looking or code in (codes.ASSERT, codes.ASSERT_NOT)
        if any(is_unbounded(each, looking=looks) for each in inner):
            return True
    return False


def test_a_pattern_that_is_searched_anew_at_every_place_is_bounded() -> None:
    unbounded = {name for name, pattern in patterns() if is_unbounded(parser.parse(pattern.pattern, pattern.flags))}

    assert unbounded == REPEATS_TO_ITS_END


@pytest.mark.parametrize("pattern", ["a(?:b ?)*c", "a(?=b*c)", "(a|(bc)+)d"])
def test_the_check_sees_what_repeats_without_a_bound(pattern: str) -> None:
    assert is_unbounded(parser.parse(pattern))


@pytest.mark.parametrize("filler", ["5-", "12/", "mah ", "sasi WVW "])
def test_a_number_behind_a_long_row_of_separators_is_found(filler: str) -> None:
    text = f"{filler * 1000}x 0532 000 11 22"

    assert text[detect_many([text])[0][-1].start :] == "0532 000 11 22"


def test_a_row_of_single_digits_longer_than_a_number_is_none_and_not_eaten_from_its_end() -> None:
    assert detect_many(["x " + "5-" * 400]) == [[]]
