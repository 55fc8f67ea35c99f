"""How much speaks for a run of words being one person's name.

Points were set by what a sign is worth in Turkish writing, not fitted: a run counts from `ENOUGH` on. A given name that
is nothing else suffices with its capital; a word that is a name too needs two signs; an unknown word needs a title.
"""

from __future__ import annotations

from kvkk_policies.detect.name_sentence import Sentence
from kvkk_policies.detect.name_words import (
    ADDRESSED,
    AFTER_ROLE,
    AGENT,
    CAPITAL,
    COMMON,
    DOUBTFUL,
    DOUBTFUL_FAMILY,
    FAMILY,
    FREQUENT,
    GIVEN,
    HONORIFIC,
    INITIAL,
    KINSHIP,
    LABEL,
    NAMED,
    NOT_BY_ITSELF,
    PLACE,
    PROVINCE,
    RARE,
    ROLE,
    SHOUTED,
    SPEAKS,
    SURE,
    TITLE,
    VERB,
)

ENOUGH = 8
BEFORE_TITLE = 10
_BEFORE_LABEL = 7
_BEFORE_ROLE = 4
_BEHIND_HONORIFIC = 10
_BEHIND_KIN = 7
_OWNING = 7
_BEHIND_ROLE = 6
_BEHIND_VERB = 3
_BEHIND_SPEAKING = 4
_SUFFIXED = 5
_INSIDE_SENTENCE = 4
_PAIR = 3
_DOUBTFUL_PAIR = -1
_SMALL_LETTERS = -2
_PLACE_ALONE = -7
_LONGEST_ABBREVIATION = 4
_WORTH = ((FREQUENT, 10), (RARE, 7), (GIVEN, 8), (FAMILY, 6), (DOUBTFUL, 4), (DOUBTFUL_FAMILY, 2), (PLACE, -4))
GIVEN_NAMES = FREQUENT | GIVEN | DOUBTFUL
FAMILY_NAMES = FAMILY | DOUBTFUL_FAMILY


def score(sentence: Sentence, at: int, count: int) -> int:
    """The points for `count` words from `at` on being one person's name."""
    first = sentence.bits[at]
    context = before(sentence, at) + _behind(sentence, at + count) + _OWNING * sentence.owns(at + count - 1)
    if count == 1 and sentence.shouting and not first & SURE and context == _BEFORE_ROLE:
        # In a text of capitals any word follows a role.
        return 0
    if count == 1 and _is_addressed(sentence, at):
        return 0
    points = context
    if first & NAMED or count > 1:
        points += _SUFFIXED if sentence.suffixed(at + count - 1) else 0
    elif _abbreviated(sentence, at) or (not first & CAPITAL and not sentence.at(at + 1) & HONORIFIC):
        return 0
    points += _worth(first) + sum(max(0, _worth(bits)) for bits in sentence.bits[at + 1 : at + count])
    points += _writing(sentence, at, count, context=context)
    if count > 1:
        points += _paired(sentence, at, count, context=context)
    elif (first & NOT_BY_ITSELF and not context) or (first & PLACE and _among_places(sentence, at)):
        return 0
    elif first & PLACE and not first & SURE:
        points += max(0, -_worth(first)) if _is_called(first, context) else _PLACE_ALONE
    elif first & INITIAL:
        return 0
    return points


def _is_addressed(sentence: Sentence, at: int) -> bool:
    """Whether a role that is a name too is meant as the role: "Sayın Veli,"."""
    return bool(sentence.bits[at] & ADDRESSED and sentence.at(at - 1) & TITLE and sentence.joined(at))


def _is_called(bits: int, context: int) -> bool:
    """Whether somebody called like a place is spoken of: "Levent abi", "Sarıkamış Hanım"."""
    if bits & PROVINCE:
        return bool(bits & NAMED) and context >= BEFORE_TITLE
    return context >= (_BEHIND_KIN if bits & NAMED else _BEHIND_HONORIFIC)


def _among_places(sentence: Sentence, at: int) -> bool:
    """Whether a quarter called like a person stands beside another ("Levent, Kadıköy"), or something is in it."""
    if sentence.located(at):
        return True
    return any(
        sentence.at(place) & PLACE
        and sentence.at(place) & CAPITAL
        and not sentence.at(place) & GIVEN_NAMES
        and sentence.tied(min(place, at), max(place, at))
        for place in (at - 2, at - 1, at + 1, at + 2)
    )


def _worth(bits: int) -> int:
    """What a word tells by itself."""
    return next((points for bit, points in _WORTH if bits & bit), 0)


