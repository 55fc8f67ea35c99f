"""Words that invented companies, people and notes are made of."""

from __future__ import annotations

# fmt: off
GIVEN_NAMES = (
    "Ayşe", "Fatma", "Emine", "Hatice", "Zeynep", "Elif", "Meryem", "Şerife", "Zehra", "Sultan", "Hanife", "Merve",
    "Esra", "Özlem", "Gülşen", "Büşra", "Kübra", "Sevgi", "Derya", "İrem", "Ebru", "Gizem", "Tuğba", "Pınar",
    "Çiğdem", "Mehmet", "Mustafa", "Ahmet", "Ali", "Hüseyin", "Hasan", "İbrahim", "İsmail", "Osman", "Yusuf", "Murat",
    "Ömer", "Ramazan", "Halil", "Süleyman", "Emre", "Burak", "Serkan", "Hakan", "Kemal", "Volkan", "Oğuz", "Tolga",
    "Umut", "Barış", "Deniz", "Yağmur", "Uğur", "Gökhan", "Cem",
)

SURNAMES = (
    "Yılmaz", "Kaya", "Demir", "Şahin", "Çelik", "Yıldız", "Yıldırım", "Öztürk", "Aydın", "Özdemir", "Arslan",
    "Doğan", "Kılıç", "Aslan", "Çetin", "Kara", "Koç", "Kurt", "Özkan", "Şimşek", "Polat", "Korkmaz", "Çakır",
    "Erdoğan", "Özer", "Yavuz", "Can", "Acar", "Aktaş", "Güler", "Tekin", "Bulut", "Keskin", "Ünal", "Turan", "Gül",
    "Özcan", "Işık", "Avcı", "Türk", "Taş", "Köse", "Güneş", "Aksoy", "Sarı", "Uysal", "Bozkurt", "Yüksel", "Ateş",
    "Karaca", "Tunç", "Uçar", "Kaplan", "Bayram", "Toprak",
)
# fmt: on

# city, district, neighbourhood, street, postcode, province number of the plate
PLACES = (
    ("İstanbul", "Kadıköy", "Moda", "Bahariye", "34710", 34),
    ("İstanbul", "Beşiktaş", "Sinanpaşa", "Ihlamurdere", "34353", 34),
    ("İstanbul", "Ümraniye", "Tatlısu", "Alemdağ", "34774", 34),
    ("Ankara", "Çankaya", "Kızılay", "Ziya Gökalp", "06420", 6),
    ("Ankara", "Keçiören", "Etlik", "Yunus Emre", "06010", 6),
    ("İzmir", "Karşıyaka", "Bostanlı", "Cemal Gürsel", "35590", 35),
    ("Bursa", "Nilüfer", "Görükle", "Üniversite", "16285", 16),
    ("Kocaeli", "Gebze", "Güzeller", "İnönü", "41400", 41),
    ("Antalya", "Muratpaşa", "Lara", "Barınaklar", "07230", 7),
    ("Gaziantep", "Şahinbey", "Karataş", "Üniversite", "27470", 27),
    ("Konya", "Selçuklu", "Bosna Hersek", "İsmail Kaya", "42250", 42),
    ("Eskişehir", "Tepebaşı", "Eskibağlar", "Üniversite", "26170", 26),
)

TRADES = (
    ("Lojistik", "Nakliye"),
    ("Mobilya", "Mobilya"),
    ("Gıda Pazarlama", "Toptan Gıda"),
    ("Tekstil", "Hazır Giyim"),
    ("Otomotiv Yedek Parça", "Yedek Parça"),
    ("Bilişim", "Yazılım"),
    ("Soğutma Sistemleri", "Klima Servisi"),
    ("Temizlik Hizmetleri", "Temizlik"),
)

COMPANY_FORMS = ("Ltd. Şti.", "A.Ş.", "San. ve Tic. Ltd. Şti.")

# Filled from a person; each hides another kind of personal data in ordinary talk.
NOTES = (
    "Müşteri {name} aradı, {phone} numarasından ulaşılacak",
    "{name} TC {tckn} adına düzeltildi",
    "İade {name} hesabına yapılsın IBAN {iban}",
    "{plate} plakalı araca teslim edildi, şoför {name}",
    "Fatura {email} adresine gönderildi",
    "Teslimat {neighbourhood} Mah. {street} Cad. No:{house} {district}/{city}",
    "Sn. {upper_name} bayi üzerinden sipariş, tel {plain_phone}",
    "{name} doğum tarihi {birth} ile doğrulandı",
    "Kapıda ödeme yerine kart, kargo bekliyor",
    "Toplu sipariş, 3 koli, depo B-12",
)
