"""What statutes keep against a request for erasure (KVKK art. 7/1, By-Law OG 30224 art. 12/2): one reviewed table.

Why so little stands here is said in docs/decisions/0007-what-statutes-keep.md: the hub holds copies of what providers
tell, not the tenant's books. Facts and amounts stay in any case; what a statute adds is the party's name to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Statute:
    """An article, its years, whence they count, and the columns under it by `<provider>.<stream>`."""

    article: str
    years: int
    counted_from: Literal["end_of_year", "record"]
    columns: Mapping[str, tuple[str, ...]]

    def kept_until(self, day: date) -> date:
        """The first day on which what happened on `day` is kept no longer."""
        if self.counted_from == "end_of_year":
            return date(day.year + 1 + self.years, 1, 1)
        try:
            return day.replace(year=day.year + self.years)
        except ValueError:  # 29 February
            return date(day.year + self.years, 3, 1)


STATUTES: tuple[Statute, ...] = (
    # The report is what the merchant's booking of a payment rests on; it says who paid.
    Statute(
        article="TTK 6102 m. 82/1-d, 82/5",
        years=10,
        counted_from="end_of_year",
        columns={"iyzico.settlement_files": ("buyer_name", "buyer_surname")},
    ),
    # A subscription taken out at a distance: whose contract it was.
    Statute(
        article="Mesafeli Sözleşmeler Yönetmeliği m. 20",
        years=3,
        counted_from="record",
        columns={"iyzico.subscription_customers": ("name", "surname")},
    ),
)
"""The longest applicable one wins for each column."""


def keeping(stream: str, column: str, day: date, statutes: tuple[Statute, ...] = STATUTES) -> tuple[str, date] | None:
    """The article that keeps a column of `<provider>.<stream>` longest, and until when; None where none does."""
    found = [(each.kept_until(day), each.article) for each in statutes if column in each.columns.get(stream, ())]
    if not found:
        return None
    until, article = max(found)
    return article, until
