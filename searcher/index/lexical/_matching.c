/*
 * Which articles meet a restriction, compiled: sets that meet, and words that stand together. `plain_loops.py` says what
 * each gives, and gives the same.
 */

#include "_postings.h"

/* ------------------------------------------------------------------------------------------------------------ sets */

/* The units of a segment that are in a set: base + units[i], rising. */
typedef struct {
    Py_buffer units;
    int64_t base;
    Py_ssize_t count;
} Held;

/* A set: what it holds of each segment, bases rising. */
typedef struct {
    Held *held;
    Py_ssize_t count, size;
    int lent; /* By one that was opened before. */
} Set;

/* A set of a term is opened once and kept in a capsule of this name: to open its arrays for every question takes as long
 * as to let it meet another. */
#define SET "searcher.index.lexical.set"

static void close_set(Set *set)
{
    for (Py_ssize_t n = 0; n < set->count; n++)
        PyBuffer_Release(&set->held[n].units);
    PyMem_Free(set->held);
}

static void close_sets(Set *sets, Py_ssize_t count)
{
    for (Py_ssize_t s = 0; s < count; s++)
        if (!sets[s].lent)
            close_set(&sets[s]);
    PyMem_Free(sets);
}

static int open_held(Held *held, PyObject *base, PyObject *units)
{
    if (read_number(base, &held->base) < 0 || open_array(units, &held->units, UNITS, 0, 0) < 0)
        return -1;
    held->count = length(&held->units);
    return 0;
}

static int open_set(Set *set, PyObject *from)
{
    if (!PyList_Check(from)) {
        PyErr_SetString(PyExc_TypeError, "a set is a list of what it holds of each segment");
        return -1;
    }
    Py_ssize_t wanted = PyList_GET_SIZE(from);
    set->held = PyMem_Malloc((wanted + 1) * sizeof(Held));
    if (!set->held) {
        PyErr_NoMemory();
        return -1;
    }
    for (; set->count < wanted && set->count < PyList_GET_SIZE(from); set->count++) {
        PyObject *one = PyList_GET_ITEM(from, set->count);
        Held *held = &set->held[set->count];
        if (!check_tuple(one) || !check_count(PyTuple_GET_SIZE(one), 2) ||
            open_held(held, PyTuple_GET_ITEM(one, 0), PyTuple_GET_ITEM(one, 1)) < 0)
            return -1;
        set->size += held->count;
    }
    return 0;
}

/* Open a set, or take what was opened before, which lives on meanwhile. */
static int take_set(Set *set, PyObject *from)
{
    if (!PyCapsule_IsValid(from, SET))
        return open_set(set, from);
    *set = *(const Set *)PyCapsule_GetPointer(from, SET);
    set->lent = 1;
    return 0;
}

/* Open a list of sets; the smallest come first. */
static Set *open_sets(PyObject *from, Py_ssize_t *count)
{
    Py_ssize_t wanted = PyList_GET_SIZE(from);
    Set *sets = PyMem_Calloc(wanted + 1, sizeof(Set));
    *count = 0;
    if (!sets) {
        PyErr_NoMemory();
        return NULL;
    }
    while (*count < wanted && *count < PyList_GET_SIZE(from)) {
        Py_ssize_t at = (*count)++; /* What is half open is closed, too. */
        if (take_set(&sets[at], PyList_GET_ITEM(from, at)) < 0) {
            close_sets(sets, *count);
            return NULL;
        }
        for (; at && sets[at].size < sets[at - 1].size; at--) {
            Set moved = sets[at];
            sets[at] = sets[at - 1];
            sets[at - 1] = moved;
        }
    }
    return sets;
}

static void free_set(PyObject *capsule) { close_sets(PyCapsule_GetPointer(capsule, SET), 1); }

/* opened(pieces) */
static PyObject *opened(PyObject *self, PyObject *pieces)
{
    Set *set = PyMem_Calloc(1, sizeof *set);
    if (!set)
        return PyErr_NoMemory();
    PyObject *capsule = open_set(set, pieces) < 0 ? NULL : PyCapsule_New(set, SET, free_set);
    if (!capsule)
        close_sets(set, 1);
    return capsule;
}

static PyObject *as_bytes(const int32_t *rows, Py_ssize_t count)
{
    return PyBytes_FromStringAndSize((const char *)rows, count * (Py_ssize_t)sizeof *rows);
}

