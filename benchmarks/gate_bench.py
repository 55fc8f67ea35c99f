"""How many rows a second the gate masks: 15 columns, three identifiers, one free text of about 120 characters.

    python -m benchmarks.gate_bench [--rows 100000] [--people 20000] [--distinct-notes 0.7] [--notes-with-data 0.15]

Prints CPU microseconds a row and the mix of notes, because the share of distinct notes and of notes with personal data
decides the cost. The first batch of a process also pays for Presidio's import; it is printed apart.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from connectors.contract import Column, Row, Snapshot, Stream
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from kvkk_policies.pseudonym import Pseudonymiser

POLICY = """
provider: bench
version: 1
x-k: &keep {category: NONE, retention: P10Y, action: keep}
x-c: &contact {category: ILETISIM, legal_basis: contract, retention: P10Y, action: vault, subject: customer}
streams:
  events:
    purpose: measure
    subject_groups: [diğer]
    columns:
      event_id: *keep
      happened_at: *keep
      changed_at: *keep
      status: *keep
      channel: *keep
      amount: *keep
      fee: *keep
      currency: *keep
      quantity: *keep
      paid: *keep
      branch: *keep
      phone: {<<: *contact, kind: phone}
      email: {<<: *contact, kind: email}
      tckn: {<<: *contact, category: KIMLIK, kind: tckn, action: pseudonymise}
      note: {<<: *contact, category: MUSTERI, action: scan, params: {vault: true}}
