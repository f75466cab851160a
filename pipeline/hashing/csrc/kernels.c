#include "kernels.h"

#include <string.h>

static const uint32_t K[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};

#define ROUNDS_OF_5(round, t) \
    round(a, b, c, d, e, (t)) round(e, a, b, c, d, (t) + 1) round(d, e, a, b, c, (t) + 2) \
        round(c, d, e, a, b, (t) + 3) round(b, c, d, e, a, (t) + 4)
#define ROUNDS_OF_20(round, t) \
    ROUNDS_OF_5(round, t) ROUNDS_OF_5(round, (t) + 5) ROUNDS_OF_5(round, (t) + 10) ROUNDS_OF_5(round, (t) + 15)

/* ---- portable ------------------------------------------------------------------------------------------ */

static inline uint32_t rotate(uint32_t word, unsigned bits) { return word << bits | word >> (32 - bits); }

static inline uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

#define WORD1(t) \
    ((t) < 16 ? w[(t) & 15] \
              : (w[(t) & 15] = rotate( \
                     w[((t) + 13) & 15] ^ w[((t) + 8) & 15] ^ w[((t) + 2) & 15] ^ w[(t) & 15], 1)))
#define ROUND1(a, b, c, d, e, t, logic) \
    e += WORD1(t) + K[(t) / 20] + (logic) + rotate(a, 5); \
    b = rotate(b, 30);
#define CHOOSE1(a, b, c, d, e, t) ROUND1(a, b, c, d, e, t, d ^ (b & (c ^ d)))
#define PARITY1(a, b, c, d, e, t) ROUND1(a, b, c, d, e, t, b ^ c ^ d)
#define MAJORITY1(a, b, c, d, e, t) ROUND1(a, b, c, d, e, t, (b & c) | (d & (b | c)))

void compress_one(uint32_t *const states[], const uint8_t *const data[], size_t blocks)
{
    uint32_t *state = states[0];
    const uint8_t *block = data[0];
    for (; blocks; blocks--, block += BLOCK_SIZE) {
        uint32_t w[16];
        for (int t = 0; t < 16; t++)
            w[t] = big_endian(block + 4 * t);
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        ROUNDS_OF_20(CHOOSE1, 0)
        ROUNDS_OF_20(PARITY1, 20)
        ROUNDS_OF_20(MAJORITY1, 40)
        ROUNDS_OF_20(PARITY1, 60)
        state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
    }
}

#if defined(__x86_64__) && defined(__GNUC__)

#include <cpuid.h>
#include <immintrin.h>

/* In all vector kernels `rol(a, 5)`, which is known last, is added last. GCC's tree-reassoc would undo that
 * and halve the rate, so this file is built with -fno-tree-reassoc. */

/* ---- AVX-512: 16 streams, one to each 32-bit element ---------------------------------------------------- */

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

