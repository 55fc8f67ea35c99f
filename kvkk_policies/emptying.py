"""What an erasure takes out of a row: whom the row is about decides, and the policy says which columns are theirs.

The same rules serve the rows that have landed (hub/kvkk/stores/landing.py) and those that a later sync brings once
more (kvkk_policies/withholding.py): otherwise the next sync would bring back what an erasure emptied. Facts and amounts
stay, since they tell nothing of a person whom nothing in the row names any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.contract import Stream
from kvkk_policies.policy import ColumnPolicy, StreamPolicy
from kvkk_policies.subjects import rank_of
from kvkk_policies.vocabulary import SPECIAL_CATEGORIES

PERSONAL_CATEGORIES = SPECIAL_CATEGORIES | {
    "KIMLIK",
    "ILETISIM",
    "LOKASYON",
    "ISLEM_GUV",
    "GORSEL",
    "FIZIKSEL",
    "HUKUKI",
    "MESLEKI",
    "PAZARLAMA",
}
"""Categories whose values describe a person by themselves: they go with the person, whatever the action left of them.

MUSTERI, FINANS, RISK and OZLUK are facts of an event (a call, an amount, a working day) that say nothing without whom.
"""


@dataclass(frozen=True)
class Emptying:
    """One subject of a stream's rows. `identifying` are the columns that name it, strongest first.

    Where one of them names an erased person, `empties` become null, `texts` lose what their marks say of people, and
    the values of `rekeys` give way to a mark of their own (a key cannot be empty).
    """

    subject: str | None
    identifying: tuple[ColumnPolicy, ...]
    empties: tuple[str, ...]
    texts: tuple[str, ...]
    rekeys: tuple[str, ...]


def emptyings(policy: StreamPolicy, stream: Stream) -> tuple[Emptying, ...]:
    """The subjects by which a person's rows are found in a stream.

    A column with a kind whose subject nothing else in the row names stands for itself.
    """
    return tuple(_emptyings(policy, stream))


def scanned_columns(policy: StreamPolicy) -> tuple[str, ...]:
    """Columns whose texts may mention anybody, whoever the row is about."""
    return tuple(name for name, column in policy.columns.items() if column.action == "scan")


def _emptyings(policy: StreamPolicy, stream: Stream) -> Iterator[Emptying]:
    columns = {column.name: policy.columns[column.name] for column in stream.columns if column.name in policy.columns}
    named = {each.subject for each in columns.values() if each.subject and each.identifies}
    for subject in sorted(named):
        identifying = sorted((c for c in columns.values() if c.subject == subject and c.identifies), key=rank_of)
        its = [each for each in columns.values() if _goes(each, subject, named)]
        texts = [each for each in its if each.action == "scan" and each.category not in PERSONAL_CATEGORIES]
        yield Emptying(
            subject,
            tuple(identifying),
            tuple(each.name for each in its if each not in texts and each.name not in stream.key),
            tuple(each.name for each in texts),
            tuple(each.name for each in its if each.name in stream.key and each.kind is not None),
        )
    for each in columns.values():
        if each.kind is not None and each.subject not in named:
            at_key = each.name in stream.key
            yield Emptying(None, (each,), () if at_key else (each.name,), (), (each.name,) if at_key else ())


def _goes(column: ColumnPolicy, subject: str, named: set[str]) -> bool:
    if column.subject is not None:
        # A subject that nothing names (who gets the bill) is reached only through whom the row is about.
        return column.subject == subject or column.subject not in named
    if column.identifies:
        return False
    return (
        column.category in PERSONAL_CATEGORIES
        or column.action == "scan"
        or column.action in ("vault", "pseudonymise", "partial")
    )
