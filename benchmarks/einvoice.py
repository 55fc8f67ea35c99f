"""How many invoices are built, signed and checked a second, on one core and on all, beside the plain way.

    python -m benchmarks.einvoice [--lines 3 20 100] [--seconds 4] [--processes 2]

One core: CPU milliseconds a document of each step, the least of several rounds (a busy machine only adds to it), and
what that makes a second. The plain way is the same with `efatura_kontrol.kontrol_et` for the check: its own run of
GİB's rules, kept warm. All cores: processes with a checker each, wall clock, together. Keys are RSA-2048 in software.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.seal.signer import KeySigner

ROUNDS = 25
"""Short ones: on a shared machine the least of them comes nearest to what the work costs."""
PLACE: dict[str, Any] = {
    "tax_office": "Çankaya",
    "address": {"street": "Deneme Cad. 1", "district": "Çankaya", "city": "Ankara"},
}


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds a document."""

    size: int
    build: float
    sign: float
    check: float
    plain_check: float

    @property
    def per_second(self) -> float:
        """Documents a second and core, ours."""
        return 1_000 / (self.build + self.sign + self.check)

    @property
    def plain_per_second(self) -> float:
        """The same with the plain check."""
        return 1_000 / (self.build + self.sign + self.plain_check)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, nargs="+", default=[3, 20, 100])
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement with all processes")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.processes, mp_context=context, initializer=_warm_up) as pool:
        list(pool.map(_ready, range(given.processes * 4)))
        for lines in given.lines:
            cost = measure(lines)
            together = sum(pool.map(_issued_within, [(lines, given.seconds)] * given.processes)) / given.seconds
            print(
                f"{lines:>3} lines, {cost.size:>6,} bytes: build {cost.build:.2f}, sign {cost.sign:.2f},"
                f" check {cost.check:.2f} (plain {cost.plain_check:.2f}) ms CPU;"
                f" {cost.per_second:.0f}/s and core (plain {cost.plain_per_second:.0f}),"
                f" {together:.0f}/s in {given.processes} processes",
                flush=True,
            )


def measure(lines: int) -> Cost:
    """What a document of so many lines costs, step by step."""
    from efatura_kontrol.kontrol import kontrol_et

    from hub.einvoice.check.checker import warm_checker
    from hub.einvoice.seal.sign import sign

    invoice, signer, now = make(lines), seal(), datetime.now(UTC)
    built = _built(invoice)
    signed = sign(built, signer, now=now)
    findings = warm_checker().check(signed)
    assert findings == [], findings
    assert kontrol_et(signed).gecerli
    return Cost(
        size=len(signed),
        build=_least(lambda: _built(invoice), lines),
        sign=_least(lambda: sign(built, signer, now=now), lines),
        check=_least(lambda: warm_checker().check(signed), lines),
        plain_check=_least(lambda: kontrol_et(signed), lines),
    )


def make(lines: int) -> Invoice:
    """A typed invoice with so many lines, two rates of VAT and a discount here and there."""
    from hub.einvoice.invoice.reading import read

    return read(
        {
            "profile": "TEMELFATURA",
            "type": "SATIS",
            "issue_date": _today(),
            "supplier": {"identity": "9205121120", "name": "Deneme Ticaret A.Ş.", **PLACE},
            "customer": {"identity": "3900383669", "name": "Örnek Alıcı Ltd. Şti.", **PLACE},
            "lines": [_line(number) for number in range(lines)],
        }
    )


@cache
def seal() -> KeySigner:
    """A throwaway key with a certificate of its own."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.x509.oid import NameOID

    from hub.einvoice.seal.signer import KeySigner

    key = generate_private_key(65537, 2048)
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Deneme"), x509.NameAttribute(NameOID.SERIAL_NUMBER, "9205121120")]
    )
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    return KeySigner(key, [made.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())])


def _line(number: int) -> dict[str, Any]:
    discount = {"discounts": [{"amount": "1.25"}]} if number % 5 == 4 else {}
    return {
        "name": f"Deneme malı {number + 1}",
        "quantity": str(number % 7 + 1),
        "price": f"{number * 3 + 10}.{number % 90 + 10}",
        "vat_rate": "10" if number % 4 == 3 else "20",
        **discount,
    }


def _built(invoice: Invoice) -> bytes:
    from hub.einvoice.ubl.document import build

    return build(invoice, number=f"KPR{invoice.issue_date.year}000000001", ettn=uuid4())


def _least(work: Callable[[], object], lines: int) -> float:
    times = max(3, 100 // (lines + 3))
    rounds: list[float] = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - start) / times * 1_000)
    return min(rounds)


def _issued_within(task: tuple[int, float]) -> int:
    """In a process of its own: how many were built, signed and checked in the given seconds."""
    from hub.einvoice.check.checker import warm_checker
    from hub.einvoice.seal.sign import sign

    lines, seconds = task
    invoice = make(lines)
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        assert warm_checker().check(sign(_built(invoice), seal(), now=datetime.now(UTC))) == []
        done += 1
    return done


def _warm_up() -> None:
    from hub.einvoice.check.checker import warm_checker

    warm_checker().warm_up("invoice")
    seal()


def _ready(_number: int) -> None:
    time.sleep(0.05)  # long enough that the pool starts all its processes


def _today() -> str:
    return datetime.now(ZoneInfo("Europe/Istanbul")).date().isoformat()


if __name__ == "__main__":
    main()
