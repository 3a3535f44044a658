import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.encoding import as_utf8, find_encoding

SENTENCES = {
    "windows-1252": "Le président a été réélu hier soir à Paris, selon l’agence.",
    "windows-1250": "Prezydent powiedział we wtorek, że rozmowy zostaną wznowione w przyszłym tygodniu.",
    "windows-1251": "Президент заявил, что переговоры продолжатся на следующей неделе в Стамбуле.",
    "koi8-r": "Президент заявил, что переговоры продолжатся на следующей неделе в Стамбуле.",
    "koi8-u": "Президент заявив, що переговори триватимуть наступного тижня у Стамбулі.",
    "windows-1253": "Ο πρόεδρος δήλωσε την Τρίτη ότι οι συνομιλίες θα συνεχιστούν",
    "windows-1254": "Cumhurbaşkanı salı günü görüşmelerin gelecek hafta İstanbul’da devam edeceğini söyledi.",
    "windows-1255": "הנשיא אמר ביום שלישי כי השיחות יימשכו בשבוע הבא באיסטנבול.",
    "windows-1256": "قال الرئيس يوم الثلاثاء إن المحادثات ستستأنف الأسبوع المقبل في إسطنبول.",
    "windows-1257": "Prezidentas antradienį sakė, kad derybos kitą savaitę bus tęsiamos Stambule.",
    "cp874": "ประธานาธิบดีกล่าวเมื่อวันอังคารว่าการเจรจาจะดำเนินต่อไปในสัปดาห์หน้าที่อิสตันบูล",
    "gb18030": "总统周二表示，谈判将于下周在伊斯坦布尔恢复。官员告诉记者。",
    "big5hkscs": "總統週二表示，談判將於下週在伊斯坦堡恢復。官員告訴記者。",
    "cp932": "首相は火曜日、来週イスタンブールで協議を再開すると述べた。関係者が明らかにした。",
    "euc-jp": "首相は火曜日、来週イスタンブールで協議を再開すると述べた。関係者が明らかにした。",
    "cp949": "대통령은 화요일 다음 주 이스탄불에서 회담이 재개될 것이라고 말했다.",
}


@pytest.mark.parametrize("encoding", SENTENCES)
def test_old_encodings_are_known_by_their_language(encoding):
    """A sentence in an old encoding is read in the one in which it is a sentence of its language."""
    assert find_encoding(SENTENCES[encoding].encode(encoding), complete=True) == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_and_unicode(encoding):
    """UTF-8 needs no mark; UTF-16 and UTF-32 are known by theirs."""
    assert find_encoding("Größe, 北京".encode(encoding), complete=True) == encoding


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_without_a_mark(encoding):
    """Without a mark, UTF-16 and UTF-32 of mostly Latin text are known by where their zeros stand."""
    assert find_encoding("The talks resume, said Größe.".encode(encoding), complete=True) == encoding


def test_bytes_of_no_language_are_no_text():
    """Bytes that are no language in any encoding are not guessed at."""
    assert (
        find_encoding(bytes(128 + (i * 7919 + i * i * 31) % 128 for i in range(400)), complete=True) is None
    )


def test_a_few_bad_bytes_do_not_make_utf8_something_else():
    """Text that is mostly UTF-8 stays UTF-8: the bad bytes cost their own article, not all of them."""
    assert find_encoding("Größe und Maße: ä ö ü".encode() + b" \xff", complete=True) == "utf-8"


def test_a_head_may_end_inside_a_character():
    """A head cut in the middle of a character is not bad UTF-8; a whole text that ends so is."""
    cut = "Größe".encode()[:3]
    assert find_encoding(cut, complete=False) == "utf-8"


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_recoding_keeps_the_text(text, encoding):
    """A stream in any Unicode encoding reads as the same text in UTF-8."""
    data = text.encode(encoding)
    assert as_utf8(io.BufferedReader(io.BytesIO(data)), encoding).read().decode() == text
