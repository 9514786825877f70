"""The wikis of a made-up day: how busy they are, and what is written there in their language."""

from dataclasses import dataclass

_LATIN = (
    "al", "bar", "cor", "den", "el", "fir", "gan", "hol", "is", "jar", "kel", "lin", "mor", "nor",
    "os", "par", "quil", "ros", "sen", "tar", "ul", "van", "wes", "yor", "zan",
)  # fmt: skip
_CYRILLIC = (
    "ал", "бор", "вер", "гор", "дан", "ел", "жар", "зим", "кол", "лес", "мир", "нов", "ор", "пол",
    "рос", "сел", "тим", "ур", "хол", "яр",
)  # fmt: skip
_KANA = (
    "ア", "イ", "ウ", "カ", "キ", "コ", "サ", "シ", "セ", "タ", "ナ", "ハ", "マ", "ミ", "ヤ", "ラ",
    "リ", "ロ", "ワ", "ン",
)  # fmt: skip
_GREEK = (
    "αλ", "βορ", "γαν", "δελ", "εν", "θαρ", "κορ", "λιν", "μορ", "νερ", "παρ", "ροδ", "σεν", "ταρ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wiki:
    """One wiki.

    Attributes:
        weight: Its share of the edits, out of the sum of all.
        countries: Where its anonymous authors are.
        titles: What pages are called, `{}` being a name.
        comments: What authors say about an edit.
        syllables: What names are made of.
    """

    name: str
    weight: int
    countries: tuple[str, ...]
    titles: tuple[str, ...]
    comments: tuple[str, ...]
    syllables: tuple[str, ...] = _LATIN


WIKIS = (
    Wiki(
        "en.wikipedia",
        30,
        ("GB", "IN", "IE", "ZA", "PH"),
        ("{}", "Battle of {}", "{} railway station", "Talk:{}", "{} (album)", "River {}"),
        ("typo", "added a source", "copy edit", "updated the figures", "better picture", ""),
    ),
    Wiki(
        "vi.wikipedia",
        24,
        ("VN",),
        ("{}", "{} (xã)", "Sông {}", "Thảo luận:{}"),
        ("sửa lỗi chính tả", "thêm nguồn", "cập nhật số liệu", ""),
    ),
    Wiki(
        "de.wikipedia",
        7,
        ("AT", "CH"),
        ("{}", "Schloss {}", "Bahnhof {}", "Diskussion:{}", "{} (Begriffsklärung)"),
        ("Tippfehler", "Beleg ergänzt", "Bild ergänzt", "Überarbeitung", ""),
    ),
    Wiki(
        "fr.wikipedia",
        6,
        ("FR", "BE"),
        ("{}", "Gare de {}", "Château de {}", "Discussion:{}"),
        ("orthographe", "ajout d'une source", "mise en forme", ""),
    ),
    Wiki(
        "ru.wikipedia",
        5,
        ("BY", "AM"),
        ("{}", "Озеро {}", "{} (станция)", "Обсуждение:{}"),
        ("орфография", "добавлен источник", "оформление", ""),
        _CYRILLIC,
    ),
    Wiki(
        "it.wikipedia",
        4,
        ("IT",),
        ("{}", "Stazione di {}", "Castello di {}", "Discussione:{}"),
        ("errore di battitura", "aggiunta una fonte", ""),
    ),
    Wiki(
        "es.wikipedia",
        4,
        ("CO", "PE", "UY"),
        ("{}", "Estación de {}", "Batalla de {}", "Discusión:{}"),
        ("ortografía", "se añade una fuente", ""),
    ),
    Wiki(
        "ja.wikipedia",
        3,
        ("JP",),
        ("{}駅", "{}川", "{}の戦い", "ノート:{}"),
        ("誤字修正", "出典を追加", ""),
        _KANA,
    ),
    Wiki(
        "pl.wikipedia",
        2,
        ("PL",),
        ("{}", "Zamek {}", "Dyskusja:{}"),
        ("literówka", "źródło", ""),
    ),
    Wiki(
        "pt.wikipedia",
        2,
        ("AO", "MZ"),
        ("{}", "Estação {}", "Discussão:{}"),
        ("ortografia", "fonte acrescentada", ""),
    ),
    Wiki(
        "tr.wikipedia",
        1,
        ("TR",),
        ("{}", "{} Kalesi", "Tartışma:{}"),
        ("yazım", "kaynak eklendi", ""),
    ),
    Wiki(
        "el.wikipedia",
        1,
        ("GR",),
        ("{}", "Λίμνη {}", "Συζήτηση:{}"),
        ("ορθογραφικό", "προσθήκη πηγής", ""),
        _GREEK,
    ),
)
"""The busiest first."""
