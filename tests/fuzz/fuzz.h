/** Fuzzing of whole verbs. Inputs are mutations of valid files; the seed and the input's number determine them.
 *
 *  Each kind of input makes its files in a scratch folder and runs the program's verbs on them, in the same process.
 *  Every command must end, either with HG_OK or with a message, and must leave no allocated memory and no unfinished
 *  file. Other faults are found by the sanitizers.
 */
#ifndef HG_TESTS_FUZZ_H
#define HG_TESTS_FUZZ_H

#include "dist/comm.h"
#include <stdio.h>

enum { FUZZ_PATH = 1024, FUZZ_WORDS = 64 };

/** State of the random number generator splitmix64. */
struct fuzz_rng {
    uint64_t state;
};

/** 64 random bits. */
uint64_t fuzz_bits(struct fuzz_rng *rng);

/** A random number in 0..n-1. */
int64_t fuzz_below(struct fuzz_rng *rng, int64_t n);

/** True with probability 1 / n. */
bool fuzz_once_in(struct fuzz_rng *rng, int64_t n);

/** One of the texts in a list that ends with NULL. */
const char *fuzz_text(struct fuzz_rng *rng, const char *const *list);

/** An integer that programs often handle wrongly: a special value, some of them near n, or one in 0..2n+1. */
int64_t fuzz_integer(struct fuzz_rng *rng, int64_t n);

/** One input. */
struct fuzz {
    struct fuzz_rng rng;
    const struct hg_comm *comm;
    int64_t number;     /**< number of the input */
    const char *folder; /**< folder for the input's files; emptied before each input */
    const char *sound;  /**< folder of the valid files that are mutated (fuzz_sound.c) */
};

/** A kind of input. */
struct fuzz_kind {
    const char *name, *what;
    void (*run)(struct fuzz *fuzz);
};

/** Lists of kinds; the last entry of each has no name. */
extern const struct fuzz_kind fuzz_graphs[], fuzz_arrays[], fuzz_texts[], fuzz_words[], fuzz_planted[];

/** Runs `halogat WORD...` and checks what must hold after every command; ends the process with a message when it does
 *  not. Words are separated by single spaces; @ means the input's folder, % the folder of valid files. Returns the
 *  status of the verb. */
hg_status fuzz_command(struct fuzz *fuzz, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Makes the valid files (fuzz_sound.c). */
void fuzz_sound(struct fuzz *fuzz);

/** Read a whole file, whose *bytes the caller frees, and write one. Both end the process on failure. */
void fuzz_read(const char *path, char **bytes, size_t *count);
void fuzz_write(const char *path, const char *bytes, size_t count);

/** Copies the valid file `name` into the input's folder as `as`; path: the path of the copy. */
void fuzz_copy(const struct fuzz *fuzz, const char *name, const char *as, char path[FUZZ_PATH]);

/** Checks @/graph.h5 (`info --check`) when the import that wrote it has returned HG_OK. Returns `imported`. */
hg_status fuzz_imported(struct fuzz *fuzz, hg_status imported);

/** path: FOLDER/NAME. */
void fuzz_path(char path[FUZZ_PATH], const char *folder, const char *name);

/** Ends the process with a message and exit code 3. */
_Noreturn void fuzz_stop(const char *what, const char *why);

/** Changes a file at random: flips bits, writes other numbers, copies, removes and repeats blocks, truncates. */
void fuzz_bytes(struct fuzz_rng *rng, const char *path);

/** Changes objects of an HDF5 file at random: types, shapes, values, storage, links, attributes. */
void fuzz_objects(struct fuzz_rng *rng, const char *path);

#endif
