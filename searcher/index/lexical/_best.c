/*
 * Which articles are the best, compiled: `best_articles` of `plain_loops.py`, to the last bit. Sums are added up in the
 * same order, in float32.
 */

#include "_parts.h"
#include <math.h>

#define ROUNDING 1e-5f /* As in plain_loops.py. */
#define BLOCK 16 /* Articles looked at at once. */
#define MOST_HELD 65536 /* For so many what they hold is kept; beyond that, room costs more than it saves. */
#define POSTINGS_A_LOOK_UP 100 /* So many are gone through while one article is looked up in a list, and others tried. */

/* From here on a failure is a number, and becomes an exception where nothing is half done any more: making one may run
 * other Python code, which may come back here. */
enum { DONE = 0, OUTSIDE = -1, NO_MEMORY = -2 };

/* All that articles are scored by. */
typedef struct {
    const int32_t *rows; /* NULL: article i stands at place i. */
    const float *sums, *excess, *excess_of_blocks, *norm_ratio, *bonus, *table, *article_table;
    const uint32_t *held; /* NULL, or of each part for each place the code that it holds and 1, or 0. */
    int any_merged;       /* Whether what is held may be another term's code than the only chunk's. */
    const int64_t *first_chunk, *seq;
    Py_ssize_t places, articles, chunks;
    float weight, steepest, slack;
    ScoredPart *parts, *of_articles; /* What is asked for, among chunks and among articles. */
    Py_ssize_t parts_count;
    int all_summed;    /* Whether `every_sum` holds the sums of all chunks. */
    float *chunk_sums; /* Else room for the chunks of one article. */
    Py_ssize_t room;
} Scoring;

typedef struct {
    float score;
    int64_t seq, article, chunk;
} Found;

static float share_of(const Scoring *scoring, Py_ssize_t article, float sum)
{
    float share = sum * scoring->weight;
    if (scoring->bonus && sum > 0)
        share += scoring->bonus[article];
    return share;
}

/* Sums of all chunks, zeros between two calls: room that is kept, because to be given 800 kB anew takes longer than most
 * questions. It is as long as columns that the table has in memory. Nobody comes between: the interpreter's lock is held,
 * and no Python code runs until the sums are zeros again. */
static float *every_sum;
static Py_ssize_t every_room;

static int make_every_room(Py_ssize_t chunks)
{
    if (chunks <= every_room)
        return DONE;
    float *more = PyMem_RawRealloc(every_sum, chunks * sizeof(float));
    if (!more)
        return NO_MEMORY;
    memset(more + every_room, 0, (chunks - every_room) * sizeof(float));
    every_sum = more;
    every_room = chunks;
    return DONE;
}

/* Add to `every_sum` what the parts give to each chunk, in their order. */
static int sum_all(const Scoring *scoring)
{
    int done = DONE;
    for (Py_ssize_t p = 0; p < scoring->parts_count; p++) {
        float factor = scoring->parts[p].factor;
        for (Py_ssize_t n = 0; n < scoring->parts[p].count; n++) {
            const Piece *piece = &scoring->parts[p].pieces[n];
            const uint16_t *codes = piece->codes.buf;
#define SUM(T)                                                                                                         \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        for (Py_ssize_t i = 0; i < piece->count; i++) {                                                                \
            int64_t chunk = (int64_t)units[i] + piece->base;                                                           \
            if (chunk >= scoring->chunks) {                                                                            \
                done = OUTSIDE;                                                                                        \
                break;                                                                                                 \
            }                                                                                                          \
            float score = scoring->table[codes[i]] * factor;                                                           \
            every_sum[chunk] += score;                                                                                 \
        }                                                                                                              \
    }
            WITH_TYPE(&piece->units, SUM)
        }
    }
    return done;
}

