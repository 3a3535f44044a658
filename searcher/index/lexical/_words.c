/*
 * Where the words of a text are, compiled: what the regular expression in `words.py` finds, several times as fast.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Han and kana: each character is a word. As HAN in words.py. */
static int is_han(Py_UCS4 c)
{
    return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3040 && c <= 0x30FF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x2FA1F);
}

/* What stands on or between letters, and is none itself. As MARKS in words.py. */
static int is_mark(Py_UCS4 c)
{
    return (c >= 0x300 && c <= 0x36F) || (c >= 0x591 && c <= 0x5C7) || (c >= 0x64B && c <= 0x65F) || c == 0x670 ||
           (c >= 0x900 && c <= 0x963) || (c >= 0x966 && c <= 0xDFF) || c == 0xE31 || (c >= 0xE34 && c <= 0xE3A) ||
           (c >= 0xE47 && c <= 0xE4E) || c == 0xEB1 || (c >= 0xEB4 && c <= 0xEBC) || (c >= 0xEC8 && c <= 0xECD) ||
           (c >= 0x102B && c <= 0x103E) || (c >= 0x17B4 && c <= 0x17D3);
}

enum { OTHER, LETTER, MARK, JOINER, HAN };

static unsigned char kind_of_ascii[128];

static void learn_ascii(void)
{
    for (Py_UCS4 c = 0; c < 128; c++)
        kind_of_ascii[c] = c == '.' || c == '\'' ? JOINER : c == '_' || Py_UNICODE_ISALNUM(c) ? LETTER : OTHER;
}

static int kind_of(Py_UCS4 c)
{
    if (c < 128)
        return kind_of_ascii[c];
    if (c == 0x2019)
        return JOINER;
    if (c < 0x300)
        return Py_UNICODE_ISALNUM(c) ? LETTER : OTHER;
    if (is_han(c))
        return HAN;
    if (Py_UNICODE_ISALNUM(c))
        return LETTER; /* Some of them are in the ranges of marks, too: they go on a word either way. */
    return is_mark(c) ? MARK : OTHER;
}

/* Find the next word from `*at` on: `[*start, *at)`. Gives 0 if there is none. */
#define DEFINE_NEXT(T)                                                                                                 \
    static int next_##T(const T *text, Py_ssize_t length, Py_ssize_t *at, Py_ssize_t *start)                           \
    {                                                                                                                  \
        Py_ssize_t i = *at;                                                                                            \
        int kind = OTHER;                                                                                              \
        while (i < length && (kind = kind_of(text[i])) != LETTER && kind != HAN)                                       \
            i++;                                                                                                       \
        if (i >= length)                                                                                               \
            return 0;                                                                                                  \
        *start = i++;                                                                                                  \
        if (kind == LETTER)                                                                                            \
            for (; i < length; i++) {                                                                                  \
                kind = kind_of(text[i]);                                                                               \
                if (kind == LETTER || kind == MARK)                                                                    \
                    continue;                                                                                          \
                if (kind != JOINER || i + 1 >= length || kind_of(text[i + 1]) != LETTER)                               \
                    break;                                                                                             \
                i++;                                                                                                   \
            }                                                                                                          \
        *at = i;                                                                                                       \
        return 1;                                                                                                      \
    }

DEFINE_NEXT(Py_UCS1)
DEFINE_NEXT(Py_UCS2)
DEFINE_NEXT(Py_UCS4)

static int next_word(PyObject *text, Py_ssize_t *at, Py_ssize_t *start)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    const void *data = PyUnicode_DATA(text);
    switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND: return next_Py_UCS1(data, length, at, start);
    case PyUnicode_2BYTE_KIND: return next_Py_UCS2(data, length, at, start);
    default: return next_Py_UCS4(data, length, at, start);
    }
}

static int check_text(PyObject *text)
{
    if (!PyUnicode_Check(text))
        PyErr_Format(PyExc_TypeError, "a text is needed, not %s", Py_TYPE(text)->tp_name);
    return PyUnicode_Check(text) && PyUnicode_READY(text) == 0;
}

/* words(text) */
static PyObject *words(PyObject *self, PyObject *text)
{
    if (!check_text(text))
        return NULL;
    PyObject *found = PyList_New(0);
    Py_ssize_t at = 0, start;
    while (found && next_word(text, &at, &start)) {
        PyObject *word = PyUnicode_Substring(text, start, at);
        if (!word || PyList_Append(found, word) < 0)
            Py_CLEAR(found);
        Py_XDECREF(word);
    }
    return found;
}

/* marks(text, terms_of, wanted, initials) */
static PyObject *marks(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    if (count != 4 || !PyBytes_Check(args[3]) || PyBytes_GET_SIZE(args[3]) != 128) {
        PyErr_SetString(PyExc_TypeError, "marks takes 4 arguments, of which the last are 128 bytes");
        return NULL;
    }
    if (!check_text(args[0]))
        return NULL;
    const char *initials = PyBytes_AS_STRING(args[3]);
    PyObject *found = PyList_New(0);
    Py_ssize_t at = 0, start;
    while (found && next_word(args[0], &at, &start)) {
        Py_UCS4 initial = PyUnicode_READ_CHAR(args[0], start);
        if (initial < 128 && !initials[initial])
            continue;
        PyObject *word = PyUnicode_Substring(args[0], start, at);
        PyObject *term = word ? PyObject_GetItem(args[1], word) : NULL;
        int is_wanted = !term ? -1 : term == Py_None ? 0 : PySequence_Contains(args[2], term);
        if (is_wanted > 0) {
            PyObject *mark = Py_BuildValue("(nnO)", start, at, term);
            if (!mark || PyList_Append(found, mark) < 0)
                is_wanted = -1;
            Py_XDECREF(mark);
        }
        Py_XDECREF(word);
        Py_XDECREF(term);
        if (is_wanted < 0)
            Py_CLEAR(found);
    }
    return found;
}

/* long_runs(text, low, high, most) */
static PyObject *long_runs(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "long_runs takes 4 arguments");
        return NULL;
    }
    if (!check_text(args[0]))
        return NULL;
    Py_ssize_t low = PyLong_AsSsize_t(args[1]), high = PyLong_AsSsize_t(args[2]), most = PyLong_AsSsize_t(args[3]);
    if (PyErr_Occurred())
        return NULL;
    if (low < 0 || high > PyUnicode_GET_LENGTH(args[0])) {
        PyErr_SetString(PyExc_IndexError, "beyond the text");
        return NULL;
    }
    const void *data = PyUnicode_DATA(args[0]);
    int kind = PyUnicode_KIND(args[0]);
    PyObject *found = PyList_New(0);
    for (Py_ssize_t start = low; found && start < high; start++) {
        Py_ssize_t end = start;
        while (end < high && !Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, end)))
            end++;
        if (end > start && end - start > most) {
            PyObject *run = Py_BuildValue("(nn)", start, end);
            if (!run || PyList_Append(found, run) < 0)
                Py_CLEAR(found);
            Py_XDECREF(run);
        }
        start = end;
    }
    return found;
}

static PyMethodDef methods[] = {
    {"long_runs", (PyCFunction)(void (*)(void))long_runs, METH_FASTCALL, NULL},
    {"words", words, METH_O, NULL},
    {"marks", (PyCFunction)(void (*)(void))marks, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_words", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__words(void)
{
    learn_ascii();
    return PyModuleDef_Init(&module);
}
