"""What one role may do with one table."""

from __future__ import annotations

from dataclasses import dataclass

ANALYST = "analyst"

ALL = ("*",)
Columns = tuple[str, ...]


@dataclass(frozen=True)
class Grant:
    """What one role may do with one table. `ALL` is the whole table; otherwise the columns are named."""

    role: str
    select: Columns = ()
    insert: Columns = ()
    update: Columns = ()
    delete: bool = False

    @property
    def writes(self) -> bool:
        """Whether the role may change anything."""
        return bool(self.insert or self.update or self.delete)

    def by_privilege(self) -> dict[str, Columns]:
        """Columns by SQL privilege; privileges that are not given are absent."""
        every = {"SELECT": self.select, "INSERT": self.insert, "UPDATE": self.update}
        given = {privilege: columns for privilege, columns in every.items() if columns}
        return given | ({"DELETE": ALL} if self.delete else {})
