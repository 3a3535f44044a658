/*
 * The inner loops of scoring and matching, compiled: adding up what postings score, sets that meet, phrases.
 * `plain_loops.py` says what each gives, and gives the same to the last bit: sums are added up in the same order, in
 * float32.
 */

#include "_postings.h"

/* What the postings of a term are added to: sums, of all units or of some, and what each code scores. */
typedef struct {
    Py_buffer sums, table;
    Piece piece;
} Adding;

static int open_adding(Adding *adding, PyObject *sums, PyObject *const *piece, PyObject *table)
{
    if (open_array(sums, &adding->sums, FLOAT, 4, 1) < 0)
        return -1;
    if (open_array(table, &adding->table, FLOAT, 4, 0) < 0)
        goto close_sums;
    if (check_table(&adding->table) == 0 && open_piece(&adding->piece, piece[0], piece[1], piece[2]) == 0)
        return 0;
    PyBuffer_Release(&adding->table);
close_sums:
    PyBuffer_Release(&adding->sums);
    return -1;
}

static PyObject *close_adding(Adding *adding, int done)
{
    close_piece(&adding->piece);
    PyBuffer_Release(&adding->table);
    PyBuffer_Release(&adding->sums);
    if (done < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* Do this with the postings, as an array of their own type, T. */
#define WITH_POSTINGS(DO)                                                                                              \
    {                                                                                                                  \
        float *to = adding.sums.buf;                                                                                   \
        const float *scores = adding.table.buf;                                                                        \
        const Piece *piece = &adding.piece;                                                                            \
        const uint16_t *codes = piece->codes.buf;                                                                      \
        int64_t base = piece->base, end = length(&adding.sums);                                                        \
        WITH_TYPE(&piece->units, DO)                                                                                   \
    }

/* add_scores(sums, base, units, codes, table, factor) */
static PyObject *add_scores(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Adding adding;
    int done = 0;
    if (!check_count(count, 6))
        return NULL;
    float factor = (float)PyFloat_AsDouble(args[5]);
    if (PyErr_Occurred() || open_adding(&adding, args[0], args + 1, args[4]) < 0)
        return NULL;
#define ADD(T)                                                                                                         \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        for (Py_ssize_t i = 0; i < piece->count; i++) {                                                                \
            int64_t unit = (int64_t)units[i] + base;                                                                   \
            if (unit >= end) {                                                                                         \
                done = outside();                                                                                      \
                break;                                                                                                 \
            }                                                                                                          \
            float score = scores[codes[i]] * factor;                                                                   \
            to[unit] += score;                                                                                         \
        }                                                                                                              \
    }
    WITH_POSTINGS(ADD)
    return close_adding(&adding, done);
}

/* raise_scores(best, base, units, codes, table) */
static PyObject *raise_scores(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Adding adding;
    int done = 0;
    if (!check_count(count, 5) || open_adding(&adding, args[0], args + 1, args[4]) < 0)
        return NULL;
#define RAISE(T)                                                                                                       \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        for (Py_ssize_t i = 0; i < piece->count; i++) {                                                                \
            int64_t unit = (int64_t)units[i] + base;                                                                   \
            if (unit >= end) {                                                                                         \
                done = outside();                                                                                      \
                break;                                                                                                 \
            }                                                                                                          \
            float score = scores[codes[i]];                                                                            \
            if (score > to[unit])                                                                                      \
                to[unit] = score;                                                                                      \
        }                                                                                                              \
    }
    WITH_POSTINGS(RAISE)
    return close_adding(&adding, done);
}

/* add_scores_of(sums, wanted, base, units, codes, table, factor) */
static PyObject *add_scores_of(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Adding adding;
    Py_buffer wanted;
    int done = 0;
    if (!check_count(count, 7))
        return NULL;
    float factor = (float)PyFloat_AsDouble(args[6]);
    if (PyErr_Occurred() || open_array(args[1], &wanted, SIGNED, 4, 0) < 0)
        return NULL;
    if (open_adding(&adding, args[0], args + 2, args[5]) < 0) {
        PyBuffer_Release(&wanted);
        return NULL;
    }
    const int32_t *rising = wanted.buf;
    Py_ssize_t places = length(&wanted);
    /* Each goes to meet the other: whichever is behind leaps. */
#define MEET(T)                                                                                                        \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        Py_ssize_t at = 0, place = seek_int32_t(rising, places, 0, base);                                              \
        if (end != places)                                                                                             \
            done = outside();                                                                                          \
        while (done == 0 && place < places) {                                                                          \
            at = seek_##T(units, piece->count, at, (int64_t)rising[place] - base);                                     \
            if (at >= piece->count)                                                                                    \
                break;                                                                                                 \
            int64_t unit = (int64_t)units[at] + base;                                                                  \
            if (unit == rising[place]) {                                                                               \
                float score = scores[codes[at]] * factor;                                                              \
                to[place] += score;                                                                                    \
                at++;                                                                                                  \
                place++;                                                                                               \
            } else {                                                                                                   \
                place = seek_int32_t(rising, places, place + 1, unit);                                                 \
            }                                                                                                          \
        }                                                                                                              \
    }
    WITH_POSTINGS(MEET)
    PyBuffer_Release(&wanted);
    return close_adding(&adding, done);
}

