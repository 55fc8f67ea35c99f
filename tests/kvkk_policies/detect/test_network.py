"""IP and MAC addresses in the spellings that people use. Values are synthetic or published test values."""

from __future__ import annotations

import pytest

from tests.support.marked_texts import assert_found


@pytest.mark.parametrize(
    "marked",
    [
        "IP [[IP_ADDRESS|85.34.78.112]]",
        "[[IP_ADDRESS|203.0.113.45]] adresinden giriş yapıldı",
        "ip adresi: [[IP_ADDRESS|5.11.14.9]]",
        "[[IP_ADDRESS|2001:db8:85a3::8a2e:370:7334]] üzerinden",
        "[[IP_ADDRESS|2a02:e0:1234:5678:9abc:def0:1234:5678]]",
        "[[IP_ADDRESS|88.255.12.34]]:8080 portu",
        "[[IP_ADDRESS|88.255.12.34]]'ten deneme",
        "IPv4=[[IP_ADDRESS|176.88.1.9]]",
        "MAC [[MAC_ADDRESS|00:1A:2B:3C:4D:5E]]",
        "cihaz [[MAC_ADDRESS|00-1a-2b-3c-4d-5e]] bağlandı",
        "mac adresi [[MAC_ADDRESS|001A2B3C4D5E]]",
        "[[MAC_ADDRESS|001a.2b3c.4d5e]] portu kapalı",
        "log: client=[[IP_ADDRESS|94.54.23.11]] status=200",
        "[[IP_ADDRESS|94.54.23.11]]/24 bloğu",
    ],
)
def test_every_spelling_is_found_with_its_span(marked: str) -> None:
    assert_found(marked)
