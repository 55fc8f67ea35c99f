"""What a single word can be in a person's name, as bits, judged once a spelling."""

from __future__ import annotations

import re

from kvkk_policies.detect.names import Names, names
from kvkk_policies.detect.places import places
from kvkk_policies.detect.suffixes import ANY_SUFFIX, CASE_SUFFIXES, INFLECTIONS, is_form_of, stems
from kvkk_policies.detect.words import (
    AFTER_ROLES,
    FAMOUS_OPENINGS,
    HONORIFICS,
    KIN,
    NAME_LABELS,
    NOT_ALONE,
    NOT_NAMES,
    ORGANISATION_TAILS,
    PARTICLES,
    PERSON_VERBS,
    QUARTERS,
    ROLES,
    SPEAKING_VERBS,
    STREET_TAILS,
    TITLES,
)
from kvkk_policies.turkish import fold

CAPITAL = 1
SHOUTED = 1 << 1
FREQUENT = 1 << 2
"""A given name that is hardly ever anything else, in small letters too."""
GIVEN = 1 << 3
"""A given name that is seldom anything else."""
DOUBTFUL = 1 << 4
"""A given name that is an everyday word too."""
FAMILY = 1 << 5
DOUBTFUL_FAMILY = 1 << 6
"""A surname that is an everyday word too."""
INITIAL = 1 << 7
TITLE = 1 << 8
LABEL = 1 << 9
"""What a form or a letter writes before a name."""
ROLE = 1 << 10
HONORIFIC = 1 << 11
KINSHIP = 1 << 12
"""What people are called by after their given name: "abla", "usta"."""
AFTER_ROLE = 1 << 13
VERB = 1 << 14
"""What a person does, behind the name."""
FIRM = 1 << 15
"""Makes an organisation of the name before it."""
STREET = 1 << 16
"""Makes a street or a building of the name before it."""
PLACE = 1 << 17
COMMON = 1 << 18
"""An everyday word."""
NEVER = 1 << 19
"""Not part of a name, wherever it stands."""
NOT_BY_ITSELF = 1 << 20
"""A name that also is a month, a region, a star: alone it needs a title or an honorific."""

PROVINCE = 1 << 21
AGENT = 1 << 22
"""Shaped like a trade ("kaynakçı"): stands before a name, or is a surname behind one."""
PARTICLE = 1 << 23
"""Between the parts of a name from abroad: "El", "van", "bin"."""
RARE = 1 << 24
"""Of the given names one that hardly anyone bears here."""
SPEAKS = 1 << 25
"""What only a person does, behind the name: "aradı", "dedi"."""
DERIVED = 1 << 26
"""Of the everyday words one that no list holds, only its stem."""

FAMED = 1 << 27
"""Begins a name that is an airport's, a school's or a brand's too."""

NAMED = FREQUENT | GIVEN | DOUBTFUL | FAMILY | DOUBTFUL_FAMILY
SURE = FREQUENT | GIVEN | FAMILY

