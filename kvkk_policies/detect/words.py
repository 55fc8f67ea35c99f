"""Folded word lists that decide whether a capitalised word is a person: titles, roles, tails of firms and streets."""

from __future__ import annotations

TITLES = frozenset("sayin sn bay bayan av avukat dr doktor prof doc op uzm dt ecz muh mim yrd".split())
"""Before a name, and hardly before anything else."""

ROLES = frozenset(
    "musteri musterimiz musterisi musterinin sofor soforu soforumuz surucu surucusu yetkili yetkilisi yetkilimiz"
    " gonderen gonderici alici alicisi kurye kuryesi personel personeli calisan calisani danisman danismani temsilci"
    " temsilcisi usta ustasi ogrenci ogrencisi veli velisi kiraci kefil borclu isim ismi ad adi adim ismim soyad soyadi"
    " arayan muhatap komsu komsusu esi oglu kizi kardesi annesi babasi muduru mudur patron ortak ortagi adina"
    " ben benim teslim muhasebeci satici sahibi sahis kisi hasta".split()
)
"""Before a name, but also before other words."""

HONORIFICS = frozenset("bey beye beyin beyi beyle beyden hanim hanima hanimin hanimi hanimla hanimdan".split()) | frozenset(
    "abi abiye abinin abla ablaya ablanin hoca hocam hocaya amca teyze usta dayi hala kaptan efendi".split()
)
"""After a given name."""

AFTER_ROLES = frozenset("adina isimli adli soyadli".split())
"""After a name: "Ali Veli adına"."""

ORGANISATION_TAILS = frozenset(
    "as ltd sti holding bankasi bank universitesi ticaret tic sanayi san insaat otomotiv market marketi eczanesi eczane"
    " hastanesi hastane lisesi okulu ortaokulu ilkokulu anaokulu vakfi dernegi belediyesi muhendislik nakliyat lojistik"
    " turizm gida tekstil kargo petrol oto elektrik elektronik bilisim yazilim danismanlik restoran restaurant lokantasi"
    " kafe cafe otel oteli grup group mobilya kuyumculuk kuyumcu emlak sigorta sigortacilik reklam ajans matbaa kirtasiye"
    " firin firini pastanesi kasap kuafor spor kulubu koleji dershanesi fabrikasi muzesi tiyatrosu enstitusu sirketi firmasi"
    " magazasi yayinlari yayinevi tesisleri ciftligi tarim enerji metal plastik makina makine kimya ambalaj klinigi"
    " polikligi merkezi odasi birligi baskanligi mudurlugu bakanligi partisi".split()
)

STREET_TAILS = frozenset(
    "cad cadde caddesi cd sok sokak sokagi sk mah mahalle mahallesi mh bulvar bulvari blv bul sitesi site apt apartmani"
    " apartman plaza plazasi meydani parki duragi koprusu havalimani havaalani stadi stadyumu camii cami yolu koyu rezidans"
    " residans konaklari konutlari evleri blok ishani han hani carsisi avm kavsagi tuneli barajı limani istasyonu"
    " metrosu hatti".split()
)

NAMES_THAT_ARE_WORDS = frozenset(
    "deniz umut baris bahar yagmur gunes demir celik kaya toprak yildiz koc sevgi ocak can nur su ay gul ece ela eda naz"
    " derya irmak pinar cicek ates ruzgar bulut cem mert yigit efe ege doga dogan sahin kartal aslan kurt arslan kaplan"
    " altin gumus inci mercan elmas zumrut yakut safir mavi beyaz ayaz kar poyraz tan safak gunay seher sabah nisan eylul"
    " ekim kasim temmuz haziran ramazan bayram kadir mevlut cuma hakan han bey pasa emir sultan melek peri huri cennet"
    " devran evren dunya ulke yurt vatan bayrak zafer savas direnis ozgur hur onur gurur seref namus iffet ismet erdem"
    " fazilet saadet mutlu sevinc nese senay hayat yasam umit emel dilek murat arzu istek hedef amac basar kazim basari"
    " destek yardim emek hizmet cihan alem kerem ihsan lutuf lutfi nimet bereket rahmet hikmet selam selamet huzur"
    " guven guvenc inan inanc iman din islam turk turkan turan oguz tamer ali guler gulen olgun uygun yeter sen seni"
    " ozge ozgu ozlem tutku asli asil adil adalet hakki kanun kural uzun kisa ince yeni eski ilk son tek cift bir iki uc"
    " uygar cagdas ilke ulku ay aylin ada alara dalga damla kumsal sahil koray orman agac yaprak cinar kiraz lale menekse"
    " sumbul nergis karanfil papatya yasemin defne selvi servi fidan filiz tomurcuk gonca tane tuna nehir aras dicle firat"
    " meric sakarya seyhan ceyhan gediz menderes marmara ceylan ahu maral karaca suna turna sahan dogu bati kuzey guney"
    " bora tufan kasirga simsek gok gokce yuce yucel ulas ulasim kaan esen eser izgi iz isik isil parlak soner sonat"
    " ender nadir nadide ender tugra tug sancak ok yay kilic kalkan mizrak alp er eren erkan aksu akin cevher cevdet maden"
    " servet mal hazine para bora metin sezgi bilge bilgi bilgin bilgin zeki akil kalem kitap yazi yazgi kader kismet"
    " nasip talih sans ugur kutlu kutsal aziz aydin duygu his ask sevda hasret vuslat hicran firak gurbet sila ozan sarki"
    " ezgi melodi nota ritim seda ses sedef sema semra sena sezen sibel simge sinem sirma songul tulay tulin ufuk ulvi"
    " utku vahap vefa veli vural yalcin yaman yaren yener yesim yildirim yilmaz zehra taha taner aras atlas atlas mira"
    " miray arya duru durusu ruya hayal hulya asya cansu cansin kumru kugu serce guvercin sahika zirve doruk tepe dag"
    " ova yayla kent sehir il ilce nazli tatli seker bal petek ari kelebek bocek satilmis durmus yasar dursun kalsin"
    " gelin damat kiz ogul evlat kardes ana baba dede nine hala teyze dayi amca".split()
) - {"ali", "murat", "metin", "hakan", "zehra", "tulay", "tulin", "semra", "sibel", "songul", "taner", "cevdet", "kazim", "lutfi"}
"""Given names or surnames that a sentence also uses as plain words: a second signal is needed."""

