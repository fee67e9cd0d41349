/* Inputs: graph files and checkpoints, changed through libhdf5 or byte by byte. */
#include "fuzz.h"

#include "io/seal.h"
#include <stdlib.h>
#include <string.h>

static const char *const graphs[] = {"graph.h5", "cells.h5", "regression.h5", "dense.h5", NULL};

static void use_graph(struct fuzz *fuzz)
{
    fuzz_command(fuzz, "info @/input.h5 --check");
    fuzz_command(fuzz, "train @/input.h5 --out @/run --heads 2,1 --hidden 4 --epochs 1 --threads 1 --quiet");
    if (fuzz_once_in(&fuzz->rng, 4))
        fuzz_command(fuzz, "partition @/input.h5 --cells 3 -o @/cells.h5 --quiet");
    if (fuzz_once_in(&fuzz->rng, 4)) fuzz_command(fuzz, "eval @/input.h5 --checkpoint %%/run/best.h5");
    if (fuzz_once_in(&fuzz->rng, 4))
        fuzz_command(fuzz, "predict @/input.h5 --checkpoint %%/run/best.h5 -o @/p.h5 --text @/p.tsv --quiet");
    if (fuzz_once_in(&fuzz->rng, 4))
        fuzz_command(fuzz, "explain @/input.h5 --checkpoint %%/run/best.h5 -o @/a.h5 --quiet");
}

static void changed_objects(struct fuzz *fuzz)
{
    char path[FUZZ_PATH];
    fuzz_copy(fuzz, fuzz_text(&fuzz->rng, graphs), "input.h5", path);
    fuzz_objects(&fuzz->rng, path);
    if (fuzz_once_in(&fuzz->rng, 8)) fuzz_bytes(&fuzz->rng, path);
    use_graph(fuzz);
}

static void changed_bytes(struct fuzz *fuzz)
{
    char path[FUZZ_PATH];
    fuzz_copy(fuzz, fuzz_text(&fuzz->rng, graphs), "input.h5", path);
    fuzz_bytes(&fuzz->rng, path);
    use_graph(fuzz);
}

static void use_checkpoint(struct fuzz *fuzz)
{
    static const char *const commands[] = {
        "info @/input.h5 --check",
        "eval %/graph.h5 --checkpoint @/input.h5",
        "predict %/graph.h5 --checkpoint @/input.h5 -o @/p.h5 --quiet",
        "explain %/cells.h5 --checkpoint @/input.h5 -o @/a.h5 --nodes 0,5 --quiet",
        "train %/graph.h5 --init @/input.h5 --out @/run --heads 2,1 --hidden 4 --epochs 0 --threads 1 "
        "--quiet",
        NULL,
    };
    fuzz_command(fuzz, "%s", commands[0]);
    fuzz_command(fuzz, "%s", fuzz_text(&fuzz->rng, commands + 1));
}

/* Removes the checksum of a checkpoint. With it, a changed file would be rejected before its contents are read. */
static void unseal(const char *path)
{
    char *bytes;
    size_t count;
    fuzz_read(path, &bytes, &count);
    if (count < HG_SEAL_BYTES) fuzz_stop(path, "has no room for a checksum");
    memset(bytes, 0, HG_SEAL_BYTES);
    fuzz_write(path, bytes, count);
    free(bytes);
}

static void checkpoint_objects(struct fuzz *fuzz)
{
    char path[FUZZ_PATH];
    fuzz_copy(fuzz, "run/best.h5", "input.h5", path);
    unseal(path);
    fuzz_objects(&fuzz->rng, path);
    use_checkpoint(fuzz);
}

static void checkpoint_bytes(struct fuzz *fuzz)
{
    char path[FUZZ_PATH];
    fuzz_copy(fuzz, "run/best.h5", "input.h5", path);
    if (fuzz_once_in(&fuzz->rng, 2)) unseal(path);
    fuzz_bytes(&fuzz->rng, path);
    use_checkpoint(fuzz);
}

const struct fuzz_kind fuzz_graphs[] = {
    {"graph-objects", "graph files with other objects, values, types, links", changed_objects},
    {"graph-bytes", "graph files with other bytes", changed_bytes},
    {"checkpoint-objects", "checkpoints with other objects", checkpoint_objects},
    {"checkpoint-bytes", "checkpoints with other bytes", checkpoint_bytes},
    {0},
};
