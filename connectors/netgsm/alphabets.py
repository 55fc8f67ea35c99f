"""What an SMS can be written in: tables of 3GPP TS 23.038, and which plain letters stand for those a table lacks."""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""GSM-7 default alphabet (6.2.1): one septet each."""
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Default extension table (6.2.1.1): an escape and a septet."""
TURKISH_SHIFT = EXTENSION | frozenset("ĞİŞçğış")
"""Turkish national language single shift table (A.2.1): an escape and a septet."""
TURKISH_LETTERS = frozenset("çğıöşüÇĞİÖŞÜ")

_PLAIN = str.maketrans(
    {
        "ğ": "g", "Ğ": "G", "ı": "i", "İ": "I", "ş": "s", "Ş": "S", "ç": "c",
        "â": "a", "Â": "A", "î": "i", "Î": "I", "û": "u", "Û": "U",
        "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "`": "'", "´": "'",
        "–": "-", "—": "-", "−": "-", "…": "...", "•": "-", "₺": "TL",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "\u200b": "", "\ufeff": "",
    }
)  # fmt: skip


def composed(text: str) -> str:
    """The text with letters in one piece (`s` and a cedilla is how macOS writes `ş`) and plain line ends."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n")


def transliterated(text: str) -> str:
    """The text in the default alphabet, as far as there is a letter that people would write instead.

    Sent without an encoding, Netgsm does the same by rules it does not publish; doing it first makes what is counted
    and shown what is sent. What has no plain form (emoji, other scripts) stays.
    """
    whole = composed(text)
    return whole if BASIC.issuperset(whole) else "".join(map(_plain, whole))


def _plain(letter: str) -> str:
    if letter in BASIC or letter in EXTENSION:
        return letter
    known = letter.translate(_PLAIN)
    if known != letter:
        return known
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base in BASIC else letter
