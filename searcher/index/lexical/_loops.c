/*
 * The inner loops of scoring, compiled: adding up what postings score. `plain_loops.py` says what each gives, and gives
 * the same to the last bit: sums are added up in the same order, in float32.
 */

#include "_parts.h"

/* raise_scores(best, base, units, codes, table) */
static PyObject *raise_scores(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer best, table;
    Piece piece;
    Py_ssize_t held = 0;
    int done = -1;
    if (!check_count(count, 5) || open_array(args[0], &best, FLOAT, 4, 1) < 0)
        return NULL;
    if (open_array(args[4], &table, FLOAT, 4, 0) < 0)
        goto close_best;
    if (check_table(&table) < 0 || open_piece(&piece, args[1], args[2], args[3]) < 0)
        goto close_table;
    float *to = best.buf;
    const float *scores = table.buf;
    const uint16_t *codes = piece.codes.buf;
    int64_t end = length(&best);
    done = 0;
#define RAISE(T)                                                                                                       \
    {                                                                                                                  \
        const T *units = piece.units.buf;                                                                              \
        for (Py_ssize_t i = 0; i < piece.count; i++) {                                                                 \
            int64_t unit = (int64_t)units[i] + piece.base;                                                             \
            if (unit >= end) {                                                                                         \
                done = outside();                                                                                      \
                break;                                                                                                 \
            }                                                                                                          \
            float score = scores[codes[i]];                                                                            \
            held += to[unit] == 0 && score > 0;                                                                        \
            to[unit] = score > to[unit] ? score : to[unit];                                                            \
        }                                                                                                              \
    }
    WITH_TYPE(&piece.units, RAISE)
    close_piece(&piece);
close_table:
    PyBuffer_Release(&table);
close_best:
    PyBuffer_Release(&best);
    return done < 0 ? NULL : PyLong_FromSsize_t(held);
}

static void free_capsule(PyObject *capsule) { close_part(PyCapsule_GetPointer(capsule, PART)); }

/* part(factor, dense, pieces) */
static PyObject *part(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    if (!check_count(count, 3))
        return NULL;
    double factor = PyFloat_AsDouble(args[0]);
    if (PyErr_Occurred())
        return NULL;
    if (!PyList_Check(args[2])) {
        PyErr_SetString(PyExc_TypeError, "a part has a list of pieces");
        return NULL;
    }
    ScoredPart *opened = PyMem_Calloc(1, sizeof(ScoredPart));
    if (!opened)
        return PyErr_NoMemory();
    PyObject *capsule = NULL;
    if (open_part(opened, factor, args[1], args[2]) == 0)
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
        const float *values = part->is_dense ? part->dense.buf : NULL;
        if (values && length(&part->dense) != length(&adding.sums))
            done = outside();
        for (Py_ssize_t i = 0; values && done == 0 && i < length(&adding.sums); i++) {
            float score = values[i] * part->factor;
            sums[i] += score;
        }
        for (Py_ssize_t n = 0; n < part->count && done == 0; n++)
            done = add_to_all(sums, length(&adding.sums), &part->pieces[n], adding.table.buf, part->factor);
    }
    return close_adding(&adding, done);
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
    {"raise_scores", (PyCFunction)(void (*)(void))raise_scores, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_loops", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__loops(void) { return PyModuleDef_Init(&module); }
