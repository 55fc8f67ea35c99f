"""Invented people whose data is planted and searched for, and the ways in which each datum is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sandbox.company import Person, turkish_upper
from tests.support.shop import tckn

BETWEEN_WORDS = " \t\N{NO-BREAK SPACE}.,;_-+/()'\""
_FOLDED = str.maketrans("çğıöşüâîûÇĞİIÖŞÜÂÎÛ", "cgiosuaiucgiiosuaiu")


@dataclass(frozen=True)
class Identity:
    """One person. `phone` is the ten digits behind the country code, `plate` has its spaces, `card` is digits."""

    label: str
    tckn: str
    phone: str
    email: str
    name: str
    plate: str = ""
    card: str = ""

    @classmethod
    def invented(cls, label: str, number: int, *, name: str) -> Identity:
        """A person of that number: numbers differ in everything but the name."""
        mailbox = f"{folded(name).replace(' ', '.')}.{number:04d}"
        return cls(
            label,
            tckn=tckn(312_000_000 + number * 7_919),
            phone=f"5327{(number * 104_729 + 271_828) % 1_000_000:06d}",
            email=f"{mailbox}@ornek.com.tr",
            name=name,
            plate=f"34 KVZ {100 + number * 7 % 900}",
            card=_with_check_digit(f"4543{(number * 15_485_863 + 31_415_926_535) % 10**11:011d}"),
        )

    @classmethod
    def of_sandbox(cls, label: str, person: Person) -> Identity:
        """Somebody whom the sandbox invented: it gives nobody's card away, but plates and numbers."""
        return cls(label, person.tckn, person.phone[3:], person.email, person.name, plate=person.plate)

    def spellings(self) -> dict[str, list[str]]:
        """What to look for by kind: folded, without what may stand between its parts."""
        given, surname = folded(self.name).rsplit(" ", 1)
        found = {
            "tckn": [self.tckn],
            "phone": [self.phone],
            "email": [folded(self.email)],
            "name": [given + surname, surname + given],
            "plate": [folded(self.plate)],
            "card": [self.card],
        }
        return {kind: [joined(word) for word in words] for kind, words in found.items() if all(words)}

    def sentence(self) -> str:
        """Everything about the person in one text."""
        return (
            f"Sayın {self.name}, TC {self.tckn}, tel 0{self.phone}, e-posta {self.email},"
            f" plaka {self.plate}, kart {self.card}"
        )

    def notes(self) -> Iterator[str]:
        """Texts as shop staff type them, each with another spelling."""
        p, c = self.phone, self.card
        yield f"Sayın {self.name} aradı, 0{p[:3]} {p[3:6]} {p[6:8]} {p[8:]} numarasından ulaşılacak"
        yield f"Müşteri {turkish_upper(self.name)} tel +90{p}"
        yield f"TC kimlik no {self.tckn} adına düzeltildi, cep (0{p[:3]}) {p[3:6]}-{p[6:8]}-{p[8:]}"
        yield f"{self.plate} plakalı araca teslim edildi"
        yield f"araç plakası {self.plate.replace(' ', '')}"
        yield f"kart {c[:4]} {c[4:8]} {c[8:12]} {c[12:]} ile ödendi"
        yield f"kart no {c}"
        yield f"fatura {self.email} adresine, kopyası {self.email.upper()}"


def folded(text: str) -> str:
    """Lower case and ASCII, as the sweep compares words."""
    return text.translate(_FOLDED).lower()


def joined(text: str) -> str:
    """Without what may stand between words: one spelling for all."""
    return text.translate(dict.fromkeys(map(ord, BETWEEN_WORDS)))


def _with_check_digit(fifteen: str) -> str:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(fifteen)]
    total = sum(digit - 9 if digit > 9 else digit for digit in doubled)
    return fifteen + str(-total % 10)