/* Rows that rise, of which some are kept, and bytes for the units of a segment. */
typedef struct {
    int32_t *rows;
    Py_ssize_t count, size;
    char *room;
} Rows;

/* Put in rows what is in the set. They have room for it. */
static int take_all(Rows *to, const Set *set)
{
    for (Py_ssize_t n = 0; n < set->count; n++) {
        const Held *held = &set->held[n];
        int64_t most = 0;
#define TAKE_ALL(T)                                                                                                    \
    {                                                                                                                  \
        const T *units = held->units.buf;                                                                              \
        for (Py_ssize_t i = 0; i < held->count; i++) {                                                                 \
            int64_t unit = (int64_t)units[i] + held->base;                                                             \
            most |= unit;                                                                                              \
            to->rows[to->count++] = (int32_t)unit;                                                                     \
        }                                                                                                              \
    }
        WITH_TYPE(&held->units, TAKE_ALL)
        if (most > INT32_MAX)
            return outside();
    }
    return 0;
}

/* A byte for each of the units below `span`: 1 where the set holds it. */
static int spread(Rows *to, const Held *held, Py_ssize_t span)
{
    if (span > to->size) {
        PyMem_Free(to->room);
        to->size = 0;
        to->room = PyMem_Malloc(span);
        if (!to->room) {
            PyErr_NoMemory();
            return -1;
        }
        to->size = span;
    }
    memset(to->room, 0, span);
#define SPREAD(T)                                                                                                      \
    {                                                                                                                  \
        const T *units = held->units.buf;                                                                              \
        for (Py_ssize_t i = 0; i < held->count; i++)                                                                   \
            if (units[i] < (uint64_t)span)                                                                             \
                to->room[units[i]] = 1;                                                                                \
    }
    WITH_TYPE(&held->units, SPREAD)
    return 0;
}

/* A row is compared with so many units at once. */
#define UNITS_AT_ONCE 32

/* Units that are more than so many times what is looked up among them are leapt over; fewer are compared in blocks. */
#define FAR 128

/* Units that are fewer than so many times the rows are spread over their segment. */
#define SPREAD_AMONG 4

/* Whether rising units hold this one: at least a block of them, all below `at` less than it. */
#define DEFINE_HOLDS(NAME, T)                                                                                          \
    static inline int NAME(const T *units, Py_ssize_t count, Py_ssize_t *at, int64_t wanted)                           \
    {                                                                                                                  \
        Py_ssize_t place = *at;                                                                                        \
        while (place < count - UNITS_AT_ONCE && (int64_t)units[place + UNITS_AT_ONCE - 1] < wanted)                    \
            place += UNITS_AT_ONCE;                                                                                    \
        *at = place;                                                                                                   \
        const T *block = units + (place < count - UNITS_AT_ONCE ? place : count - UNITS_AT_ONCE);                      \
        T unit = (T)wanted, found = 0;                                                                                 \
        for (int i = 0; i < UNITS_AT_ONCE; i++)                                                                        \
            found |= (T) - (block[i] == unit);                                                                         \
        return found & ((int64_t)unit == wanted);                                                                      \
    }

DEFINE_HOLDS(holds_uint8_t, uint8_t)
DEFINE_HOLDS(holds_uint16_t, uint16_t)
DEFINE_HOLDS(holds_uint32_t, uint32_t)

/*
 * Of the rows [place, end), which lie in one segment, keep those that the set holds there, or with `inside` 0 the others,
 * from `count` on. Leaps are guessed wrong by the processor, one after the other: only few rows are looked up by them.
 * Others are compared with a block of what is held, or, where there are about as many, that is spread over the segment.
 */
