/* Hashes pieces side by side: reads them, keeps every lane of a kernel busy, stores their digests. */
#ifndef MUA_LANES_H
#define MUA_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels.h"

#define DIGEST_SIZE 20

/* Three words of memory that the callers of one album share; they may be read and set at any time. */
typedef struct control {
    _Atomic int64_t done;  /* bytes read so far */
    _Atomic int64_t stop;  /* not 0: the album is no longer wanted; a fault sets it too */
    _Atomic int64_t busy;  /* runs that may have a file open or write a digest */
} control;

/* A part of a file. */
typedef struct segment {
    const char *path;
    int64_t offset;
    int64_t length;
    int64_t unread; /* bytes; at 0 the file is closed */
    int fd;         /* -1: not open */
} segment;

/* A piece length and where its digests go: piece i of the album at 20 * i. */
typedef struct grid {
    int64_t piece_length;
    uint8_t *digests;
} grid;

/* Consecutive pieces of one album: what its segments hold, joined. */
typedef struct run {
    control *control;
    segment *segments;
    size_t segment_count;
    /* Several piece lengths are hashed from one read: the longest first, each a divisor of it and a multiple of
     * BLOCK_SIZE. With a single one any length will do. */
    grid grids[MOST_LANES];
    size_t grid_count;
    int64_t next_piece; /* number of the first piece that no lane has taken, counted in the longest length */
    int64_t untaken;    /* bytes from there on */
    /* Set by hash_runs. */
    size_t next_segment; /* where that piece begins */
    int64_t next_offset;
    size_t readers;
    bool begun, over;
    bool faulty;
    size_t fault_segment;
    int fault_errno; /* 0: the file ended before its segment */
} run;

/* Hashes all runs, in order, and returns when no lane has work left. A stopped or faulty run ends early and
 * alone. The buffer has a chunk for each of the kernel's `width` lanes; `chunk` is a multiple of BLOCK_SIZE. */
void hash_runs(const kernel *kernel, run *runs, size_t run_count, uint8_t *buffer, size_t chunk);

#endif
