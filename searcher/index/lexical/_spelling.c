/*
 * Which number has this word, which words begin so, and which are spelt almost like it, compiled: what `find` and
 * `prefixed` of `Lexicon` give, and what `plain_words_within` in `spelling.py` finds. For the last the words are walked in
 * their order, which is that of a tree: a row of the table of distances is filled for each letter that a word does not
 * share with the one before, and a beginning from which no word can be near is left behind with all its words.
 *
 * The words may come from a damaged file: no end is taken to lie within the blob, or to rise, and no byte to begin a
 * letter. What is found then is of no use, but it is found within the arrays, and the walk goes forward with each step.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define MOST_EDITS 2
#define WIDEST (2 * MOST_EDITS + 1)
#define LONGEST 4            /* Bytes of a letter. */
#define NO_LETTER UINT32_MAX /* What stands around the wanted word: no letter of another is equal to it. */

/* ---------------------------------------------------------------------------------------------------- sorted words */

typedef struct {
    Py_buffer blob, ends;
    Py_ssize_t count;
} Words;

typedef struct {
    const unsigned char *bytes;
    Py_ssize_t size;
} Text;

static int open_words(Words *words, PyObject *blob, PyObject *ends)
{
    if (PyObject_GetBuffer(blob, &words->blob, PyBUF_SIMPLE) < 0)
        return -1;
    if (PyObject_GetBuffer(ends, &words->ends, PyBUF_ND | PyBUF_FORMAT) < 0)
        goto close_blob;
    const Py_buffer *view = &words->ends;
    Py_ssize_t size = view->itemsize;
    if (view->ndim == 1 && view->format[0] && !view->format[1] && strchr("BHILQilq", view->format[0]) &&
        (size == 1 || size == 2 || size == 4 || size == 8) && (uintptr_t)view->buf % (uintptr_t)size == 0) {
        words->count = view->len / size;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "ends of type %s cannot be used here", view->format);
    PyBuffer_Release(&words->ends);
close_blob:
    PyBuffer_Release(&words->blob);
    return -1;
}

static void close_words(Words *words)
{
    PyBuffer_Release(&words->ends);
    PyBuffer_Release(&words->blob);
}

/* Where word `number` ends, if that is in the blob: else at its border. */
static inline Py_ssize_t end_of(const Words *words, Py_ssize_t number)
{
    const void *ends = words->ends.buf;
    uint64_t end;
    switch (words->ends.itemsize) {
    case 1: end = ((const uint8_t *)ends)[number]; break;
    case 2: end = ((const uint16_t *)ends)[number]; break;
    case 4: end = ((const uint32_t *)ends)[number]; break;
    default: end = ((const uint64_t *)ends)[number]; break;
    }
    return end < (uint64_t)words->blob.len ? (Py_ssize_t)end : words->blob.len;
}

static inline Text text_of(const Words *words, Py_ssize_t number)
{
    Py_ssize_t start = number ? end_of(words, number - 1) : 0, end = end_of(words, number);
    Text text = {(const unsigned char *)words->blob.buf + start, end > start ? end - start : 0};
    return text;
}

static inline int is_before(Text one, Text other)
{
    int order = memcmp(one.bytes, other.bytes, one.size < other.size ? one.size : other.size);
    return order < 0 || (order == 0 && one.size < other.size);
}

