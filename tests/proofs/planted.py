"""An installation of its own whose every trace lies under one directory, and rows full of people's data for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.registry import PROVIDERS
from hub.db import postgres
from hub.settings import Settings
from tests.proofs.identity import Identity
from tests.proofs.stores import sweep_everything
from tests.proofs.sweep import Found, Sweep
from tests.support.homes import HOMES
from tests.support.rooms import new_directory
from tests.support.shop import FIXTURE, Order

REPOSITORY = Path(__file__).parents[2]


@dataclass
class House:
    """`root` holds all that the hub writes: its home, HOME, TMPDIR and what its processes print; `outside` the rest."""

    root: Path
    outside: Path
    settings: Settings
    started: list[int] = field(default_factory=list[int])

    def run(self, **given: Any) -> dict[str, Any] | None:
        """Run one process of the hub to its end. Its answer, or None if it was killed."""
        number = len(self.started)
        captured = self.root / "captured"
        with (captured / f"{number}.out").open("w") as out, (captured / f"{number}.err").open("w") as err:
            done = subprocess.run(
                [sys.executable, "-m", "tests.proofs.hub_process", json.dumps(given)],
                cwd=REPOSITORY,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                check=False,
            )
        self.started.append(done.returncode)
        assert done.returncode in {0, -9}, (captured / f"{number}.err").read_text()[-4000:]
        said = (captured / f"{number}.out").read_text().splitlines()
        return json.loads(said[-1]) if said and done.returncode == 0 else {} if done.returncode == 0 else None

    def environment(self) -> Mapping[str, str]:
        """Nothing of the caller's but the search path."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "HUB_HOME": str(self.settings.home),
            "HUB_POLICIES_DIR": str(self.settings.policies_dir),
        }

    def swept(self, sweep: Sweep) -> Found:
        """Whatever the sweep finds in anything the hub wrote."""
        return sweep_everything(sweep, self.root, self.settings)


@contextmanager
def house() -> Iterator[House]:
    """A migrated installation with every registered provider and, by a process of the hub, the fixture's."""
    base = new_directory("kopru-s-")
    try:
        root, outside = base / "in", base / "out"
        for directory in ("home", "tmp", "captured"):
            (root / directory).mkdir(parents=True)
        policies = outside / "policies"
        policies.mkdir(parents=True)
        ours = (REPOSITORY / "kvkk_policies" / f"{name}.yaml" for name in PROVIDERS)
        for policy in (FIXTURE / "siparis.yaml", *ours):
            shutil.copy(policy, policies)
        settings = Settings.apart(root / "hub", policies_dir=policies)
        settings.home.mkdir(mode=0o700)
        HOMES.lay_whole(settings.home)
        with postgres.running(settings):
            here = House(root, outside, settings)
            here.run(do="migrate")
            yield here
    finally:
        shutil.rmtree(base, ignore_errors=True)


def order_rows(people: Sequence[Identity], *, first: int = 0) -> list[dict[str, Any]]:
    """Orders of these people: their data in declared columns, in free text, in undeclared fields and their names."""
    rows: list[dict[str, Any]] = []
    for person in people:
        phones = (
            f"+90{person.phone}",
            f"0{person.phone}",
            f"0 ({person.phone[:3]}) {person.phone[3:6]} {person.phone[6:]}",
        )
        for place, note in enumerate(person.notes()):
            rows.append(
                Order(first + len(rows), 1, 7).row()
                | {
                    "customer_tckn": person.tckn,
                    "customer_phone": phones[place % len(phones)],
                    "customer_email": person.email if place % 2 else person.email.upper(),
                    "note": note,
                    "remark": person.sentence(),
                    f"of {person.name}": place,
                    f"tel{person.phone}": {"nested": [person.sentence()]},
                }
            )
    return rows


def write_drop(directory: Path, name: str, lines: Sequence[dict[str, Any] | str]) -> None:
    """Put a file where the shop's connector looks; a text is a line as it stands, JSON or not."""
    directory.mkdir(parents=True, exist_ok=True)
    written = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    (directory / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in written))
