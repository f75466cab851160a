#define _GNU_SOURCE
#include "lanes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define LENGTH_OFFSET (BLOCK_SIZE - 8)

/* One piece under way: one read position, and a hash state for each piece length. */
typedef struct {
    run *run; /* NULL: idle */
    size_t segment;
    int64_t offset;   /* in the segment, of the next byte to read */
    int64_t piece;    /* in the longest length */
    int64_t length;   /* of this piece, in bytes */
    int64_t position; /* bytes of it that were read */
    uint8_t *buffer;
    size_t begin, end; /* the bytes in the buffer that are not hashed yet */
    uint32_t states[MOST_LANES][STATE_WORDS];
} reader;

typedef struct {
    const kernel *kernel;
    size_t chunk;
    reader readers[MOST_LANES];
    size_t reader_count;
    size_t lanes_used;
    run *next, *end; /* the runs from which pieces can still be taken */
} batch;

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* ---- runs ---------------------------------------------------------------------------------------------- */

static void begin_run(run *run)
{
    run->begun = true;
    atomic_fetch_add(&run->control->busy, 1); /* before `stop` is read, so that a waiter misses neither */
    for (size_t i = 0; i < run->segment_count; i++) {
        run->segments[i].fd = -1;
        run->segments[i].unread = run->segments[i].length;
    }
}

static void close_segment(segment *segment)
{
    close(segment->fd);
    segment->fd = -1;
}

static void end_run(run *run)
{
    if (run->over) return;
    run->over = true;
    for (size_t i = 0; i < run->segment_count; i++)
        if (run->segments[i].fd >= 0) close_segment(&run->segments[i]);
    atomic_fetch_sub(&run->control->busy, 1);
}

static void release(batch *batch, reader *reader)
{
    batch->lanes_used -= reader->run->grid_count;
    reader->run->readers--;
    reader->run = NULL;
}

static void abandon(batch *batch, run *run)
{
    run->untaken = 0;
    for (size_t i = 0; i < batch->reader_count; i++)
        if (batch->readers[i].run == run) release(batch, &batch->readers[i]);
    end_run(run);
}

static bool is_stopped(const run *run) { return atomic_load(&run->control->stop) != 0; }

/* ---- one piece ----------------------------------------------------------------------------------------- */

static void reset(uint32_t state[STATE_WORDS])
{
    static const uint32_t initial[STATE_WORDS] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    memcpy(state, initial, sizeof initial);
}

static void store_big_endian(uint8_t *bytes, uint64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--, value >>= 8)
        bytes[i] = (uint8_t)value;
}

/* Hashes the last, less than a block, and stores the digest of `length` bytes. */
static void finish(uint32_t state[STATE_WORDS], const uint8_t *rest, size_t size, int64_t length, uint8_t *digest)
{
    uint8_t padded[2 * BLOCK_SIZE] = {0};
    const size_t blocks = size < LENGTH_OFFSET ? 1 : 2;
    memcpy(padded, rest, size);
    padded[size] = 0x80;
    store_big_endian(padded + blocks * BLOCK_SIZE - 8, (uint64_t)length * 8, 8);
    const uint8_t *data = padded;
    compress_one(&state, &data, blocks);
    for (int i = 0; i < STATE_WORDS; i++)
        store_big_endian(digest + 4 * i, state[i], 4);
}

/* Stores the digests of all pieces that end at the read position, and begins those behind them. */
static void finish_pieces(reader *reader)
{
    const run *run = reader->run;
    for (size_t i = 0; i < run->grid_count; i++) {
        const int64_t piece_length = run->grids[i].piece_length;
        if (reader->position % piece_length && reader->position != reader->length) continue;
        const int64_t before = (reader->position - 1) / piece_length;
        const int64_t number = reader->piece * (run->grids[0].piece_length / piece_length) + before;
        finish(reader->states[i], reader->buffer + reader->begin, reader->end - reader->begin,
               reader->position - before * piece_length, run->grids[i].digests + DIGEST_SIZE * number);
        reset(reader->states[i]);
    }
}

/* The run that the next piece comes from; NULL if all are taken. */
static run *next_run(batch *batch)
{
    for (; batch->next < batch->end; batch->next++) {
        run *run = batch->next;
        if (!run->begun) begin_run(run);
        if (is_stopped(run)) abandon(batch, run);
        if (run->untaken) return run;
    }
    return NULL;
}

static void skip_piece(run *run, int64_t length)
{
    run->next_piece++;
    run->untaken -= length;
    while (length) {
        const int64_t left = run->segments[run->next_segment].length - run->next_offset;
        const int64_t part = smaller(length, left);
        length -= part;
        run->next_offset += part;
        if (part == left) run->next_segment++, run->next_offset = 0;
    }
}

