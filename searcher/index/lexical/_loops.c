/*
 * The inner loops of scoring, compiled: adding up what postings score. `plain_loops.py` says what each gives, and gives
 * the same to the last bit: sums are added up in the same order, in float32.
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

/* What units of a part are looked up for: rising, and a sum for each. `room`: for `spread`, as long as it was needed. */
typedef struct {
    const int32_t *wanted;
    float *sums, *room;
    Py_ssize_t count, size;
    const float *scores;
} Wanted;

/* Room for `span` zeros. */
static int make_room(Wanted *to, Py_ssize_t span)
{
    if (span > to->size) {
        PyMem_Free(to->room);
        to->size = 0;
        to->room = PyMem_Malloc(span * sizeof(float));
        if (!to->room) {
            PyErr_NoMemory();
            return -1;
        }
        to->size = span;
    }
    memset(to->room, 0, span * sizeof(float));
    return 0;
}

/*
 * Add what the postings of a piece score to the wanted units [place, end), which lie in its segment.
 *
 * Few meet many by leaps: each goes to meet the other, whichever is behind. Leaps among as many would be guessed wrong
 * by the processor, one after the other: then the scores are spread over the units, and picked up.
 */
static int add_piece(Wanted *to, const Piece *piece, float factor, Py_ssize_t place, Py_ssize_t end)
{
    const uint16_t *codes = piece->codes.buf;
    int64_t base = piece->base;
#define ADD_WANTED(T)                                                                                                  \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        Py_ssize_t span = span_of(piece->count ? units[piece->count - 1] : 0, piece->count, end - place);              \
        if (span) {                                                                                                    \
            if (make_room(to, span) < 0)                                                                               \
                return -1;                                                                                             \
            for (Py_ssize_t i = 0; i < piece->count; i++)                                                              \
                if (units[i] < (uint64_t)span)                                                                         \
                    to->room[units[i]] = to->scores[codes[i]] * factor;                                                \
            for (; place < end; place++) {                                                                             \
                uint64_t unit = (uint64_t)(to->wanted[place] - base);                                                  \
                to->sums[place] += unit < (uint64_t)span ? to->room[unit] : 0;                                         \
            }                                                                                                          \
        }                                                                                                              \
        Py_ssize_t at = 0;                                                                                             \
        while (place < end) {                                                                                          \
            at = seek_##T(units, piece->count, at, to->wanted[place] - base);                                          \
            if (at >= piece->count)                                                                                    \
                break;                                                                                                 \
            if ((int64_t)units[at] + base == to->wanted[place]) {                                                      \
                float score = to->scores[codes[at++]] * factor;                                                        \
                to->sums[place++] += score;                                                                            \
            } else {                                                                                                   \
                place = seek_int32_t(to->wanted, end, place + 1, (int64_t)units[at] + base);                           \
            }                                                                                                          \
        }                                                                                                              \
    }
    WITH_TYPE(&piece->units, ADD_WANTED)
    return 0;
}

static int add_dense(Wanted *to, const ScoredPart *part)
{
    const float *values = part->dense.buf;
    for (Py_ssize_t i = 0; i < to->count; i++) {
        if (to->wanted[i] < 0 || to->wanted[i] >= length(&part->dense))
            return outside();
        float score = values[to->wanted[i]] * part->factor;
        to->sums[i] += score;
    }
    return 0;
}

/* add_scores_of(sums, wanted, parts, table) */
static PyObject *add_scores_of(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer sums, wanted, table;
    Py_ssize_t parts_count = 0;
    ScoredPart *parts = NULL;
    int done = -1;
    if (count != 4 || !PyList_Check(args[2])) {
        PyErr_SetString(PyExc_TypeError, "add_scores_of takes two arrays, a list, and an array");
        return NULL;
    }
    if (open_array(args[0], &sums, FLOAT, 4, 1) < 0)
        return NULL;
    if (open_array(args[1], &wanted, SIGNED, 4, 0) < 0)
        goto close_sums;
    if (open_array(args[3], &table, FLOAT, 4, 0) < 0)
        goto close_wanted;
    if (check_table(&table) < 0 || !(parts = open_parts(args[2], &parts_count)))
        goto close_table;
    Wanted to = {.wanted = wanted.buf, .sums = sums.buf, .count = length(&wanted), .scores = table.buf};
    done = length(&sums) == to.count ? 0 : outside();
    for (Py_ssize_t p = 0; p < parts_count && done == 0; p++) {
        const ScoredPart *part = &parts[p];
        if (part->is_dense)
            done = add_dense(&to, part);
        Py_ssize_t place = 0;
        for (Py_ssize_t n = 0; n < part->count && done == 0; n++) {
            place = seek_int32_t(to.wanted, to.count, place, part->pieces[n].base);
            Py_ssize_t end = n + 1 < part->count
                                 ? seek_int32_t(to.wanted, to.count, place, part->pieces[n + 1].base)
                                 : to.count;
            done = add_piece(&to, &part->pieces[n], part->factor, place, end);
        }
    }
    PyMem_Free(to.room);
    close_parts(parts, parts_count);
close_table:
    PyBuffer_Release(&table);
close_wanted:
    PyBuffer_Release(&wanted);
close_sums:
    PyBuffer_Release(&sums);
    if (done < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"add_scores", (PyCFunction)(void (*)(void))add_scores, METH_FASTCALL, NULL},
    {"add_scores_of", (PyCFunction)(void (*)(void))add_scores_of, METH_FASTCALL, NULL},
    {"raise_scores", (PyCFunction)(void (*)(void))raise_scores, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_loops", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__loops(void) { return PyModuleDef_Init(&module); }
