"""Proof 7: a new provider is a folder of code, a policy file, a folder of tests and one line, and nothing else."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.models.dbt_process import ensure_manifest
from hub.settings import Settings
from tests.support.homes import HOMES
from tests.support.rooms import new_directory
from tests.support.shop import FIXTURE, Order, drop

pytestmark = pytest.mark.long(40)

REPOSITORY = Path(__file__).parents[2]
Hub = Callable[..., Any]
_COMMANDS = """
import contextlib, io, json, sys
from hub.cli import main
for line in sys.__stdin__:
    arguments, given = json.loads(line)
    sys.stdin = io.StringIO(given)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = main(arguments)
    print(json.dumps([status, said.getvalue()]), flush=True)
"""
REGISTRY = "connectors/registry.py"
LINE = '    "siparis",\n'


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout, and a home of its own for the hub that runs from it."""

    root: Path
    home: Path

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        """`hub("tenants", "list", "--json", stdin="...")` runs a command of the copy's hub: its output, read where it
        is JSON. One process for all of them, since each would take a second to import what it needs.
        """
        commands = subprocess.Popen(
            [sys.executable, "-c", _COMMANDS],
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        def run(*arguments: str, stdin: str = "") -> Any:
            assert commands.stdin
            assert commands.stdout
            print(json.dumps([arguments, stdin]), file=commands.stdin, flush=True)
            status, said = json.loads(commands.stdout.readline())
            assert status == 0, said
            return json.loads(said) if said.startswith(("{", "[")) else said

        with commands:
            yield run

    def python(self, *arguments: str) -> str:
        """Run the interpreter on the copy; standard output."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Nothing of the caller's but the search path."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "HUB_HOME": str(self.home / "hub"),
            "HUB_LANGUAGE": "en",
            "PYTHONPATH": str(self.root),
        }

    def files(self) -> dict[str, str]:
        """Every file's text by relative path, but for what Python compiled."""
        return {
            path.relative_to(self.root).as_posix(): path.read_text(errors="replace")
            for path in self.root.rglob("*")
            if path.is_file() and path.parent.name != "__pycache__"
        }


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    """This checkout as a newcomer would have it: what git knows or would take, dbt's manifest, a home of today's."""
    base = new_directory("kopru-n-")
    try:
        root, home = base / "checkout", base / "home"
        (home / "hub").mkdir(parents=True, mode=0o700)
        HOMES.lay_whole(home / "hub")
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
        manifest = ensure_manifest(Settings.apart(home / "manifest"))
        built = [str(path.relative_to(REPOSITORY)) for path in (manifest, manifest.with_name("kopru_digest"))]
        for name in [*filter(None, listed.stdout.split("\0")), *built]:
            if (REPOSITORY / name).is_file():
                _copy(REPOSITORY / name, root / name)
        yield Checkout(root, home)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _copy(file: Path, place: Path) -> None:
    """With what Python compiled of it, which is a fifth of this proof's work otherwise."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, place)
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc") if file.suffix == ".py" else ():
        (place.parent / "__pycache__").mkdir(exist_ok=True)
        shutil.copy2(compiled, place.parent / "__pycache__" / compiled.name)


def add_siparis(root: Path) -> None:
    """All that adding a provider takes."""
    for source, place in (
        ("__init__.py", "connectors/siparis/__init__.py"),
        ("siparis.yaml", "kvkk_policies/siparis.yaml"),
        ("provider_tests.py", "tests/connectors/siparis/test_siparis.py"),
    ):
        (root / place).parent.mkdir(exist_ok=True)
        shutil.copy(FIXTURE / source, root / place)
    registry = root / REGISTRY
    first = '    "iyzico",\n'
    registry.write_text(registry.read_text().replace(first, first + LINE))


def test_a_provider_added_by_its_files_and_one_line_syncs_into_a_table_that_its_tenant_reads(
    checkout: Checkout,
) -> None:
    before = checkout.files()
    add_siparis(checkout.root)

    assert "2 passed" in checkout.python("-m", "pytest", "-p", "no:cacheprovider", "tests/connectors/siparis")
    query = "SELECT tenant_id, order_id, amount, customer_phone, note FROM landing.siparis_orders ORDER BY order_id"
    with checkout.hub() as hub:
        hub("migrate")
        tenants = [add_shop(checkout, hub, f"dukkan-{number}", number) for number in range(2)]
        hub("sync", "siparis", *(part for tenant_id in tenants for part in ("--tenant", tenant_id)))
        rows = hub("sql", "--tenant", tenants[1], "-c", query, "--json")
    assert [(row["tenant_id"], row["order_id"]) for row in rows] == [(tenants[1], f"S{n:07d}") for n in range(3)]
    assert all(row["customer_phone"].startswith("phone_") for row in rows)
    assert changed(before, checkout.files()) == {
        "connectors/siparis/__init__.py": "new",
        "kvkk_policies/siparis.yaml": "new",
        "tests/connectors/siparis/test_siparis.py": "new",
        REGISTRY: f"+{LINE}",
    }


def add_shop(checkout: Checkout, hub: Hub, name: str, number: int) -> str:
    """A tenant with three orders, connected as a person would."""
    directory = checkout.home / name
    directory.mkdir()
    drop(directory, "orders", [Order(order, 1, seed=number) for order in range(3)])
    tenant = {
        "name": name,
        "subdomain": name,
        "tax_number": ("1234567890", "4540536920")[number],
        "tax_office": "Kadıköy",
        "kvkk_consent_date": "2026-01-15",
        "plan": "professional",
    }
    tenant_id: str = hub("tenants", "add", "--from-file", "-", "--json", stdin=json.dumps(tenant))["tenant_id"]
    account = ("siparis", "--tenant", tenant_id)
    credentials = json.dumps({"directory": str(directory)})
    hub("integrations", "set", *account, "--environment", "sandbox", "--from-file", "-", stdin=credentials)
    hub("integrations", "test", *account)
    return tenant_id


def changed(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """Every file that differs, with the lines that were added or taken away."""
    found: dict[str, str] = {}
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            found[name] = "new" if name in after else "gone"
        elif before[name] != after[name]:
            lines = difflib.ndiff(before[name].splitlines(keepends=True), after[name].splitlines(keepends=True))
            found[name] = "".join(line[0] + line[2:] for line in lines if line[0] in "+-")
    return found
