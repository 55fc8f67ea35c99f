"""Generated valid values of every structured entity, in any spacing, and sentences to carry them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from stdnum import luhn
from stdnum.iso7064 import mod_97_10
from stdnum.tr import tckimlik, vkn

from kvkk_policies.phone import AREA_CODES

SEPARATORS = st.sampled_from([" ", "\u00a0", "-", "."])
PLATE_LETTERS = "ABCDEFGHIJKLMNOPRSTUVYZ"
VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class Carried:
    """A value and the sentence around it."""

    label: str
    before: str
    value: str
    after: str


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(alphabet="0123456789", min_size=count, max_size=count)


def identity_numbers() -> st.SearchStrategy[str]:
    return st.integers(100_000_000, 999_999_999).map(lambda stem: f"{stem}{tckimlik.calc_check_digits(str(stem))}")


def tax_numbers() -> st.SearchStrategy[str]:
    return digits(9).map(lambda stem: stem + vkn.calc_check_digit(stem))


def accounts() -> st.SearchStrategy[str]:
    def of(account: str) -> str:
        return f"TR{mod_97_10.calc_check_digits(f'000620{account}TR')}000620{account}"

    return digits(16).map(of)


def cards() -> st.SearchStrategy[str]:
    starts = st.sampled_from([("4", 16), ("51", 16), ("2221", 16), ("2720", 16), ("9792", 16), ("65", 16), ("37", 15)])

    def of(start: tuple[str, int], rest: str) -> str:
        stem = (start[0] + rest)[: start[1] - 1]
        return stem + luhn.calc_check_digit(stem)

    return st.builds(of, starts, digits(16))


def imeis() -> st.SearchStrategy[str]:
    return digits(12).map(lambda rest: f"35{rest}{luhn.calc_check_digit(f'35{rest}')}")


def mobiles() -> st.SearchStrategy[str]:
    return st.integers(500_0000000, 559_9999999).map(str)


def fixed_lines() -> st.SearchStrategy[str]:
    return st.builds(lambda area, rest: area + rest, st.sampled_from(sorted(AREA_CODES)), digits(7))


@st.composite
def split(draw: st.DrawFn, value: str) -> str:
    """The value with one separator throughout, wherever."""
    separator = draw(SEPARATORS)
    cuts = sorted(draw(st.sets(st.integers(1, len(value) - 1), max_size=5)))
    return separator.join(value[left:right] for left, right in zip([0, *cuts], [*cuts, len(value)], strict=True))


@st.composite
def phones(draw: st.DrawFn) -> str:
    national = draw(st.one_of(mobiles(), fixed_lines()))
    prefix = draw(st.sampled_from(["0", "0 ", "90", "+90", "+90 ", "+90-", "0090", "0090 "]))
    layout = draw(
        st.sampled_from(
            [
                "{a}{b}{c}{d}",
                "{a} {b} {c} {d}",
                "({a}) {b} {c} {d}",
                "({a}) {b}-{c}-{d}",
                "{a}.{b}.{c}.{d}",
                "{a}-{b}-{c}-{d}",
                "{a} {b} {c}{d}",
                "{a} {b}{c}{d}",
                "{a}/{b} {c} {d}",
                "{a}\u00a0{b}\u00a0{c}\u00a0{d}",
            ]
        )
    )
    return prefix + layout.format(a=national[:3], b=national[3:6], c=national[6:8], d=national[8:])


@st.composite
def plates(draw: st.DrawFn) -> str:
    province = f"{draw(st.integers(1, 81)):02d}"
    letters, count = draw(st.sampled_from([(1, 4), (1, 5), (2, 3), (2, 4), (3, 2), (3, 3)]))
    letter = draw(st.text(alphabet=PLATE_LETTERS, min_size=letters, max_size=letters))
    gap = draw(st.sampled_from(["", " ", "-", "\u00a0", "  "]))
    plate = gap.join((province, letter, draw(digits(count))))
    return draw(st.sampled_from([plate, plate.lower()]))


def emails() -> st.SearchStrategy[str]:
    local = st.from_regex("[A-Za-z0-9][A-Za-z0-9._+-]{0,12}[A-Za-z0-9]", fullmatch=True)
    domain = st.from_regex("[a-z0-9]{2,10}(-[a-z0-9]{2,5})?", fullmatch=True)
    tail = st.sampled_from([".com", ".com.tr", ".net", ".org.tr", ".hs01.kep.tr", ".edu.tr"])
    return st.builds(lambda *parts: f"{parts[0]}@{parts[1]}{parts[2]}", local, domain, tail)


def ip_addresses() -> st.SearchStrategy[str]:
    version_4 = st.builds(
        lambda first, rest: ".".join(map(str, [first, *rest])),
        st.sampled_from([5, 31, 46, 78, 85, 88, 176, 195, 212, 213]),
        st.lists(st.integers(20, 255), min_size=3, max_size=3),
    )
    version_6 = st.lists(st.from_regex("[0-9a-f]{1,4}", fullmatch=True), min_size=7, max_size=7).map(
        lambda groups: ":".join(["2a02", *groups])
    )
    return st.one_of(version_4, version_6)


def hardware_addresses() -> st.SearchStrategy[str]:
    return st.builds(
        lambda pairs, gap: gap.join(["0a", *pairs]),
        st.lists(st.from_regex("[0-9a-fA-F]{2}", fullmatch=True), min_size=5, max_size=5),
        st.sampled_from([":", "-"]),
    )


def birth_dates() -> st.SearchStrategy[str]:
    return st.builds(
        lambda day, month, year, layout: layout.format(d=day, m=month, y=year),
        st.integers(1, 28),
        st.integers(1, 12),
        st.integers(1930, 2020),
        st.sampled_from(
            ["{d:02d}.{m:02d}.{y}", "{d}/{m}/{y}", "{d:02d}-{m:02d}-{y}", "{y}-{m:02d}-{d:02d}", "{d} {m} {y}"]
        ),
    )


def positions() -> st.SearchStrategy[str]:
    return st.builds(
        lambda latitude, longitude, gap: f"{latitude:.5f}{gap}{longitude:.5f}",
        st.floats(35.9, 42.1),
        st.floats(25.7, 44.8),
        st.sampled_from([",", ", ", " ", "; "]),
    )


KEYWORDS: dict[str, tuple[str, ...]] = {
    "TR_TCKN": ("TC", "T.C. Kimlik No'su", "kimlik numaramı", "TCKN:", "VKN/TCKN", "vatandaşlık no"),
    "TR_VKN": ("VKN", "Vergi No:", "vergi kimlik numaramız", "v.n.", "VD/VN", "vergi dairesi"),
    "TR_IBAN": ("IBAN", "iban no:", "hesap no", "ibanım"),
    "CREDIT_CARD": ("kart", "kredi kartım", "banka kartı no:", "kartın"),
    "TR_PHONE": ("tel", "telefonu", "GSM:", "cep tel.", "tlf", "gsm'i"),
    "TR_PLATE": ("plaka", "plakası:", "aracın plakası", "PLAKA NO"),
    "EMAIL": ("e-posta", "mail:", "KEP adresi"),
    "IP_ADDRESS": ("ip", "IP adresi:"),
    "MAC_ADDRESS": ("mac", "MAC adresi:"),
    "BIRTH_DATE": ("doğum tarihi", "D.Tarihi:", "DOĞUM TAR.", "d.t.", "dogum"),
    "IMEI": ("imei", "IMEI no:", "imei'si"),
    "VIN": ("şasi no", "ŞASİ NUMARASI:", "şase", "VIN"),
    "TR_PASSPORT": ("pasaport", "Pasaport No:", "pasaportunun numarası"),
    "TR_DRIVER_LICENCE": ("ehliyet no", "sürücü belgesi no:", "EHLİYET NO"),
    "TR_ID_SERIAL": ("kimlik seri no", "cüzdan seri:", "seri no"),
    "TR_MERSIS": ("mersis", "MERSİS No:"),
    "TR_SGK": ("SGK sicil no", "işyeri SGK:"),
    "TR_UAVT": ("UAVT", "adres kodu:", "UAVT adres no"),
    "GEO": ("konum", "koordinat:"),
}
SUFFIXES = st.sampled_from(["", "'nın", "’dan", "'ya", "'dır", ".", ",", " kaydedildi"])
BEGINNINGS = st.sampled_from(["", "İğüş ", "😀 ", "Müşterinin ", "bilgi: ", "(", "s\u0327ube "])


@st.composite
def carried(draw: st.DrawFn) -> Carried:
    """Any entity's value behind its keyword, in any spacing, with any suffix, in usual, small or large letters."""
    label = draw(st.sampled_from(sorted(KEYWORDS)))
    value = draw(VALUES[label])
    keyword = draw(st.sampled_from(KEYWORDS[label]))
    keyword = draw(st.sampled_from([keyword, keyword.upper(), keyword.translate(_ENGLISH_KEYBOARD)]))
    after = draw(SUFFIXES)
    return Carried(label, f"{draw(BEGINNINGS)}{keyword} ", value, after)


