"""`hub demo`: the whole story in a directory of its own, ending with proof that all that was expected happened."""

from __future__ import annotations

from hub.demo.play import demo

__all__ = ["demo"]
