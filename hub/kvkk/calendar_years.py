"""The movable feasts, a line a year: no formula gives the days on which Turkey keeps them.

Source: the calendar of religious days of Diyanet İşleri Başkanlığı (announced for 2024 to 2026; later years by its own
conversion, vakithesaplama.diyanet.gov.tr/hicriden_miladiye.php, as the package `holidays` 0.108, MIT, has them too).
Each line is compared with the new year's announcement when it appears, and one is added before the last one is reached.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Feasts(NamedTuple):
    """First whole days of the two feasts; the eve (arife) is the day before, from 13:00 on."""

    ramazan: date
    kurban: date


FEASTS: dict[int, Feasts] = {
    2024: Feasts(date(2024, 4, 10), date(2024, 6, 16)),
    2025: Feasts(date(2025, 3, 30), date(2025, 6, 6)),
    2026: Feasts(date(2026, 3, 20), date(2026, 5, 27)),
    2027: Feasts(date(2027, 3, 9), date(2027, 5, 16)),
    2028: Feasts(date(2028, 2, 26), date(2028, 5, 5)),
    2029: Feasts(date(2029, 2, 14), date(2029, 4, 24)),
    2030: Feasts(date(2030, 2, 4), date(2030, 4, 13)),
}
"""By calendar year. A year that is missing here has no business days: see `hub.kvkk.calendar.day_kind`."""
