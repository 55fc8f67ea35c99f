"""Seeded chance: the same seed and names give the same numbers on every machine and in every process."""

from __future__ import annotations

import hashlib
from random import Random


def rng(*names: object) -> Random:
    """A generator of its own for a thing, named by its parts."""
    return Random(number(*names))


def number(*names: object) -> int:
    """64 bits that depend on nothing but the names."""
    text = "\0".join(map(str, names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
