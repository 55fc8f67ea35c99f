"""Which words beside each other can be one name, and which are a firm's or a street's.

A run of capitalised words, or of listed ones in small letters, is taken as far as it can be a name; `name_scores` says
how much of it counts.
"""

from __future__ import annotations

import re

from kvkk_policies.detect.name_scores import BEFORE_TITLE, ENOUGH, FAMILY_NAMES, GIVEN_NAMES, before, score
from kvkk_policies.detect.name_sentence import LONGEST, Sentence
from kvkk_policies.detect.name_words import (
    ADDRESSED,
    AFTER_ROLE,
    AGENT,
    CAPITAL,
    COMMON,
    DERIVED,
    DOUBTFUL,
    FAMILY,
    FIRM,
    FREQUENT,
    GIVEN,
    GOODS,
    HONORIFIC,
    INITIAL,
    KINSHIP,
    LABEL,
    NAMED,
    NEVER,
    PARTICLE,
    PLACE,
    PROVINCE,
    ROLE,
    SHOUTED,
    SPEAKS,
    STREET,
    SURE,
    TITLE,
    VERB,
)

_SPOKEN = TITLE | LABEL | ROLE | HONORIFIC | KINSHIP | AFTER_ROLE | FIRM | STREET
_COMPANY = re.compile(r"[ .,]{0,3}(?:A\.? ?[ŞS]\b|[Ll][Tt][Dd]\b|(?:ve|&) (?:[Oo]ğul|[Oo]rtak|[Kk]ard|Co\b))")

_MOST_PARTICLES = 2

_INVERTED = re.compile(", ?")
_ENTRY_ENDS = re.compile(r"\s*(?:$|[\n;|)(/–-])")


def name_at(sentence: Sentence, at: int) -> int:
    """How many words from `at` on are one person's name; 0 if none."""
    bits = sentence.bits[at]
    if bits & NEVER or (bits & _SPOKEN and not bits & (FREQUENT | ADDRESSED)):
        return 0
    if bits & AGENT and sentence.joined(at + 1) and sentence.at(at + 1) & GIVEN_NAMES:
        return 0
    if bits & CAPITAL:
        run = _capital_run(sentence, at)
    elif bits & GIVEN_NAMES or not bits & (NAMED | COMMON):
        run = _small_run(sentence, at)
    else:
        return 0
    if run and _belongs_elsewhere(sentence, at, run):
        return 0
    for count in range(run, 0, -1):
        if score(sentence, at, count) >= ENOUGH:
            return count
    return 0


def inverted_at(sentence: Sentence, at: int) -> int:
    """How many words a surname, a comma and given names are, as in registers ("Öztürk, Mehmet"); 0 elsewhere."""
    family, given = sentence.bits[at], sentence.at(at + 1)
    if not family & CAPITAL or not given & CAPITAL or not given & (FREQUENT | GIVEN):
        return 0
    if family & (FREQUENT | GIVEN | PLACE | NEVER | INITIAL | _SPOKEN) or (
        family & COMMON and not family & FAMILY_NAMES
    ):
        return 0
    if _INVERTED.fullmatch(sentence.raw, sentence.ends[at], sentence.starts[at + 1]) is None:
        return 0
    last = at + 1
    while sentence.may_continue(last + 1) and sentence.bits[last + 1] & CAPITAL and sentence.bits[last + 1] & SURE:
        last += 1
    if not (sentence.opens(at) or sentence.label_before(at)) or sentence.suffixed(at):
        return 0
    ended = _ENTRY_ENDS.match(sentence.raw, sentence.ends[last]) is not None
    return last - at + 1 if ended or family & FAMILY_NAMES else 0


def _capital_run(sentence: Sentence, at: int) -> int:
    """Capitalised words from `at` on that may be parts of one name."""
    bits = sentence.bits[at]
    if bits & COMMON and not bits & NAMED and not _pointed_at(sentence, at):
        return 0
    count = 1
    while count < LONGEST and sentence.may_continue(at + count):
        following = sentence.bits[at + count]
        particles = _particles(sentence, at + count)
        if particles:
            count += particles + 1
            continue
        if not following & CAPITAL or not _continues(sentence, at, count, following):
            break
        count += 1
    return count


def _particles(sentence: Sentence, at: int) -> int:
    """How many particles stand there before a capitalised part of the name: "van der Meulen"."""
    count = 0
    while count < _MOST_PARTICLES and sentence.at(at + count) & PARTICLE and sentence.may_continue(at + count + 1):
        count += 1
    return count if sentence.at(at + count) & CAPITAL else 0


def _pointed_at(sentence: Sentence, at: int) -> bool:
    """Whether the words beside an everyday word with a capital make a name of it all the same."""
    if sentence.at(at + 1) & HONORIFIC and sentence.joined(at + 1):
        return not sentence.opens(at)
    following = sentence.at(at + 1)
    if not following & CAPITAL or not sentence.joined(at + 1):
        return False
    return bool(following & FAMILY or (following & NAMED and sentence.at(at - 1) & TITLE and sentence.joined(at)))


