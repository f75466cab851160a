/* pipeline.hashing._multibuffer: the lanes for Python. It keeps no state; all memory is the caller's. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

#include "lanes.h"

/* What a run borrows from Python objects while it is hashed without the interpreter's lock. */
typedef struct {
    Py_buffer control, spans;
    Py_buffer digests[MOST_LANES];
} loan;

static int refuse(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return -1;
}

static int borrow(PyObject *object, Py_buffer *buffer, int flags, Py_ssize_t least)
{
    if (PyObject_GetBuffer(object, buffer, flags) < 0) return -1;
    return buffer->len < least ? refuse("a buffer is too small") : 0;
}

static void give_back(run *run, loan *loan)
{
    PyBuffer_Release(&loan->control);
    PyBuffer_Release(&loan->spans);
    for (size_t i = 0; i < MOST_LANES; i++)
        PyBuffer_Release(&loan->digests[i]);
    PyMem_Free(run->segments);
}

/* paths: a tuple of bytes; spans: offset and length of each, as 64-bit integers. */
static int take_segments(run *run, loan *loan, PyObject *paths, PyObject *spans)
{
    const Py_ssize_t count = PyTuple_Size(paths);
    if (borrow(spans, &loan->spans, PyBUF_SIMPLE, count * 16) < 0) return -1;
    run->segments = PyMem_Calloc((size_t)count, sizeof *run->segments);
    if (!run->segments) {
        PyErr_NoMemory();
        return -1;
    }
    run->segment_count = (size_t)count;
    for (Py_ssize_t i = 0; i < count; i++) {
        segment *segment = &run->segments[i];
        segment->path = PyBytes_AsString(PyTuple_GetItem(paths, i));
        if (!segment->path) return -1;
        memcpy(&segment->offset, (char *)loan->spans.buf + 16 * i, 8);
        memcpy(&segment->length, (char *)loan->spans.buf + 16 * i + 8, 8);
        if (segment->offset < 0 || segment->length <= 0) return refuse("a segment must hold at least one byte");
        if (segment->length > INT64_MAX / 2 - run->untaken) return refuse("the segments are too long");
        run->untaken += segment->length;
    }
    return run->untaken ? 0 : refuse("a run must have segments");
}

/* grids: a tuple of (piece length, writable buffer for the digests of the whole album). */
static int take_grids(run *run, loan *loan, PyObject *grids)
{
    const Py_ssize_t count = PyTuple_Size(grids);
    if (count < 1 || count > MOST_LANES) return refuse("too few or too many piece lengths");
    for (Py_ssize_t i = 0; i < count; i++) {
        grid *grid = &run->grids[i];
        PyObject *digests;
        long long length;
        if (!PyArg_ParseTuple(PyTuple_GetItem(grids, i), "LO", &length, &digests)) return -1;
        const int64_t longest = i ? run->grids[0].piece_length : length;
        if (length <= 0 || (count > 1 && length % BLOCK_SIZE) || longest % length)
            return refuse("piece lengths that do not fit together");
        if (run->next_piece < 0 || run->next_piece > (INT64_MAX / 2 - run->untaken) / longest)
            return refuse("no such piece");
        const int64_t end = run->next_piece * longest + run->untaken;
        const int64_t pieces = end / length + (end % length != 0);
        if (borrow(digests, &loan->digests[i], PyBUF_WRITABLE, (Py_ssize_t)pieces * DIGEST_SIZE) < 0) return -1;
        grid->piece_length = length;
        grid->digests = loan->digests[i].buf;
        run->grid_count++;
    }
    return 0;
}

static int take_run(run *run, loan *loan, PyObject *item)
{
    PyObject *words, *grids, *paths, *spans;
    long long first;
    if (!PyArg_ParseTuple(item, "OLO!O!O", &words, &first, &PyTuple_Type, &grids, &PyTuple_Type, &paths, &spans))
        return -1;
    run->next_piece = first;
    if (borrow(words, &loan->control, PyBUF_WRITABLE, sizeof(control)) < 0) return -1;
    if ((uintptr_t)loan->control.buf % sizeof(int64_t)) return refuse("the control words are not aligned");
    run->control = loan->control.buf;
    return take_segments(run, loan, paths, spans) < 0 ? -1 : take_grids(run, loan, grids);
}

