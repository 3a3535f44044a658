/*
 * Where sentences end, compiled: as `sentences.py` says. It also says what characters are of which kind, and is asked
 * what a full stop means after anything but a plain word.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* The bits of `_kinds` and _LOOK in sentences.py. */
enum { NEWLINE = 1, LOOSE = 2, TIGHT = 4, CLOSER = 8, OPENER = 16, BEFORE_WORD = 32 };
enum { STOP = LOOSE | TIGHT, KINDS = 0x10000, LOOK = 24 };

typedef struct {
    PyObject *text;
    int kind;
    const void *data;
    Py_ssize_t length;
    const unsigned char *kinds;
} Text;

static Py_UCS4 char_at(const Text *text, Py_ssize_t at)
{
    return at < text->length ? PyUnicode_READ(text->kind, text->data, at) : 0;
}

static int is(const Text *text, Py_ssize_t at, int kinds)
{
    Py_UCS4 c = char_at(text, at);
    return at < text->length && c < KINDS && (text->kinds[c] & kinds);
}

static int is_space(const Text *text, Py_ssize_t at)
{
    return at < text->length && Py_UNICODE_ISSPACE(char_at(text, at));
}

/* What may end a sentence: the stops `[at, stops)`, what belongs to them, and the white space `[space, end)`. */
typedef struct {
    Py_ssize_t at, stops, space, end;
} Border;

/* Where a footnote mark ends that begins at `at`: a number of at most three digits in brackets; else `at`. */
static Py_ssize_t past_footnote(const Text *text, Py_ssize_t at)
{
    Py_ssize_t end = at + 1;
    if (char_at(text, at) != '[')
        return at;
    while (end < at + 4 && Py_UNICODE_ISDECIMAL(char_at(text, end)))
        end++;
    return end > at + 1 && char_at(text, end) == ']' ? end + 1 : at;
}

static Border border_at(const Text *text, Py_ssize_t at)
{
    Border border = {at, at + 1, at + 1, 0};
    if (is(text, at, STOP)) {
        while (is(text, border.stops, STOP))
            border.stops++;
        border.space = border.stops;
        for (;;) {
            Py_ssize_t next = is(text, border.space, CLOSER) ? border.space + 1 : past_footnote(text, border.space);
            if (next == border.space)
                break;
            border.space = next;
        }
    }
    for (border.end = border.space; is_space(text, border.end);)
        border.end++;
    return border;
}

static int any(const Text *text, Py_ssize_t start, Py_ssize_t end, int kinds)
{
    while (start < end && !is(text, start, kinds))
        start++;
    return start < end;
}

/* Whether the next word begins in lower case, past what opens it. */
static int goes_on(const Text *text, Py_ssize_t at)
{
    Py_ssize_t limit = at + LOOK;
    while (at < limit && is(text, at, OPENER))
        at++;
    return at < limit && Py_UNICODE_ISLOWER(char_at(text, at)) && Py_UNICODE_ISALNUM(char_at(text, at));
}

/* Whether the word before `dot` is one of letters, and no abbreviation. -1: an error. */
static int is_plain(const Text *text, Py_ssize_t start, Py_ssize_t dot, PyObject *abbreviations)
{
    Py_ssize_t first = dot, limit = dot - start > LOOK ? dot - LOOK : start;
    while (first > limit && Py_UNICODE_ISALPHA(char_at(text, first - 1)))
        first--;
    if (dot - first < 2 || (first > limit && !is_space(text, first - 1) && !is(text, first - 1, BEFORE_WORD)))
        return 0;
    PyObject *word = PyUnicode_Substring(text->text, first, dot);
    PyObject *lower = word ? PyObject_CallMethod(word, "lower", NULL) : NULL;
    int is_known = lower ? PySequence_Contains(abbreviations, lower) : -1;
    Py_XDECREF(word);
    Py_XDECREF(lower);
    return is_known < 0 ? -1 : !is_known;
}

/* Whether the sentence that begins at `start` ends there. -1: an error. */
static int is_end(const Text *text, Py_ssize_t start, Border border, PyObject *abbreviations, PyObject *dot_ends)
{
    if (any(text, border.at, border.stops, NEWLINE | TIGHT) || any(text, border.space, border.end, NEWLINE))
        return 1;
    if (border.space == border.end || goes_on(text, border.end))
        return 0;
    if (border.stops - border.at > 1 || char_at(text, border.at) != '.')
        return 1;
    int plain = is_plain(text, start, border.at, abbreviations);
    if (plain)
        return plain;
    PyObject *ends = PyObject_CallFunction(dot_ends, "Onnn", text->text, start, border.at, border.end);
    int found = ends ? PyObject_IsTrue(ends) : -1;
    Py_XDECREF(ends);
    return found;
}

static int put(PyObject *list, Py_ssize_t at)
{
    PyObject *number = PyLong_FromSsize_t(at);
    int done = number ? PyList_Append(list, number) : -1;
    Py_XDECREF(number);
    return done;
}

/* ends(kinds, abbreviations, dot_ends, text) */
static PyObject *ends(PyObject *self, PyObject *args)
{
    PyObject *kinds, *abbreviations, *dot_ends, *string;
    if (!PyArg_ParseTuple(args, "SOOU", &kinds, &abbreviations, &dot_ends, &string) || PyUnicode_READY(string) < 0)
        return NULL;
    if (PyBytes_GET_SIZE(kinds) != KINDS) {
        PyErr_SetString(PyExc_ValueError, "a kind is needed of each of 65,536 characters");
        return NULL;
    }
    Text text = {string, PyUnicode_KIND(string), PyUnicode_DATA(string), PyUnicode_GET_LENGTH(string),
                 (const unsigned char *)PyBytes_AS_STRING(kinds)};
    Py_ssize_t start = 0;
    while (is_space(&text, start))
        start++;
    PyObject *found = PyList_New(0);
    for (Py_ssize_t at = start; found && at < text.length;) {
        if (!is(&text, at, STOP | NEWLINE)) {
            at++;
            continue;
        }
        Border border = border_at(&text, at);
        int ended = is_end(&text, start, border, abbreviations, dot_ends);
        at = border.end;
        if (ended > 0)
            start = at;
        if (ended < 0 || (ended && put(found, at) < 0))
            Py_CLEAR(found);
    }
    return found;
}

static PyMethodDef methods[] = {
    {"ends", ends, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_sentences", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__sentences(void)
{
    return PyModuleDef_Init(&module);
}
