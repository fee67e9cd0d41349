/** Fuzzing of whole verbs: inputs made from sound ones by changes that a seed and a number determine.
 *
 *  A kind of input makes its files in the scratch folder, and gives them to the program's verbs, in this process. What must hold of every
 *  command: it ends, with HG_OK or with a message; no block of memory and no unfinished file is left. The sanitizers see the rest.
 */
#ifndef HG_TESTS_FUZZ_H
#define HG_TESTS_FUZZ_H

#include "dist/comm.h"
#include <stdio.h>

enum { FUZZ_PATH = 1024, FUZZ_WORDS = 64 };

/** Numbers of the generator splitmix64. */
struct fuzz_rng {
    uint64_t state;
};

uint64_t fuzz_bits(struct fuzz_rng *rng);

/** A number of 0..n-1. */
int64_t fuzz_below(struct fuzz_rng *rng, int64_t n);

/** True once in n times. */
bool fuzz_once_in(struct fuzz_rng *rng, int64_t n);

/** One of the texts of a list that NULL ends. */
const char *fuzz_text(struct fuzz_rng *rng, const char *const *list);

/** Integers that programs trip over, some of them near n. */
int64_t fuzz_integer(struct fuzz_rng *rng, int64_t n);

/** One input in the making. */
struct fuzz {
    struct fuzz_rng rng;
    const struct hg_comm *comm;
    int64_t number;     /**< of the input, which with the seed determines it */
    const char *folder; /**< for the input's files; emptied after each input */
    const char *sound;  /**< folder of sound files that are mutated (fuzz_sound.c) */
};

/** A kind of input. */
struct fuzz_kind {
    const char *name, *what;
    void (*run)(struct fuzz *fuzz);
};

/** The kinds; the last has no name. */
extern const struct fuzz_kind fuzz_graphs[], fuzz_arrays[], fuzz_texts[], fuzz_words[], fuzz_planted[];

/** Runs `halogat WORD...` (words separated by one blank each; @ is the input's folder, % that of sound files) and checks what must hold of
 *  every command. Returns what the verb returned. Ends the process with a line where something does not hold. */
hg_status fuzz_command(struct fuzz *fuzz, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Makes the sound files: see the list in fuzz_sound.c. */
void fuzz_sound(struct fuzz *fuzz);

/** A whole file; the caller frees *bytes. Ends the process where it cannot be read or written. */
void fuzz_read(const char *path, char **bytes, size_t *count);
void fuzz_write(const char *path, const char *bytes, size_t count);

/** Copies the sound file NAME into the input's folder as AS, whose path it gives. */
void fuzz_copy(const struct fuzz *fuzz, const char *name, const char *as, char path[FUZZ_PATH]);

/** What an import that went well wrote as @/graph.h5 must be sound. Returns what the import returned. */
hg_status fuzz_imported(struct fuzz *fuzz, hg_status imported);

/** FOLDER/NAME. */
void fuzz_path(char path[FUZZ_PATH], const char *folder, const char *name);

/** Ends the process: the harness itself failed. */
_Noreturn void fuzz_stop(const char *what, const char *why);

/** Changes some bytes of a file: flips, other numbers, repeats, cuts, blocks moved. */
void fuzz_bytes(struct fuzz_rng *rng, const char *path);

/** Changes some objects of an HDF5 file: types, shapes, values, storage, links, attributes. */
void fuzz_objects(struct fuzz_rng *rng, const char *path);

#endif