_LEAST_STEM = 4
_SHORTEST_STEM = 3
_GENITIVES = ("nin", "nun")
_FROM_THERE = ("li", "lu")
"""Districts called like a person from somewhere ("Erdemli"), which is what many surnames are."""
_KEPT = 50_000
_WORD = re.compile(r"[^\W\d_]+")
_CODE = frozenset("0123456789_@#=&%\\")
"""Beside one of these a word is part of a code, an address or a formula."""
_FOREIGN_SURNAME = re.compile(r"[a-z]{3,}(?:[aeo]va|ov|[iy]ev|enko|chuk|[vn]sk[iy]|shvili|svili|zade|zadeh|ovic|yan)")
_TRADE = re.compile(r"[a-z]{3,}(?:cilik|culuk)|[a-z]{4,}l[ae]ri")
_AGENT = re.compile(r"[a-z]{3,}(?:ci|cu)(?:si|su|miz|muz)?")
_TURKISH_SURNAME = re.compile(r"[a-z]{2,}(?:oglu|ogullari|oglugil)")
_COMPOUND_GIVEN = re.compile("([a-z]{3,})(?:nur|gul|can|han|naz|su|alp|nisa|sah|eddin)")
"""Given names are joined to new ones ("Hilalnur")."""
_COMPOUND_SURNAME = re.compile(
    "(?:ak|kara|oz|er|gok|boz|sari|kizil|demir|tas|yil|alt[iu]n|tekin|dag|celik|bay|sonmez|kir|kilic|gum[iu]s|sen|tok|tan"
    "|ulu|kaya|kurt|aslan|arslan|dogan|yild[iu]r[iu]m|bulut|gun|ay|polat|pek|bas|mert|turk|kanat|soy)"
    "(?:demir|tas|kaya|celik|dag|bulut|dogan|gul|isik|soy|turk|kan|er|han|bay|bas|kurt|aslan|arslan|polat|men|tekin|alp|sen"
    "|yurek|koc|kilic|oz|ay|gun|su|pinar|tepe|bilek|kol|goz|el|al|mez|maz|sin|kiran|kiranlar|yilmaz|ozturk|yurt)"
)
"""The roots that the surname law's lists were made of, two by two."""
_VERBAL = re.compile(
    "[a-z]+(?:[iu]yor|[ae]ca[kg]|mel[iu]|mal[iu]|[iu]yordu|m[ae]d[iu]|m[ae]m[iu]s|[iu]yormus)(?:[iu]?m|s[iu]n|[iu]z|s[iu]n[iu]z"
    "|l[ae]r|[iu])?"
)
Word = tuple[int, int, int]
Words = tuple[Word, ...]
_judged: dict[str, Words] = {}
_judged_words: dict[str, tuple[int, int]] = {}


def words_of(token: str) -> Words:
    """The words inside a piece of text between spaces: start, end and bits of each.

    A name's case suffix that lost its apostrophe ("Ayşenin") lies behind the end. Pieces repeat, so each is judged once
    a spelling.
    """
    found = _judged.get(token)
    if found is None:
        if len(_judged) >= _KEPT:
            _judged.clear()
        found = _judged[token] = tuple(_word(token, match) for match in _WORD.finditer(token))
    return found


def _word(token: str, match: re.Match[str]) -> Word:
    start, end = match.span()
    if token[start - 1 : start] == "_" or token[end : end + 1] == "_":
        # A field's name in an export: "last_name: …", "ad_soyad=…".
        folded = fold(match[0])
        if folded in NAME_LABELS and not token[end : end + 1].isdecimal() and "@" not in token:
            return start, end, LABEL
    before, after = token[start - 1 : start], token[end : end + 1]
    if before == "=" and match[0][0].isupper():
        # A field's value in an export: "Kişi=Ali".
        before = ""
    elif after == "=" and fold(match[0]) in NAME_LABELS | ROLES:
        after = ""
    beside = before + after
    if not _CODE.isdisjoint(beside) or (match[0].islower() and _inside_a_path(token, start, end)):
        return start, end, NEVER
    bits, suffix = _bits(match[0])
    return start, end - suffix, bits


def _inside_a_path(token: str, start: int, end: int) -> bool:
    """Whether dots, slashes or hyphens tie a word in small letters to others, as in file and host names."""
    before, after = token[start - 1 : start], token[end : end + 1]
    tied = after != "" and after in "./-:" and token[end + 1 : end + 2].isalnum()
    return tied or (before != "" and before in "./-" and token[start - 2 : start - 1].isalnum())


def _bits(word: str) -> tuple[int, int]:
    found = _judged_words.get(word)
    if found is None:
        if len(_judged_words) >= _KEPT:
            _judged_words.clear()
        found = _judged_words[word] = _judge(word)
    return found