static const kernel *find_kernel(const char *name)
{
    const kernel *found[MOST_KERNELS];
    const size_t count = usable_kernels(found);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(found[i]->name, name)) return found[i];
    refuse("this processor has no such kernel");
    return NULL;
}

static PyObject *list_faults(const run *runs, Py_ssize_t count)
{
    PyObject *faults = PyList_New(0);
    for (Py_ssize_t i = 0; faults && i < count; i++) {
        if (!runs[i].faulty) continue;
        PyObject *fault = Py_BuildValue("nni", i, (Py_ssize_t)runs[i].fault_segment, runs[i].fault_errno);
        if (!fault || PyList_Append(faults, fault) < 0) Py_CLEAR(faults);
        Py_XDECREF(fault);
    }
    return faults;
}

static PyObject *hash_taken(const kernel *kernel, run *runs, loan *loans, PyObject *items, Py_buffer *buffer)
{
    const Py_ssize_t count = PyTuple_Size(items);
    const size_t chunk = (size_t)buffer->len / kernel->width / BLOCK_SIZE * BLOCK_SIZE;
    if (!chunk) {
        refuse("the buffer is too small");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        if (take_run(&runs[i], &loans[i], PyTuple_GetItem(items, i)) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    hash_runs(kernel, runs, (size_t)count, buffer->buf, chunk);
    Py_END_ALLOW_THREADS
    return list_faults(runs, count);
}

static PyObject *hash_runs_of(const kernel *kernel, PyObject *items, Py_buffer *buffer)
{
    const Py_ssize_t count = PyTuple_Size(items);
    run *runs = PyMem_Calloc((size_t)count, sizeof *runs);
    loan *loans = PyMem_Calloc((size_t)count, sizeof *loans);
    PyObject *faults = runs && loans ? hash_taken(kernel, runs, loans, items, buffer) : PyErr_NoMemory();
    for (Py_ssize_t i = 0; runs && loans && i < count; i++)
        give_back(&runs[i], &loans[i]);
    PyMem_Free(runs);
    PyMem_Free(loans);
    return faults;
}

static PyObject *py_hash_runs(PyObject *module, PyObject *arguments)
{
    const char *name;
    PyObject *items, *memory;
    Py_buffer buffer;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "sO!O", &name, &PyTuple_Type, &items, &memory)) return NULL;
    const kernel *kernel = find_kernel(name);
    if (!kernel || PyObject_GetBuffer(memory, &buffer, PyBUF_WRITABLE) < 0) return NULL;
    PyObject *faults = hash_runs_of(kernel, items, &buffer);
    PyBuffer_Release(&buffer);
    return faults;
}

static PyObject *py_kernels(PyObject *module, PyObject *nothing)
{
    const kernel *found[MOST_KERNELS];
    const Py_ssize_t count = (Py_ssize_t)usable_kernels(found);
    (void)module, (void)nothing;
    PyObject *kernels = PyTuple_New(count);
    for (Py_ssize_t i = 0; kernels && i < count; i++) {
        PyObject *pair = Py_BuildValue("sn", found[i]->name, (Py_ssize_t)found[i]->width);
        if (!pair || PyTuple_SetItem(kernels, i, pair) < 0) Py_CLEAR(kernels);
    }
    return kernels;
}

static PyMethodDef methods[] = {
    {"kernels", py_kernels, METH_NOARGS,
     "kernels()\n--\n\nName and number of lanes of each kernel that this processor can run, best first."},
    {"hash_runs", py_hash_runs, METH_VARARGS,
     "hash_runs(kernel, runs, buffer)\n--\n\n"
     "Hashes runs of consecutive pieces, each (control, first piece, grids, paths, spans), and returns the faults,\n"
     "each (run, segment, errno), errno being 0 where a file ended too early. See the stub for the types."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "pipeline.hashing._multibuffer",
    .m_doc = "SHA-1 of many pieces side by side in one core.",
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__multibuffer(void) { return PyModuleDef_Init(&definition); }
