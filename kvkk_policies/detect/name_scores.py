"""How much speaks for a run of words being one person's name.

Points were set by what a sign is worth in Turkish writing, not fitted: a run counts from `ENOUGH` on. A given name that
is nothing else suffices with its capital; a word that is a name too needs two signs; an unknown word needs a title.
"""

from __future__ import annotations

import re

from kvkk_policies.detect.name_sentence import LONGEST, Sentence
from kvkk_policies.detect.name_words import (
    AFTER_ROLE,
    AGENT,
    CAPITAL,
    COMMON,
    DOUBTFUL,
    DOUBTFUL_FAMILY,
    FAMILY,
    FIRM,
    FREQUENT,
    GIVEN,
    HONORIFIC,
    INITIAL,
    KINSHIP,
    LABEL,
    NAMED,
    NEVER,
    NOT_BY_ITSELF,
    PARTICLE,
    PLACE,
    PROVINCE,
    ROLE,
    SHOUTED,
    STREET,
    SURE,
    TITLE,
    VERB,
)

ENOUGH = 8
_BEFORE_TITLE = 10
_BEFORE_LABEL = 7
_BEFORE_ROLE = 4
_BEHIND_HONORIFIC = 10
_BEHIND_KIN = 7
_BEHIND_ROLE = 6
_BEHIND_VERB = 3
_SUFFIXED = 5
_INSIDE_SENTENCE = 4
_PAIR = 3
_SMALL_LETTERS = -2
_PLACE_ALONE = -7
_WORTH = ((FREQUENT, 10), (GIVEN, 8), (FAMILY, 6), (DOUBTFUL, 4), (DOUBTFUL_FAMILY, 2), (PLACE, -4))
_GIVEN_NAMES = FREQUENT | GIVEN | DOUBTFUL
_FAMILY_NAMES = FAMILY | DOUBTFUL_FAMILY
_SPOKEN = TITLE | LABEL | ROLE | HONORIFIC | KINSHIP | AFTER_ROLE | FIRM | STREET
_COMPANY = re.compile(r"[ .,]{0,3}(?:A\.? ?[ŞS]\b|[Ll][Tt][Dd]\b|(?:ve|&) (?:[Oo]ğul|[Oo]rtak|[Kk]ard|Co\b))")


def name_at(sentence: Sentence, at: int) -> int:
    """How many words from `at` on are one person's name; 0 if none."""
    bits = sentence.bits[at]
    if bits & NEVER or (bits & _SPOKEN and not bits & FREQUENT):
        return 0
    if bits & AGENT and sentence.joined(at + 1) and sentence.at(at + 1) & _GIVEN_NAMES:
        return 0
    if bits & CAPITAL:
        run = _capital_run(sentence, at)
    elif bits & _GIVEN_NAMES or not bits & (NAMED | COMMON):
        run = _small_run(sentence, at)
    else:
        return 0
    if run and _belongs_elsewhere(sentence, at, run):
        return 0
    for count in range(run, 0, -1):
        if _score(sentence, at, count) >= ENOUGH:
            return count
    return 0


def _capital_run(sentence: Sentence, at: int) -> int:
    """Capitalised words from `at` on that may be parts of one name."""
    bits = sentence.bits[at]
    if bits & COMMON and not bits & NAMED and not _pointed_at(sentence, at):
        return 0
    count = 1
    while count < LONGEST and sentence.may_continue(at + count):
        following = sentence.bits[at + count]
        if following & PARTICLE and sentence.may_continue(at + count + 1) and sentence.bits[at + count + 1] & CAPITAL:
            count += 2
            continue
        if not following & CAPITAL or not _continues(sentence, at, count, following):
            break
        count += 1
    return count


def _pointed_at(sentence: Sentence, at: int) -> bool:
    """Whether the words beside an everyday word with a capital make a name of it all the same."""
    if sentence.at(at + 1) & HONORIFIC and sentence.joined(at + 1):
        return not sentence.opens(at)
    following = sentence.at(at + 1)
    return bool(following & FAMILY and following & CAPITAL) and sentence.joined(at + 1)


def _continues(sentence: Sentence, at: int, count: int, following: int) -> bool:
    """Whether the capitalised word behind the first `count` is a further part of the name."""
    if following & INITIAL:
        return count > 1 or bool(sentence.bits[at] & (_GIVEN_NAMES | INITIAL))
    if following & _SPOKEN:
        return bool(following & SURE) and not following & (HONORIFIC | TITLE | FIRM | STREET)
    if following & SURE:
        return True
    if following & COMMON:
        return _everyday_surname(sentence, at, count, following)
    if sentence.shouting and count > 1 and sentence.bits[at + count - 1] & _FAMILY_NAMES:
        return bool(following & NAMED)
    return not following & PLACE or bool(following & NAMED) or _called_like_a_district(sentence, at, count)


def _called_like_a_district(sentence: Sentence, at: int, count: int) -> bool:
    """Whether a district's name is a surname here: behind a given name, and nobody goes there."""
    place = at + count
    led = bool(sentence.bits[place - 1] & (FREQUENT | GIVEN)) and not sentence.heading(count + 1)
    return led and not sentence.bits[place] & PROVINCE and not sentence.suffixed(place)


