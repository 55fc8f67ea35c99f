"""Names of persons: what each kind of evidence finds, and what takes a name away. All persons are invented."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvkk_policies.detect import detect_many
from kvkk_policies.detect.names import names
from kvkk_policies.detect.suffixes import is_form_of


def persons(text: str) -> list[str]:
    return [text[span.start : span.end] for span in detect_many([text])[0] if span.label == "PERSON"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # bare names anywhere
        ("Nurgül Aksakal kombisini sordu", ["Nurgül Aksakal"]),
        ("Tarla sahibi Mehmet Ali Tunç'la konuşuldu", ["Mehmet Ali Tunç"]),
        ("Ceyda Çetin-Aydın doğum izninde", ["Ceyda Çetin-Aydın"]),
        ("Kahvaltıda Özge ile Tolga vardı", ["Özge", "Tolga"]),
        # an unknown word as surname
        ("Dün Emre Kunduracı aradı", ["Emre Kunduracı"]),
        ("Muhtar Osman Gazioğulları yolu kapatmış", ["Osman Gazioğulları"]),
        ("Toprak Aksoylu kontrole gelmedi", ["Toprak Aksoylu"]),
        # initials
        ("imzalayan M. Yalçıntaş", ["M. Yalçıntaş"]),
        ("Pilates: Seçil K. 18:00", ["Seçil K"]),
        # titles, roles, labels
        ("Prof. Dr. Nezih Hekimoğlu konsültasyon istedi", ["Nezih Hekimoğlu"]),
        ("Av. Tuğçe Balaban dilekçeyi verdi", ["Tuğçe Balaban"]),
        ("Teslim Eden : Ramazan Şen", ["Ramazan Şen"]),
        ("Yetkili - Hakan Ünver", ["Hakan Ünver"]),
        ("Müşteri adı:Nesrin Tan", ["Nesrin Tan"]),
        ("AD SOYAD: ZEYNEP SUDE KAHRAMAN", ["ZEYNEP SUDE KAHRAMAN"]),
        ("Kaynakçı Yaşar Yücetürk gelmedi", ["Yaşar Yücetürk"]),
        ("Saygılarımla,\nDeniz Aksoy\nİnsan Kaynakları", ["Deniz Aksoy"]),
        # behind the name
        ("Güneş Hanım peşinatı yatırdı", ["Güneş"]),
        ("İpek öğretmen veliyi aradı", ["İpek"]),
        ("Tebligat Umut Erkılıç adına düştü", ["Umut Erkılıç"]),
        # suffixes, with and without apostrophe
        ("Derya'nın siparişi karıştı", ["Derya"]),
        ("Ayşenin siparişi nerede", ["Ayşe"]),
        ("zeynepin telefonu kapalı", ["zeynep"]),
        # small letters
        ("ayse yilmaz siparis iptal etmek istiyor", ["ayse yilmaz"]),
        ("mrb ben kübra ilanınızı gördüm", ["kübra"]),
        ("kuafor sevil abla izinli", ["sevil"]),
        # capitals, on a Turkish keyboard and on an English one
        ("MÜŞTERİ AYHAN IŞIK ÜRÜNÜ İADE ETTİ", ["AYHAN IŞIK"]),
        ("ISKENDER YILDIZHAN TCKN ISTENDI", ["ISKENDER YILDIZHAN"]),
        # surname first
        ("YILMAZ Ahmet teslim aldı", ["YILMAZ Ahmet"]),
        # from abroad
        ("Tercüman Olga Ivanova duruşmada", ["Olga Ivanova"]),
        ("Suriyeli kiracı Muhammed El Halil yeniledi", ["Muhammed El Halil"]),
        ("Oda 214 Maria Schneider geç çıkacak", ["Maria Schneider"]),
        ("Yılmazer, Fatma – aranacak", ["Yılmazer, Fatma"]),
        ("Soyadı, Adı: Öztürk, Mehmet", ["Öztürk, Mehmet"]),
        ("Sınıf: Ali Korkmaz, Deniz Akkurt, Umut Bozdemir.", ["Ali Korkmaz", "Deniz Akkurt", "Umut Bozdemir"]),
        ("first_name: Nurten\nlast_name: Qwertoz", ["Nurten", "Qwertoz"]),
        ('{"ad": "Ozan", "soyad": "Qwertoz"}', ["Ozan", "Qwertoz"]),
        ("soyadım Qwertoz efendim", ["Qwertoz"]),
        ("Thanks Deniz, see you", ["Deniz"]),
        ("Müşteri Barış Manço ödemedi", ["Barış Manço"]),
        ("Hasan Tahsin Yıldız imzaladı", ["Hasan Tahsin Yıldız"]),
        ("Kemal Tahir teslim aldı", ["Kemal Tahir"]),
        ("Yunus Emre", ["Yunus Emre"]),
        ("4471;Mehmet Akif;0532", ["Mehmet Akif"]),
        ("isim_soyisim=Cem Uzunkol", ["Cem Uzunkol"]),
        ("Merter'de Fulya Hanım", ["Fulya"]),
        ("Yaşar Kemal Bey aradı", ["Yaşar Kemal"]),
        ("Yunus Emre Qwertoz geldi", ["Yunus Emre Qwertoz"]),
        ("yeni üye Bilgenur", ["Bilgenur"]),
        ("Mr. Keskin Taksim'de", ["Keskin"]),
        ("Ayşe Boztepe geldi", ["Ayşe Boztepe"]),
        ("bugün Haşmet Kapaklı imzaladı", ["Haşmet Kapaklı"]),
        ("Defne'nin velisi geldi", ["Defne"]),
        ("Nisan'ın annesiyle görüşüldü", ["Nisan"]),
        ("savaşın babası arandı", ["savaş"]),
        ("HAVALE GÜNEŞ TOPRAK KİRA", ["GÜNEŞ TOPRAK"]),
        ("irtibat: Ozan K. ile", ["Ozan K"]),
        ("Sayın Veli Öztürk", ["Veli Öztürk"]),
        ("Kiracı Hendrik van der Qwertoz ödedi", ["Hendrik van der Qwertoz"]),
        ("misafir Samir al-Din Qwertoz", ["Samir al-Din Qwertoz"]),
        ("Kayıt: ÖZYURT, Fatma Zeynep - anne", ["ÖZYURT, Fatma Zeynep"]),
        ("Çınar abi aradı", ["Çınar"]),
        ("Akçadağ Hanım odasını uzattı", ["Akçadağ"]),
        ("merhaba ben fatma akçadağ", ["fatma akçadağ"]),
        ("Borçlu Sami Tokgil itiraz etti", ["Sami Tokgil"]),
    ],
)
def test_a_name_is_found(text: str, expected: list[str]) -> None:
    assert persons(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # words that are names too
        "Bahar kampanyası başladı",
        "Umut veren bir gelişme yok",
        "Engin denizlerde tatil fırsatı",
        "Demir fiyatları yükseldi",
        "can simidi alındı, 12 adet",
        "YILDIZ ANAHTAR TAKIMI 12 PARÇA",
        "DEMİR ÇELİK FİYAT LİSTESİ GÜNCELLENDİ",
        # firms, schools, streets
        "Ayşe Kuaför fatura istiyor",
        "Kemal Usta Köftecisi ile anlaşıldı",
        "Özdemir İnşaat teklif verdi",
        "Selin Çiçekçilik faturası",
        "Selçuk Ecza Deposu fatura kesti",
        "Mehmet Akif Ersoy Lisesi mezuniyet töreni",
        "Turgut Özal Bulvarı çift yönlü",
        "ahmet yesevi caddesi kapalı",
        # titles and labels without a name
        "Müdür Bey toplantıda",
        "Sayın Müşterimiz, siparişiniz kargoda",
        "Ad Soyad alanı zorunludur",
        "MÜŞTERİ MEMNUN",
        "ad;eposta;telefon;durum",
        # proper nouns of other kinds
        "Marmaris'te fırtına çıktı",
        "Trendyol'da satıştayız",
        "Aydın'dan zeytin geldi",
        "Bosch buzdolabı iki kapılı",
        "CAN-2026-001 nolu teklif",
        "ahmet.yilmaz kullanıcı kodu",
        "Sabiha Gökçen'den dönüş",
        "adnan menderesten alınacak",
        "Zübeyde Hanım Caddesi kapalı",
        "Fethi Bey İlkokulu ihalesi",
        "Köfteci Yusuf ve Hacı Bekir açık",
        "Levent, Maslak ve Kadıköy şubeleri",
        "Deniz Room dolu",
        "ışık yanmıyor",
        "levent metro çıkışı",
        "imam bayıldı",
        "Sayın Veli,\ntoplantı yarın",
        "proje adı BRS olacak",
        "SELECT ad, soyad FROM kayit",
        "Ece marka oje rafta",
        "Bulut mavisi nevresim takımı",
        "Koç Burcu Kolye",
        "Yılmaz Kardeşler ile anlaştık",
        "yangın poliçesi yenilendi",
        "denizin telefonla ilgisi yok",
    ],
)
def test_what_only_sounds_like_a_name_is_left_alone(text: str) -> None:
    assert persons(text) == []


GIVEN = st.sampled_from(["Ahmet", "Ayşe", "Mehmet", "Zeynep", "Hüseyin", "İbrahim", "Gülşen"])
SURNAMES = st.sampled_from(["Yılmaz", "Öztürk", "Çakıroğlu", "Şimşek", "Erdoğmuş"])
SUFFIXES = st.sampled_from(["", "'ın", "'e", "'den", "’yla"])
AROUND = st.sampled_from(
    [("Dün ", " aradı."), ("Müşteri ", ", iade istedi."), ("", " ile görüşüldü"), ("🙂 ", " geldi")]
)


@settings(deadline=None)  # the first example reads the lists of names
@given(GIVEN, SURNAMES, SUFFIXES, AROUND, st.sampled_from(["NFC", "NFD"]))
def test_any_usual_name_is_found_at_its_place(
    given_name: str, surname: str, suffix: str, around: tuple[str, str], form: str
) -> None:
    name = unicodedata.normalize(form, f"{given_name} {surname}")  # type: ignore[arg-type]
    text = unicodedata.normalize(form, around[0]) + name + suffix + unicodedata.normalize(form, around[1])  # type: ignore[arg-type]

    assert persons(text) == [name]


def test_no_list_holds_the_same_name_twice() -> None:
    lists = names()

    assert not lists.frequent & lists.given
    assert not (lists.frequent | lists.given) & lists.doubtful_given
    assert not lists.surnames & lists.doubtful_surnames
    assert not lists.frequent & lists.common


@pytest.mark.parametrize(
    ("word", "stem"), [("mudurumuzun", "mudur"), ("caddesinde", "cadde"), ("araci", "arac"), ("sokaga", "sokak")]
)
def test_a_word_is_known_behind_its_endings(word: str, stem: str) -> None:
    assert is_form_of(word, {stem})
    assert not is_form_of(stem, {word})
