"""Provinces and districts: what an address is reduced to, and what tells an address from a sentence about a street."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kvkk_policies.turkish import fold, squeeze

_WORD = re.compile(r"[a-z]+")
_OTHER_NAMES = {"afyon": "Afyonkarahisar", "urfa": "Şanlıurfa", "maras": "Kahramanmaraş", "antep": "Gaziantep"}


@dataclass(frozen=True)
class Places:
    """Folded name to proper name; `provinces_of` lists the provinces that have a district of that folded name."""

    provinces: dict[str, str]
    districts: dict[str, str]
    provinces_of: dict[str, tuple[str, ...]]

    def known(self, folded: str) -> bool:
        """Whether a folded word is a province or a district."""
        return folded in self.provinces or folded in self.districts


@cache
def places() -> Places:
    """The list that ships with this package, read once."""
    provinces: dict[str, str] = {}
    districts: dict[str, str] = {}
    provinces_of: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("places.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        province, names = line.split(": ")
        provinces[fold(province)] = province
        for name in names.split(", "):
            districts[fold(name)] = name
            provinces_of.setdefault(fold(name), []).append(province)
    provinces.update(_OTHER_NAMES)
    return Places(provinces, districts, {name: tuple(where) for name, where in provinces_of.items()})


def district_and_province(address: str) -> str | None:
    """`Kadıköy/İstanbul`, or the province alone, or None: only names from the list come out, nothing of the address.

    The last province named wins, since streets are called after cities. A district without a province counts if only
    one province has it.
    """
    known = places()
    words = _WORD.findall(fold(squeeze(address)))
    province = next((known.provinces[word] for word in reversed(words) if word in known.provinces), None)
    named = [word for word in words if word in known.districts]
    if province is None:
        sure = [word for word in named if len(known.provinces_of[word]) == 1]
        return f"{known.districts[sure[-1]]}/{known.provinces_of[sure[-1]][0]}" if sure else None
    within = [word for word in named if province in known.provinces_of[word]]
    return f"{known.districts[within[-1]]}/{province}" if within else province
