"""R8: the clock of the machine jumps by days while the outbox is emptied; what is sent is sent once.

libfaketime shows the processes another time than the database's, and another one from moment to moment. What passes
(the monotonic clock) passes as ever, as when somebody sets a machine's clock.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from tests.proofs.outbound_house import Home, home
from tests.proofs.outbox_cases import CASES, COMPANY, SEED
from tests.proofs.planted import REPOSITORY
from tests.proofs.test_outbox_crashes import Trials, judge

_LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
_OFFSETS = ("+0", "-3d", "+3d", "-40m", "+40m", "+100d")
_PASSES_AT_MOST = 12

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(not _LIBRARIES, reason="libfaketime is not installed (Debian: faketime)"),
]


@pytest.fixture
def ours() -> Iterator[Home]:
    with home() as made:
        yield made


def emptied_while_the_clock_jumps(ours: Home, clock: Path, chance: random.Random) -> int:
    """How often it jumped."""
    environment = dict(os.environ) | {
        "LD_PRELOAD": str(_LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    clock.write_text(chance.choice(_OFFSETS))
    command = [sys.executable, "-m", "tests.proofs.outbound_child", str(ours.settings.home)]
    jumps, nobody = 1, Event()
    child = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        while child.poll() is None:
            nobody.wait(chance.uniform(0.05, 0.4))
            clock.with_suffix(".next").write_text(chance.choice(_OFFSETS))
            clock.with_suffix(".next").replace(clock)
            jumps += 1
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0
    return jumps


def test_a_clock_that_jumps_doubles_and_loses_nothing(ours: Home, tmp_path: Path) -> None:
    chance, jumps, asked = random.Random(8), 0, []
    with Sandbox(seed=SEED) as sandbox:
        trials = Trials(ours.settings, ours.database, ours.keyring, sandbox, ours.tenant())
        trials.connect(CASES)
        for _ in range(8):
            asked += [trials.ask(chance.choice(CASES), len(asked) + each) for each in range(6)]
            case = chance.choice(CASES)
            kind: Any = chance.choice(("cut_before", "cut_after", "late"))
            sandbox.world.faults.add(Fault(kind, case.provider, COMPANY, case.path, times=2, seconds=1))
            jumps += emptied_while_the_clock_jumps(ours, tmp_path / "clock", chance)
            sandbox.world.faults.clear()
            trials.pass_time()
        for _ in range(_PASSES_AT_MOST):
            trials.run(None)
            trials.pass_time()
            if not trials.may_be_cleared_up(asked):
                break
        trials.hear()
        judge(trials, asked)
    print(f"{len(asked)} actions, {jumps} jumps of the clock")
