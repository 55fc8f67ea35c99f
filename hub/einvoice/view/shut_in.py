"""The process in which a stranger's stylesheet runs; `hub.einvoice.view.embedded` starts it.

Standard input: the stylesheet's length in 8 bytes, the stylesheet, the document. Standard output: the page. Exit 1 for
any failure, without a word: error texts quote documents.
"""

from __future__ import annotations

import resource
import sys

from hub.einvoice.view.embedded import MAX_PAGE_BYTES
from hub.einvoice.xml import etree, parse

_CPU_SECONDS = 10
_MEMORY_BYTES = 1024 * 1024 * 1024
_XSL = "http://www.w3.org/1999/XSL/Transform"
_OUTSIDE = frozenset(f"{{{_XSL}}}{name}" for name in ("import", "include"))


def main() -> int:
    """Read, shut the doors, transform, write."""
    framed = sys.stdin.buffer.read()
    length = int.from_bytes(framed[:8], "big")
    stylesheet, document = framed[8 : 8 + length], framed[8 + length :]
    _shut()
    try:
        program = parse(stylesheet)
        if any(element.tag in _OUTSIDE for element in program.iter()):
            return 1
        transform = etree.XSLT(program, access_control=etree.XSLTAccessControl.DENY_ALL)
        page = bytes(transform(parse(document)))
    except Exception:
        return 1
    sys.stdout.buffer.write(page[: MAX_PAGE_BYTES + 1])
    return 0


def _shut() -> None:
    """No file can be opened or written any more, and neither time nor memory is without end."""
    limits = {
        resource.RLIMIT_CPU: _CPU_SECONDS,
        resource.RLIMIT_AS: _MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    for kind, limit in limits.items():
        resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