/* The first word of [low, high) that is not before `wanted`; else `high`. */
static Py_ssize_t halve(const Words *words, Py_ssize_t low, Py_ssize_t high, Text wanted)
{
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (is_before(text_of(words, middle), wanted))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The same of [number, stop), which is mostly near: sought in growing steps, then halves. */
static Py_ssize_t seek(const Words *words, Py_ssize_t number, Py_ssize_t stop, Text wanted)
{
    Py_ssize_t low = number, high = number, step = 1;
    while (high < stop && is_before(text_of(words, high), wanted)) {
        low = high + 1;
        high = step < stop - high ? high + step : stop;
        step *= 2;
    }
    return halve(words, low, high, wanted);
}

/* ---------------------------------------------------------------------------------------------------------- letters */

/* The letter that begins at `*at`, which moves behind it: of UTF-8 its code point, of other bytes any number. */
static inline uint32_t next_letter(Text text, Py_ssize_t *at)
{
    uint32_t letter = text.bytes[(*at)++];
    if (letter < 0x80)
        return letter;
    int more = letter < 0xE0 ? 1 : letter < 0xF0 ? 2 : 3;
    for (letter &= 0x3F >> more; more && *at < text.size; more--)
        letter = letter << 6 | (text.bytes[(*at)++] & 0x3F);
    return letter;
}

/* Write a letter as UTF-8 and give how many bytes that takes. Half a pair is a question mark, as in what is kept. */
static int put_letter(unsigned char *to, uint32_t letter)
{
    if (letter >= 0xD800 && letter < 0xE000)
        letter = '?';
    if (letter < 0x80) {
        to[0] = (unsigned char)letter;
        return 1;
    }
    int size = letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    for (int i = size - 1; i > 0; i--, letter >>= 6)
        to[i] = (unsigned char)(0x80 | (letter & 0x3F));
    to[0] = (unsigned char)(0xF00 >> size | letter);
    return size;
}

/* -------------------------------------------------------------------------------------------------------- distances */

/*
 * One letter of a word in the walk. Cell c of row j is the distance of the walked word's first j letters to the first
 * j - edits + c of the wanted one: beyond that band, and beyond the words, all is too far. No cell is more than one
 * edit too far, so that nothing overflows.
 */
typedef struct {
    Py_ssize_t end; /* Behind the letter, in bytes. */
    uint32_t letter;
    uint8_t cells[WIDEST];
    uint8_t least;
} Row;

typedef struct {
    int edits;
    Py_ssize_t size;
    uint32_t *letters; /* Of the wanted word; WIDEST more may be read on either side. */
    Row *rows;         /* For so many letters more than the wanted word has as there are edits, and one. */
    unsigned char *room;
    int64_t *found;
    Py_ssize_t found_count, found_room;
} Walk;

static int open_walk(Walk *walk, int edits, PyObject *word)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(word), around = WIDEST, deepest = size + edits + 1;
    size_t letters = (size + 2 * around) * sizeof(uint32_t), rows = (deepest + 1) * sizeof(Row);
    walk->edits = edits;
    walk->size = size;
    /* One block: rows, letters, and bytes for a beginning of a word and a letter. */
    walk->rows = PyMem_Malloc(rows + letters + (deepest + 1) * LONGEST);
    if (!walk->rows) {
        PyErr_NoMemory();
        return -1;
    }
    walk->letters = (uint32_t *)((char *)walk->rows + rows) + around;
    walk->room = (unsigned char *)walk->rows + rows + letters;
    memset(walk->letters - around, 0xFF, letters);
    for (Py_ssize_t i = 0; i < size; i++)
        walk->letters[i] = PyUnicode_READ_CHAR(word, i);
    Row *first = walk->rows;
    first->end = 0;
    first->letter = NO_LETTER;
    first->least = 0;
    for (int c = 0; c < 2 * edits + 1; c++)
        first->cells[c] = (uint8_t)(c < edits || c - edits > size ? edits + 1 : c - edits);
    return 0;
}

static void close_walk(Walk *walk)
{
    PyMem_Free(walk->found);
    PyMem_Free(walk->rows);
}

static int add_found(Walk *walk, Py_ssize_t number)
{
    if (walk->found_count == walk->found_room) {
        Py_ssize_t room = walk->found_room ? 2 * walk->found_room : 16;
        int64_t *more = PyMem_Realloc(walk->found, room * sizeof *more);
        if (!more) {
            PyErr_NoMemory();
            return -1;
        }
        walk->found = more;
        walk->found_room = room;
    }
    walk->found[walk->found_count++] = number;
    return 0;
}