static int keep_of_segment(Rows *of, const Held *held, int inside, Py_ssize_t place, Py_ssize_t end)
{
    int32_t *rows = of->rows;
    Py_ssize_t kept = of->count, at = 0;
#define KEEP(T)                                                                                                        \
    {                                                                                                                  \
        const T *units = held->units.buf;                                                                              \
        uint32_t last = held->count ? units[held->count - 1] : 0;                                                      \
        Py_ssize_t wanted = end - place, span = span_of(last, held->count, wanted);                                    \
        if (span && held->count / SPREAD_AMONG < wanted) {                                                             \
            if (spread(of, held, span) < 0)                                                                            \
                return -1;                                                                                             \
            for (; place < end; place++) {                                                                             \
                uint64_t unit = (uint64_t)(rows[place] - held->base);                                                  \
                int found = unit < (uint64_t)span ? of->room[unit] : 0;                                                \
                rows[kept] = rows[place];                                                                              \
                kept += found == inside;                                                                               \
            }                                                                                                          \
        } else if (held->count >= UNITS_AT_ONCE && held->count / FAR < wanted) {                                       \
            for (; place < end; place++) {                                                                             \
                int found = holds_##T(units, held->count, &at, rows[place] - held->base);                              \
                rows[kept] = rows[place];                                                                              \
                kept += found == inside;                                                                               \
            }                                                                                                          \
        }                                                                                                              \
        for (; place < end; place++) {                                                                                 \
            at = seek_##T(units, held->count, at, rows[place] - held->base);                                           \
            if (at >= held->count && inside)                                                                           \
                break;                                                                                                 \
            int found = at < held->count && (int64_t)units[at] + held->base == rows[place];                            \
            rows[kept] = rows[place];                                                                                  \
            kept += found == inside;                                                                                   \
        }                                                                                                              \
    }
    WITH_TYPE(&held->units, KEEP)
    of->count = kept;
    return 0;
}

/* Keep the rows that are in the set, or with `inside` 0 those that are not. */
static int keep(Rows *of, const Set *set, int inside)
{
    Py_ssize_t count = of->count, place = 0;
    of->count = 0;
    for (Py_ssize_t n = 0; n < set->count; n++) {
        Py_ssize_t end = seek_int32_t(of->rows, count, place, set->held[n].base);
        for (; !inside && place < end; place++)
            of->rows[of->count++] = of->rows[place];
        place = end;
        end = n + 1 < set->count ? seek_int32_t(of->rows, count, place, set->held[n + 1].base) : count;
        if (keep_of_segment(of, &set->held[n], inside, place, end) < 0)
            return -1;
        place = end;
    }
    for (; !inside && place < count; place++)
        of->rows[of->count++] = of->rows[place];
    return 0;
}

/* meet(inside, outside) */
static PyObject *meet(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_ssize_t inside_count = 0, outside_count = 0;
    Set *inside = NULL, *outer = NULL;
    Rows found = {.rows = NULL};
    int done = -1;
    if (count != 2 || !PyList_Check(args[0]) || !PyList_GET_SIZE(args[0]) || !PyList_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "meet takes a list of sets, at least one, and another");
        return NULL;
    }
    if (!(inside = open_sets(args[0], &inside_count)) || !(outer = open_sets(args[1], &outside_count)))
        goto close;
    if (!inside_count) { /* Emptied meanwhile. */
        outside();
        goto close;
    }
    found.rows = PyMem_Malloc((inside[0].size + 1) * sizeof *found.rows);
    if (!found.rows) {
        PyErr_NoMemory();
        goto close;
    }
    done = take_all(&found, &inside[0]);
    for (Py_ssize_t s = 1; s < inside_count && done == 0; s++)
        done = keep(&found, &inside[s], 1);
    for (Py_ssize_t s = 0; s < outside_count && done == 0; s++)
        done = keep(&found, &outer[s], 0);
close:;
    PyObject *result = done < 0 ? NULL : as_bytes(found.rows, found.count);
    PyMem_Free(found.rows);
    PyMem_Free(found.room);
    if (outer)
        close_sets(outer, outside_count);
    if (inside)
        close_sets(inside, inside_count);
    return result;
}