def _judge(word: str) -> tuple[int, int]:
    """Bits of a word, and how many letters at its end are a case suffix."""
    folded = fold(word)
    case = (CAPITAL if word[0].isupper() else 0) | (SHOUTED if len(word) > 1 and word.isupper() else 0)
    lists = names()
    bits = _listed(folded, lists)
    # "Sude" is no "süt" (milk) in the dative: a sure name is no form of another word.
    bits |= _spoken(folded, inflected=not bits & (SURE | DOUBTFUL))
    if not bits & (NAMED | COMMON) and not is_form_of(folded, lists.common, INFLECTIONS):
        stem = _glued(folded, lists, capital=bool(case))
        if stem:
            return case | _listed(stem, lists), len(word) - len(stem)
        bits |= _shaped(folded, lists)
        if bits & PLACE and folded.endswith(_FROM_THERE):
            bits |= DOUBTFUL_FAMILY
    elif not bits & NAMED:
        bits |= COMMON if bits & COMMON else COMMON | DERIVED
    if len(word) == 1 and case:
        bits = INITIAL
    return case | bits, 0


def _listed(folded: str, lists: Names) -> int:
    tests = (
        (FREQUENT, folded in lists.frequent),
        (GIVEN, folded in lists.given),
        (RARE, folded in lists.rare),
        (DOUBTFUL, folded in lists.doubtful_given),
        (FAMILY, folded in lists.surnames),
        (DOUBTFUL_FAMILY, folded in lists.doubtful_surnames),
        (COMMON, folded in lists.common),
        (PLACE, places().known(folded) or folded in QUARTERS),
        (PROVINCE, folded in places().provinces),
        (NOT_BY_ITSELF, folded in NOT_ALONE),
        (NEVER, folded in NOT_NAMES),
        (FAMED, folded in FAMOUS_OPENINGS),
    )
    return sum(bit for bit, holds in tests if holds)


def _spoken(folded: str, *, inflected: bool) -> int:
    """What a word says of the names beside it."""
    suffixes = ANY_SUFFIX if inflected else ()
    tests = (
        (TITLE, folded in TITLES),
        (LABEL, folded in NAME_LABELS),
        (ROLE, is_form_of(folded, ROLES, suffixes)),
        (HONORIFIC, is_form_of(folded, HONORIFICS, suffixes)),
        (KINSHIP, is_form_of(folded, KIN, suffixes)),
        (AFTER_ROLE, folded in AFTER_ROLES),
        (VERB, folded in PERSON_VERBS),
        (SPEAKS, folded in SPEAKING_VERBS),
        (PARTICLE, folded in PARTICLES),
        (FIRM, is_form_of(folded, ORGANISATION_TAILS, suffixes) or _is_trade(folded)),
        (STREET, is_form_of(folded, STREET_TAILS, suffixes)),
    )
    bits = sum(bit for bit, holds in tests if holds)
    if inflected and _AGENT.fullmatch(folded):
        bits |= AGENT
    # "Hanım" is no inn ("han"), "ustam" no firm.
    return bits & ~(FIRM | STREET) if bits & (HONORIFIC | KINSHIP) else bits


def _is_trade(folded: str) -> bool:
    return _TRADE.fullmatch(folded) is not None and _TURKISH_SURNAME.fullmatch(folded) is None


def _glued(folded: str, lists: Names, *, capital: bool) -> str | None:
    """The name in front of a case suffix that lost its apostrophe ("Yılmaza")."""
    for stem in stems(folded, CASE_SUFFIXES):
        least = _SHORTEST_STEM if folded.endswith(_GENITIVES) else _LEAST_STEM
        # A single letter behind a name more often makes another name of it ("Semira").
        least += len(folded) - len(stem) == 1
        if len(stem) >= least and (stem in lists.frequent or (capital and stem in lists.surnames)):
            return stem
    return None


def _shaped(folded: str, lists: Names) -> int:
    """Names that no list holds, by their shape; and verbs, of which no list holds every form."""
    if _VERBAL.fullmatch(folded):
        return COMMON | DERIVED
    compound = _COMPOUND_GIVEN.fullmatch(folded)
    if compound is not None and any(
        compound[1] in names for names in (lists.frequent, lists.given, lists.doubtful_given)
    ):
        return GIVEN
    if _COMPOUND_SURNAME.fullmatch(folded):
        return FAMILY
    if _TURKISH_SURNAME.fullmatch(folded) or _FOREIGN_SURNAME.fullmatch(folded):
        return FAMILY
    return 0