_ENGLISH_KEYBOARD = str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU")
VALUES: dict[str, st.SearchStrategy[str]] = {
    "TR_TCKN": identity_numbers().flatmap(split),
    "TR_VKN": st.one_of(tax_numbers(), tax_numbers().flatmap(split)),
    "TR_IBAN": st.one_of(
        accounts(),
        accounts().map(str.lower),
        accounts().map(lambda iban: " ".join([iban[i : i + 4] for i in range(0, 26, 4)])),
    ),
    "CREDIT_CARD": cards().flatmap(split),
    "TR_PHONE": phones(),
    "TR_PLATE": plates(),
    "EMAIL": emails(),
    "IP_ADDRESS": ip_addresses(),
    "MAC_ADDRESS": hardware_addresses(),
    "BIRTH_DATE": birth_dates(),
    "IMEI": st.one_of(imeis(), imeis().map(lambda imei: f"{imei[:2]} {imei[2:8]} {imei[8:14]} {imei[14:]}")),
    "VIN": st.builds(
        lambda stem, tail: f"WVW{stem}{tail}", st.text(alphabet=VIN_LETTERS, min_size=8, max_size=8), digits(6)
    ),
    "TR_PASSPORT": digits(8).map(lambda number: f"U{number}"),
    "TR_DRIVER_LICENCE": digits(6),
    "TR_ID_SERIAL": st.builds(lambda front, back: f"A{front}K{back}", digits(2), digits(5)),
    "TR_MERSIS": digits(15).map(lambda number: f"0{number}"),
    "TR_SGK": digits(25).map(lambda number: f"2{number}"),
    "TR_UAVT": st.integers(1_000_000_000, 4_999_999_999).map(str),
    "GEO": positions(),
}
