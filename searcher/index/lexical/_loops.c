/*
 * The inner loops of scoring, compiled: adding up what postings score. `plain_loops.py` says what each gives, and gives
 * the same to the last bit: sums are added up in the same order, in float32.
 */

#include "_parts.h"

/* The best rank of each unit so far, zeros between two calls: room that is kept, because new room takes longer to come by
 * than most merges take. It is as long as columns that the table has in memory. Nobody comes between: the interpreter's
 * lock is held, and no Python code runs until the ranks are zeros again. */
static uint16_t *best_ranks;
static Py_ssize_t best_room;

/* Units that postings hold, a bit for each, and how many they are. */
typedef struct {
    uint64_t *bits;
    int64_t end;
    Py_ssize_t count;
} Merged;

static int open_merged(Merged *merged, int64_t end)
{
    if (end > best_room) {
        uint16_t *more = PyMem_RawRealloc(best_ranks, end * sizeof *more);
        if (!more) {
            PyErr_NoMemory();
            return -1;
        }
        memset(more + best_room, 0, (end - best_room) * sizeof *more);
        best_ranks = more;
        best_room = end;
    }
    merged->end = end;
    merged->bits = PyMem_Calloc(words_of_bits(end), sizeof *merged->bits);
    if (!merged->bits)
        PyErr_NoMemory();
    return merged->bits ? 0 : -1;
}

/* Raise each unit of the piece to the rank of its code. Without a branch: nobody can guess which units other terms stand
 * in. Gives whether all lie below the end. */
static int merge_piece(Merged *merged, const Piece *piece, const uint16_t *ranks)
{
    const uint16_t *codes = piece->codes.buf;
    uint64_t *bits = merged->bits;
    uint16_t *best = best_ranks;
    uint64_t base = (uint64_t)piece->base, end = (uint64_t)merged->end, again = 0;
#define MERGE(T)                                                                                                       \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        for (Py_ssize_t i = 0; i < piece->count; i++) {                                                                \
            uint64_t unit = units[i] + base;                                                                           \
            if (unit >= end)                                                                                           \
                return 0;                                                                                              \
            uint64_t word = bits[unit / 64];                                                                           \
            uint16_t rank = ranks[codes[i]], before = best[unit];                                                      \
            again += word >> unit % 64 & 1;                                                                            \
            bits[unit / 64] = word | (uint64_t)1 << unit % 64;                                                         \
            best[unit] = rank > before ? rank : before;                                                                \
        }                                                                                                              \
    }
    WITH_TYPE(&piece->units, MERGE)
    merged->count += piece->count - (Py_ssize_t)again;
    return 1;
}

/* Put down the units, rising, and the code of each, where there is room for them, and leave zeros. */
static void take_merged(const Merged *merged, const uint16_t *by_rank, int32_t *units, uint16_t *codes)
{
    for (Py_ssize_t word = 0; word < words_of_bits(merged->end); word++)
        for (uint64_t left = merged->bits[word]; left; left &= left - 1) {
            Py_ssize_t unit = 64 * word + lowest_bit(left);
            if (units) {
                *units++ = (int32_t)unit;
                *codes++ = by_rank[best_ranks[unit]];
            }
            best_ranks[unit] = 0;
        }
}