"""

STREAM = Stream(
    name="events",
    title="events",
    description="bench",
    columns=(
        Column("event_id", "text", "", nullable=False),
        Column("happened_at", "timestamp", ""),
        Column("changed_at", "timestamp", ""),
        Column("status", "text", ""),
        Column("channel", "text", ""),
        Column("amount", "decimal", ""),
        Column("fee", "decimal", ""),
        Column("currency", "text", ""),
        Column("quantity", "int", ""),
        Column("paid", "bool", ""),
        Column("branch", "text", ""),
        Column("phone", "text", ""),
        Column("email", "text", ""),
        Column("tckn", "text", ""),
        Column("note", "text", ""),
    ),
    key=("event_id",),
    plan=Snapshot(),
    version="changed_at",
)

CLEAN = (
    "Kargo yarın sabah saat {h}:30 civarında teslim edilecek, {n} koli ürün depodan çıktı, irsaliye kesildi",
    "müşteri ürünün rengini beğenmedi, değişim istedi; {n} adet ürün iade alınacak, kargo bedeli bize ait olacak",
    "Sipariş {o} için fatura kesildi, ödeme {d}.03.2026 tarihinde havale ile yapıldı, stoktan {n} adet düşüldü",
    "Şube aktarımı tamamlandı. İstanbul depodan Ankara şubesine {n} palet sevk edildi, araç saat {h}:15 te çıktı",
    "Arama cevapsız kaldı, {n} dakika sonra tekrar denendi, ulaşılamadı; bilgilendirme mesajı gönderildi ve not alındı",
)
PERSONAL = (
    "Müşteri {phone} numarasından aradı, kargo yarın sabah teslim edilsin istedi, {n} koli ürün hazırlanacak",
    "Sayın {name} aradı, faturayı {email} adresine istedi, ödeme {n} gün içinde yapılacak, takip edilecek",
    "TC {tckn} için kayıt açıldı, {name} teslim aldı, {n} adet ürün depodan çıktı, irsaliye kesildi",
    "Teslimat: Çınar Mah. Gül Sok. No:{n} Kadıköy/İstanbul, kapıda {name}'a bırakılacak, saat {h}:30 uygun",
)
TAILS = (" acil değil", " tekrar aranacak", " kontrol edildi", " bilgi verildi", " onay bekleniyor", "")
NAMES = ("Ahmet Yılmaz", "Ayşe Kaya", "Mehmet Demir", "Fatma Şahin", "Mustafa Çelik", "Emine Yıldız", "Hüseyin Aydın")


def _tckn(random_: random.Random) -> str:
    d = [random_.randint(1, 9), *(random_.randint(0, 9) for _ in range(8))]
    d.append((7 * sum(d[0:9:2]) - sum(d[1:8:2])) % 10)
    return "".join(map(str, [*d, sum(d) % 10]))


def _note(random_: random.Random, personal: bool) -> str:
    template = random_.choice(PERSONAL if personal else CLEAN)
    text = template.format(
        h=random_.randint(8, 18),
        n=random_.randint(2, 60),
        o=random_.randint(10_000, 99_999),
        d=random_.randint(10, 28),
        phone=f"0{random_.randint(530, 555)} {random_.randint(100, 999)} {random_.randint(1000, 9999)}",
        name=random_.choice(NAMES),
        email=f"kisi{random_.randint(1, 9999)}@ornek.com.tr",
        tckn=_tckn(random_),
    )
    return text + random_.choice(TAILS)


def make_rows(count: int, *, people: int, distinct_notes: float, with_data: float, seed: int = 7) -> list[Row]:
    """Synthetic rows. A note is repeated from a small stock with probability 1 - `distinct_notes`."""
    random_ = random.Random(seed)
    persons = [
        (f"9055{random_.randint(10_000_000, 99_999_999)}", f"kisi{number}@ornek.com.tr", _tckn(random_))
        for number in range(people)
    ]
    stock = [_note(random_, random_.random() < with_data) for _ in range(200)]
    start = datetime(2026, 3, 1, tzinfo=UTC)
    rows: list[Row] = []
    for number in range(count):
        phone, email, tckn = random_.choice(persons)
        fresh = random_.random() < distinct_notes
        moment = start + timedelta(seconds=number)
        rows.append(
            {
                "event_id": f"E{number:09d}",
                "happened_at": moment,
                "changed_at": moment,
                "status": random_.choice(("open", "done", "failed")),
                "channel": random_.choice(("web", "call", "shop")),
                "amount": Decimal(random_.randint(100, 999_999)) / 100,
                "fee": Decimal(random_.randint(1, 999)) / 100,
                "currency": "TRY",
                "quantity": random_.randint(1, 40),
                "paid": random_.random() < 0.8,
                "branch": f"Şube {random_.randint(1, 30)}",
                "phone": phone,
                "email": email,
                "tckn": tckn,
                "note": _note(random_, random_.random() < with_data) if fresh else random_.choice(stock),
            }
        )
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--distinct-notes", type=float, default=0.7)
    parser.add_argument("--notes-with-data", type=float, default=0.15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "bench.yaml").write_text(POLICY, encoding="utf-8")
        gate = Gate(load_policies(Path(directory)), ColumnScanner())
    rows = make_rows(
        arguments.rows,
        people=arguments.people,
        distinct_notes=arguments.distinct_notes,
        with_data=arguments.notes_with_data,
    )
    notes = [row["note"] for row in rows]
    pseudonymiser = Pseudonymiser(os.urandom(32))
    before = time.process_time()
    gated = gate.apply(provider="bench", stream=STREAM, rows=rows[:200], pseudonymiser=pseudonymiser)
    print(f"first batch of 200 rows (imports, lists): {time.process_time() - before:.2f} CPU s")
    if arguments.profile:
        import cProfile
        import pstats

        with cProfile.Profile() as profile:
            gate.apply(provider="bench", stream=STREAM, rows=rows, pseudonymiser=pseudonymiser)
        pstats.Stats(profile).sort_stats("tottime").print_stats(28)
        return
    best = float("inf")
    for _ in range(arguments.rounds):
        before = time.process_time()
        gated = gate.apply(provider="bench", stream=STREAM, rows=rows, pseudonymiser=pseudonymiser)
        best = min(best, time.process_time() - before)
    print(
        f"{len(rows)} rows, {len(STREAM.columns)} columns, {arguments.people} people; notes: "
        f"{sum(map(len, notes)) / len(notes):.0f} characters on average, {len(set(notes)) / len(notes):.0%} distinct, "
        f"{len(gated.texts) / len(rows):.0%} of rows with personal data"
    )
    print(f"gate: {best / len(rows) * 1e6:.2f} CPU microseconds a row, {len(rows) / best:,.0f} rows/s")
    print(f"masked: {gated.masked}; originals {len(gated.originals)}, identifiers {len(gated.identifiers)}")


if __name__ == "__main__":
    main()