/* Make zeros of what `sum_all` added. */
static void clear_all(const Scoring *scoring)
{
    for (Py_ssize_t p = 0; p < scoring->parts_count; p++)
        for (Py_ssize_t n = 0; n < scoring->parts[p].count; n++) {
            const Piece *piece = &scoring->parts[p].pieces[n];
#define CLEAR(T)                                                                                                       \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        for (Py_ssize_t i = 0; i < piece->count; i++)                                                                  \
            if ((int64_t)units[i] + piece->base < scoring->chunks)                                                     \
                every_sum[(int64_t)units[i] + piece->base] = 0;                                                        \
    }
            WITH_TYPE(&piece->units, CLEAR)
        }
}

/* Add up what one part gives to the chunks [first, last). */
static int add_part(Scoring *scoring, ScoredPart *part, int64_t first, int64_t last)
{
    float *to = scoring->chunk_sums;
    Py_ssize_t number = part->count - 1;
    while (number >= 0 && part->pieces[number].base > first)
        number--;
    if (number < 0)
        return DONE;
    Piece *piece = &part->pieces[number];
    const uint16_t *codes = piece->codes.buf;
    int64_t base = piece->base;
#define ADD_CHUNKS(T)                                                                                                  \
    {                                                                                                                  \
        const T *units = piece->units.buf;                                                                             \
        Py_ssize_t at = seek_##T(units, piece->count, piece->at, first - base);                                        \
        for (; at < piece->count && (int64_t)units[at] + base < last; at++) {                                          \
            if ((int64_t)units[at] + base < first)                                                                     \
                return OUTSIDE;                                                                                        \
            float score = scoring->table[codes[at]] * part->factor;                                                    \
            to[(int64_t)units[at] + base - first] += score;                                                            \
        }                                                                                                              \
        piece->at = at;                                                                                                \
    }
    WITH_TYPE(&piece->units, ADD_CHUNKS)
    return DONE;
}

/* Point `sums` at those of the chunks [first, last). */
static int sum_chunks(Scoring *scoring, int64_t first, int64_t last, const float **sums)
{
    if (first < 0 || last < first || last > scoring->chunks)
        return OUTSIDE;
    *sums = scoring->all_summed ? every_sum + first : scoring->chunk_sums;
    if (scoring->all_summed || last == first)
        return DONE;
    Py_ssize_t count = (Py_ssize_t)(last - first);
    if (count > scoring->room) {
        float *more = PyMem_Realloc(scoring->chunk_sums, count * sizeof(float));
        if (!more)
            return NO_MEMORY;
        *sums = scoring->chunk_sums = more;
        scoring->room = count;
    }
    memset(scoring->chunk_sums, 0, count * sizeof(float));
    int done = DONE;
    for (Py_ssize_t p = 0; p < scoring->parts_count && done == DONE; p++)
        done = add_part(scoring, &scoring->parts[p], first, last);
    return done;
}

static int is_worse(const Found *one, const Found *other)
{
    return one->score < other->score || (one->score == other->score && one->seq > other->seq);
}

/* The best so far, the worst of them first: a heap of at most `depth`. */
typedef struct {
    Found *found;
    Py_ssize_t count, depth;
} Best;

static void sink(Found *found, Py_ssize_t count, Py_ssize_t at)
{
    for (Py_ssize_t below = 2 * at + 1; below < count; at = below, below = 2 * at + 1) {
        if (below + 1 < count && is_worse(&found[below + 1], &found[below]))
            below++;
        if (!is_worse(&found[below], &found[at]))
            return;
        Found moved = found[at];
        found[at] = found[below];
        found[below] = moved;
    }
}

static void take(Best *best, const Found *found)
{
    if (best->count == best->depth) {
        if (is_worse(&best->found[0], found)) {
            best->found[0] = *found;
            sink(best->found, best->count, 0);
        }
        return;
    }
    Py_ssize_t at = best->count++;
    for (; at && is_worse(found, &best->found[(at - 1) / 2]); at = (at - 1) / 2)
        best->found[at] = best->found[(at - 1) / 2];
    best->found[at] = *found;
}