/* merge_postings(pieces, end, ranks, by_rank) */
static PyObject *merge_postings(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer ranks, by_rank;
    ScoredPart part = {0};
    Merged merged = {0};
    PyObject *units = NULL, *codes = NULL, *result = NULL;
    int64_t end;
    if (!check_count(count, 4) || read_number(args[1], &end) < 0)
        return NULL;
    if (!PyList_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "what is merged is a list of pieces");
        return NULL;
    }
    if (open_array(args[2], &ranks, "H", 2, 0) < 0)
        return NULL;
    if (open_array(args[3], &by_rank, "H", 2, 0) < 0)
        goto close_ranks;
    if (check_table(&ranks) < 0 || check_table(&by_rank) < 0 || open_part(&part, 0, args[0]) < 0 ||
        open_merged(&merged, end) < 0)
        goto close;
    int inside = 1;
    for (Py_ssize_t n = 0; n < part.count && inside; n++)
        inside = merge_piece(&merged, &part.pieces[n], ranks.buf);
    if (inside) {
        units = PyBytes_FromStringAndSize(NULL, merged.count * (Py_ssize_t)sizeof(int32_t));
        codes = PyBytes_FromStringAndSize(NULL, merged.count * (Py_ssize_t)sizeof(uint16_t));
    }
    if (units && codes)
        take_merged(&merged, by_rank.buf, (int32_t *)PyBytes_AS_STRING(units), (uint16_t *)PyBytes_AS_STRING(codes));
    else
        take_merged(&merged, NULL, NULL, NULL);
    if (!inside)
        outside();
    else if (units && codes)
        result = PyTuple_Pack(2, units, codes);
    Py_XDECREF(units);
    Py_XDECREF(codes);
close:
    PyMem_Free(merged.bits);
    close_pieces(&part);
    PyBuffer_Release(&by_rank);
close_ranks:
    PyBuffer_Release(&ranks);
    return result;
}

static void free_capsule(PyObject *capsule) { close_part(PyCapsule_GetPointer(capsule, PART)); }

/* part(factor, pieces, is_merged=False) */
static PyObject *part(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3 && !check_count(count, 2))
        return NULL;
    double factor = PyFloat_AsDouble(args[0]);
    int is_merged = count == 3 ? PyObject_IsTrue(args[2]) : 0;
    if (PyErr_Occurred())
        return NULL;
    if (!PyList_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "a part has a list of pieces");
        return NULL;
    }
    ScoredPart *opened = PyMem_Calloc(1, sizeof(ScoredPart));
    if (!opened)
        return PyErr_NoMemory();
    opened->is_merged = is_merged;
    PyObject *capsule = NULL;
    if (open_part(opened, factor, args[1]) == 0)
        capsule = PyCapsule_New(opened, PART, free_capsule);
    if (!capsule)
        close_part(opened);
    return capsule;
}

/* What parts are added to: sums, of all units or of some. */
typedef struct {
    Py_buffer sums, table;
    ScoredPart *parts;
    Py_ssize_t parts_count;
} Adding;

static int open_adding(Adding *adding, PyObject *sums, PyObject *parts, PyObject *table)
{
    if (!PyList_Check(parts)) {
        PyErr_SetString(PyExc_TypeError, "what scores is a list of parts");
        return -1;
    }
    if (open_array(sums, &adding->sums, FLOAT, 4, 1) < 0)
        return -1;
    if (open_array(table, &adding->table, FLOAT, 4, 0) < 0)
        goto close_sums;
    if (check_table(&adding->table) == 0 && (adding->parts = list_parts(parts, &adding->parts_count)))
        return 0;
    PyBuffer_Release(&adding->table);
close_sums:
    PyBuffer_Release(&adding->sums);
    return -1;
}

static PyObject *close_adding(Adding *adding, int done)
{
    PyMem_Free(adding->parts);
    PyBuffer_Release(&adding->table);
    PyBuffer_Release(&adding->sums);
    if (done < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* Add what a piece scores to all sums. */
static int add_to_all(float *sums, int64_t end, const Piece *piece, const float *scores, float factor)
{
    const uint16_t *codes = piece->codes.buf;
#define ADD(T)                                                                                                         \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        for (Py_ssize_t i = 0; i < piece->count; i++) {                                                                \
            int64_t unit = (int64_t)units[i] + piece->base;                                                            \
            if (unit >= end)                                                                                           \
                return outside();                                                                                      \
            float score = scores[codes[i]] * factor;                                                                   \
            sums[unit] += score;                                                                                       \
        }                                                                                                              \
    }
    WITH_TYPE(&piece->units, ADD)
    return 0;
}

