"""The last net under everything that is written about the hub itself: personal data in a text becomes a label.

Our own texts are built from codes, ids and counts (rule 11 of the house), so this should find nothing. It is there for
what others say: an exception of a library, a line that somebody adds in a hurry. The project's detector takes seconds
to load and milliseconds a text, so it is asked only where something could be, and for no more than a budget a second:
beyond it, and where it fails, the text is withheld. The net fails closed.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WITHHELD = "<withheld>"
LONGEST_LOOKED_AT = 4_000
"""Characters; what comes after is cut off."""
SHORTEST_LOOKED_AT = 6
CHARACTERS_A_SECOND = 20_000
REMEMBERED = 2_000
DEEPEST = 6
_LIKE_A_PHONE = 10**9

# None of them can be a run of somebody's digits: a UUID has a letter, a tenant's id no six digits in a row.
_ID = re.compile(
    r"(?<![0-9a-z])(?:"
    r"(?=[0-9-]*[a-f])[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
    r"|t(?![a-z2-7]*[2-7]{6})[a-z2-7]{11}"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
    r")(?![0-9a-z])"
)
_SEPARATORS = re.compile(r"[\s().,/+_-]+")
_DIGITS = re.compile(r"\d{6}")
_PLATE = re.compile(r"(?<!\d)\d{2}\s?[A-Z]{1,3}\s?\d{2,5}(?!\d)")
_NAMES = re.compile(r"[^\W\d_]*[A-ZÇĞİÖŞÜ][^\W\d_]+\s+[^\W\d_]*[A-ZÇĞİÖŞÜ][^\W\d_]+")


class Masker:
    """Masks texts, one after the other. Threads may share it.

    `detector` gives each text with its personal data replaced; None is the project's own, loaded when first needed.
    """

    def __init__(
        self,
        *,
        detector: Callable[[Sequence[str]], Sequence[str]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._detector = detector
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, str] = OrderedDict()
        self._second = 0.0
        self._spent = 0

    def text(self, text: str, *, foreign: bool = False) -> str:
        """The text without personal data. `foreign` is what somebody else's code says: it is always looked at."""
        if len(text) < SHORTEST_LOOKED_AT or _ID.fullmatch(text):
            return text
        if not foreign and not could_hold_something(text):
            return text
        cut = text if len(text) <= LONGEST_LOOKED_AT else text[:LONGEST_LOOKED_AT] + " …"
        with self._lock:
            known = self._known.get(cut)
            if known is not None:
                self._known.move_to_end(cut)
                return known
            if not self._affordable(len(cut)):
                return WITHHELD
        masked = self._masked(cut)
        with self._lock:
            self._known[cut] = masked
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return masked

    def value(self, value: object, *, foreign: bool = False, depth: int = 0) -> object:
        """The same for whatever a log line or an event carries. Bytes and objects of unknown types are withheld."""
        if isinstance(value, str):
            return self.text(value, foreign=foreign)
        if value is None or isinstance(value, bool | int | float):
            return self._number(value)
        if isinstance(value, bytes | bytearray | memoryview) or depth >= DEEPEST:
            return WITHHELD
        if isinstance(value, dict):
            pairs = cast("Mapping[object, object]", value).items()
            return {self.text(str(name)): self.value(each, foreign=foreign, depth=depth + 1) for name, each in pairs}
        if isinstance(value, list | tuple | set | frozenset):
            parts = cast("Sequence[object]", value)
            return [self.value(each, foreign=foreign, depth=depth + 1) for each in parts]
        return self.text(str(value), foreign=True)

    def _number(self, value: float | None) -> object:
        """A number may be somebody's: no count of ours has as many digits as a phone or an identity."""
        long = isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LIKE_A_PHONE
        return self.text(str(value), foreign=True) if long else value

    def _affordable(self, length: int) -> bool:
        now = self._clock()
        if now - self._second >= 1.0:
            self._second, self._spent = now, 0
        self._spent += length
        return self._spent <= CHARACTERS_A_SECOND

    def _masked(self, text: str) -> str:
        try:
            return (self._detector or _project_detector())([text])[0]
        except Exception:  # whatever it is, an unmasked text does not go out
            return WITHHELD


def could_hold_something(text: str) -> bool:
    """Whether a text of our own is worth a look: an address, many digits once ids are taken away, a plate, a name."""
    rest = _ID.sub(" : ", text)
    if "@" in rest or _PLATE.search(rest) or _NAMES.search(rest):
        return True
    return _DIGITS.search(_SEPARATORS.sub("", rest)) is not None


def _project_detector() -> Callable[[Sequence[str]], Sequence[str]]:
    from kvkk_policies.detect import mask_many

    return mask_many