/* What the only chunk of the article at this place has: the article's codes are its own. */
static float sum_of_only_chunk(const Scoring *scoring, Py_ssize_t place)
{
    float sum = 0;
    for (Py_ssize_t p = 0; p < scoring->parts_count; p++) {
        uint32_t held = scoring->held[p * scoring->places + place];
        float score = held ? scoring->table[held - 1] * scoring->parts[p].factor : 0;
        sum += score;
    }
    return sum;
}

/* Score the article at this place: its share and its best chunk, the first of equals; and take it if it is good enough. */
static int score_article(Scoring *scoring, Py_ssize_t place, Best *best)
{
    int64_t article = scoring->rows ? scoring->rows[place] : place;
    int64_t first = scoring->first_chunk[article], last = scoring->first_chunk[article + 1], chunk = first;
    float most = 0;
    if (scoring->held && !scoring->any_merged && first >= 0 && first < scoring->chunks && last == first + 1) {
        most = sum_of_only_chunk(scoring, place);
    } else {
        const float *sums;
        int done = sum_chunks(scoring, first, last, &sums);
        if (done != DONE)
            return done;
        for (int64_t i = 0; i < last - first; i++)
            if (sums[i] > most) {
                most = sums[i];
                chunk = first + i;
            }
    }
    float score = share_of(scoring, (Py_ssize_t)article, scoring->sums[place]) + most;
    if (best->count < best->depth || score >= best->found[0].score)
        take(best, &(Found){score, scoring->seq[article], article, chunk});
    return DONE;
}

/* The least sum that `depth` of them reach, 0 if not so many are above 0. `heap`: room for `depth`. */
static float least_of_highest(const float *sums, Py_ssize_t count, Py_ssize_t depth, float *heap)
{
    Py_ssize_t held = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        float sum = sums[i];
        if (held < depth) {
            if (sum <= 0)
                continue;
            Py_ssize_t at = held++;
            for (; at && sum < heap[(at - 1) / 2]; at = (at - 1) / 2)
                heap[at] = heap[(at - 1) / 2];
            heap[at] = sum;
        } else if (sum > heap[0]) {
            Py_ssize_t at = 0;
            for (Py_ssize_t below = 1; below < depth; at = below, below = 2 * at + 1) {
                if (below + 1 < depth && heap[below + 1] < heap[below])
                    below++;
                if (heap[below] >= sum)
                    break;
                heap[at] = heap[below];
            }
            heap[at] = sum;
        }
    }
    return held < depth ? 0 : heap[0];
}

/* Walks over rising chunks remember how far they have come. */
static void start_again(Scoring *scoring)
{
    for (Py_ssize_t p = 0; p < scoring->parts_count; p++)
        for (Py_ssize_t i = 0; i < scoring->parts[p].count; i++)
            scoring->parts[p].pieces[i].at = 0;
}

/* The greatest of some sums. As whole numbers: those of floats from 0 on are in the same order, and many are compared at
 * once. */
static inline float greatest_of(const float *sums, Py_ssize_t count)
{
    int32_t most = 0, bits;
    float greatest;
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(&bits, &sums[i], sizeof bits);
        most = bits > most ? bits : most;
    }
    memcpy(&greatest, &most, sizeof most);
    return greatest;
}