static inline uint8_t less(uint8_t one, uint8_t other) { return one < other ? one : other; }

/* Fill row `depth`, whose letter is known. */
static inline void fill_row(const Walk *walk, Py_ssize_t depth, const int edits)
{
    Row *fresh = &walk->rows[depth];
    const Row *row = fresh - 1, *above = depth > 1 ? fresh - 2 : NULL; /* One letter has no neighbour to swap with. */
    uint32_t letter = fresh->letter, before = row->letter;
    const uint32_t *wanted = walk->letters + depth - edits - 1; /* Cell c compares its letter c. */
    Py_ssize_t inside = walk->size - (depth - edits); /* The last cell within the word. */
    uint8_t far = (uint8_t)(edits + 1), least = far, left = far;
    for (int c = 0; c < 2 * edits + 1; c++) {
        uint8_t cell = (uint8_t)(row->cells[c] + (wanted[c] != letter));
        if (c < 2 * edits)
            cell = less(cell, (uint8_t)(row->cells[c + 1] + 1));
        if (above && wanted[c - 1] == letter && wanted[c] == before)
            cell = less(cell, (uint8_t)(above->cells[c] + 1));
        cell = less(less(cell, (uint8_t)(left + 1)), far);
        if (c > inside)
            cell = far;
        fresh->cells[c] = left = cell;
        least = less(least, cell);
    }
    fresh->least = least;
}

/*
 * The first word from `number` on that need be looked at, when none is near that begins like `text` up to row `depth`.
 *
 * The row before leaves no edit, or the letter could have been one. So a word must go on there with a letter that the
 * wanted word has next behind a cell that is near. (A swap, too: an edit leads from where it begins to such a cell.)
 */
static Py_ssize_t leave(const Walk *walk, Py_ssize_t depth, Text text, const Words *words, Py_ssize_t number,
                        Py_ssize_t stop)
{
    const Row *row = &walk->rows[depth - 1];
    const uint32_t *wanted = walk->letters + depth - walk->edits - 1;
    uint32_t letter = walk->rows[depth].letter, next = NO_LETTER;
    for (int c = 0; c < 2 * walk->edits + 1; c++)
        if (row->cells[c] <= walk->edits && wanted[c] > letter && wanted[c] < next)
            next = wanted[c];
    Py_ssize_t size = row->end;
    memcpy(walk->room, text.bytes, size);
    if (next == NO_LETTER)
        walk->room[size++] = 0xFF; /* No UTF-8 byte: it sorts behind every word that goes on. */
    else
        size += put_letter(walk->room + size, next);
    return seek(words, number, stop, (Text){walk->room, size});
}

/* Walk over the words [number, stop). */
static inline int find_near(Walk *walk, const Words *words, Py_ssize_t number, Py_ssize_t stop, const int edits)
{
    Row *rows = walk->rows;
    Py_ssize_t depth = 0;
    Text before = {NULL, 0};
    while (number < stop) {
        Text text = text_of(words, number);
        /* The rows of letters that it shares with the word before stand already. */
        Py_ssize_t shared = 0, most = text.size < rows[depth].end ? text.size : rows[depth].end;
        while (shared < most && text.bytes[shared] == before.bytes[shared])
            shared++;
        while (rows[depth].end > shared)
            depth--;
        Py_ssize_t at = rows[depth].end;
        int dead = 0;
        while (at < text.size && !dead) {
            depth++;
            rows[depth].letter = next_letter(text, &at);
            rows[depth].end = at;
            fill_row(walk, depth, edits);
            dead = rows[depth].least > edits;
        }
        before = text;
        if (dead) {
            number = leave(walk, depth, text, words, number + 1, stop);
            depth--;
            continue;
        }
        Py_ssize_t last = walk->size - depth + edits;
        if (last >= 0 && last < 2 * edits + 1 && rows[depth].cells[last] <= edits && add_found(walk, number) < 0)
            return -1;
        number++;
    }
    return 0;
}

