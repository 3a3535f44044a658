/*
 * The inner loops of scoring, compiled: adding up what postings score. `plain_loops.py` says what each gives, and gives
 * the same to the last bit: sums are added up in the same order, in float32.
 */

#include "_parts.h"

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
    if (check_table(&table) < 0 || !(parts = list_parts(args[2], &parts_count)))
        goto close_table;
    done = length(&sums) == length(&wanted)
               ? look_up(parts, parts_count, wanted.buf, length(&wanted), table.buf, sums.buf)
               : outside();
    PyMem_Free(parts);
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
    {"part", (PyCFunction)(void (*)(void))part, METH_FASTCALL, NULL},
    {"add_scores_of", (PyCFunction)(void (*)(void))add_scores_of, METH_FASTCALL, NULL},
    {"raise_scores", (PyCFunction)(void (*)(void))raise_scores, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_loops", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__loops(void) { return PyModuleDef_Init(&module); }
