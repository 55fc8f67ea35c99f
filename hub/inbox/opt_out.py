"""Words by which a recipient says that they want no more messages, as campaigns in Turkey print them under each."""

from __future__ import annotations

from kvkk_policies.turkish import fold, squeeze

_WORDS = frozenset(
    map(
        fold,
        (
            "RET",
            "DUR",
            "İPTAL",
            "ÇIK",
            "İSTEMİYORUM",
            "MESAJ İSTEMİYORUM",
            "ABONELİKTEN ÇIK",
            "STOP",
            "UNSUBSCRIBE",
        ),
    )
)
_AROUND = " .,;:!?\"'()*-"


def is_opt_out(text: str) -> bool:
    """Whether the whole message is such a word. One inside a sentence may mean anything: a person has to read it."""
    return fold(squeeze(text)).strip(_AROUND) in _WORDS
