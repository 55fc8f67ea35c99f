"""What people write between the digits of one number: spaces of any width, dashes of any kind, dots and underscores.

The finders' patterns and the cheap signs of `finders` use the same characters, so that no sign stops a text in which a
finder would find a number.
"""

from __future__ import annotations

SPACES = " \u00a0\u2002\u2003\u2007\u2009\u200a\u202f"
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
"""Without the plain hyphen, which has to stand last in a pattern's class."""
JOINTS = f"{SPACES}._·•{DASHES}"
"""Between the groups of any number; patterns add the hyphen, and the slash where it parts no two numbers."""
