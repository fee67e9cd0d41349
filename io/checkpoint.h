/** Checkpoints (docs/formats.md): parameter tensors with PyTorch Geometric's names and shapes, and attributes. */
#ifndef HG_IO_CHECKPOINT_H
#define HG_IO_CHECKPOINT_H

#include "base/types.h"
#include "dist/comm.h"
#include "io/names.h"

enum { HG_TENSOR_DIMS = 4, HG_TENSOR_NAME = 96 };

/** One tensor of a checkpoint, row-major, in its shape on disk. */
struct hg_tensor {
    char name[HG_TENSOR_NAME]; /**< within its group, e.g. "convs.0.lin.weight" */
    int dims;
    int64_t shape[HG_TENSOR_DIMS];
    void *data; /**< hg_real, or float64 when `wide`; not owned */
    bool wide;
};

/** Number of elements of a tensor. Local. */
static inline int64_t hg_tensor_elements(const struct hg_tensor *tensor)
{
    int64_t elements = 1;
    for (int d = 0; d < tensor->dims; d++) elements *= tensor->shape[d];
    return elements;
}

/** Bytes per element of a tensor. Local. */
static inline size_t hg_tensor_bytes(const struct hg_tensor *tensor)
{
    return tensor->wide ? sizeof(double) : sizeof(hg_real);
}

/** An attribute of the root group: a string when text is not NULL, else an integer when is_int, else a float64. */
struct hg_attribute {
    const char *name;
    const char *text;
    bool is_int;
    int64_t integer;
    double number;
};

/** The tensors of one group, such as "params" or "statistics". */
struct hg_tensor_group {
    const char *group;
    const struct hg_tensor *tensors;
    int count;
};

/** The contents of a checkpoint, except the attributes `format` and `version`, which the writer adds. */
struct hg_checkpoint {
    const struct hg_tensor_group *groups;
    int num_groups;
    const struct hg_attribute *attributes;
    int num_attributes;
    struct hg_names names;
};

/** Rank 0 writes the file atomically (io/atomic.h) and with a checksum (io/seal.h): after a crash there is the old
 *  file or the complete new one. A symbolic link at `path` is replaced, not followed. Collective. */
hg_status hg_checkpoint_write(const struct hg_comm *comm, const char *path,
                              const struct hg_checkpoint *checkpoint);

/** Reads tensors of `group`, by name, into tensors[k].data; other tensors in the file are ignored. Accepts files that
 *  have only /params and no attribute `format`, and float32 or float64 on disk. Fails, naming the tensor, when one is
 *  missing, has another shape, or has invalid numbers (hg_checkpoint_check_tensor). Rank 0 reads and broadcasts.
 *  Collective. */
hg_status hg_checkpoint_read(const struct hg_comm *comm, const char *path, const char *group,
                             const struct hg_tensor *tensors, int count);

/** Reads a text attribute into newly allocated *text, which the caller frees; NULL when there is no such attribute.
 *  Fails when the file is not a halogat checkpoint. Collective. */
hg_status hg_checkpoint_read_text(const struct hg_comm *comm, const char *path, const char *name,
                                  char **text);

/** The same for a number (integer or float64); *found: whether there is such an attribute. Collective. */
hg_status hg_checkpoint_read_number(const struct hg_comm *comm, const char *path, const char *name,
                                    double *value, bool *found);

/** Whether /GROUP/NAME is in the file. Collective. */
hg_status hg_checkpoint_has(const struct hg_comm *comm, const char *path, const char *group, const char *name,
                            bool *found);

/** SHA-256, as hexadecimal text, of the data of all tensors in order: hg_real numbers as they are in memory.
 *  Local. */
void hg_tensors_sha256(const struct hg_tensor *tensors, int count, char hex[65]);

#endif
