"""Callers of webhooks in a process of their own: requests prepared as bytes, over connections that stay open.

    python -m benchmarks.webhook_callers PORT CONNECTIONS PER_SECOND < requests

Each line of the input is one request in base64. With 0 a second every connection sends its next call when its last one
is answered; otherwise calls come at their times, whether the ones before are answered or not, and the time that a call
waits for a free connection counts: a slow server cannot hide behind a caller that waits for it. Prints JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass
class Street:
    """What is to be sent, and what came of it. Latencies are seconds."""

    waiting: deque[tuple[float, bytes]]
    """Requests by the time at which they are due; 0 for as soon as possible."""
    statuses: Counter[int] = field(default_factory=Counter[int])
    latencies: list[float] = field(default_factory=list[float])


async def deliver(port: int, street: Street) -> None:
    """One connection, until nothing is left."""
    reader, writer = await asyncio.open_connection(HOST, port)
    while street.waiting:
        due, request = street.waiting.popleft()
        early = due - time.perf_counter()
        if early > 0:
            await asyncio.sleep(early)
        began = due or time.perf_counter()
        writer.write(request)
        status = await answered(reader)
        street.latencies.append(time.perf_counter() - began)
        street.statuses[status] += 1
    writer.close()


async def answered(reader: asyncio.StreamReader) -> int:
    """The status of one whole answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))
    return int(head[9:12])


async def run(port: int, connections: int, per_second: float, requests: list[bytes]) -> dict[str, object]:
    """Deliver everything; what came of it."""
    began = time.perf_counter() + 0.1
    times = (began + number / per_second if per_second else 0.0 for number in range(len(requests)))
    street = Street(deque(zip(times, requests, strict=True)))
    await asyncio.gather(*(deliver(port, street) for _ in range(connections)))
    took = time.perf_counter() - began
    ranked = sorted(street.latencies)
    return {
        "statuses": {str(status): count for status, count in street.statuses.items()},
        "per_second": len(ranked) / took,
        "p50_ms": 1000 * ranked[len(ranked) // 2],
        "p99_ms": 1000 * ranked[int(len(ranked) * 0.99)],
        "worst_ms": 1000 * ranked[-1],
    }


def main() -> None:
    """Read the requests, deliver them, print."""
    import uvloop

    port, connections, per_second = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    requests = [base64.b64decode(line) for line in sys.stdin.buffer]
    print(json.dumps(uvloop.run(run(port, connections, per_second, requests))))


if __name__ == "__main__":
    main()
