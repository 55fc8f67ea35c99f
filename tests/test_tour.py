"""docs/tour.md as a reader pastes it: every block in one bash, with a hub of its own, and what each of them prints."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from connectors.sandbox.world import World

ROOT = Path(__file__).parents[1]
TOUR, IN_TURKISH = ROOT / "docs" / "tour.md", ROOT / "docs" / "tour.tr.md"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = 900
_MARK = "@@ tour {} @@"


def blocks(page: Path) -> list[tuple[str, str]]:
    """What is to be pasted, each with what it should print."""
    fences = [(kind, text) for kind, text in _FENCE.findall(page.read_text(encoding="utf-8"))]
    followed = [*pairwise(fences), (fences[-1], ("", ""))]
    return [
        (text, after_text if after == "text" else "") for (kind, text), (after, after_text) in followed if kind == "sh"
    ]


def fits(expected: str, printed: str) -> bool:
    """Whether it is what the page shows, where `…` stands for anything."""
    pattern = ".*".join(map(re.escape, expected.strip().split("…")))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def test_a_page_is_compared_line_by_line_and_dots_stand_for_what_differs() -> None:
    assert fits("one\nid …\n", "one\nid 12\n")
    assert not fits("one\n", "one\ntwo\n")
    assert not fits("", "something")


def test_the_turkish_page_has_the_same_blocks() -> None:
    assert blocks(TOUR)
    assert blocks(IN_TURKISH) == blocks(TOUR)


def test_the_tours_tenant_may_issue_invoices_through_the_stand_ins() -> None:
    number = World(seed=1).company("lale").vkn
    for page in (TOUR, IN_TURKISH, ROOT / "docs" / "sandbox.md"):
        assert number in page.read_text(encoding="utf-8"), page.name


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a new terminal: no variable of the hub's, free ports, a directory of its own."""
    # Under /tmp and not pytest's own directory: a unix socket's path has 107 bytes.
    home = Path(tempfile.mkdtemp(prefix="tour-", dir="/tmp"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "DAGSTER_"))}
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    api, sandbox = (str(each.getsockname()[1]) for each in sockets)
    for each in sockets:
        each.close()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"PATH": path, "HOME": str(tmp_path), "TMPDIR": str(home), "LC_ALL": "C.UTF-8"}
    yield kept | own | {"HUB_API_PORT": api, "SANDBOX_PORT": sandbox}
    shutil.rmtree(home, ignore_errors=True)


# A whole hub with Dagster's services, and six of its runs: a minute and a half of CPU.
@pytest.mark.prove
@pytest.mark.long(240)
def test_the_tour_does_and_prints_what_it_says(shell: dict[str, str]) -> None:
    asked = blocks(TOUR)
    script = "".join(f"echo '{_MARK.format(at)}'\n{text}" for at, (text, _) in enumerate(asked))
    # Its own group, so that a failure half-way leaves no server behind.
    bash = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=shell,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, complaints = bash.communicate(timeout=_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(bash.pid, signal.SIGTERM)
    logs = "".join(path.read_text() for path in Path(shell["TMPDIR"]).glob("*/*.log"))
    parts = re.split(r"^@@ tour \d+ @@$", said, flags=re.MULTILINE)[1:]
    differing = [
        f"{text}\nshould print:\n{expected}\nprinted:\n{printed}"
        for (text, expected), printed in zip(asked, parts, strict=False)
        if not fits(expected, printed)
    ]
    assert not differing, "\n\n".join(differing) + complaints + logs
    assert (bash.returncode, len(parts)) == (0, len(asked)), said + complaints + logs
