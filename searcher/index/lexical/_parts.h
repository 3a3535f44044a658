/*
 * What scores, as C sees it: parts, each the postings of what stands for one word, and what some units have of them.
 */

#ifndef SEARCHER_PARTS_H
#define SEARCHER_PARTS_H

#include "_postings.h"

/* One thing that scores: the postings of a term, or those of several terms as one. */
typedef struct {
    size_t size; /* Of this: a part that a file of another build has made is not one of ours. */
    float factor;
    int is_merged; /* Of several terms: the best in an article may be another than in its only chunk. */
    Piece *pieces; /* At most one for a segment, bases rising. */
    Py_ssize_t count;
} ScoredPart;

/* A part is opened once, when a term is first asked for, and kept in a capsule of this name: to open its arrays for every
 * question takes as long as to look up a few articles in them. */
#define PART "searcher.index.lexical.part"

static inline void close_pieces(ScoredPart *part)
{
    for (Py_ssize_t i = 0; i < part->count; i++)
        close_piece(&part->pieces[i]);
    PyMem_Free(part->pieces);
}

static inline void close_part(ScoredPart *part)
{
    close_pieces(part);
    PyMem_Free(part);
}

static inline int open_part(ScoredPart *part, double factor, PyObject *pieces)
{
    part->size = sizeof *part;
    part->factor = (float)factor;
    Py_ssize_t wanted = PyList_GET_SIZE(pieces);
    part->pieces = PyMem_Calloc(wanted + 1, sizeof(Piece));
    if (!part->pieces) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < wanted && i < PyList_GET_SIZE(pieces); i++) {
        PyObject *base, *units, *codes, *piece = PyList_GET_ITEM(pieces, i);
        if (!check_tuple(piece) || !PyArg_ParseTuple(piece, "OOO", &base, &units, &codes))
            return -1;
        if (open_piece(&part->pieces[i], base, units, codes) < 0)
            return -1;
        part->count++;
    }
    return 0;
}

/* Give the parts of a list, which lives on meanwhile, to walk over: one block, to be freed. A part may stand there twice,
 * so that each has pieces of its own, though not arrays. */
static inline ScoredPart *list_parts(PyObject *from, Py_ssize_t *count)
{
    Py_ssize_t pieces = 0;
    *count = PyList_GET_SIZE(from);
    for (Py_ssize_t p = 0; p < *count; p++) {
        PyObject *capsule = PyList_GET_ITEM(from, p);
        if (!PyCapsule_IsValid(capsule, PART) || *(const size_t *)PyCapsule_GetPointer(capsule, PART) != sizeof(ScoredPart)) {
            PyErr_SetString(PyExc_TypeError, "what scores is a list of parts, as part() gives them");
            return NULL;
        }
        pieces += ((const ScoredPart *)PyCapsule_GetPointer(capsule, PART))->count;
    }
    ScoredPart *parts = PyMem_Malloc(*count * sizeof(ScoredPart) + pieces * sizeof(Piece) + 1);
    if (!parts) {
        PyErr_NoMemory();
        return NULL;
    }
    Piece *next = (Piece *)(parts + *count);
    for (Py_ssize_t p = 0; p < *count; p++) {
        parts[p] = *(const ScoredPart *)PyCapsule_GetPointer(PyList_GET_ITEM(from, p), PART);
        memcpy(next, parts[p].pieces, parts[p].count * sizeof(Piece));
        parts[p].pieces = next;
        next += parts[p].count;
    }
    return parts;
}

/* What units of a part are looked up for: rising, and a sum for each. `held`: unless NULL, for each the code of the part
 * and 1, or 0. `room`: for `spread`, as long as it was needed. */
typedef struct {
    const int32_t *wanted;
    float *sums;
    uint32_t *held;
    const float *scores;
    uint32_t *room;
    Py_ssize_t count, size;
} Wanted;

/* Room for `span` zeros. */
static inline int make_room(Wanted *to, Py_ssize_t span)
{
    if (span > to->size) {
        PyMem_Free(to->room);
        to->size = 0;
        to->room = PyMem_Malloc(span * sizeof *to->room);
        if (!to->room) {
            PyErr_NoMemory();
            return -1;
        }
        to->size = span;
    }
    memset(to->room, 0, span * sizeof *to->room);
    return 0;
}

