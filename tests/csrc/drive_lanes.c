/* Drives the lanes without Python, for the sanitizers: random albums, a fault in every read, stops at any time.
 *
 * Linked with --wrap=pread, so that reads can be cut short, interrupted and made to fail. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../pipeline/hashing/csrc/lanes.h"

#define MOST_FILES 8
#define MOST_BYTES 30000
#define ALBUMS 3

/* ---- reads that go wrong ------------------------------------------------------------------------------- */

static long reads, failing_read = -1;
static size_t most_bytes = MOST_BYTES;

ssize_t __real_pread(int fd, void *buffer, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *buffer, size_t size, off_t offset);

ssize_t __wrap_pread(int fd, void *buffer, size_t size, off_t offset)
{
    if (reads++ == failing_read) {
        errno = EIO;
        return -1;
    }
    if (rand() % 8 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_pread(fd, buffer, rand() % 2 ? size : 1 + (size_t)rand() % size, offset);
}

/* ---- albums -------------------------------------------------------------------------------------------- */

typedef struct album {
    control control;
    segment segments[MOST_FILES];
    char paths[MOST_FILES][64];
    uint8_t *stream;
    size_t size;
    run run;
} album;

static const int64_t lengths[][4] = {
    {64, 0}, {100, 0}, {257, 0}, {4096, 0}, {1 << 20, 0}, {4096, 64, 0}, {16384, 4096, 1024, 0},
};

static void make_album(album *album, const char *folder, int number)
{
    const size_t files = 1 + (size_t)rand() % MOST_FILES;
    memset(album, 0, sizeof *album);
    album->stream = malloc(MOST_FILES * MOST_BYTES);
    for (size_t i = 0; i < files; i++) {
        const size_t before = rand() % 3 ? 0 : (size_t)rand() % 100, size = 1 + (size_t)rand() % most_bytes;
        segment *segment = &album->segments[i];
        snprintf(album->paths[i], sizeof album->paths[i], "%s/%d-%zu", folder, number, i);
        *segment = (struct segment){.path = album->paths[i], .offset = (int64_t)before, .length = (int64_t)size};
        FILE *file = fopen(segment->path, "wb");
        assert(file);
        for (size_t j = 0; j < before; j++)
            fputc('x', file);
        for (size_t j = 0; j < size; j++) {
            album->stream[album->size] = (uint8_t)rand();
            fputc(album->stream[album->size++], file);
        }
        fclose(file);
    }
    run *run = &album->run;
    run->control = &album->control;
    run->segments = album->segments;
    run->segment_count = files;
    run->untaken = (int64_t)album->size;
    const int64_t *chosen = lengths[(size_t)rand() % (sizeof lengths / sizeof *lengths)];
    for (; *chosen; chosen++) {
        const size_t pieces = (album->size + (size_t)*chosen - 1) / (size_t)*chosen;
        run->grids[run->grid_count++] = (grid){*chosen, calloc(pieces, DIGEST_SIZE)};
    }
}

static void drop_album(album *album)
{
    for (size_t i = 0; i < album->run.segment_count; i++)
        unlink(album->paths[i]);
    for (size_t i = 0; i < album->run.grid_count; i++)
        free(album->run.grids[i].digests);
    free(album->stream);
}

static void digest_of(const uint8_t *data, size_t size, uint8_t digest[DIGEST_SIZE])
{
    uint32_t words[STATE_WORDS] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, *state = words;
    uint8_t *padded = calloc(size + 2 * BLOCK_SIZE, 1);
    const uint8_t *blocks = padded;
    const size_t count = (size + 8) / BLOCK_SIZE + 1;
    memcpy(padded, data, size);
    padded[size] = 0x80;
    for (int i = 0; i < 8; i++)
        padded[count * BLOCK_SIZE - 1 - (size_t)i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
    compress_one(&state, &blocks, count);
    for (int i = 0; i < DIGEST_SIZE; i++)
        digest[i] = (uint8_t)(words[i / 4] >> (24 - i % 4 * 8));
    free(padded);
}

static void check_album(const album *album)
{
    assert(!album->run.faulty && album->control.done == (int64_t)album->size);
    for (size_t i = 0; i < album->run.grid_count; i++) {
        const size_t length = (size_t)album->run.grids[i].piece_length;
        for (size_t at = 0, piece = 0; at < album->size; at += length, piece++) {
            uint8_t digest[DIGEST_SIZE];
            digest_of(album->stream + at, album->size - at < length ? album->size - at : length, digest);
            assert(!memcmp(digest, album->run.grids[i].digests + DIGEST_SIZE * piece, DIGEST_SIZE));
        }
    }
}

static void check_nothing_is_open(const album *albums)
{
    for (int i = 0; i < ALBUMS; i++) {
        assert(albums[i].control.busy == 0);
        for (size_t j = 0; j < albums[i].run.segment_count; j++)
            assert(!albums[i].run.begun || albums[i].segments[j].fd == -1);
    }
}

static void hash_albums(const kernel *kernel, album *albums)
{
    run runs[ALBUMS];
    const size_t chunk = BLOCK_SIZE * (1 + (size_t)rand() % 200);
    uint8_t *buffer = malloc(kernel->width * chunk); /* exactly what it may touch */
    for (int i = 0; i < ALBUMS; i++)
        runs[i] = albums[i].run;
    reads = 0;
    hash_runs(kernel, runs, ALBUMS, buffer, chunk);
    for (int i = 0; i < ALBUMS; i++)
        albums[i].run = runs[i];
    check_nothing_is_open(albums);
    free(buffer);
}

/* ---- what is tried ------------------------------------------------------------------------------------- */

static void make_albums(album *albums, const char *folder)
{
    for (int i = 0; i < ALBUMS; i++)
        make_album(&albums[i], folder, i);
}

static void drop_albums(album *albums)
{
    for (int i = 0; i < ALBUMS; i++)
        drop_album(&albums[i]);
}

static void try_random_albums(const kernel *kernel, const char *folder)
{
    album albums[ALBUMS];
    make_albums(albums, folder);
    hash_albums(kernel, albums);
    for (int i = 0; i < ALBUMS; i++)
        check_album(&albums[i]);
    drop_albums(albums);
}

static void try_a_fault_in_every_read(const kernel *kernel, const char *folder)
{
    const unsigned seed = (unsigned)rand();
    most_bytes = 500;
    for (failing_read = 0;; failing_read++) {
        album albums[ALBUMS];
        int faulty = 0;
        srand(seed); /* the same albums again */
        make_albums(albums, folder);
        srand(seed + (unsigned)failing_read);
        hash_albums(kernel, albums);
        for (int i = 0; i < ALBUMS; i++) {
            if (albums[i].run.faulty) {
                faulty++;
                assert(albums[i].run.fault_errno == EIO && albums[i].run.fault_segment < MOST_FILES);
                assert(albums[i].control.stop);
            } else {
                check_album(&albums[i]);
            }
        }
        drop_albums(albums);
        assert(faulty == (reads > failing_read));
        if (!faulty) break;
    }
    failing_read = -1;
    most_bytes = MOST_BYTES;
}

static void try_broken_files(const kernel *kernel, const char *folder)
{
    album albums[ALBUMS];
    make_albums(albums, folder);
    const size_t last = albums[0].run.segment_count - 1;
    assert(!truncate(albums[0].paths[last], albums[0].segments[last].offset));
    assert(!unlink(albums[1].paths[0]));
    hash_albums(kernel, albums);
    assert(albums[0].run.faulty && albums[0].run.fault_segment == last && !albums[0].run.fault_errno);
    assert(albums[1].run.faulty && albums[1].run.fault_segment == 0 && albums[1].run.fault_errno == ENOENT);
    check_album(&albums[2]);
    drop_albums(albums);
}

static void *stop_soon(void *album)
{
    struct control *control = &((struct album *)album)->control;
    usleep((useconds_t)(rand() % 2000));
    atomic_store(&control->stop, 1);
    while (atomic_load(&control->busy)) {
    }
    return NULL;
}

static void try_a_stop(const kernel *kernel, const char *folder)
{
    album albums[ALBUMS];
    pthread_t stopper;
    make_albums(albums, folder);
    pthread_create(&stopper, NULL, stop_soon, &albums[1]);
    hash_albums(kernel, albums);
    pthread_join(stopper, NULL);
    check_album(&albums[0]);
    check_album(&albums[2]);
    drop_albums(albums);
}

int main(void)
{
    char folder[] = "/tmp/drive-lanes-XXXXXX";
    const kernel *kernels[MOST_KERNELS];
    const size_t count = usable_kernels(kernels);
    assert(mkdtemp(folder));
    srand(1);
    for (size_t i = 0; i < count; i++) {
        for (int round = 0; round < 30; round++) {
            try_random_albums(kernels[i], folder);
            try_broken_files(kernels[i], folder);
            try_a_stop(kernels[i], folder);
        }
        for (int round = 0; round < 2; round++)
            try_a_fault_in_every_read(kernels[i], folder);
        printf("%s: passed\n", kernels[i]->name);
    }
    assert(!rmdir(folder));
    return 0;
}