/* add_scores(sums, parts, table) */
static PyObject *add_scores(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Adding adding;
    int done = 0;
    if (!check_count(count, 3) || open_adding(&adding, args[0], args[1], args[2]) < 0)
        return NULL;
    float *sums = adding.sums.buf;
    for (Py_ssize_t p = 0; p < adding.parts_count && done == 0; p++) {
        const ScoredPart *part = &adding.parts[p];
        for (Py_ssize_t n = 0; n < part->count && done == 0; n++)
            done = add_to_all(sums, length(&adding.sums), &part->pieces[n], adding.table.buf, part->factor);
    }
    return close_adding(&adding, done);
}

/* Add what each of the terms, times its factor, scores to all sums. `whole`: the postings of all terms of a segment. */
static int add_each(Py_buffer *sums, const Py_buffer *terms, const Py_buffer *factors, const Py_buffer *starts,
                    const Piece *whole, const float *scores)
{
    const int32_t *term = terms->buf;
    const float *factor = factors->buf;
    for (Py_ssize_t n = 0; n < length(terms); n++) {
        if (term[n] < 0)
            continue;
        if (term[n] >= length(starts) - 1)
            return outside();
        Py_ssize_t start, end;
#define BORDERS(T) start = (Py_ssize_t)((const T *)starts->buf)[term[n]], end = (Py_ssize_t)((const T *)starts->buf)[term[n] + 1];
        WITH_TYPE(starts, BORDERS)
        if (start > end || end > whole->count)
            return outside();
        Piece own = *whole;
        own.units.buf = (char *)whole->units.buf + start * whole->units.itemsize;
        own.codes.buf = (char *)whole->codes.buf + start * whole->codes.itemsize;
        own.count = end - start;
        if (add_to_all(sums->buf, length(sums), &own, scores, factor[n]) < 0)
            return -1;
    }
    return 0;
}

/* add_terms(sums, terms, factors, starts, base, units, codes, table) */
static PyObject *add_terms(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    static const char *const kinds[] = {FLOAT, SIGNED, FLOAT, UNITS, FLOAT};
    static const int sizes[] = {4, 4, 4, 0, 4}, places[] = {0, 1, 2, 3, 7};
    Py_buffer arrays[5];
    Piece whole;
    int opened = 0, done = -1;
    if (!check_count(count, 8) || open_piece(&whole, args[4], args[5], args[6]) < 0)
        return NULL;
    while (opened < 5 && open_array(args[places[opened]], &arrays[opened], kinds[opened], sizes[opened], !opened) == 0)
        opened++;
    if (opened == 5 && check_table(&arrays[4]) == 0)
        done = length(&arrays[1]) == length(&arrays[2])
                   ? add_each(&arrays[0], &arrays[1], &arrays[2], &arrays[3], &whole, arrays[4].buf)
                   : outside();
    while (opened)
        PyBuffer_Release(&arrays[--opened]);
    close_piece(&whole);
    if (done < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* add_scores_of(sums, wanted, parts, table) */
static PyObject *add_scores_of(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Adding adding;
    Py_buffer wanted;
    if (!check_count(count, 4) || open_array(args[1], &wanted, SIGNED, 4, 0) < 0)
        return NULL;
    if (open_adding(&adding, args[0], args[2], args[3]) < 0) {
        PyBuffer_Release(&wanted);
        return NULL;
    }
    int done = length(&adding.sums) == length(&wanted)
                   ? look_up(adding.parts, adding.parts_count, wanted.buf, length(&wanted), adding.table.buf,
                             adding.sums.buf, NULL)
                   : outside();
    PyBuffer_Release(&wanted);
    return close_adding(&adding, done);
}

static PyMethodDef methods[] = {
    {"add_scores", (PyCFunction)(void (*)(void))add_scores, METH_FASTCALL, NULL},
    {"part", (PyCFunction)(void (*)(void))part, METH_FASTCALL, NULL},
    {"add_scores_of", (PyCFunction)(void (*)(void))add_scores_of, METH_FASTCALL, NULL},
    {"add_terms", (PyCFunction)(void (*)(void))add_terms, METH_FASTCALL, NULL},
    {"merge_postings", (PyCFunction)(void (*)(void))merge_postings, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_loops", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__loops(void) { return PyModuleDef_Init(&module); }