/*
 * Add what the postings of a piece score to the wanted units [place, end), which lie in its segment.
 *
 * As long as the wanted units are those of the piece, both are walked side by side: all the way where one word restricts
 * and scores. Else few meet many by leaps: each goes to meet the other, whichever is behind. Leaps among as many would be
 * guessed wrong by the processor, one after the other: then it is spread over the segment which posting each unit has,
 * from 1 on.
 */
static inline int add_piece(Wanted *to, const Piece *piece, float factor, Py_ssize_t place, Py_ssize_t end)
{
    const uint16_t *codes = piece->codes.buf;
    int64_t base = piece->base;
#define ADD_WANTED(T)                                                                                                  \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        Py_ssize_t at = 0;                                                                                             \
        for (; at < piece->count && place < end && (int64_t)units[at] + base == to->wanted[place]; at++, place++) {    \
            float score = to->scores[codes[at]] * factor;                                                              \
            to->sums[place] += score;                                                                                  \
            if (to->held)                                                                                              \
                to->held[place] = codes[at] + 1u;                                                                      \
        }                                                                                                              \
        Py_ssize_t span = span_of(piece->count ? units[piece->count - 1] : 0, piece->count, end - place);              \
        if (span) {                                                                                                    \
            if (make_room(to, span) < 0)                                                                               \
                return -1;                                                                                             \
            for (Py_ssize_t i = 0; i < piece->count; i++)                                                              \
                if (units[i] < (uint64_t)span)                                                                         \
                    to->room[units[i]] = (uint32_t)(i + 1);                                                            \
            for (; place < end; place++) {                                                                             \
                uint64_t unit = (uint64_t)(to->wanted[place] - base);                                                  \
                uint32_t posting = unit < (uint64_t)span ? to->room[unit] : 0;                                         \
                float score = posting ? to->scores[codes[posting - 1]] * factor : 0;                                   \
                to->sums[place] += score;                                                                              \
                if (to->held)                                                                                          \
                    to->held[place] = posting ? codes[posting - 1] + 1u : 0;                                           \
            }                                                                                                          \
        }                                                                                                              \
        while (place < end) {                                                                                          \
            at = seek_##T(units, piece->count, at, to->wanted[place] - base);                                          \
            if (at >= piece->count)                                                                                    \
                break;                                                                                                 \
            if ((int64_t)units[at] + base == to->wanted[place]) {                                                      \
                float score = to->scores[codes[at]] * factor;                                                          \
                to->sums[place] += score;                                                                              \
                if (to->held)                                                                                          \
                    to->held[place] = codes[at] + 1u;                                                                  \
                place++, at++;                                                                                         \
            } else {                                                                                                   \
                place = seek_int32_t(to->wanted, end, place + 1, (int64_t)units[at] + base);                           \
            }                                                                                                          \
        }                                                                                                              \
    }
    WITH_TYPE(&piece->units, ADD_WANTED)
    return 0;
}

/* Add to `sums`, one for each of the wanted units, what each has of the parts, in their order. `held`: NULL, or for each
 * part and unit 0, which becomes the code and 1 where the unit has the part. */
static inline int look_up(const ScoredPart *parts, Py_ssize_t parts_count, const int32_t *wanted, Py_ssize_t count,
                          const float *table, float *sums, uint32_t *held)
{
    Wanted to = {.wanted = wanted, .sums = sums, .count = count, .scores = table};
    int done = 0;
    for (Py_ssize_t p = 0; p < parts_count && done == 0; p++) {
        const ScoredPart *part = &parts[p];
        to.held = held ? held + p * count : NULL;
        Py_ssize_t place = 0;
        for (Py_ssize_t n = 0; n < part->count && done == 0; n++) {
            place = seek_int32_t(wanted, count, place, part->pieces[n].base);
            Py_ssize_t end =
                n + 1 < part->count ? seek_int32_t(wanted, count, place, part->pieces[n + 1].base) : count;
            done = add_piece(&to, &part->pieces[n], part->factor, place, end);
        }
    }
    PyMem_Free(to.room);
    return done;
}

#endif