SURNAMES_THAT_ARE_WORDS = frozenset("kara sari kucuk buyuk ozel temel mavi yesil beyaz veli han cuma sefer orta".split())
"""Common words that are a surname, or a second given name, when they follow a given name."""

COMMON_WORDS = frozenset(
    "musteri musteriler musterimiz siparis fatura kargo urun urunler teslimat teslim odeme odemesi banka sube depo arac"
    " kredi karti kart iade yeni bugun yarin dun sabah aksam ogle hafta ay yil gun saat dakika not bilgi adres telefon tel"
    " cep gsm mail eposta numara no nolu hesap iban tc kimlik vergi dairesi tutar toplam kdv indirim kampanya iptal"
    " onaylandi beklemede bekliyor tamam tamamlandi acil lutfen merhaba selam iyi gunler tesekkur tesekkurler sayin dikkat"
    " onemli ek aciklama konu ref referans talep sikayet destek satis satin alma pazarlama muhasebe finans yonetim genel"
    " mudur mudurlugu servis bakim onarim tamir montaj kurulum kontrol test deneme ornek liste rapor tablo ekran sayfa"
    " sistem hata uyari giris cikis kayit kayitli kullanici sifre parola hizmet sozlesme teklif fiyat adet kutu koli paket"
    " palet parca model marka renk beden numarasi kodu kod seri lot stok raf magaza dukkan ofis merkez bolge"
    " sehir il ilce mahalle cadde sokak bina daire kat blok site turkiye turk istanbul ankara izmir avrupa anadolu"
    " pazartesi sali carsamba persembe cuma cumartesi pazar ocak subat mart nisan mayis haziran temmuz agustos eylul ekim"
    " kasim aralik bir iki uc dort bes alti yedi sekiz dokuz on yuz bin milyon tl usd eur euro dolar lira kurus"
    " ve veya ile icin ama fakat ancak cunku eger ise de da ki mi mu bu su o ben sen biz siz onlar her hic cok az"
    " daha en gibi kadar sonra once simdi hemen evet hayir var yok oldu olarak olan olacak edildi edilecek yapildi"
    " yapilacak verildi verilecek alindi alinacak aradi arandi aranacak geldi gelecek gitti gidecek istedi istiyor soruldu"
    " soylendi bildirildi gonderildi gonderilecek iletildi kesildi odendi tahsil tahsilat havale eft nakit cek senet vade"
    " taksit pesin bakiye borc alacak alici gonderici firma sirket sahis kurum kurumsal bireysel garanti yapi kredi ziraat"
    " vakif halk akbank finansbank denizbank teb ing hsbc is bankasi yurtici mng ptt surat ups dhl trendyol hepsiburada"
    " amazon google facebook instagram whatsapp apple samsung microsoft windows android iphone ford fiat renault toyota"
    " hyundai volkswagen mercedes bmw audi opel peugeot citroen honda nissan kia skoda seat volvo iveco man scania isuzu"
    " whatsapp sms web online internet e eski buyuk kucuk orta mavi kirmizi yesil sari siyah beyaz gri mor"
    " abone abonelik uye uyelik aidat donem odev ders okul kurs egitim seminer toplanti randevu gorusme arama cagri"
    " mesaj yazildi cevap yanit olumlu olumsuz uygun degil degildir kismi kalan eksik fazla yanlis dogru hasarli kirik"
    " bozuk calisiyor calismiyor yedek orijinal ikinci birinci ucuncu el sifir km plaka sofor surucu ruhsat trafik sigorta"
    " kasko hgs ogs yakit benzin motorin lpg lastik yag filtre muayene sefer tur rota yukleme bosaltma irsaliye konteyner"
    " proje santiye insaat malzeme cimento boya kapi pencere mutfak banyo salon oda mobilya masa sandalye dolap"
    " anneler babalar gunu yilbasi bayrami tatil kurban cumhuriyet ataturk allah"
    " doktor hastane eczane ilac hasta ilgili yetkili gorevli personel calisan isci usta sef baskan bey hanim"
    " yolu hava kara demiryolu uluslararasi yurtdisi yurticinde ithalat ihracat gumruk antrepo liman"
    " kampanyasi indirimi siparisi faturasi odemesi iadesi teslimati adresi telefonu musterisi urunu araci subesi deposu"
    " eski sms kep ettn fis z raporu pos cihazi terminal islem islemi sanal ortak anlasmali bayi bayisi toptan perakende"
    " gorusuldu konusuldu hatirlatildi ulasilamadi mesgul kapali acik cevapsiz gelen giden dahili harici hat hatti"
    " lisans paketi aylik yillik haftalik gunluk premium standart temel plus pro ultra mini maxi full extra ozel".split()
)
"""Words that open a sentence or a heading and are no one's name, although some stand in the lists of names."""
