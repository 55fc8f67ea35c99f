from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest
from stdnum import iban, luhn
from stdnum.tr import tckimlik, vkn

from connectors.sandbox import numbers
from connectors.sandbox.company import Company, note, turkish_upper

PEOPLE = [Company(1, "shop").customer(index) for index in range(Company.CUSTOMERS)]


class TestNumbers:
    def test_identity_numbers_pass_the_checks_of_a_library_nobody_here_wrote(self) -> None:
        chance = Random(3)
        for _ in range(300):
            assert tckimlik.is_valid(numbers.tckn(chance))
            assert vkn.is_valid(numbers.vkn(chance))
            assert iban.is_valid(numbers.iban(chance))

    def test_phones_are_turkish_mobile_numbers(self) -> None:
        import phonenumbers

        for person in PEOPLE:
            number = phonenumbers.parse(person.phone)
            assert phonenumbers.is_valid_number(number)
            assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE

    def test_no_checksum_of_cards_is_met_by_accident_of_the_generator(self) -> None:
        assert not luhn.is_valid("5528790000000009")


class TestPeople:
    def test_the_same_seed_and_company_give_the_same_people(self) -> None:
        assert [Company(1, "shop").customer(index) for index in range(5)] == PEOPLE[:5]

    def test_people_do_not_depend_on_who_was_asked_for_first(self) -> None:
        company = Company(1, "shop")
        backwards = [company.customer(index) for index in reversed(range(Company.CUSTOMERS))]
        assert backwards[::-1] == PEOPLE

    @pytest.mark.parametrize("other", [Company(2, "shop"), Company(1, "shop-2")])
    def test_another_seed_or_company_has_other_people(self, other: Company) -> None:
        assert {other.customer(index).tckn for index in range(20)}.isdisjoint(person.tckn for person in PEOPLE)

    def test_people_are_the_same_in_another_process(self) -> None:
        code = "from connectors.sandbox.company import Company; print(Company(1, 'shop').customer(3).tckn)"
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert out.stdout.strip() == PEOPLE[3].tckn

    def test_customers_and_employees_are_different_people(self) -> None:
        company = Company(1, "shop")
        customers = {company.customer(index).tckn for index in range(Company.CUSTOMERS)}
        assert customers.isdisjoint(company.employee(index).tckn for index in range(Company.EMPLOYEES))

    def test_spellings_of_a_phone_hold_the_same_digits(self) -> None:
        for person in PEOPLE:
            digits = person.phone.removeprefix("+90")
            assert person.plain_phone == f"0{digits}"
            assert person.spaced_phone.replace(" ", "") == f"0{digits}"

    def test_mail_addresses_are_plain_ascii(self) -> None:
        assert all(person.email.isascii() and person.email == person.email.lower() for person in PEOPLE)

    def test_capitals_keep_the_turkish_i(self) -> None:
        assert turkish_upper("İrem Işık Çiğdem") == "İREM IŞIK ÇİĞDEM"

    def test_notes_name_somebody_most_of_the_time(self) -> None:
        chance, person = Random(1), PEOPLE[0]
        values = (person.tckn, person.spaced_phone, person.plain_phone, person.email, person.iban, person.name)
        naming = [any(value in note(person, chance) for value in values) for _ in range(200)]
        assert 100 < sum(naming) < 200