/* Takes the next piece of the batch, if there is one and the lanes for it. */
static bool take_piece(batch *batch, reader *reader)
{
    run *run = next_run(batch);
    if (!run) return false;
    if (batch->lanes_used && batch->lanes_used + run->grid_count > batch->kernel->width) return false;
    run->readers++;
    batch->lanes_used += run->grid_count;
    reader->run = run;
    reader->segment = run->next_segment;
    reader->offset = run->next_offset;
    reader->piece = run->next_piece;
    reader->length = smaller(run->grids[0].piece_length, run->untaken);
    reader->position = 0;
    reader->begin = reader->end = 0;
    for (size_t i = 0; i < run->grid_count; i++)
        reset(reader->states[i]);
    skip_piece(run, reader->length);
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

/* Reads at most `size` bytes of the segment; 0 at the file's end, -1 with errno on an error. */
static ssize_t read_segment(segment *segment, int64_t offset, uint8_t *buffer, size_t size)
{
    ssize_t got;
    while (segment->fd < 0) { /* O_NONBLOCK: a pipe that took a file's place must not hold us */
        segment->fd = open(segment->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (segment->fd < 0 && errno != EINTR) return -1;
    }
    do
        got = pread(segment->fd, buffer, size, segment->offset + offset);
    while (got < 0 && errno == EINTR);
    return got;
}

static void report_fault(batch *batch, run *run, size_t segment, int error)
{
    run->faulty = true;
    run->fault_segment = segment;
    run->fault_errno = error;
    atomic_store(&run->control->stop, 1);
    abandon(batch, run);
}

/* Reads up to the next place where a piece of any length ends, at most a chunk; or lets go of a stopped run. */
static void fill(batch *batch, reader *reader)
{
    run *run = reader->run;
    if (is_stopped(run)) { /* a disk may be so slow that a round of all lanes would take too long */
        abandon(batch, run);
        return;
    }
    int64_t to_boundary = reader->length - reader->position;
    for (size_t i = 0; i < run->grid_count; i++) {
        const int64_t piece_length = run->grids[i].piece_length;
        to_boundary = smaller(to_boundary, piece_length - reader->position % piece_length);
    }
    const size_t wanted = (size_t)smaller(to_boundary, (int64_t)batch->chunk);
    reader->begin = reader->end = 0;
    while (reader->end < wanted) {
        segment *segment = &run->segments[reader->segment];
        const int64_t room = smaller((int64_t)(wanted - reader->end), segment->length - reader->offset);
        const ssize_t got = read_segment(segment, reader->offset, reader->buffer + reader->end, (size_t)room);
        if (got <= 0) {
            report_fault(batch, run, reader->segment, got ? errno : 0);
            return;
        }
        reader->end += (size_t)got;
        reader->offset += got;
        segment->unread -= got;
        if (!segment->unread) close_segment(segment);
        if (reader->offset == segment->length) reader->segment++, reader->offset = 0;
    }
    reader->position += (int64_t)wanted;
    atomic_fetch_add_explicit(&run->control->done, (int64_t)wanted, memory_order_relaxed);
}

/* Brings the reader to where it has a whole block to hash; false if nothing is left for it. */
static bool prepare(batch *batch, reader *reader)
{
    while (!reader->run || reader->end - reader->begin < BLOCK_SIZE) {
        if (!reader->run && !take_piece(batch, reader)) return false;
        run *run = reader->run;
        if (reader->position) finish_pieces(reader);
        if (reader->position < reader->length) {
            fill(batch, reader);
        } else {
            release(batch, reader);
            if (!run->untaken && !run->readers) end_run(run);
        }
    }
    return true;
}

/* ---- the lanes ----------------------------------------------------------------------------------------- */

static void heed_stops(batch *batch)
{
    next_run(batch);
    for (size_t i = 0; i < batch->reader_count; i++) {
        run *run = batch->readers[i].run;
        if (run && is_stopped(run)) abandon(batch, run);
    }
}

/* Hashes as many blocks as every lane has; false if no lane has any. */
static bool hash_round(batch *batch)
{
    uint32_t *states[MOST_LANES];
    const uint8_t *data[MOST_LANES];
    size_t lanes = 0, blocks = SIZE_MAX;
    heed_stops(batch);
    for (size_t i = 0; i < batch->reader_count; i++)
        prepare(batch, &batch->readers[i]);
    for (size_t i = 0; i < batch->reader_count; i++) { /* only now: a fault of one may have freed another */
        reader *reader = &batch->readers[i];
        if (!reader->run) continue;
        const size_t ready = (reader->end - reader->begin) / BLOCK_SIZE;
        if (ready < blocks) blocks = ready;
        for (size_t j = 0; j < reader->run->grid_count; j++, lanes++) {
            states[lanes] = reader->states[j];
            data[lanes] = reader->buffer + reader->begin;
        }
    }
    if (!lanes) return false;
    compress_streams(batch->kernel, lanes, states, data, blocks);
    for (size_t i = 0; i < batch->reader_count; i++)
        if (batch->readers[i].run) batch->readers[i].begin += blocks * BLOCK_SIZE;
    return true;
}

void hash_runs(const kernel *kernel, run *runs, size_t run_count, uint8_t *buffer, size_t chunk)
{
    batch batch = {
        .kernel = kernel,
        .chunk = chunk,
        .reader_count = kernel->width,
        .next = runs,
        .end = runs + run_count,
    };
    for (size_t i = 0; i < batch.reader_count; i++)
        batch.readers[i].buffer = buffer + i * chunk;
    while (hash_round(&batch)) {
    }
}