def _continues(sentence: Sentence, at: int, count: int, following: int) -> bool:
    """Whether the capitalised word behind the first `count` is a further part of the name."""
    if following & INITIAL:
        return count > 1 or bool(sentence.bits[at] & (GIVEN_NAMES | INITIAL))
    if following & _SPOKEN and not following & ADDRESSED:
        return bool(following & SURE) and not following & (HONORIFIC | TITLE | FIRM | STREET)
    if following & SURE:
        return True
    if following & COMMON and not (following & PLACE and sentence.suffixed(at + count)):
        return _everyday_surname(sentence, at, count, following)
    if sentence.shouting and count > 1 and sentence.bits[at + count - 1] & FAMILY_NAMES:
        return bool(following & NAMED)
    return not following & PLACE or bool(following & NAMED) or _called_like_a_district(sentence, at, count)


def _called_like_a_district(sentence: Sentence, at: int, count: int) -> bool:
    """Whether a district's name is a surname here: behind a given name, and nobody goes there."""
    place = at + count
    led = bool(sentence.bits[place - 1] & (FREQUENT | GIVEN))
    led = led and (before(sentence, at) > 0 or not sentence.heading(count + 1))
    return led and not sentence.bits[place] & PROVINCE and not sentence.suffixed(place)


def _everyday_surname(sentence: Sentence, at: int, count: int, following: int) -> bool:
    """Whether an everyday word with a capital is a surname: "Ahmet Kaya", "Emre Kunduracı"."""
    behind = sentence.bits[at + count + 1] if sentence.joined(at + count + 1) else 0
    if behind & HONORIFIC or (sentence.label_before(at) and not behind):
        return True
    if following & DERIVED and sentence.bits[at + count - 1] & (FREQUENT | GIVEN) and not sentence.shouting:
        return True
    surnamed = count > 1 and bool(sentence.bits[at + count - 1] & FAMILY_NAMES)
    if following & NAMED:
        # In capitals the everyday word behind a surname is one.
        return not (surnamed and sentence.heading(count + 1))
    # Inside a sentence only its capital tells that the word is no everyday one.
    led = any(bits & SURE for bits in sentence.bits[at : at + count]) or before(sentence, at) > 0
    led = led or bool(following & AGENT and sentence.bits[at + count - 1] & DOUBTFUL)
    strange = sentence.bits[at + count - 1] & COMMON and not sentence.bits[at + count - 1] & NAMED
    # No thing signs or asks; and what a comma or "ve" ties to a name is one too, whatever else has a capital there.
    led = led or bool(behind & SPEAKS and sentence.bits[at] & DOUBTFUL)
    headed = sentence.heading(count + 1) and (sentence.shouting or at != sentence.enumerated)
    return led and not surnamed and not strange and not headed


def _small_run(sentence: Sentence, at: int) -> int:
    """Words in small letters from `at` on that may be parts of one name: listed ones, an unknown one as surname."""
    count = 1
    while count < LONGEST and sentence.may_continue(at + count):
        following = sentence.bits[at + count]
        if following & (CAPITAL | _SPOKEN):
            break
        if not following & NAMED and (following & (COMMON | VERB) or count > 2):
            break
        if following & PLACE and not following & NAMED and not (before(sentence, at) and not following & PROVINCE):
            break
        if not following & FAMILY and _ends_small_name(sentence.bits[at + count - 1], count):
            break
        count += 1
    return count


def _ends_small_name(last: int, count: int) -> bool:
    """Whether a word in small letters closed the name: a surname, or a word that no list holds."""
    return not last & NAMED or (count > 1 and not last & FREQUENT and bool(last & (FAMILY_NAMES | COMMON)))


def _belongs_elsewhere(sentence: Sentence, at: int, count: int) -> bool:
    """Whether what follows makes it a firm or a street: "Ali Demir Nakliyat Ltd. Şti."."""
    end = at + count
    if (
        _COMPANY.match(sentence.raw, sentence.ends[end - 1])
        or _honours(sentence, end)
        or _of_goods(sentence, at, count)
    ):
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
        everyday = everyday and before(sentence, at) < BEFORE_TITLE
        if place <= end + bool(sentence.bits[end] & KINSHIP) and everyday and not sentence.heading(count):
            return True
    return False


def _of_goods(sentence: Sentence, at: int, count: int) -> bool:
    """Whether goods are called so: "Ece marka oje"."""
    kind = sentence.at(at + count) & GOODS and sentence.joined(at + count)
    return bool(kind and count == 1 and not sentence.bits[at] & FREQUENT)


def _honours(sentence: Sentence, place: int) -> bool:
    """Whether a street or school is called after somebody with an honorific: "Zübeyde Hanım Caddesi"."""
    street = sentence.at(place + 1)
    tied = sentence.joined(place) and sentence.joined(place + 1)
    return tied and bool(sentence.at(place) & HONORIFIC and street & STREET and street & CAPITAL)