/* How many of `places` are in a block: the same for all but the last, which the compiler makes use of. */
static inline Py_ssize_t size_of(Py_ssize_t block, Py_ssize_t places)
{
    Py_ssize_t left = places - block * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

/*
 * Choose what chunks are bounded by: none has more than `excess * steepest` times its article's sum, and `slack`.
 *
 * What a part scores before its factor is at most `excess` times its article's, and at most 1. So for any `steepest`,
 * parts that weigh more in chunks than so many times what they weigh in articles add no more than the difference: a
 * frequent word, which weighs little in either, does not loosen the bound of a rare one. Taken is what is least for an
 * article with this sum.
 */
static void choose_bound(Scoring *scoring, float sum)
{
    scoring->steepest = 1;
    scoring->slack = INFINITY;
    for (Py_ssize_t chosen = 0; chosen < scoring->parts_count; chosen++) {
        float steepest = scoring->parts[chosen].factor / scoring->of_articles[chosen].factor, slack = 0;
        for (Py_ssize_t p = 0; p < scoring->parts_count; p++) {
            float more = scoring->parts[p].factor - steepest * scoring->of_articles[p].factor;
            slack += more > 0 ? more : 0;
        }
        if (steepest * sum + slack < scoring->steepest * sum + scoring->slack) {
            scoring->steepest = steepest;
            scoring->slack = slack;
        }
    }
    scoring->steepest *= 1 + ROUNDING;
    scoring->slack *= 1 + ROUNDING;
}

/* The most that an article can have, of its sum and its share. */
static float most_of(const Scoring *scoring, Py_ssize_t article, float sum)
{
    return scoring->excess[article] * scoring->steepest * sum + scoring->slack + share_of(scoring, article, sum);
}

/*
 * The same, of the codes that it holds: nearer, because what stands more often gains less by a shorter chunk.
 *
 * A part scores s = tf / (k1 + tf) before its factor, and in a chunk tf is at most `ratio` times as much: so s becomes
 * ratio * s / (1 + (ratio - 1) * s), at most.
 */
static float most_of_held(const Scoring *scoring, Py_ssize_t place)
{
    Py_ssize_t article = scoring->rows[place];
    float ratio = scoring->norm_ratio[article], most = 0;
    for (Py_ssize_t p = 0; p < scoring->parts_count; p++) {
        uint32_t held = scoring->held[p * scoring->places + place];
        float score = held ? scoring->article_table[held - 1] : 0;
        most += ratio * score / (1 + (ratio - 1) * score) * scoring->parts[p].factor;
    }
    return most * (1 + ROUNDING) + share_of(scoring, article, scoring->sums[place]);
}

/* Whether one of a block can have as much as this, before anybody looks which. Without a branch: many at once. */
static inline int can_reach(const Scoring *scoring, Py_ssize_t start, Py_ssize_t count, float least)
{
    const float *excess = scoring->excess + start, *sums = scoring->sums + start;
    float steepest = scoring->steepest, slack = scoring->slack, weight = scoring->weight;
    int found = 0;
    if (!scoring->bonus) {
        for (Py_ssize_t i = 0; i < count; i++)
            found |= !(excess[i] * steepest * sums[i] + slack + sums[i] * weight < least);
        return found;
    }
    const float *bonus = scoring->bonus + start;
    for (Py_ssize_t i = 0; i < count; i++)
        found |= !(excess[i] * steepest * sums[i] + slack + (sums[i] * weight + bonus[i]) < least);
    return found;
}

/* First those with the highest sums; then those that could have as much as the last of the best by now. */
static int sift(Scoring *scoring, Best *best, float *heap, float *greatest)
{
    const float *sums = scoring->sums;
    Py_ssize_t places = scoring->places, blocks = (places + BLOCK - 1) / BLOCK;
    int done;
    for (Py_ssize_t block = 0; block < blocks; block++) {
        Py_ssize_t size = size_of(block, places);
        const float *own = sums + block * BLOCK;
        greatest[block] = size == BLOCK ? greatest_of(own, BLOCK) : greatest_of(own, size);
    }
    /* Where blocks are many, the best lie in different ones, or nearly so. */
    float likely = blocks >= 16 * best->depth ? least_of_highest(greatest, blocks, best->depth, heap)
                                              : least_of_highest(sums, places, best->depth, heap);
    for (Py_ssize_t block = 0; block < blocks; block++) {
        if (greatest[block] == 0 || greatest[block] < likely)
            continue;
        Py_ssize_t start = block * BLOCK, end = start + size_of(block, places);
        for (Py_ssize_t place = start; place < end; place++) {
            if (sums[place] == 0 || sums[place] < likely)
                continue;
            if ((done = score_article(scoring, place, best)) != DONE)
                return done;
        }
    }
    if (likely == 0 || best->count < best->depth)
        return DONE;
    start_again(scoring);
    choose_bound(scoring, likely);
    float bonus = scoring->bonus ? greatest_of(scoring->bonus, scoring->articles) : 0;
    for (Py_ssize_t block = 0; block < blocks; block++) {
        Py_ssize_t start = block * BLOCK, size = size_of(block, places);
        float least = best->found[0].score * (1 - ROUNDING), most = greatest[block];
        if (most == 0)
            continue;
        if (!scoring->rows && scoring->excess_of_blocks[block] * scoring->steepest * most + scoring->slack +
                                      (most * scoring->weight + bonus) < least)
            continue;
        if (!scoring->rows && size == BLOCK && !can_reach(scoring, start, BLOCK, least))
            continue;
        for (Py_ssize_t place = start; place < start + size; place++) {
            if (sums[place] == 0 || !(sums[place] < likely))
                continue;
            if (most_of(scoring, scoring->rows ? scoring->rows[place] : place, sums[place]) < least)
                continue;
            if (scoring->held && most_of_held(scoring, place) < least)
                continue;
            if ((done = score_article(scoring, place, best)) != DONE)
                return done;
        }
    }
    return DONE;
}

/* Whether to go through all postings twice costs less than to look up each article's chunks, some of them for nothing. */
static int are_few(const Scoring *scoring, Py_ssize_t depth)
{
    Py_ssize_t postings = scoring->chunks / 8; /* The more room they are spread over, the longer each takes. */
    for (Py_ssize_t p = 0; p < scoring->parts_count; p++)
        for (Py_ssize_t n = 0; n < scoring->parts[p].count; n++)
            postings += scoring->parts[p].pieces[n].count;
    Py_ssize_t looked_up = depth < scoring->places ? depth : scoring->places;
    return postings <= POSTINGS_A_LOOK_UP * looked_up * scoring->parts_count;
}

static int find_best(Scoring *scoring, Best *best, float *heap, float *greatest)
{
    if (scoring->chunks < 0 || scoring->chunks > INT32_MAX)
        return OUTSIDE;
    if (!are_few(scoring, best->depth))
        return sift(scoring, best, heap, greatest);
    int done = make_every_room(scoring->chunks);
    if (done != DONE)
        return done;
    scoring->all_summed = 1;
    done = sum_all(scoring);
    if (done == DONE)
        done = sift(scoring, best, heap, greatest);
    clear_all(scoring);
    return done;
}

/* What articles are scored by, whatever is asked: opened once and kept in a capsule of this name. */
#define MEASURES "searcher.index.lexical.measures"

enum { FIRST_CHUNK, SEQ, EXCESS, EXCESS_OF_BLOCKS, NORM_RATIO, ARTICLE_TABLE, CHUNK_TABLE, MEASURED };

typedef struct {
    Py_buffer arrays[MEASURED];
    int opened;
} Measures;

static void close_measures(Measures *measures)
{
    while (measures->opened)
        PyBuffer_Release(&measures->arrays[--measures->opened]);
    PyMem_Free(measures);
}

static void free_measures(PyObject *capsule) { close_measures(PyCapsule_GetPointer(capsule, MEASURES)); }

static int check_measures(const Py_buffer *arrays)
{
    Py_ssize_t articles = length(&arrays[SEQ]);
    if (length(&arrays[FIRST_CHUNK]) != articles + 1 || length(&arrays[EXCESS]) != articles ||
        length(&arrays[EXCESS_OF_BLOCKS]) != (articles + BLOCK - 1) / BLOCK ||
        length(&arrays[NORM_RATIO]) != articles)
        return outside();
    return check_table(&arrays[ARTICLE_TABLE]) < 0 ? -1 : check_table(&arrays[CHUNK_TABLE]);
}

/* measures(first_chunk, seq, excess, excess_of_blocks, norm_ratio, article_table, chunk_table) */
static PyObject *measures(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    static const char *kinds[MEASURED] = {SIGNED, SIGNED, FLOAT, FLOAT, FLOAT, FLOAT, FLOAT};
    if (!check_count(count, MEASURED))
        return NULL;
    Measures *made = PyMem_Calloc(1, sizeof *made);
    if (!made)
        return PyErr_NoMemory();
    while (made->opened < MEASURED) {
        int n = made->opened;
        if (open_array(args[n], &made->arrays[n], kinds[n], n < EXCESS ? 8 : 4, 0) < 0)
            break;
        made->opened++;
    }
    PyObject *capsule = NULL;
    if (made->opened == MEASURED && check_measures(made->arrays) == 0)
        capsule = PyCapsule_New(made, MEASURES, free_measures);
    if (!capsule)
        close_measures(made);
    return capsule;
}

static int take_measures(Scoring *scoring, PyObject *capsule)
{
    if (!PyCapsule_IsValid(capsule, MEASURES)) {
        PyErr_SetString(PyExc_TypeError, "articles are scored by what measures() gives");
        return -1;
    }
    const Py_buffer *arrays = ((const Measures *)PyCapsule_GetPointer(capsule, MEASURES))->arrays;
    scoring->articles = length(&arrays[SEQ]);
    scoring->first_chunk = arrays[FIRST_CHUNK].buf;
    scoring->seq = arrays[SEQ].buf;
    scoring->excess = arrays[EXCESS].buf;
    scoring->excess_of_blocks = arrays[EXCESS_OF_BLOCKS].buf;
    scoring->norm_ratio = arrays[NORM_RATIO].buf;
    scoring->article_table = arrays[ARTICLE_TABLE].buf;
    scoring->table = arrays[CHUNK_TABLE].buf;
    scoring->chunks = (Py_ssize_t)scoring->first_chunk[scoring->articles];
    return 0;
}

/* What is opened for one question. */
enum { ROWS, SUMS, BONUS, ASKED };

static int check_asked(const Scoring *scoring, const Py_buffer *arrays)
{
    Py_ssize_t articles = scoring->articles;
    if (scoring->bonus && length(&arrays[BONUS]) != articles)
        return outside();
    if (!scoring->rows)
        return scoring->places == articles ? 0 : outside();
    if (scoring->sums && length(&arrays[SUMS]) != scoring->places)
        return outside();
    for (Py_ssize_t place = 0; place < scoring->places; place++)
        if (scoring->rows[place] < 0 || scoring->rows[place] >= articles)
            return outside();
    return 0;
}

/* Look up the sums of the rows, and, unless they are many, what they hold. Gives room that is to be freed: `sums` and
 * `held` are parts of it. */
static void *look_rows_up(Scoring *scoring)
{
    Py_ssize_t places = scoring->places, parts = scoring->parts_count;
    int are_many = parts > MOST_HELD || places * parts > MOST_HELD;
    for (Py_ssize_t p = 0; p < parts; p++)
        scoring->any_merged |= scoring->of_articles[p].is_merged;
    float *sums = PyMem_Calloc(places + (are_many ? 0 : places * parts) + 1, sizeof(float));
    if (!sums) {
        PyErr_NoMemory();
        return NULL;
    }
    uint32_t *held = are_many ? NULL : (uint32_t *)(sums + places);
    if (look_up(scoring->of_articles, parts, scoring->rows, places, scoring->article_table, sums, held) < 0) {
        PyMem_Free(sums);
        return NULL;
    }
    scoring->sums = sums;
    scoring->held = held;
    return sums;
}

/* Give (articles, chunks, scores), best first; nothing is left of the best. */
static PyObject *given(Best *best)
{
    Py_ssize_t count = best->count;
    PyObject *articles = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(int64_t));
    PyObject *chunks = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(int64_t));
    PyObject *scores = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(float));
    PyObject *result = articles && chunks && scores ? PyTuple_Pack(3, articles, chunks, scores) : NULL;
    while (result && best->count) { /* The worst first, from the end on. */
        Py_ssize_t last = --best->count;
        ((int64_t *)PyBytes_AS_STRING(articles))[last] = best->found[0].article;
        ((int64_t *)PyBytes_AS_STRING(chunks))[last] = best->found[0].chunk;
        ((float *)PyBytes_AS_STRING(scores))[last] = best->found[0].score;
        best->found[0] = best->found[last];
        sink(best->found, last, 0);
    }
    Py_XDECREF(articles);
    Py_XDECREF(chunks);
    Py_XDECREF(scores);
    return result;
}