/* The units of a segment that are in a set, without codes: base + units[i], rising. */
static int open_units(Py_buffer *units, int64_t *base, PyObject *base_from, PyObject *from)
{
    return read_number(base_from, base) < 0 ? -1 : open_array(from, units, UNITS, 0, 0);
}

/* among(values, pieces, found) */
static PyObject *among(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer values, found;
    int done = -1;
    if (count != 3 || !PyList_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "among takes an array, a list, and an array");
        return NULL;
    }
    if (open_array(args[0], &values, SIGNED, 4, 0) < 0)
        return NULL;
    if (open_array(args[2], &found, "?", 1, 1) < 0)
        goto close_values;
    const int32_t *wanted = values.buf;
    char *to = found.buf;
    Py_ssize_t places = length(&values), place = 0;
    if (length(&found) != places) {
        outside();
        goto close_found;
    }
    memset(to, 0, places);
    for (Py_ssize_t number = 0; number < PyList_GET_SIZE(args[1]); number++) {
        Py_buffer units;
        int64_t base;
        PyObject *piece = PyList_GET_ITEM(args[1], number);
        if (!check_tuple(piece) || !check_count(PyTuple_GET_SIZE(piece), 2) ||
            open_units(&units, &base, PyTuple_GET_ITEM(piece, 0), PyTuple_GET_ITEM(piece, 1)) < 0)
            goto close_found;
        Py_ssize_t at = 0, end = length(&units);
        place = seek_int32_t(wanted, places, place, base);
        /* Each goes to meet the other: whichever is behind leaps. */
#define MEET_UNITS(T)                                                                                                  \
    {                                                                                                                  \
        const T *held = units.buf;                                                                                     \
        while (place < places) {                                                                                       \
            at = seek_##T(held, end, at, (int64_t)wanted[place] - base);                                               \
            if (at >= end)                                                                                             \
                break;                                                                                                 \
            if ((int64_t)held[at] + base == wanted[place])                                                             \
                to[place++] = 1;                                                                                       \
            else                                                                                                       \
                place = seek_int32_t(wanted, places, place + 1, (int64_t)held[at] + base);                             \
        }                                                                                                              \
    }
        WITH_TYPE(&units, MEET_UNITS)
        PyBuffer_Release(&units);
    }
    done = 0;
close_found:
    PyBuffer_Release(&found);