/* words_within(edits, word, blob, ends) */
static PyObject *words_within(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    if (count != 4 || !PyLong_Check(args[0]) || !PyUnicode_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "words_within takes edits, a word, and the bytes and ends of words");
        return NULL;
    }
    long edits = PyLong_AsLong(args[0]);
    if (PyErr_Occurred() || PyUnicode_READY(args[1]) < 0)
        return NULL;
    if (edits < 0 || edits > MOST_EDITS) {
        PyErr_Format(PyExc_ValueError, "edits are 0 to %d, not %ld", MOST_EDITS, edits);
        return NULL;
    }
    if (!PyUnicode_GET_LENGTH(args[1]))
        return PyBytes_FromStringAndSize(NULL, 0);
    Words words;
    Walk walk = {0};
    PyObject *result = NULL;
    if (open_words(&words, args[2], args[3]) < 0)
        return NULL;
    if (open_walk(&walk, (int)edits, args[1]) < 0)
        goto close;
    /* Those that begin with its first letter. */
    unsigned char initial[LONGEST + 1];
    int size = put_letter(initial, walk.letters[0]);
    initial[size] = 0xFF;
    Py_ssize_t start = halve(&words, 0, words.count, (Text){initial, size});
    Py_ssize_t stop = seek(&words, start, words.count, (Text){initial, size + 1});
    int done = edits == 0   ? find_near(&walk, &words, start, stop, 0)
               : edits == 1 ? find_near(&walk, &words, start, stop, 1)
                            : find_near(&walk, &words, start, stop, 2);
    if (done == 0)
        result = PyBytes_FromStringAndSize((const char *)walk.found, walk.found_count * (Py_ssize_t)sizeof *walk.found);
close:
    close_walk(&walk);
    close_words(&words);
    return result;
}

/* word_number(word, blob, ends) */
static PyObject *word_number(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3 || !PyBytes_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "word_number takes bytes, and the bytes and ends of words");
        return NULL;
    }
    Words words;
    if (open_words(&words, args[1], args[2]) < 0)
        return NULL;
    Text wanted = {(const unsigned char *)PyBytes_AS_STRING(args[0]), PyBytes_GET_SIZE(args[0])};
    Py_ssize_t number = halve(&words, 0, words.count, wanted);
    int found = number < words.count && !is_before(wanted, text_of(&words, number));
    close_words(&words);
    return PyLong_FromSsize_t(found ? number : -1);
}

/* words_beginning(prefix, blob, ends) */
static PyObject *words_beginning(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3 || !PyBytes_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "words_beginning takes bytes, and the bytes and ends of words");
        return NULL;
    }
    Words words;
    Py_ssize_t size = PyBytes_GET_SIZE(args[0]);
    unsigned char *behind = PyMem_Malloc(size + 1); /* Every word that goes on after the prefix. */
    if (!behind)
        return PyErr_NoMemory();
    PyObject *result = NULL;
    if (open_words(&words, args[1], args[2]) == 0) {
        memcpy(behind, PyBytes_AS_STRING(args[0]), size);
        behind[size] = 0xFF;
        Py_ssize_t first = halve(&words, 0, words.count, (Text){behind, size});
        result = Py_BuildValue("nn", first, seek(&words, first, words.count, (Text){behind, size + 1}));
        close_words(&words);
    }
    PyMem_Free(behind);
    return result;
}

static PyMethodDef methods[] = {
    {"word_number", (PyCFunction)(void (*)(void))word_number, METH_FASTCALL, NULL},
    {"words_beginning", (PyCFunction)(void (*)(void))words_beginning, METH_FASTCALL, NULL},
    {"words_within", (PyCFunction)(void (*)(void))words_within, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_spelling", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__spelling(void) { return PyModuleDef_Init(&module); }