/* best_articles(rows, sums, measures, bonus, weight, article_parts, chunk_parts, depth) */
static PyObject *best_articles(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    static const char *kinds[ASKED] = {SIGNED, FLOAT, FLOAT};
    if (!check_count(count, 8))
        return NULL;
    if (!PyList_Check(args[5]) || !PyList_Check(args[6])) {
        PyErr_SetString(PyExc_TypeError, "what scores is a list of parts");
        return NULL;
    }
    PyObject *from[ASKED] = {args[0], args[1], args[3]}, *result = NULL;
    Py_buffer arrays[ASKED] = {{.buf = NULL}};
    Scoring scoring = {.weight = (float)PyFloat_AsDouble(args[4])};
    Best best = {.depth = PyLong_AsSsize_t(args[7])};
    float *heap = NULL, *greatest = NULL;
    void *looked_up = NULL;
    Py_ssize_t of_articles_count = 0;
    if (PyErr_Occurred())
        return NULL;
    for (int n = 0; n < ASKED; n++)
        if (from[n] != Py_None && open_array(from[n], &arrays[n], kinds[n], 4, 0) < 0)
            goto close;
    scoring.rows = arrays[ROWS].buf;
    scoring.sums = arrays[SUMS].buf;
    scoring.bonus = arrays[BONUS].buf;
    if (take_measures(&scoring, args[2]) < 0)
        goto close;
    if (!scoring.rows && !scoring.sums) {
        outside();
        goto close;
    }
    scoring.places = length(&arrays[scoring.rows ? ROWS : SUMS]);
    if (check_asked(&scoring, arrays) < 0)
        goto close;
    if (best.depth > scoring.places)
        best.depth = scoring.places;
    if (best.depth <= 0) {
        result = given(&best);
        goto close;
    }
    scoring.parts = list_parts(args[6], &scoring.parts_count);
    if (!scoring.parts)
        goto close;
    scoring.of_articles = list_parts(args[5], &of_articles_count);
    if (!scoring.of_articles)
        goto close;
    if (of_articles_count != scoring.parts_count) {
        outside();
        goto close;
    }
    if (!scoring.sums && !(looked_up = look_rows_up(&scoring)))
        goto close;
    best.found = PyMem_Malloc(best.depth * sizeof(Found));
    heap = PyMem_Malloc(best.depth * sizeof(float));
    greatest = PyMem_Malloc((scoring.places / BLOCK + 1) * sizeof(float));
    if (!best.found || !heap || !greatest) {
        PyErr_NoMemory();
        goto close;
    }
    int done = find_best(&scoring, &best, heap, greatest);
    if (done == DONE)
        result = given(&best);
    else if (done == OUTSIDE)
        outside();
    else
        PyErr_NoMemory();
close:
    PyMem_Free(scoring.parts);
    PyMem_Free(scoring.of_articles);
    PyMem_Free(looked_up);
    PyMem_Free(scoring.chunk_sums);
    PyMem_Free(best.found);
    PyMem_Free(heap);
    PyMem_Free(greatest);
    for (int n = 0; n < ASKED; n++)
        if (arrays[n].obj)
            PyBuffer_Release(&arrays[n]);
    return result;
}

static PyMethodDef methods[] = {
    {"best_articles", (PyCFunction)(void (*)(void))best_articles, METH_FASTCALL, NULL},
    {"measures", (PyCFunction)(void (*)(void))measures, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_best", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__best(void) { return PyModuleDef_Init(&module); }
