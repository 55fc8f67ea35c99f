"""Passwords that everybody tries first, in Turkey too: folded, and without the digits and signs that people put behind.

The list is short on purpose. What an attacker tries after these costs a wait each (hub/identity/attempts.py), and a
second factor where it matters.
"""

from __future__ import annotations

_WORDS = """
password passw0rd p@ssword p@ssw0rd passpass letmein welcome welcome123 admin administrator root toor qwerty qwertyui
qwertyuiop qwerty123456 qwertyu asdfgh asdfghjkl asdfghjklş asdfghjklsi zxcvbnm zxcvbnmoc qazwsx qazwsxedc qazwsxedcrfv
1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc q1w2e3r4 q1w2e3r4t5y6 abc123 abcd1234 abcdef abcdefgh
abcdefghijkl abcdefghijklmnop iloveyou sunshine princess football baseball monkey dragon master superman batman
michael shadow trustno1 changeme changeit secret default guest test testtest test1234 testing temp temporary login
access starwars whatever freedom computer internet samsung iphone google facebook instagram twitter microsoft windows
passwordpassword adminadmin rootroot useruser user company office 000000000000 111111111111 123123123123 121212121212
123456123456 123456789012 1234567890123 12345678901234 012345678901 123456789123 987654321098 987654321 098765432109
112233445566 123321123321 aaaaaaaaaaaa qweqweqweqwe asdasdasdasd zxczxczxczxc qweasdzxc qweasdzxcqwe
sifre sifrem sifre123 sifresifre parola parolam parolaparola gizli gizlisifre hosgeldin hosgeldiniz merhaba
merhabadunya selam selamlar turkiye turkiyem turkiyecumhuriyeti cumhuriyet ataturk mustafakemal mustafakemalataturk
istanbul istanbul34 ankara ankara06 izmir izmir35 bursa antalya adana konya trabzon trabzonspor galatasaray
fenerbahce besiktas cimbom aslan kartal kanarya karakartal sampiyon sampiyonfener sampiyongalatasaray
askim askimaskim askimsin birtanem canim canimcanim canimsin sevgilim bebegim hayatim seniseviyorum seniseviyorum1
seni seviyorum kedicik minnos mehmet mustafa ahmet ali huseyin hasan ibrahim ismail osman yusuf murat omer fatma ayse
emine hatice zeynep elif meryem sultan anneme annem babam annebaba anneanne kardesim ailem allah allahbuyuk
bismillah bismillahirrahmanirrahim mashallah insallah vatan bayrak ayyildiz turkturk turkoglu bozkurt kurtlar
kurtlarvadisi polatalemdar muhasebe muhasebeci yonetici yonetim kullanici deneme denemedeneme deneme1234 ofis sirket
bilgisayar internet yazilim destek misafir kopru koprukopru efatura earsiv mali musavir malimusavir
correcthorsebatterystaple correct horse battery staple
"""

COMMON = frozenset(_WORDS.replace("correct horse battery staple", "").replace("ş", "s").split()) | {
    "correct horse battery staple",
    "seni seviyorum",
    "mustafa kemal",
}
"""Folded (kvkk_policies.turkish.fold)."""