close_values:
    PyBuffer_Release(&values);
    if (done < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* mark(mask, base, units) */
static PyObject *mark(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer mask, units;
    int64_t base, done = 0;
    if (!check_count(count, 3) || open_array(args[0], &mask, "?", 1, 1) < 0)
        return NULL;
    if (open_units(&units, &base, args[1], args[2]) < 0) {
        PyBuffer_Release(&mask);
        return NULL;
    }
    char *to = mask.buf;
    Py_ssize_t end = length(&units), room = length(&mask);
#define MARK(T)                                                                                                        \
    {                                                                                                                  \
        const T *held = units.buf;                                                                                     \
        for (Py_ssize_t i = 0; i < end; i++) {                                                                         \
            int64_t unit = (int64_t)held[i] + base;                                                                    \
            if (unit >= room) {                                                                                        \
                done = outside();                                                                                      \
                break;                                                                                                 \
            }                                                                                                          \
            to[unit] = 1;                                                                                              \
        }                                                                                                              \
    }
    WITH_TYPE(&units, MARK)
    PyBuffer_Release(&units);
    PyBuffer_Release(&mask);
    if (done < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* One word of a phrase: where it stands, and its place in the phrase. */
typedef struct {
    Py_buffer positions;
    int64_t place;
    Py_ssize_t at;
} PhraseWord;

/* Find the articles that hold the phrase, rising, each once; give how many. `rows` has room for all. */
static Py_ssize_t find_phrase(PhraseWord *words, Py_ssize_t count, const Py_buffer *articles, const Py_buffer *bodies,
                              int32_t *rows)
{
    PhraseWord *rarest = words;
    for (Py_ssize_t n = 1; n < count; n++)
        if (length(&words[n].positions) < length(&rarest->positions))
            rarest = &words[n];
    const uint32_t *of_rarest = rarest->positions.buf, *first = articles->buf, *body = bodies ? bodies->buf : NULL;
    Py_ssize_t found = 0, article = 0, total = length(articles);
    for (Py_ssize_t i = 0; i < length(&rarest->positions); i++) {
        int64_t start = (int64_t)of_rarest[i] - rarest->place;
        Py_ssize_t n = 0;
        for (; n < count; n++) {
            const uint32_t *held = words[n].positions.buf;
            Py_ssize_t end = length(&words[n].positions);
            if (&words[n] == rarest)
                continue;
            words[n].at = seek_uint32_t(held, end, words[n].at, start + words[n].place);
            if (words[n].at >= end)
                return found; /* It stands nowhere further on. */
            if (held[words[n].at] != start + words[n].place)
                break;
        }
        if (n < count)
            continue;
        start += words[0].place;
        article = seek_uint32_t(first, total, article, start + 1);
        if (!article) /* Before the first article: damage. */
            continue;
        int32_t row = (int32_t)(article - 1);
        if (body && start >= body[row])
            continue;
        if (!found || rows[found - 1] != row)
            rows[found++] = row;
    }
    return found;
}

/* phrase_articles(words, article_positions, body_positions, rows) */
static PyObject *phrase_articles(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer articles, bodies, rows;
    PyObject *result = NULL;
    Py_ssize_t open = 0, found = -1;
    if (count != 4 || !PyList_Check(args[0]) || !PyList_GET_SIZE(args[0])) {
        PyErr_SetString(PyExc_TypeError, "phrase_articles takes a list of words, and three arrays");
        return NULL;
    }
    int titles = args[2] != Py_None;
    Py_ssize_t wanted = PyList_GET_SIZE(args[0]);
    PhraseWord *words = PyMem_Calloc(wanted, sizeof(PhraseWord));
    if (!words)
        return PyErr_NoMemory();
    if (open_array(args[1], &articles, "IL", 4, 0) < 0)
        goto free_words;
    if (titles && open_array(args[2], &bodies, "IL", 4, 0) < 0)
        goto close_articles;
    if (open_array(args[3], &rows, SIGNED, 4, 1) < 0)
        goto close_bodies;
    for (; open < wanted && open < PyList_GET_SIZE(args[0]); open++) {
        PyObject *word = PyList_GET_ITEM(args[0], open);
        if (!check_tuple(word) || PyTuple_GET_SIZE(word) != 2)
            break;
        if (read_number(PyTuple_GET_ITEM(word, 1), &words[open].place) < 0 ||
            open_array(PyTuple_GET_ITEM(word, 0), &words[open].positions, "IL", 4, 0) < 0)
            break;
    }
    if (open == wanted) {
        Py_ssize_t least = length(&words[0].positions);
        for (Py_ssize_t n = 1; n < open; n++)
            least = length(&words[n].positions) < least ? length(&words[n].positions) : least;
        if (length(&rows) < least || (titles && length(&bodies) != length(&articles)))
            outside();
        else
            found = find_phrase(words, open, &articles, titles ? &bodies : NULL, rows.buf);
    } else if (!PyErr_Occurred()) {
        outside();
    }
    if (found >= 0)
        result = PyLong_FromSsize_t(found);
    while (open--)
        PyBuffer_Release(&words[open].positions);
    PyBuffer_Release(&rows);
close_bodies:
    if (titles)
        PyBuffer_Release(&bodies);
close_articles:
    PyBuffer_Release(&articles);
free_words:
    PyMem_Free(words);
    return result;
}

static PyMethodDef methods[] = {
    {"add_scores", (PyCFunction)(void (*)(void))add_scores, METH_FASTCALL, NULL},
    {"add_scores_of", (PyCFunction)(void (*)(void))add_scores_of, METH_FASTCALL, NULL},
    {"raise_scores", (PyCFunction)(void (*)(void))raise_scores, METH_FASTCALL, NULL},
    {"among", (PyCFunction)(void (*)(void))among, METH_FASTCALL, NULL},
    {"mark", (PyCFunction)(void (*)(void))mark, METH_FASTCALL, NULL},
    {"phrase_articles", (PyCFunction)(void (*)(void))phrase_articles, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_loops", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__loops(void) { return PyModuleDef_Init(&module); }