/* Row i of the result holds word i of every stream. */
AVX512 static inline __attribute__((always_inline)) void load16(__m512i w[16], const uint8_t *const data[],
                                                                size_t offset)
{
    const __m512i swap = _mm512_broadcast_i32x4(
        _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    __m512i r[16], s[16];
    for (int i = 0; i < 16; i++)
        r[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(data[i] + offset), swap);
    for (int i = 0; i < 16; i += 2) {
        s[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        s[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(s[i], s[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(s[i], s[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(s[i + 1], s[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(s[i + 1], s[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        s[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        s[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        s[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        s[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 8; i++) {
        w[i] = _mm512_shuffle_i32x4(s[i], s[i + 8], 0x88);
        w[i + 8] = _mm512_shuffle_i32x4(s[i], s[i + 8], 0xdd);
    }
}

#define WORD16(t) \
    ((t) < 16 ? w[(t) & 15] \
              : (w[(t) & 15] = _mm512_rol_epi32( \
                     _mm512_xor_si512(_mm512_ternarylogic_epi32(w[((t) + 13) & 15], w[((t) + 8) & 15], \
                                                                w[((t) + 2) & 15], 0x96), \
                                      w[(t) & 15]), \
                     1)))
#define ROUND16(a, b, c, d, e, t, logic) \
    e = _mm512_add_epi32(e, _mm512_add_epi32(WORD16(t), k)); \
    e = _mm512_add_epi32(e, _mm512_ternarylogic_epi32(b, c, d, logic)); \
    b = _mm512_rol_epi32(b, 30); \
    e = _mm512_add_epi32(e, _mm512_rol_epi32(a, 5));
#define CHOOSE16(a, b, c, d, e, t) ROUND16(a, b, c, d, e, t, 0xca)
#define PARITY16(a, b, c, d, e, t) ROUND16(a, b, c, d, e, t, 0x96)
#define MAJORITY16(a, b, c, d, e, t) ROUND16(a, b, c, d, e, t, 0xe8)

AVX512 static void compress_avx512(uint32_t *const states[], const uint8_t *const data[], size_t blocks)
{
    uint32_t rows[STATE_WORDS][16] __attribute__((aligned(64)));
    for (int lane = 0; lane < 16; lane++)
        for (int i = 0; i < STATE_WORDS; i++)
            rows[i][lane] = states[lane][i];
    for (size_t offset = 0; offset < blocks * BLOCK_SIZE; offset += BLOCK_SIZE) {
        __m512i w[16], k;
        load16(w, data, offset);
        __m512i a = _mm512_load_si512(rows[0]), b = _mm512_load_si512(rows[1]), c = _mm512_load_si512(rows[2]),
                d = _mm512_load_si512(rows[3]), e = _mm512_load_si512(rows[4]);
        k = _mm512_set1_epi32((int)K[0]);
        ROUNDS_OF_20(CHOOSE16, 0)
        k = _mm512_set1_epi32((int)K[1]);
        ROUNDS_OF_20(PARITY16, 20)
        k = _mm512_set1_epi32((int)K[2]);
        ROUNDS_OF_20(MAJORITY16, 40)
        k = _mm512_set1_epi32((int)K[3]);
        ROUNDS_OF_20(PARITY16, 60)
        _mm512_store_si512(rows[0], _mm512_add_epi32(a, _mm512_load_si512(rows[0])));
        _mm512_store_si512(rows[1], _mm512_add_epi32(b, _mm512_load_si512(rows[1])));
        _mm512_store_si512(rows[2], _mm512_add_epi32(c, _mm512_load_si512(rows[2])));
        _mm512_store_si512(rows[3], _mm512_add_epi32(d, _mm512_load_si512(rows[3])));
        _mm512_store_si512(rows[4], _mm512_add_epi32(e, _mm512_load_si512(rows[4])));
    }
    for (int lane = 0; lane < 16; lane++)
        for (int i = 0; i < STATE_WORDS; i++)
            states[lane][i] = rows[i][lane];
}

/* ---- AVX2: 8 streams ------------------------------------------------------------------------------------ */

#define AVX2 __attribute__((target("avx2")))

/* Row i of the result holds word `half * 8 + i` of every stream. */
AVX2 static inline __attribute__((always_inline)) void load8(__m256i w[8], const uint8_t *const data[],
                                                             size_t offset)
{
    const __m256i swap = _mm256_broadcastsi128_si256(
        _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    __m256i r[8], s[8];
    for (int i = 0; i < 8; i++)
        r[i] = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(data[i] + offset)), swap);
    for (int i = 0; i < 8; i += 2) {
        s[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
        s[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_unpacklo_epi64(s[i], s[i + 2]);
        r[i + 1] = _mm256_unpackhi_epi64(s[i], s[i + 2]);
        r[i + 2] = _mm256_unpacklo_epi64(s[i + 1], s[i + 3]);
        r[i + 3] = _mm256_unpackhi_epi64(s[i + 1], s[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        w[i] = _mm256_permute2x128_si256(r[i], r[i + 4], 0x20);
        w[i + 4] = _mm256_permute2x128_si256(r[i], r[i + 4], 0x31);
    }
}

AVX2 static inline __attribute__((always_inline)) __m256i rotate8(__m256i words, int bits)
{
    return _mm256_or_si256(_mm256_slli_epi32(words, bits), _mm256_srli_epi32(words, 32 - bits));
}

#define WORD8(t) \
    ((t) < 16 ? w[(t) & 15] \
              : (w[(t) & 15] = rotate8( \
                     _mm256_xor_si256(_mm256_xor_si256(w[((t) + 13) & 15], w[((t) + 8) & 15]), \
                                      _mm256_xor_si256(w[((t) + 2) & 15], w[(t) & 15])), \
                     1)))
#define ROUND8(a, b, c, d, e, t, logic) \
    e = _mm256_add_epi32(e, _mm256_add_epi32(WORD8(t), k)); \
    e = _mm256_add_epi32(e, logic); \
    b = rotate8(b, 30); \
    e = _mm256_add_epi32(e, rotate8(a, 5));
#define CHOOSE8(a, b, c, d, e, t) \
    ROUND8(a, b, c, d, e, t, _mm256_xor_si256(d, _mm256_and_si256(b, _mm256_xor_si256(c, d))))
#define PARITY8(a, b, c, d, e, t) ROUND8(a, b, c, d, e, t, _mm256_xor_si256(b, _mm256_xor_si256(c, d)))
#define MAJORITY8(a, b, c, d, e, t) \
    ROUND8(a, b, c, d, e, t, \
           _mm256_or_si256(_mm256_and_si256(b, c), _mm256_and_si256(d, _mm256_or_si256(b, c))))

AVX2 static void compress_avx2(uint32_t *const states[], const uint8_t *const data[], size_t blocks)
{
    uint32_t rows[STATE_WORDS][8] __attribute__((aligned(32)));
    for (int lane = 0; lane < 8; lane++)
        for (int i = 0; i < STATE_WORDS; i++)
            rows[i][lane] = states[lane][i];
    for (size_t offset = 0; offset < blocks * BLOCK_SIZE; offset += BLOCK_SIZE) {
        __m256i w[16], k, state[STATE_WORDS];
        load8(w, data, offset);
        load8(w + 8, data, offset + 32);
        for (int i = 0; i < STATE_WORDS; i++)
            state[i] = _mm256_load_si256((const __m256i *)rows[i]);
        __m256i a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        k = _mm256_set1_epi32((int)K[0]);
        ROUNDS_OF_20(CHOOSE8, 0)
        k = _mm256_set1_epi32((int)K[1]);
        ROUNDS_OF_20(PARITY8, 20)
        k = _mm256_set1_epi32((int)K[2]);
        ROUNDS_OF_20(MAJORITY8, 40)
        k = _mm256_set1_epi32((int)K[3]);
        ROUNDS_OF_20(PARITY8, 60)
        const __m256i sums[STATE_WORDS] = {a, b, c, d, e};
        for (int i = 0; i < STATE_WORDS; i++) {
            __m256i *row = (__m256i *)rows[i];
            _mm256_store_si256(row, _mm256_add_epi32(sums[i], _mm256_load_si256(row)));
        }
    }
    for (int lane = 0; lane < 8; lane++)
        for (int i = 0; i < STATE_WORDS; i++)
            states[lane][i] = rows[i][lane];
}

/* ---- SHA-NI: 1 to 4 streams whose instructions are interleaved ------------------------------------------ */

#define SHANI __attribute__((target("sha,sse4.1,ssse3")))
#define EACH _Pragma("GCC unroll 4") for (int i = 0; i < streams; i++)

/* Four rounds, the message words for them made from those before. */
#define FOUR_ROUNDS(q) \
    EACH { \
        if ((q) >= 4) \
            m[i][(q) & 3] = _mm_sha1msg2_epu32( \
                _mm_xor_si128(_mm_sha1msg1_epu32(m[i][(q) & 3], m[i][((q) + 1) & 3]), m[i][((q) + 2) & 3]), \
                m[i][((q) + 3) & 3]); \
        const __m128i ewords = (q) ? _mm_sha1nexte_epu32(e[i], m[i][(q) & 3]) : _mm_add_epi32(e[i], m[i][0]); \
        e[i] = abcd[i]; \
        abcd[i] = _mm_sha1rnds4_epu32(abcd[i], ewords, (q) / 5); \
    }

SHANI static inline __attribute__((always_inline)) void compress_shani(
    const int streams, uint32_t *const states[], const uint8_t *const data[], size_t blocks)
{
    const __m128i swap = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m128i abcd[4], e[4], saved[4][2], m[4][4];
    EACH {
        saved[i][0] = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)states[i]), 0x1b);
        saved[i][1] = _mm_set_epi32((int)states[i][4], 0, 0, 0);
    }
    for (size_t offset = 0; offset < blocks * BLOCK_SIZE; offset += BLOCK_SIZE) {
        EACH {
            const __m128i *block = (const __m128i *)(data[i] + offset);
            for (int j = 0; j < 4; j++)
                m[i][j] = _mm_shuffle_epi8(_mm_loadu_si128(block + j), swap);
            abcd[i] = saved[i][0];
            e[i] = saved[i][1];
        }
        FOUR_ROUNDS(0) FOUR_ROUNDS(1) FOUR_ROUNDS(2) FOUR_ROUNDS(3) FOUR_ROUNDS(4)
        FOUR_ROUNDS(5) FOUR_ROUNDS(6) FOUR_ROUNDS(7) FOUR_ROUNDS(8) FOUR_ROUNDS(9)
        FOUR_ROUNDS(10) FOUR_ROUNDS(11) FOUR_ROUNDS(12) FOUR_ROUNDS(13) FOUR_ROUNDS(14)
        FOUR_ROUNDS(15) FOUR_ROUNDS(16) FOUR_ROUNDS(17) FOUR_ROUNDS(18) FOUR_ROUNDS(19)
        EACH {
            saved[i][1] = _mm_sha1nexte_epu32(e[i], saved[i][1]);
            saved[i][0] = _mm_add_epi32(abcd[i], saved[i][0]);
        }
    }
    EACH {
        _mm_storeu_si128((__m128i *)states[i], _mm_shuffle_epi32(saved[i][0], 0x1b));
        states[i][4] = (uint32_t)_mm_extract_epi32(saved[i][1], 3);
    }
}

#define SHANI_OF(streams) \
    SHANI static void compress_shani_##streams(uint32_t *const states[], const uint8_t *const data[], \
                                               size_t blocks) \
    { \
        compress_shani(streams, states, data, blocks); \
    }
SHANI_OF(1)
SHANI_OF(2)
SHANI_OF(3)
SHANI_OF(4)

/* ---- choice --------------------------------------------------------------------------------------------- */

#define SHANI_NARROW {NULL, compress_shani_1, compress_shani_2, compress_shani_3, compress_shani_4}
static const kernel avx512_shani = {"avx512", 16, compress_avx512, SHANI_NARROW, 8};
static const kernel avx512_plain = {"avx512", 16, compress_avx512, {NULL, compress_one}, 1};
static const kernel shani = {"shani", 4, compress_shani_4, SHANI_NARROW, 4};
static const kernel avx2 = {"avx2", 8, compress_avx2, {NULL, compress_one}, 1};

static int has_shani(void)
{
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && ebx >> 29 & 1 && __builtin_cpu_supports("sse4.1") &&
           __builtin_cpu_supports("ssse3");
}

size_t usable_kernels(const kernel *found[MOST_KERNELS])
{
    size_t count = 0;
    __builtin_cpu_init();
    /* __builtin_cpu_supports also knows whether the system saves the registers. */
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        found[count++] = has_shani() ? &avx512_shani : &avx512_plain;
    if (has_shani())
        found[count++] = &shani;
    if (__builtin_cpu_supports("avx2"))
        found[count++] = &avx2;
    return count;
}

/* SHA-NI has no VEX form: upper halves that earlier AVX code left dirty would cost it half its rate. */
__attribute__((target("avx"))) static void zero_upper_halves(void) { _mm256_zeroupper(); }

static void clean_registers(void)
{
    if (__builtin_cpu_supports("avx"))
        zero_upper_halves();
}

#else

size_t usable_kernels(const kernel *found[MOST_KERNELS])
{
    (void)found;
    return 0;
}

static void clean_registers(void) {}

#endif

static void compress_wide(const kernel *kernel, size_t count, uint32_t *const states[],
                          const uint8_t *const data[], size_t blocks)
{
    uint32_t spare[STATE_WORDS] = {0};
    uint32_t *all_states[MOST_LANES];
    const uint8_t *all_data[MOST_LANES];
    for (size_t lane = 0; lane < kernel->width; lane++) { /* an idle lane hashes what another hashes */
        all_states[lane] = lane < count ? states[lane] : spare;
        all_data[lane] = data[lane < count ? lane : 0];
    }
    kernel->wide(all_states, all_data, blocks);
}

void compress_streams(const kernel *kernel, size_t count, uint32_t *const states[], const uint8_t *const data[],
                      size_t blocks)
{
    while (count) {
        size_t taken;
        if (count <= kernel->narrow_up_to) {
            taken = count < 4 ? count : 4;
            clean_registers();
            kernel->narrow[taken](states, data, blocks);
        } else {
            taken = count < kernel->width ? count : kernel->width;
            if (kernel->width == 4) clean_registers();
            compress_wide(kernel, taken, states, data, blocks);
        }
        states += taken, data += taken, count -= taken;
    }
}