def _everyday_surname(sentence: Sentence, at: int, count: int, following: int) -> bool:
    """Whether an everyday word with a capital is a surname: "Ahmet Kaya", "Emre Kunduracı"."""
    behind = sentence.bits[at + count + 1] if sentence.joined(at + count + 1) else 0
    if behind & HONORIFIC or (sentence.label_before(at) and not behind):
        return True
    surnamed = count > 1 and bool(sentence.bits[at + count - 1] & _FAMILY_NAMES)
    if following & NAMED:
        # In capitals the everyday word behind a surname is one.
        return not (surnamed and sentence.heading(count + 1))
    # Inside a sentence only its capital tells that the word is no everyday one.
    led = any(bits & SURE for bits in sentence.bits[at : at + count]) or _before(sentence, at) > 0
    strange = sentence.bits[at + count - 1] & COMMON and not sentence.bits[at + count - 1] & NAMED
    return led and not surnamed and not strange and not sentence.heading(count + 1)


def _small_run(sentence: Sentence, at: int) -> int:
    """Words in small letters from `at` on that may be parts of one name: listed ones, an unknown one as surname."""
    count = 1
    while count < LONGEST and sentence.may_continue(at + count):
        following = sentence.bits[at + count]
        if following & (CAPITAL | _SPOKEN):
            break
        if not following & NAMED and (following & (COMMON | PLACE | VERB) or count > 2):
            break
        if not following & FAMILY and _ends_small_name(sentence.bits[at + count - 1], count):
            break
        count += 1
    return count


def _ends_small_name(last: int, count: int) -> bool:
    """Whether a word in small letters closed the name: a surname, or a word that no list holds."""
    return not last & NAMED or (count > 1 and not last & FREQUENT and bool(last & (_FAMILY_NAMES | COMMON)))


def _score(sentence: Sentence, at: int, count: int) -> int:
    first = sentence.bits[at]
    context = _before(sentence, at) + _behind(sentence, at + count)
    if count == 1 and sentence.shouting and not first & SURE and context == _BEFORE_ROLE:
        # In a text of capitals any word follows a role.
        return 0
    points = context
    if first & NAMED or count > 1:
        points += _SUFFIXED if sentence.suffixed(at + count - 1) else 0
    elif _abbreviated(sentence, at):
        return 0
    points += _worth(first) + sum(max(0, _worth(bits)) for bits in sentence.bits[at + 1 : at + count])
    points += _writing(sentence, at, count, context=context)
    if count > 1:
        points += _paired(sentence, at, count, context=context)
    elif first & NOT_BY_ITSELF and not context:
        return 0
    elif first & PLACE and not first & SURE:
        points += _PLACE_ALONE
    elif first & INITIAL:
        return 0
    return points


def _worth(bits: int) -> int:
    """What a word tells by itself."""
    return next((points for bit, points in _WORTH if bits & bit), 0)


def _before(sentence: Sentence, at: int) -> int:
    """What the word before tells. Across a colon or comma only a label or role does ("Müşteri: Ali Kaya")."""
    if at == 0:
        return 0
    label = sentence.label_before(at)
    if label:
        return _BEFORE_LABEL + 3 if sentence.bits[at - 1] & LABEL else _BEFORE_LABEL if label & LABEL else _BEFORE_ROLE
    if not sentence.joined(at):
        return 0
    before = sentence.bits[at - 1]
    if before & TITLE:
        return _BEFORE_TITLE
    return _BEFORE_ROLE if before & (ROLE | LABEL | KINSHIP | AGENT) else 0


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
    return _BEHIND_VERB if behind & VERB else 0


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
    listed = last & NAMED
    if first & INITIAL:
        dotted = sentence.raw[sentence.ends[at]] == "."
        return 0 if not dotted else _PAIR + 2 if listed else 4 if not last & (COMMON | PLACE | INITIAL) else 0
    if not first & _GIVEN_NAMES:
        return _PAIR if last & FAMILY and not first & (COMMON | PLACE) else 0
    if not listed and first & CAPITAL:
        return 4 if not last & (COMMON | PLACE | INITIAL) and not sentence.heading(count) else 0
    if not listed:
        return _PAIR if context and not last & (COMMON | PLACE) else 0
    if not (first | last) & SURE and not context and sentence.heading(count):
        return -_PAIR
    return _PAIR


def _belongs_elsewhere(sentence: Sentence, at: int, count: int) -> bool:
    """Whether what follows makes it a firm or a street: "Ali Demir Nakliyat Ltd. Şti."."""
    end = at + count
    if _COMPANY.match(sentence.raw, sentence.ends[end - 1]):
        return True
    small = not sentence.bits[at] & CAPITAL
    for place in range(end, min(end + 3, len(sentence.bits))):
        bits = sentence.bits[place]
        if not sentence.joined(place) or bits & (HONORIFIC | TITLE | AFTER_ROLE):
            return False
        if bits & STREET or (bits & FIRM and (bits & CAPITAL or (small and count == 1))):
            return True
        if not bits & CAPITAL:
            return False
        everyday = bits & COMMON and not bits & (ROLE | SHOUTED | NEVER | NAMED | KINSHIP)
        if place <= end + bool(sentence.bits[end] & KINSHIP) and everyday and not sentence.heading(count):
            return True
    return False
