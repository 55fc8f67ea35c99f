"""Canonical telephone numbers: E.164.

Most numbers in a Turkish business are Turkish, with or without a prefix and any separators; those take a path of a few
string operations. Whatever is left (abroad, service numbers) asks `phonenumbers`, which costs 30 times as much and is
imported only then.
"""

from __future__ import annotations

_AREA_CODES = (
    "212 216 222 224 226 228 232 236 242 246 248 252 256 258 262 264 266 272 274 276 282 284 286 288 312 "
    "318 322 324 326 328 332 338 342 344 346 348 352 354 356 358 362 364 366 368 370 372 374 376 378 380 "
    "382 384 386 388 392 412 414 416 422 424 426 428 432 434 436 438 442 446 452 454 456 458 462 464 466 "
    "472 474 476 478 482 484 486 488"
)
AREA_CODES = frozenset(_AREA_CODES.split())
"""Geographic area codes of Turkey, 392 (Northern Cyprus) among them."""
SERVICE_CODES = frozenset({"800", "811", "822", "850", "888", "900"})

_REMOVED = str.maketrans("", "", " .-()/\u00a0\u2007\u2009\u202f\u2011\u2013\t")
_PREFIXES = frozenset({"", "0", "90", "+90", "0090", "900", "+900", "00900"})


def is_national(digits: str) -> bool:
    """Whether ten digits are a Turkish subscriber number without its leading 0: mobile, geographic or service."""
    return len(digits) == 10 and (digits[0] == "5" or digits[:3] in AREA_CODES or digits[:3] in SERVICE_CODES)


def canonical_phone(value: str) -> str | None:
    """E.164 (`+905550000002`) of a number in any spelling, or None if it is no number that can be dialled."""
    text = value if value.isdecimal() else value.translate(_REMOVED)
    if text.isascii():
        national = text[-10:]
        if text[:-10] in _PREFIXES and national.isdecimal() and is_national(national):
            return "+90" + national
    return _elsewhere(text)


def _elsewhere(text: str) -> str | None:
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdecimal() or not 6 <= len(digits) <= 17:
        return None
    import phonenumbers

    international = "+" + (digits.removeprefix("00") if digits.startswith("00") else digits)
    # Call records carry foreign numbers without the plus, so a number that is not Turkish is tried as international.
    for candidate, region in ((text, "TR"), (international, None)):
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
