"""Words at a distance of one or two edits, against Whoosh's distance, one by one; compiled and in numpy."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.support.levenshtein import damerau_levenshtein

from searcher.index.lexical.lexicon import Lexicon
from searcher.index.lexical.spelling import plain_words_within, words_within

from .texts import real

try:
    from searcher.index.lexical import _spelling
except ImportError:
    _spelling = None

both = pytest.mark.parametrize("within", [plain_words_within, words_within], ids=["numpy", "chosen"])
compiled = pytest.mark.skipif(_spelling is None, reason="spelling is not compiled")

# Few letters, of one to four bytes: near words are many.
words = st.text("abé选😀", min_size=1, max_size=8)


def make(vocabulary):
    """Give a lexicon in memory."""
    ordered = sorted(word.encode() for word in vocabulary)
    blob = np.frombuffer(b"".join(ordered), dtype=np.uint8)
    return Lexicon(blob, np.cumsum([len(word) for word in ordered], dtype=np.int64))


@both
@settings(deadline=None)
@given(vocabulary=st.sets(words, max_size=60), word=words, edits=st.integers(1, 2))
def test_distances_are_whooshs(within, vocabulary, word, edits):
    """
    The words found are those with the same first letter whose Damerau-Levenshtein distance is small enough.
    """
    ordered = sorted(vocabulary, key=str.encode)
    near = [w for w in ordered if w[0] == word[0] and damerau_levenshtein(w, word) <= edits]
    assert [ordered[n] for n in within(edits, word, make(vocabulary))] == near


@both
@pytest.mark.parametrize(
    ("typed", "meant", "edits"),
    [
        ("zelenskiy", "zelensky", 1),
        ("zelensky", "zelenskyy", 1),
        ("goverment", "government", 1),
        ("recieve", "receive", 1),
        ("netanjahu", "netanyahu", 1),
        ("eisntein", "einstein", 1),
        ("kiev", "kyiv", 2),
    ],
)
def test_slips_of_the_newsroom(within, typed, meant, edits):
    """
    A letter too many, too few, another, or two swapped: one edit each, and one edit fewer does not find it.
    """
    lexicon = make({meant, "unrelated"})
    assert within(edits, typed, lexicon).tolist() == [lexicon.find(meant)]
    assert within(edits - 1, typed, lexicon).tolist() == []


@both
def test_nothing_is_near_to_nothing(within):
    """
    An empty word finds nothing, and nothing is found among no words.
    """
    assert within(2, "", make({"a"})).tolist() == []
    assert within(2, "abc", make(set())).tolist() == []


def slips(drawn, word, letters):
    """Give the word with a letter changed, with one dropped, with one added, and with two swapped."""
    at, letter = drawn.randrange(len(word)), drawn.choice(letters)
    return [
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    ]


def check_alike(words, lexicon):
    """The compiled walk finds for each word what numpy finds, and gives it in the same form. Gives how many."""
    found = 0
    for word in words:
        for edits in range(3):
            ours, theirs = words_within(edits, word, lexicon), plain_words_within(edits, word, lexicon)
            assert ours.dtype == theirs.dtype
            assert ours.tolist() == theirs.tolist(), (edits, word)
            found += len(ours)
    return found


any_words = st.one_of(words, st.text(max_size=12), st.text("ab", max_size=40))


@compiled
@settings(deadline=None)
@given(vocabulary=st.sets(any_words.filter(bool), max_size=60), others=st.lists(any_words, max_size=3))
def test_compiled_finds_what_numpy_finds(vocabulary, others):
    """
    For words that are there, their beginnings and other ones, in a vocabulary of any letters or of none.
    """
    vocabulary = {word.encode("utf-8", "replace").decode() for word in vocabulary}
    asked = sorted(vocabulary)[::7]
    check_alike([*asked, *(word[:-1] for word in asked), *others], make(vocabulary))


@compiled
@pytest.mark.parametrize(
    "letters",
    [
        "ab",
        "abcdefghijklmnopqrstuvwxyz",
        "aeé\u0301ß",
        "абвгдеж",
        "選挙日曜本",
        "😀🔥🎉a",
        "a\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffff",
    ],
)
@pytest.mark.parametrize("longest", [1, 5, 40])
@pytest.mark.parametrize("count", [0, 1, 300, 10_000])
def test_compiled_finds_what_numpy_finds_among_many(letters, longest, count):
    """
    Up to 10,000 words behind one letter, some of which begin others, and a few behind every other letter.
    """
    drawn = random.Random(f"{letters} {longest} {count}")
    vocabulary = {
        letters[0] + "".join(drawn.choices(letters, k=drawn.randint(0, longest - 1))) for _ in range(count)
    }
    vocabulary |= {
        word[: drawn.randint(1, longest)] for word in drawn.sample(sorted(vocabulary), len(vocabulary) // 4)
    }
    asked = drawn.choices(sorted(vocabulary), k=8) if vocabulary else [letters[:longest]]
    vocabulary |= {letter + word[1:] for letter in letters for word in asked[:count]}
    slipped = [slip for word in asked for slip in slips(drawn, word, letters)]
    assert check_alike([*asked, *slipped], make(vocabulary)) >= len(asked) * (count > 1)


@compiled
@pytest.mark.parametrize("corpus", ["bbc", "multihop-rag"])
def test_slips_in_real_words_are_found_alike(corpus):
    """
    Words of real articles, with a letter changed, dropped, added or swapped.
    """
    vocabulary = {word for one in real(corpus, 200) for word in one.body.lower().split()}
    drawn = random.Random(27)
    asked = drawn.sample(sorted(vocabulary), 60)
    slipped = [slip for word in asked for slip in slips(drawn, word, "aeiounrst")]
    assert check_alike(slipped, make(vocabulary)) > 60


def a_damaged_array(drawn, count, size, dtype):
    """Ends that rise or not, within the blob or not."""
    highest = min(np.iinfo(dtype).max, drawn.choice([size, 2 * size, 2**63 - 1]))
    lowest = max(np.iinfo(dtype).min, drawn.choice([0, -size, -(2**63)]))
    ends = np.array([drawn.randint(lowest, max(lowest, highest)) for _ in range(count)], dtype=dtype)
    return np.sort(ends) if drawn.random() < 0.5 else ends


@compiled
@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i4", "i8"])
@pytest.mark.parametrize(
    "alphabet",
    [range(256), b"ab", "aé選😀".encode(), b"ab\xff\xf0\x80\xc3"],
    ids=["any", "ab", "text", "odd"],
)
def test_damaged_words_are_walked_to_their_end(dtype, alphabet):
    """
    Whatever the bytes and the ends are, the walk ends, and gives numbers of words, rising.
    """
    drawn = random.Random(f"{dtype} {bytes(alphabet)!r}")
    for _ in range(300):
        size = drawn.choice([0, 1, 10, 200, 2_000])
        blob = bytes(drawn.choices(alphabet, k=size))
        if drawn.random() < 0.3:
            # In order, each with a byte that is not.
            ordered = sorted(bytes(drawn.choices(alphabet, k=drawn.randint(1, 8))) for _ in range(size // 4))
            ends = np.cumsum([len(word) for word in ordered], dtype=np.int64).astype(dtype)
            blob = bytearray(b"".join(ordered))
            for at in drawn.sample(range(len(blob)), len(blob) // 20):
                blob[at] = drawn.randrange(256)
        else:
            ends = a_damaged_array(drawn, drawn.choice([0, 1, 7, 300]), size, dtype)
        word = "".join(drawn.choices("abé選😀\ud800\x80\xff", k=drawn.choice([1, 2, 5, 30])))
        for edits in range(3):
            found = np.frombuffer(_spelling.words_within(edits, word, blob, ends), dtype=np.int64)
            assert (np.diff(found) > 0).all()
            assert not len(found) or (found[0] >= 0 and found[-1] < len(ends))
        first, last = _spelling.words_beginning(bytes(drawn.choices(alphabet, k=2)), blob, ends)
        assert 0 <= first <= last <= len(ends)
        assert -1 <= _spelling.word_number(bytes(drawn.choices(alphabet, k=2)), blob, ends) < len(ends)


@compiled
def test_other_things_are_refused():
    """
    More edits than two, what is no word, and arrays of other types are errors; half a pair is a letter like others.
    """
    blob, ends = b"ab?a", np.array([2, 4], dtype=np.uint32)
    for edits in (-1, 3, 10**20):
        with pytest.raises((ValueError, OverflowError)):
            _spelling.words_within(edits, "a", blob, ends)
    for arguments in (
        ("1", "a", blob, ends),
        (1, b"a", blob, ends),
        (1, "a", "a", ends),
        (1, "a", blob, "ab"),
        (1, "a", blob, ends.astype(float)),
        (1, "a", blob, ends.reshape(1, 2)),
        (1, "a", blob, np.frombuffer(bytes(9), dtype=np.uint8)[1:].view(np.uint32)),
        (1, "a", blob),
    ):
        with pytest.raises(TypeError):
            _spelling.words_within(*arguments)
    for arguments in (("a", blob, ends), (b"a", "a", ends), (b"a", blob, "ab"), (b"a", blob)):
        with pytest.raises(TypeError):
            _spelling.words_beginning(*arguments)
        with pytest.raises(TypeError):
            _spelling.word_number(*arguments)
    with pytest.raises(ValueError, match="contiguous"):
        _spelling.words_within(1, "a", blob, ends[::-1])
    ordered = make({"?a", "ab"})
    assert (
        words_within(1, "\ud800a", ordered).tolist()
        == plain_words_within(1, "\ud800a", ordered).tolist()
        == [0]
    )