def before(sentence: Sentence, at: int) -> int:
    """What the word before tells. Across a colon or comma only a label or role does ("Müşteri: Ali Kaya")."""
    if at == 0:
        return 0
    if at == sentence.enumerated and not sentence.bits[at] & INITIAL:
        return _BEFORE_ROLE
    label = sentence.label_before(at)
    if label and sentence.names_a_thing(at - 1):
        return 0
    if label:
        return _BEFORE_LABEL + 3 if sentence.bits[at - 1] & LABEL else _BEFORE_LABEL if label & LABEL else _BEFORE_ROLE
    return _right_before(sentence, at) if sentence.joined(at) else 0


def _right_before(sentence: Sentence, at: int) -> int:
    before = sentence.bits[at - 1]
    if before & TITLE:
        return BEFORE_TITLE
    if before & LABEL and (sentence.names_a_thing(at - 1) or _is_short_capitals(sentence, at)):
        return 0
    if before & LABEL and sentence.bits[at] & CAPITAL and not sentence.heading(1):
        return _BEFORE_LABEL + 1
    return _BEFORE_ROLE if before & (ROLE | LABEL | KINSHIP | AGENT) else 0


def _is_short_capitals(sentence: Sentence, at: int) -> bool:
    """Whether a word that no list holds is an abbreviation: "soyad FROM"."""
    short = sentence.ends[at] - sentence.starts[at] <= _LONGEST_ABBREVIATION
    return short and bool(sentence.bits[at] & SHOUTED) and not sentence.bits[at] & NAMED and not sentence.shouting


def _behind(sentence: Sentence, at: int) -> int:
    """What the word behind tells."""
    if not sentence.joined(at):
        return 0
    behind = sentence.at(at)
    if behind & HONORIFIC:
        return _BEHIND_HONORIFIC
    if behind & KINSHIP:
        return _BEHIND_KIN
    if behind & AFTER_ROLE:
        return _BEHIND_ROLE
    return _BEHIND_SPEAKING if behind & SPEAKS else _BEHIND_VERB if behind & VERB else 0


def _abbreviated(sentence: Sentence, at: int) -> bool:
    """Whether an unknown word is short and ends with a full stop, as "Arb." does."""
    return sentence.ends[at] - sentence.starts[at] <= 4 and sentence.raw[sentence.ends[at] :][:1] == "."


def _writing(sentence: Sentence, at: int, count: int, *, context: int) -> int:
    """What the way of writing tells: a capital inside a sentence of small letters, or none at all."""
    first = sentence.bits[at]
    if not first & CAPITAL:
        return _SMALL_LETTERS
    if sentence.shouting:
        return 0
    if first & SHOUTED and not first & INITIAL and not first & SURE and count == 1 and not context:
        return -4
    if sentence.opens(at) or sentence.heading(count):
        return 0
    return _INSIDE_SENTENCE if first & (NAMED | INITIAL) or count > 1 else 0


def _paired(sentence: Sentence, at: int, count: int, *, context: int) -> int:
    """Given name and surname strengthen each other; two everyday words do so only where capitals mean something."""
    first, last = sentence.bits[at], sentence.bits[at + count - 1]
    unknown = not last & (COMMON | PLACE | INITIAL)
    # Behind a given name a district's name is a surname: "Büşra Akçadağ".
    unknown = unknown or bool(last & PLACE and not last & (PROVINCE | COMMON) and first & (FREQUENT | GIVEN))
    if first & INITIAL:
        dotted = sentence.raw[sentence.ends[at]] == "."
        return 0 if not dotted else _PAIR + 2 if last & NAMED else ENOUGH if unknown else 0
    if not first & GIVEN_NAMES:
        return _PAIR if last & FAMILY and not first & (COMMON | PLACE) else 0
    if last & INITIAL and first & CAPITAL and sentence.raw[sentence.ends[at + count - 1] :][:1] == ".":
        # "Ozan T."
        return _PAIR + 1
    if last & NAMED:
        return _listed_pair(sentence, first, last, count, context=context)
    if first & CAPITAL:
        return _PAIR + 1 if unknown and not sentence.heading(count) else 0
    return _PAIR if unknown and context else 0


def _listed_pair(sentence: Sentence, first: int, last: int, count: int, *, context: int) -> int:
    if (first | last) & SURE or context:
        return _PAIR
    if sentence.heading(count):
        return -_PAIR
    return _PAIR if last & FAMILY_NAMES else _DOUBTFUL_PAIR
