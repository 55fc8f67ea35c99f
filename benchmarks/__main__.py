"""All benchmarks in a row: gate, detection beside Presidio, load beside COPY, inbox, webhooks, API, outbox, e-invoices.

    python -m benchmarks [--rows 100000] [--texts 4000] [--tenants 2000] [--few 200] [--sample 20]

Each has a process of its own, one after the other, so that none pays for another's imports or memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys


def main() -> None:
    """Run and print everything; ends with the status of the first benchmark that fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="100000", help="of the gate and of the load")
    parser.add_argument("--texts", default="4000", help="of each mix of the detection")
    parser.add_argument("--tenants", default="2000")
    parser.add_argument("--few", default="200")
    parser.add_argument("--sample", default="20")
    parser.add_argument("--actions", default="10000", help="of the outbox")
    given = parser.parse_args()
    for module, arguments in (
        ("gate_bench", ["--rows", given.rows]),
        ("detection_speed", ["--texts", given.texts]),
        ("stock_presidio", []),
        ("load_bench", ["--rows", given.rows]),
        ("inbox_bench", []),
        ("webhooks_bench", []),
        ("api_bench", []),
        ("outbox_bench", ["--actions", given.actions]),
        ("outbox_latency", []),
        ("tenants_bench", ["--tenants", given.tenants, "--few", given.few, "--sample", given.sample]),
        ("einvoice", []),
    ):
        print(f"== {module}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{module}", *arguments], check=False)
        if done.returncode:
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
