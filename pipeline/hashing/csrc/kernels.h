/* SHA-1 compression of several independent streams side by side in one core. */
#ifndef MUA_KERNELS_H
#define MUA_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define STATE_WORDS 5
#define BLOCK_SIZE 64
#define MOST_LANES 16

/* Advances the state of each stream by the same number of blocks. */
typedef void compress_fn(uint32_t *const states[], const uint8_t *const data[], size_t blocks);

typedef struct {
    const char *name;
    size_t width;            /* streams that `wide` takes at once */
    compress_fn *wide;       /* wants `width` streams */
    compress_fn *narrow[5];  /* by the number of streams, 1 to 4: cheaper than `wide` for so few, or NULL */
    size_t narrow_up_to;     /* this many streams are left to `narrow`, four by four */
} kernel;

/* The kernels that this CPU and its system can run, best first; returns their number. */
#define MOST_KERNELS 3
size_t usable_kernels(const kernel *found[MOST_KERNELS]);

/* Advances `count` streams, at most MOST_LANES. */
void compress_streams(const kernel *kernel, size_t count, uint32_t *const states[], const uint8_t *const data[],
                      size_t blocks);

/* One stream, in portable C: for the last block of a piece, which holds its length. */
compress_fn compress_one;

#endif
