"""
Which letter stands for one with an accent? Whoosh's map of lower-case letters, and more.

The map is written out: imported, it brings Python's web clients along, which takes a process that asks one question
longer than to find the answer.
"""

from __future__ import annotations

# Each line: a letter, and those that become it. What is changed here changes terms: analysis.VERSION must rise.
_WHOOSHS = """
0０
1１
2２
3３
4４
5５
6６
7７
8８
9９
aàáâãäåāăąǎǟǡǣǻǽȁȃȧḁẚạảấầẩẫậắằẳẵặⱥａ
bƀƃɓᵬḃḅḇｂ
cçćĉċčƈȼɕḉｃ
dðďđƌȡɖɗᵭḋḍḏḑḓｄ
eèéêëēĕėęěǝȅȇȩɇɚɝḕḗḙḛḝẹẻẽếềểễệｅ
fƒᵮḟｆ
gĝğġģǥǧǵɠḡｇ
hĥħȟḣḥḧḩḫẖⱨｈ
iìíîïĩīĭįıǐȉȋɨḭḯỉịｉ
jĵǰȷɉɟʄʝｊ
kķƙǩḱḳḵⱪｋ
lĺļľŀłƚȴɫɬɭḷḹḻḽⱡｌ
mɱḿṁṃｍ
nñńņňƞǹȵɲɳṅṇṉṋｎ
oòóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱɵṍṏṑṓọỏốồổỗộớờởỡợｏ
pƥṕṗｐ
qɋʠｑ
rŕŗřȑȓɍɼɽɾᵲᵳṙṛṝṟｒ
sśŝşšșʂṡṣṥṧṩẛｓ
tţťŧƫƭțȶʈᵵṫṭṯṱẗⱦｔ
uùúûüũūŭůűųưǔǖǘǚǜȕȗʉṳṵṷṹṻụủứừửữựｕ
vʋṽṿｖ
wŵẁẃẅẇẉẘｗ
xẋẍｘ
yýÿŷƴȳɏʏẏẙỳỵỷỹｙ
zźżžƶƺǯȥʐʑẑẓẕⱬｚ
"""

# Whoosh makes "s" of "ß".
MORE: dict[int, str | None] = {
    **dict(zip(map(ord, "ßæœþё"), ("ss", "ae", "oe", "th", "е"), strict=True)),
    **dict(zip(map(ord, "άέήίόύώϊϋΐΰأإآى"), "αεηιουωιυιυاااي", strict=True)),
    **dict.fromkeys((*range(0x300, 0x370), *range(0x64B, 0x660), 0x670)),
}
"""Beside it: ligatures, letters that newspapers write either way, and marks, which go."""

PLAIN: dict[int, str | None] = {
    **{ord(letter): line[0] for line in _WHOOSHS.split() for letter in line[1:]},
    **MORE,
}
"""For `str.translate`: the letter, or letters, that each accented one stands for; None for a mark, which goes."""
