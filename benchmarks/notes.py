"""A column of free texts as a hub loads them: notes of calls and orders of about 120 characters, in any mix.

Which share of the notes repeats and which share holds personal data decides what scanning costs, so both are given and
kept exactly. Values are invented; identity numbers and accounts have right check digits, since a wrong one is found by
other rules.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from kvkk_policies.checksums import luhn_valid, vkn_valid

CLEAN = (
    "Kargo yarın sabah saat {h}:30 civarında teslim edilecek, {n} koli ürün depodan çıktı, {o} nolu irsaliye kesildi",
    "müşteri ürünün rengini beğenmedi, {o} numaralı siparişte değişim istedi; {n} adet ürün alınacak, bedel bize ait",
    "Sipariş {o} için fatura kesildi, ödeme {d}.03.2026 tarihinde havale ile yapıldı, stoktan {n} adet düşüldü, tamam",
    "Şube aktarımı tamamlandı ({o}). Depodan şubeye {n} palet sevk edildi, araç saat {h}:15 te çıktı, akşama varır",
    "Arama cevapsız kaldı, {n} dakika sonra tekrar denendi, ulaşılamadı; bilgilendirme mesajı gönderildi, kayıt {o}",
    "Ürün {o} stokta yok, tedarikçiden {n} adet istendi, termin {d}.04.2026; müşteriye bilgi verildi, onay bekleniyor",
    "Fatura tutarı {n}.{o},00 TL olarak düzeltildi, vade {d}.05.2026, cari hesapta mutabakat sağlandı, dosya kapatıldı",
    "Teknik servis {h}:00 randevusuna gitti, {n} mm conta değişti, garanti kapsamında, form {o} imzalatıldı, sorun yok",
)
PERSONAL = (
    "Müşteri {phone} numarasından aradı, {o} nolu siparişin yarın sabah teslimini istedi, {n} koli hazırlanacak",
    "Sayın {name} aradı, {o} nolu faturayı {email} adresine istedi, ödeme {n} gün içinde yapılacak, takip edilecek",
    "TC {tckn} için kayıt açıldı, {name} teslim aldı, {n} adet ürün depodan çıktı, {o} nolu irsaliye kesildi",
    "Teslimat: Çınar Mah. Gül Sok. No:{n} Kadıköy/İstanbul, kapıda {name}'a bırakılacak, saat {h}:30 uygun, koli {o}",
    "Vergi no {vkn} olan firmaya {o} nolu fatura kesildi, iade tutarı {iban} hesabına gönderilecek, {n} gün sürer",
    "{plate} plakalı araç saat {h}:30 da depodan çıktı, sürücü {name}, {n} palet yüklü, irsaliye {o}, varışta arayacak",
    "Kart {card} ile yapılan {o} nolu ödeme iptal edildi, {n} gün içinde iade olur, {name} bilgilendirildi, tamam",
    "{d}.03.1985 doğumlu müşteri {ip} adresinden giriş yapmış, {o} nolu talep için cihaz IMEI {imei} kontrol edilecek",
)
NAMES = ("Ahmet Yılmaz", "Ayşe Kaya", "Mehmet Demir", "Fatma Şahin", "Mustafa Çelik", "Emine Yıldız", "Hüseyin Aydın")


def notes(count: int, *, distinct: float, with_data: float, seed: int = 7) -> list[str]:
    """`count` notes, of which a share is distinct and a share of those holds personal data (both 0 to 1)."""
    draw = random.Random(seed)
    fresh: dict[str, None] = {}
    wanted = max(1, round(count * distinct))
    personal = round(wanted * with_data)
    while len(fresh) < wanted:
        fresh[_note(draw, PERSONAL if len(fresh) < personal else CLEAN)] = None
    column = [*fresh, *draw.choices(list(fresh), k=count - wanted)]
    draw.shuffle(column)
    return column


def _note(draw: random.Random, templates: tuple[str, ...]) -> str:
    return draw.choice(templates).format(
        h=draw.randint(8, 18),
        n=draw.randint(2, 60),
        o=draw.randint(10_000, 999_999),
        d=draw.randint(10, 28),
        phone=f"0{draw.randint(530, 555)} {draw.randint(100, 999)} {draw.randint(1000, 9999)}",
        name=draw.choice(NAMES),
        email=f"kisi{draw.randint(1, 9999)}@ornek.com.tr",
        tckn=_tckn(draw),
        vkn=_checked(draw, "", 10, vkn_valid),
        iban=_iban(draw),
        card=_checked(draw, "4", 16, luhn_valid),
        imei=_checked(draw, "35", 15, luhn_valid),
        plate=f"{draw.randint(1, 81):02d} {draw.choice('ABDHK')}{draw.choice('EFGJK')} {draw.randint(100, 999)}",
        ip=f"85.{draw.randint(20, 250)}.{draw.randint(0, 250)}.{draw.randint(1, 250)}",
    )


def _tckn(draw: random.Random) -> str:
    d = [draw.randint(1, 9), *(draw.randint(0, 9) for _ in range(8))]
    d.append((7 * sum(d[0:9:2]) - sum(d[1:8:2])) % 10)
    return "".join(map(str, [*d, sum(d) % 10]))


def _checked(draw: random.Random, start: str, length: int, valid: Callable[[str], bool]) -> str:
    stem = start + "".join(str(draw.randint(0, 9)) for _ in range(length - len(start) - 1))
    return next(stem + digit for digit in "0123456789" if valid(stem + digit))


def _iban(draw: random.Random) -> str:
    account = "000620" + "".join(str(draw.randint(0, 9)) for _ in range(16))
    digits = f"{98 - int(account + '292700') % 97:02d}{account}"
    return f"TR{digits[:2]} " + " ".join(digits[at : at + 4] for at in range(2, 24, 4))
