/** Checkpoints (docs/formats.md): named parameter tensors with PyTorch Geometric's names and shapes, and
 * attributes. */
#ifndef HG_IO_CHECKPOINT_H
#define HG_IO_CHECKPOINT_H

#include "base/types.h"
#include "dist/comm.h"

enum { HG_TENSOR_DIMS = 4, HG_TENSOR_NAME = 96 };

/** One tensor of a checkpoint, in its shape on disk (row-major). */
struct hg_tensor {
    char name[HG_TENSOR_NAME]; /**< below its group, e.g. "convs.0.lin.weight" */
    int dims;
    int64_t shape[HG_TENSOR_DIMS];
    void *data; /**< hg_real, or float64 when `wide`; not owned */
    bool wide;
};

/** Numbers in a tensor. Local. */
static inline int64_t hg_tensor_elements(const struct hg_tensor *tensor)
{
    int64_t elements = 1;
    for (int d = 0; d < tensor->dims; d++) elements *= tensor->shape[d];
    return elements;
}

/** Bytes of a number of a tensor. Local. */
static inline size_t hg_tensor_bytes(const struct hg_tensor *tensor)
{
    return tensor->wide ? sizeof(double) : sizeof(hg_real);
}

/** A number or text attribute at the root. text != NULL: a string; else is_int: integer; else float64. */
struct hg_attribute {
    const char *name;
    const char *text;
    bool is_int;
    int64_t integer;
    double number;
};

/** Tensors of one group ("params", "statistics", later "optimizer/m", ...). */
struct hg_tensor_group {
    const char *group;
    const struct hg_tensor *tensors;
    int count;
};

/** What a checkpoint holds, besides format and version which the writer adds. */
struct hg_checkpoint {
    const struct hg_tensor_group *groups;
    int num_groups;
    const struct hg_attribute *attributes;
    int num_attributes;
};

/** Writes atomically by rank 0, with a seal (io/seal.h): temporary file, fsync, rename; a crash leaves the old file or the new one. A
 * symbolic link at `path` is replaced, not followed.
 * Collective. */
hg_status hg_checkpoint_write(const struct hg_comm *comm, const char *path,
                              const struct hg_checkpoint *checkpoint);

/** Reads tensors of `group` by name and shape into tensors[k].data; unknown tensors in the file are ignored.
 *  Accepts files that have only /params (no format attribute); float32 or float64 on disk. Fails with the
 * name of what is missing, has another shape (shows both) or numbers that cannot be computed with
 * (hg_checkpoint_check_tensor). Rank 0 reads, the others receive. Collective. */
hg_status hg_checkpoint_read(const struct hg_comm *comm, const char *path, const char *group,
                             const struct hg_tensor *tensors, int count);

/** Reads a text attribute into newly allocated *text (the caller frees); *text is NULL when it is absent.
 * Fails when the file is not a halogat checkpoint. Collective. */
hg_status hg_checkpoint_read_text(const struct hg_comm *comm, const char *path, const char *name,
                                  char **text);

/** The same for a number (integer or float64); *found tells whether it is there. Collective. */
hg_status hg_checkpoint_read_number(const struct hg_comm *comm, const char *path, const char *name,
                                    double *value, bool *found);

/** Whether /GROUP/NAME is in the file. Collective. */
hg_status hg_checkpoint_has(const struct hg_comm *comm, const char *path, const char *group, const char *name,
                            bool *found);

/** SHA-256 (hex, 65 bytes with terminator) of the tensors' bytes one after the other, little-endian as
 * stored. Local. */
void hg_tensors_sha256(const struct hg_tensor *tensors, int count, char hex[65]);

#endif
