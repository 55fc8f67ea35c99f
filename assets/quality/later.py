"""Keeps libraries out of a process until somebody uses them, though a library that is imported wants them at once.

Great Expectations has an expectation that compares distributions and draws them. For that one, which no suite of ours
names, it imports statistics and a plotting library: two fifths of what its own import costs every run that judges rows.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator


class _Later(ModuleType):
    """Imports what it stands for when an attribute of it is asked for, but for those that every module has."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def imported_later(*names: str) -> Generator[None]:
    """Imports in the block take a stand-in for these modules, which works as they do; later imports take them."""
    stand_ins = {name: _Later(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
