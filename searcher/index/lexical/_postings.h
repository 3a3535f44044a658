/*
 * The arrays of postings, as C sees them: opened and closed, walked, and never trusted. What is read may come from a
 * damaged file: no number in it is taken to lie within an array, or to rise.
 */

#ifndef SEARCHER_POSTINGS_H
#define SEARCHER_POSTINGS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define CODES 65536

/* ---------------------------------------------------------------------------------------------------- arrays */

/* Open an array of one of these kinds (characters of the struct module) and this item size (0: 1, 2 or 4 bytes). */
static inline int open_array(PyObject *from, Py_buffer *view, const char *kinds, Py_ssize_t size, int writable)
{
    int flags = PyBUF_ND | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(from, view, flags) < 0)
        return -1;
    Py_ssize_t found = view->itemsize;
    int fits = size ? found == size : found == 1 || found == 2 || found == 4;
    int aligned = found > 0 && (uintptr_t)view->buf % (uintptr_t)found == 0;
    if (view->ndim != 1 || !fits || !aligned || !view->format[0] || view->format[1] || !strchr(kinds, view->format[0])) {
        PyErr_Format(PyExc_TypeError, "an array of numbers of type %s cannot be used here", view->format);
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}

static inline Py_ssize_t length(const Py_buffer *view) { return view->len / view->itemsize; }

#define UNITS "BHILil"
#define SIGNED "ilq"
#define FLOAT "f"

static inline int check_tuple(PyObject *from)
{
    if (!PyTuple_Check(from))
        PyErr_Format(PyExc_TypeError, "a tuple is needed, not %s", Py_TYPE(from)->tp_name);
    return PyTuple_Check(from);
}

static inline int outside(void)
{
    PyErr_SetString(PyExc_IndexError, "a posting or an article lies outside of its segment");
    return -1;
}

/* A number of a unit, or a place: what is added to others cannot overflow. */
static inline int read_number(PyObject *from, int64_t *number)
{
    if (!PyLong_CheckExact(from)) { /* Nothing that runs Python code meanwhile. */
        PyErr_Format(PyExc_TypeError, "an int is needed, not %s", Py_TYPE(from)->tp_name);
        return -1;
    }
    *number = PyLong_AsLongLong(from);
    if (PyErr_Occurred())
        return -1;
    return *number < 0 || *number > INT32_MAX ? outside() : 0;
}

/* ------------------------------------------------------------------------------------------------ one posting list */

/* The postings of a term in one segment: unit number base + units[i] holds it as codes[i] says. Four bytes of a unit
 * are read without sign: a negative one lies past every end. */
typedef struct {
    Py_buffer units, codes;
    int64_t base;
    Py_ssize_t count;
    Py_ssize_t at; /* How far a walk over rising units has come. */
} Piece;

static inline int open_piece(Piece *piece, PyObject *base, PyObject *units, PyObject *codes)
{
    piece->at = 0;
    if (read_number(base, &piece->base) < 0)
        return -1;
    if (open_array(units, &piece->units, UNITS, 0, 0) < 0)
        return -1;
    if (open_array(codes, &piece->codes, "H", 2, 0) < 0) {
        PyBuffer_Release(&piece->units);
        return -1;
    }
    piece->count = length(&piece->units);
    if (length(&piece->codes) != piece->count) {
        PyBuffer_Release(&piece->units);
        PyBuffer_Release(&piece->codes);
        return outside();
    }
    return 0;
}

static inline void close_piece(Piece *piece)
{
    PyBuffer_Release(&piece->units);
    PyBuffer_Release(&piece->codes);
}

/* -------------------------------------------------------------------------------------------- walking over units */

/* Do this with the units as an array of their own type, T. */
#define WITH_TYPE(view, DO)                                                                                            \
    switch ((view)->itemsize) {                                                                                        \
    case 1: DO(uint8_t) break;                                                                                         \
    case 2: DO(uint16_t) break;                                                                                        \
    default: DO(uint32_t) break;                                                                                       \
    }

#define NEAR 32 /* Values looked at at once. */
#define NEAR_BLOCKS 8

/*
 * The first place from `at` on of a value that is not below `wanted`, in rising values. Near ones block by block: where in
 * a block is counted, and not guessed. Those far away in growing steps, then halves.
 */
#define DEFINE_SEEK(NAME, T)                                                                                           \
    static inline Py_ssize_t NAME(const T *values, Py_ssize_t count, Py_ssize_t at, int64_t wanted)                    \
    {                                                                                                                  \
        for (int n = 0; n < NEAR_BLOCKS && at + NEAR <= count; n++) {                                                  \
            if ((int64_t)values[at + NEAR - 1] >= wanted) {                                                            \
                T below = 0, least = wanted < 0 ? 0 : (T)wanted; /* It is not above the value that was looked at. */   \
                for (int i = 0; i < NEAR; i++)                                                                         \
                    below = (T)(below + (values[at + i] < least));                                                     \
                return at + below;                                                                                     \
            }                                                                                                          \
            at += NEAR;                                                                                                \
        }                                                                                                              \
        Py_ssize_t step = 1, low = at, high = at;                                                                      \
        while (high < count && (int64_t)values[high] < wanted) {                                                       \
            low = high + 1;                                                                                            \
            high += step;                                                                                              \
            step *= 2;                                                                                                 \
        }                                                                                                              \
        if (high > count)                                                                                              \
            high = count;                                                                                              \
        while (low < high) {                                                                                           \
            Py_ssize_t middle = low + (high - low) / 2;                                                                \
            if ((int64_t)values[middle] < wanted)                                                                      \
                low = middle + 1;                                                                                      \
            else                                                                                                       \
                high = middle;                                                                                         \
        }                                                                                                              \
        return low;                                                                                                    \
    }

DEFINE_SEEK(seek_uint8_t, uint8_t)
DEFINE_SEEK(seek_uint16_t, uint16_t)
DEFINE_SEEK(seek_uint32_t, uint32_t)
DEFINE_SEEK(seek_int32_t, int32_t)

/* Postings that are fewer than so many times the units looked up among them are spread over their segment instead. */
#define LEAP 16

/*
 * How far these rising units are worth spreading for so many that are looked up: up to the last of them, or 0. Not where
 * either are few beside the others, nor where they would be thin.
 */
static inline Py_ssize_t span_of(uint32_t last, Py_ssize_t units, Py_ssize_t wanted)
{
    int alike = units / LEAP < wanted && wanted / LEAP < units;
    return alike && last / 64 < (uint32_t)units ? (Py_ssize_t)last + 1 : 0;
}

/* ------------------------------------------------------------------------------------------- many units, a bit each */

/* So many words hold a bit for each of the units below `end`. */
static inline Py_ssize_t words_of_bits(int64_t end) { return (Py_ssize_t)(end / 64 + 1); }

/* The place of the lowest bit that is set: there is one. */
static inline int lowest_bit(uint64_t bits)
{
#ifdef __GNUC__
    return __builtin_ctzll(bits);
#else
    int place = 0;
    while (!(bits >> place & 1))
        place++;
    return place;
#endif
}

/* -------------------------------------------------------------------------------------------------- what is checked */

static inline int check_table(const Py_buffer *table) { return length(table) == CODES ? 0 : outside(); }

static inline int check_count(Py_ssize_t count, Py_ssize_t wanted)
{
    if (count != wanted)
        PyErr_Format(PyExc_TypeError, "%zd arguments are needed, not %zd", wanted, count);
    return count == wanted;
}

#endif