/* mark(mask, base, units) */
static PyObject *mark(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer mask;
    Held held;
    int done = 0;
    if (!check_count(count, 3) || open_array(args[0], &mask, "?", 1, 1) < 0)
        return NULL;
    if (open_held(&held, args[1], args[2]) < 0) {
        PyBuffer_Release(&mask);
        return NULL;
    }
    char *to = mask.buf;
    Py_ssize_t room = length(&mask);
#define MARK(T)                                                                                                        \
    {                                                                                                                  \
        const T *units = held.units.buf;                                                                               \
        for (Py_ssize_t i = 0; i < held.count; i++) {                                                                  \
            int64_t unit = (int64_t)units[i] + held.base;                                                              \
            if (unit >= room) {                                                                                        \
                done = outside();                                                                                      \
                break;                                                                                                 \
            }                                                                                                          \
            to[unit] = 1;                                                                                              \
        }                                                                                                              \
    }
    WITH_TYPE(&held.units, MARK)
    PyBuffer_Release(&held.units);
    PyBuffer_Release(&mask);
    if (done < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* One more than the greatest unit of a set, its number in the generation. */
static int64_t end_of(const Set *set)
{
    int64_t end = 0;
    for (Py_ssize_t n = 0; n < set->count; n++) {
        const Held *held = &set->held[n];
        uint32_t most = 0;
#define FIND_MOST(T)                                                                                                   \
    {                                                                                                                  \
        const T *units = held->units.buf;                                                                              \
        for (Py_ssize_t i = 0; i < held->count; i++)                                                                   \
            most = units[i] > most ? units[i] : most;                                                                  \
    }
        WITH_TYPE(&held->units, FIND_MOST)
        if (held->count && most + held->base >= end)
            end = most + held->base + 1;
    }
    return end;
}

/* unite(pieces) */
static PyObject *unite(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    Set set = {0};
    uint64_t *bits = NULL;
    int32_t *rows = NULL;
    PyObject *result = NULL;
    if (!check_count(count, 1) || open_set(&set, args[0]) < 0)
        goto close;
    int64_t end = end_of(&set);
    if (end > (int64_t)INT32_MAX + 1) {
        outside();
        goto close;
    }
    bits = PyMem_Calloc(words_of_bits(end), sizeof *bits);
    rows = PyMem_Malloc((set.size < end ? set.size : end) * sizeof *rows);
    if (!bits || !rows) {
        PyErr_NoMemory();
        goto close;
    }
    for (Py_ssize_t n = 0; n < set.count; n++) {
        const Held *held = &set.held[n];
#define UNITE(T)                                                                                                       \
    {                                                                                                                  \
        const T *units = held->units.buf;                                                                              \
        for (Py_ssize_t i = 0; i < held->count; i++) {                                                                 \
            uint64_t unit = (uint64_t)units[i] + (uint64_t)held->base;                                                 \
            bits[unit / 64] |= (uint64_t)1 << unit % 64;                                                               \
        }                                                                                                              \
    }
        WITH_TYPE(&held->units, UNITE)
    }
    Py_ssize_t found = 0;
    for (Py_ssize_t word = 0; word < words_of_bits(end); word++)
        for (uint64_t left = bits[word]; left; left &= left - 1)
            rows[found++] = (int32_t)(64 * word + lowest_bit(left));
    result = as_bytes(rows, found);
close:
    PyMem_Free(rows);
    PyMem_Free(bits);
    close_set(&set);
    return result;
}

/* --------------------------------------------------------------------------------------------------- words together */

/* A word of a phrase in one segment: where it stands, rising, and its place in the phrase. */
typedef struct {
    Py_buffer positions;
    int64_t place;
    Py_ssize_t at;
} PhraseWord;

/* A segment: where its articles begin, and, if only titles count, their bodies. And the articles found, of all segments. */
typedef struct {
    Py_buffer articles, bodies;
    int64_t base;
    Py_ssize_t article; /* How far the walk over them has come. */
    int32_t *rows;
    Py_ssize_t found, room;
} Segment;

static const uint32_t *positions_of(const PhraseWord *word) { return word->positions.buf; }

static Py_ssize_t count_of(const PhraseWord *word) { return length(&word->positions); }

/* Move on to the first place from this position on; say whether there is one. */
static int move_to(PhraseWord *word, int64_t position)
{
    word->at = seek_uint32_t(word->positions.buf, count_of(word), word->at, position);
    return word->at < count_of(word);
}

/* Add the article that words together at this position stand in, if it counts and is not the last that was added. */
static int add_article(Segment *segment, int64_t position)
{
    const uint32_t *bodies = segment->bodies.buf;
    Py_ssize_t count = length(&segment->articles);
    segment->article = seek_uint32_t(segment->articles.buf, count, segment->article, position + 1);
    if (!segment->article) /* Before the first article: damage. */
        return 0;
    int64_t row = segment->base + segment->article - 1;
    if (bodies && position >= bodies[segment->article - 1])
        return 0;
    if (segment->found && segment->rows[segment->found - 1] == row)
        return 0;
    if (row > INT32_MAX)
        return outside();
    if (segment->found == segment->room) {
        Py_ssize_t room = 2 * segment->room + 64;
        int32_t *more = PyMem_Realloc(segment->rows, room * sizeof *more);
        if (!more) {
            PyErr_NoMemory();
            return -1;
        }
        segment->rows = more;
        segment->room = room;
    }
    segment->rows[segment->found++] = (int32_t)row;
    return 0;
}

/* So many starts are compared with so many positions at once. */
#define STARTS 4
#define POSITIONS 32

/*
 * Put in `kept` those starts that have the word at its place. `starts`: where the rarest word stands, rising; `after`: the
 * word's place less the rarest's, modulo 2^32; with it they rise, too.
 *
 * Leaps would be guessed wrong by the processor, one after the other. So a few starts meet a block of positions, each
 * with each, without a branch: nearly always there is none, and whichever ends first is followed by the next.
 */
static Py_ssize_t keep_starts(const PhraseWord *word, const uint32_t *starts, Py_ssize_t count, uint32_t after,
                              uint32_t *kept)
{
    const uint32_t *positions = positions_of(word);
    Py_ssize_t place = 0, at = 0, found = 0, most = count_of(word);
    int alike = most / FAR < count;
    while (alike && place + STARTS <= count && at + POSITIONS <= most) {
        const uint32_t *block = positions + at;
        uint32_t wanted[STARTS], any = 0;
        for (int n = 0; n < STARTS; n++)
            wanted[n] = starts[place + n] + after;
        for (int i = 0; i < POSITIONS; i++)
            for (int n = 0; n < STARTS; n++)
                any |= -(uint32_t)(block[i] == wanted[n]);
        for (int n = 0; any && n < STARTS; n++) {
            uint32_t here = 0;
            for (int i = 0; i < POSITIONS; i++)
                here |= -(uint32_t)(block[i] == wanted[n]);
            kept[found] = starts[place + n];
            found += here & (found <= place + n); /* Not more than there are, whatever is damaged. */
        }
        int behind = block[POSITIONS - 1] < wanted[STARTS - 1];
        place += behind ? 0 : STARTS;
        at += behind ? POSITIONS : 0;
    }
    for (; place < count; place++) {
        uint32_t wanted = starts[place] + after;
        at = seek_uint32_t(positions, most, at, wanted);
        if (at >= most)
            break;
        kept[found] = starts[place];
        found += positions[at] == wanted && found <= place;
    }
    return found;
}

/* Add the articles in which every word stands at its place of a phrase. */
static int find_phrase(PhraseWord *words, Py_ssize_t count, Segment *segment, int64_t width)
{
    PhraseWord *rarest = words;
    for (Py_ssize_t n = 1; n < count; n++)
        if (count_of(&words[n]) < count_of(rarest))
            rarest = &words[n];
    /* Where the rarest stands, of which fewer and fewer are left: in one half of the room, then in the other. */
    const uint32_t *starts = positions_of(rarest);
    Py_ssize_t left = count_of(rarest), half = left + 1;
    uint32_t *room = PyMem_Malloc(2 * half * sizeof *room), *kept = room;
    if (!room) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t n = 0; n < count; n++) {
        int64_t after = words[n].place - rarest->place;
        if (&words[n] == rarest)
            continue;
        for (; left && starts[0] + after < 0; left--) /* No word stands there. */
            starts++;
        while (left && starts[left - 1] + after > UINT32_MAX)
            left--;
        left = keep_starts(&words[n], starts, left, (uint32_t)after, kept);
        starts = kept;
        kept = kept == room ? room + half : room;
    }
    int done = 0;
    for (Py_ssize_t i = 0; i < left && done == 0; i++)
        done = add_article(segment, starts[i] + words[0].place - rarest->place);
    PyMem_Free(room);
    return done;
}

/*
 * Add the articles in which all words stand within `width`, in any order. From where each word stands next, the first of
 * them is too far from the last, or they are near each other.
 */
static int find_near(PhraseWord *words, Py_ssize_t count, Segment *segment, int64_t width)
{
    for (Py_ssize_t n = 0; n < count; n++)
        if (!count_of(&words[n]))
            return 0;
    for (;;) {
        PhraseWord *first = words;
        int64_t last = 0;
        for (Py_ssize_t n = 0; n < count; n++) {
            if (positions_of(&words[n])[words[n].at] < positions_of(first)[first->at])
                first = &words[n];
            if (positions_of(&words[n])[words[n].at] > last)
                last = positions_of(&words[n])[words[n].at];
        }
        int64_t start = positions_of(first)[first->at];
        int near = last - start <= width;
        if (near && add_article(segment, start) < 0)
            return -1;
        first->at += near;
        if (!move_to(first, last - width))
            return 0;
    }
}

typedef int Finder(PhraseWord *words, Py_ssize_t count, Segment *segment, int64_t width);

static void close_segment(Segment *segment, PhraseWord *words, Py_ssize_t open)
{
    while (open--)
        PyBuffer_Release(&words[open].positions);
    if (segment->bodies.obj)
        PyBuffer_Release(&segment->bodies);
    if (segment->articles.obj)
        PyBuffer_Release(&segment->articles);
    segment->articles = segment->bodies = (Py_buffer){.buf = NULL, .obj = NULL};
}

/* Find in one segment, if all words stand in it. `from`: base, article positions, body positions or None. */
static int find_in_segment(Finder *find, PyObject *from, Py_ssize_t number, PyObject *of_words, PhraseWord *words,
                           int64_t width, Segment *segment)
{
    Py_ssize_t count = PyTuple_GET_SIZE(of_words), open = 0;
    int done = -1;
    if (!check_tuple(from) || !check_count(PyTuple_GET_SIZE(from), 3) ||
        read_number(PyTuple_GET_ITEM(from, 0), &segment->base) < 0)
        return -1;
    for (; open < count; open++) {
        PyObject *positions = PyTuple_GET_ITEM(PyTuple_GET_ITEM(of_words, open), 0);
        words[open].at = 0;
        if (!PyList_Check(positions) || number >= PyList_GET_SIZE(positions)) {
            outside();
            goto close;
        }
        if (open_array(PyList_GET_ITEM(positions, number), &words[open].positions, "IL", 4, 0) < 0)
            goto close;
        if (!count_of(&words[open])) {
            open++;
            done = 0;
            goto close;
        }
    }
    PyObject *bodies = PyTuple_GET_ITEM(from, 2);
    if (open_array(PyTuple_GET_ITEM(from, 1), &segment->articles, "IL", 4, 0) < 0 ||
        (bodies != Py_None && open_array(bodies, &segment->bodies, "IL", 4, 0) < 0))
        goto close;
    if (segment->bodies.obj && length(&segment->bodies) != length(&segment->articles)) {
        outside();
        goto close;
    }
    segment->article = 0;
    done = find(words, count, segment, width);
close:
    close_segment(segment, words, open);
    return done;
}

/* Find in all segments. `of_words`: for each word a list of its positions in each segment, and its place. */
static PyObject *find_together(Finder *find, PyObject *of_words, PyObject *segments, int64_t width)
{
    Segment segment = {.rows = NULL};
    PyObject *result = NULL;
    int done = 0;
    if (!PyTuple_Check(of_words) || !PyTuple_GET_SIZE(of_words) || !PyList_Check(segments)) {
        PyErr_SetString(PyExc_TypeError, "a tuple of words is needed, at least one, and a list of segments");
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(of_words), n = 0;
    PhraseWord *words = PyMem_Calloc(count, sizeof(PhraseWord));
    if (!words)
        return PyErr_NoMemory();
    for (; n < count; n++) {
        PyObject *word = PyTuple_GET_ITEM(of_words, n);
        if (!check_tuple(word) || !check_count(PyTuple_GET_SIZE(word), 2) ||
            read_number(PyTuple_GET_ITEM(word, 1), &words[n].place) < 0)
            goto free_words;
    }
    for (n = 0; n < PyList_GET_SIZE(segments) && done == 0; n++)
        done = find_in_segment(find, PyList_GET_ITEM(segments, n), n, of_words, words, width, &segment);
    if (done == 0)
        result = as_bytes(segment.rows, segment.found);
free_words:
    PyMem_Free(segment.rows);
    PyMem_Free(words);
    return result;
}

/* phrase_articles(words, segments) */
static PyObject *phrase_articles(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    return check_count(count, 2) ? find_together(find_phrase, args[0], args[1], 0) : NULL;
}

/* near_articles(words, segments, width) */
static PyObject *near_articles(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    int64_t width;
    if (!check_count(count, 3) || read_number(args[2], &width) < 0)
        return NULL;
    return find_together(find_near, args[0], args[1], width);
}

static PyMethodDef methods[] = {
    {"meet", (PyCFunction)(void (*)(void))meet, METH_FASTCALL, NULL},
    {"opened", opened, METH_O, NULL},
    {"mark", (PyCFunction)(void (*)(void))mark, METH_FASTCALL, NULL},
    {"unite", (PyCFunction)(void (*)(void))unite, METH_FASTCALL, NULL},
    {"phrase_articles", (PyCFunction)(void (*)(void))phrase_articles, METH_FASTCALL, NULL},
    {"near_articles", (PyCFunction)(void (*)(void))near_articles, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_matching", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__matching(void) { return PyModuleDef_Init(&module); }
