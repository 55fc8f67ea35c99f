"""Words that make a free text special-category data (KVKK art. 6): such a text is dropped, the row stays.

A word list decides, so it holds words that hardly mean anything else; ambiguous ones count only beside a second word
("hasta bina", "tutukluk yapan motor", "engelli rampası" stay). Dropping too much costs a note, loading too much breaks
the law.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from kvkk_policies.arrow import pa, pc
from kvkk_policies.turkish import fold, unfolded

_STEMS = (
    # health
    *("kanser", "kemoterapi", "radyoterapi", "onkoloji", "lenfoma", "losemi", "hepatit", "tuberkuloz", "sizofren"),
    *("bipolar", "depresyon", "psikiyatr", "psikoterapi", "antidepresan", "epilepsi", "diyabet", "diyaliz", "demans"),
    *("alzheimer", "parkinson", "otizm", "hamile", "gebelik", "kurtaj", "ozurlu", "covid", "verem hast", "sara hast"),
    *("seker hast", "kalp hast", "kalp kriz", "tansiyon hast", "bobrek nakl", "felc gec", "down sendrom"),
    *("ameliyat ol", "ameliyati", "ameliyata", "engelli rapor", "saglik rapor", "hastalik rapor", "istirahat rapor"),
    *("madde bagim", "alkol bagim", "uyusturucu kullan", "tedavi gor", "teshis kon", "tani kon", "tanisi kon"),
    *("engelli vatandas", "engelli birey", "engelli musteri", "hastaneye yat", "hastanede yat", "kan grubu"),
    # religion and belief
    *("hristiyan", "musevi", "yahudi", "ateist", "mezheb", "mezhep", "tarikat", "namaz kil", "basortu", "turban"),
    *("alevi inan", "alevi koken", "alevi dern", "alevi vatandas", "sunni inan", "cemaat uye", "dini inan"),
    # ethnicity
    *("kurt koken", "kurt asilli", "ermeni", "rum asilli", "cingene", "roman vatandas", "etnik koken", "laz asilli"),
    # union, party, association
    *("sendika", "greve git", "grev yap", "parti uye", "dernek uye", "dernege uye", "siyasi gorus", "orgut uye"),
    # conviction
    *(
        "sabika",
        "hukumlu",
        "cezaevi",
        "hapis",
        "hapse",
        "adli sicil",
        "denetimli serbest",
        "tutuklandi",
        "tutuklu yarg",
    ),
    # sexual life, biometrics, genetics
    *("escinsel", "homoseksuel", "biseksuel", "transseksuel", "cinsel yonelim", "cinsel hayat", "cinsel taciz"),
    *("parmak izi ver", "parmak izi kayd", "parmak izi alin", "retina tara", "yuz tanima", "dna test", "genetik test"),
)
"""Folded beginnings of words; a suffix may follow."""
_WHOLE = ("hiv", "aids", "gebe", "zaza")
"""Folded words that must end there: "gebertti" is no pregnancy."""

_SPECIAL = re.compile(rf"(?<![a-z])(?:{'|'.join(_STEMS)}|(?:{'|'.join(_WHOLE)})(?![a-z]))")
_CANDIDATE = "|".join(unfolded(word) for word in (*_STEMS, *_WHOLE))
"""The same words over raw text, each letter as the class of letters that fold to it. RE2 has no lookaround, so this
lets through a little more, never less."""


def speaks_of_special_category(texts: Sequence[str]) -> list[bool]:
    """Whether each text holds a special-category word. RE2 rejects almost all texts in one pass."""
    if not texts:
        return []
    candidates = pc.match_substring_regex(pa.array(texts, pa.string()), _CANDIDATE).to_numpy(zero_copy_only=False)
    found = [False] * len(texts)
    for index in np.flatnonzero(candidates).tolist():
        found[index] = _SPECIAL.search(fold(texts[index])) is not None
    return found
