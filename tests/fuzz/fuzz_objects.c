/* Changes an HDF5 file through libhdf5: it stays a valid HDF5 file, but with wrong contents. */
#include "fuzz.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

enum { OBJECTS = 128, NAME = 256 };

/* The objects below the root group. */
struct objects {
    char name[OBJECTS][NAME];
    H5O_type_t type[OBJECTS];
    int64_t count;
};

static herr_t on_object(hid_t root, const char *name, const H5O_info_t *info, void *context)
{
    struct objects *objects = context;
    (void)root;
    if (strcmp(name, ".") == 0 || objects->count == OBJECTS) return 0;
    snprintf(objects->name[objects->count], NAME, "%s", name);
    objects->type[objects->count++] = info->type;
    return 0;
}

/* A file that is changed, and the object that is chosen. */
struct target {
    struct fuzz_rng *rng;
    hid_t file;
    const char *name; /* of the object; "" when there is none */
    const struct objects *objects;
};

static hid_t random_type(struct fuzz_rng *rng)
{
    const hid_t plain[] = {H5T_STD_I8LE,       H5T_STD_U8LE,   H5T_STD_I16BE,   H5T_STD_I32LE,
                           H5T_STD_I32BE,      H5T_STD_U32LE,  H5T_STD_I64LE,   H5T_STD_I64BE,
                           H5T_STD_U64LE,      H5T_IEEE_F32LE, H5T_IEEE_F32BE,  H5T_IEEE_F64LE,
                           H5T_IEEE_F64BE,     H5T_STD_B8LE,   H5T_STD_REF_OBJ, H5T_NATIVE_LDOUBLE,
                           H5T_STD_REF_DSETREG};
    const int64_t kind = fuzz_below(rng, 24);
    if (kind < 17) return H5Tcopy(plain[kind]);
    hid_t type = H5Tcopy(H5T_C_S1);
    if (kind == 17) H5Tset_size(type, (size_t)(1 + fuzz_below(rng, 300)));
    if (kind == 18) H5Tset_size(type, H5T_VARIABLE);
    if (kind < 19) return type;
    H5Tclose(type);
    if (kind == 19) return H5Tvlen_create(H5T_STD_I32LE);
    if (kind == 20) return H5Tarray_create2(H5T_STD_I32LE, 1, (const hsize_t[]){3});
    if (kind == 21) return H5Tcreate(H5T_OPAQUE, 7);
    if (kind == 22) {
        type = H5Tenum_create(H5T_STD_I8LE);
        H5Tenum_insert(type, "FALSE", (const char[]){0});
        H5Tenum_insert(type, fuzz_once_in(rng, 2) ? "TRUE" : "MAYBE",
                       (const char[]){(char)fuzz_below(rng, 3)});
        return type;
    }
    type = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(type, "a", 0, H5T_STD_I64LE);
    H5Tinsert(type, "b", 8, H5T_IEEE_F64LE);
    return type;
}

static hid_t random_space(struct fuzz_rng *rng, bool huge)
{
    hsize_t size[4];
    const int dims = (int)fuzz_below(rng, 5);
    for (int d = 0; d < dims; d++) size[d] = (hsize_t)fuzz_below(rng, 14);
    for (int d = 0; d < dims && huge; d++) size[d] = (hsize_t)1 << (20 + fuzz_below(rng, 42 / dims));
    if (dims == 0) return H5Screate(fuzz_once_in(rng, 2) ? H5S_SCALAR : H5S_NULL);
    return H5Screate_simple(dims, size, NULL);
}

/* Storage of a new data set: contiguous, chunked with or without filters, or in another file. */
static hid_t random_storage(struct fuzz_rng *rng, hid_t space, bool huge)
{
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    const int dims = H5Sget_simple_extent_ndims(space);
    hsize_t size[8] = {0}, chunk[8];
    const int64_t kind = fuzz_below(rng, 6);
    if (dims <= 0) return list;
    H5Sget_simple_extent_dims(space, size, NULL);
    for (int d = 0; d < dims; d++) chunk[d] = (hsize_t)hg_min_i64((int64_t)size[d], 1 + fuzz_below(rng, 5));
    for (int d = 0; d < dims; d++) chunk[d] += chunk[d] == 0;
    if (huge || kind < 3) H5Pset_chunk(list, dims, chunk);
    if (kind == 1) H5Pset_deflate(list, 1), H5Pset_fletcher32(list);
    if (kind == 2) H5Pset_shuffle(list);
    if (!huge && kind == 3)
        H5Pset_external(list, fuzz_once_in(rng, 2) ? "/etc/passwd" : "/dev/zero", 0, 1 << 20);
    return list;
}

static void add_set(struct target *t, const char *name)
{
    const bool huge = fuzz_once_in(t->rng, 6);
    const hid_t type = random_type(t->rng), space = random_space(t->rng, huge),
                storage = random_storage(t->rng, space, huge);
    const hid_t groups = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(groups, 1);
    const hid_t set = H5Dcreate2(t->file, name, type, space, groups, storage, H5P_DEFAULT);
    if (set >= 0) H5Dclose(set);
    H5Pclose(groups);
    H5Pclose(storage);
    H5Sclose(space);
    H5Tclose(type);
}

static void delete_object(struct target *t)
{
    H5Ldelete(t->file, t->name, H5P_DEFAULT);
}

static void replace_by_set(struct target *t)
{
    char name[NAME];
    snprintf(name, sizeof name, "%s", t->name);
    delete_object(t);
    add_set(t, name);
}

static void replace_by_link(struct target *t)
{
    static const char *const to[] = {"/", "/node", "/graph/indices", "/params", "/nowhere",
                                     ".", "..",    "/node/x",        NULL};
    static const char *const outside[] = {"/etc/passwd", "/dev/zero", "nowhere.h5", "graph.h5", "", NULL};
    const char *path = fuzz_once_in(t->rng, 4) ? t->name : fuzz_text(t->rng, to);
    delete_object(t);
    switch (fuzz_below(t->rng, 4)) {
    case 0:
        H5Lcreate_external(fuzz_text(t->rng, outside), path, t->file, t->name, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 1:
        H5Lcreate_hard(t->file, path, t->file, t->name, H5P_DEFAULT, H5P_DEFAULT);
        break;
    default:
        H5Lcreate_soft(path, t->file, t->name, H5P_DEFAULT, H5P_DEFAULT);
    }
}

static void replace_by_group(struct target *t)
{
    delete_object(t);
    const hid_t group = H5Gcreate2(t->file, t->name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group >= 0) H5Gclose(group);
}

static void swap_names(struct target *t)
{
    const char *other = t->objects->name[fuzz_below(t->rng, t->objects->count)];
    H5Lmove(t->file, t->name, t->file, "swapped", H5P_DEFAULT, H5P_DEFAULT);
    H5Lmove(t->file, other, t->file, t->name, H5P_DEFAULT, H5P_DEFAULT);
    H5Lmove(t->file, "swapped", t->file, other, H5P_DEFAULT, H5P_DEFAULT);
}

static double random_real(struct fuzz_rng *rng)
{
    static const double special[] = {0.0, -1.0, 1e38, -1e39, 1e308, 1e-45, 0.5, 255};
    const double zero = 0;
    const int64_t k = fuzz_below(rng, 11);
    return k < 8 ? special[k] : k == 8 ? 0 / zero : k == 9 ? 1 / zero : (double)fuzz_below(rng, 100);
}

/* Changes some or all values of a data set; type and shape stay. Leaves data sets of more than 2^16 numbers, and
 * those that do not hold numbers. */
static void change_values(struct target *t)
{
    const hid_t set = H5Dopen2(t->file, t->name, H5P_DEFAULT);
    if (set < 0) return;
    const hid_t space = H5Dget_space(set), type = H5Dget_type(set);
    const hssize_t count = H5Sget_simple_extent_npoints(space);
    const bool real = H5Tget_class(type) == H5T_FLOAT, integer = H5Tget_class(type) == H5T_INTEGER;
    const hid_t memory = real ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
    union {
        double real;
        int64_t integer;
    } *value = NULL;
    if (count > 0 && count <= 1 << 16 && (real || integer)) value = calloc((size_t)count, sizeof *value);
    if (value != NULL && H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0) {
        const int64_t changes = fuzz_once_in(t->rng, 8) ? count : 1 + fuzz_below(t->rng, 3);
        for (int64_t k = 0; k < changes; k++) {
            const int64_t at = changes == count ? k : fuzz_below(t->rng, count);
            if (real)
                value[at].real = random_real(t->rng);
            else
                value[at].integer = fuzz_integer(t->rng, count);
        }
        H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
    }
    free(value);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(set);
}

/* Names of root attributes that the program reads. */
static const char *const attributes[] = {"format",      "version",        "name",         "task",
                                         "num_nodes",   "num_edges",      "num_features", "num_outputs",
                                         "symmetric",   "content_sha256", "config",       "epoch",
                                         "rng_version", "best_epoch",     "run",          NULL};
static const char *const texts[] = {"",
                                    "halogat-graph",
                                    "halogat-checkpoint",
                                    "regression",
                                    "multi-label",
                                    "single-label",
                                    "gat",
                                    "heads: 8\n",
                                    "heads: [4, 4, 4, 4, 4, 1]\nhidden: 16384\n",
                                    "out: /tmp/elsewhere\n",
                                    "a: b: c",
                                    "[",
                                    "\x1b[31m",
                                    "concat: false\n",
                                    "residual: true\nbias: false\n",
                                    "normalize_features: standard\n",
                                    NULL};

static void change_attribute(struct target *t)
{
    const char *name = fuzz_text(t->rng, attributes);
    H5Adelete(t->file, name);
    if (fuzz_once_in(t->rng, 4)) return;
    const int64_t kind = fuzz_below(t->rng, 4);
    const int64_t integer = fuzz_integer(t->rng, 12);
    const double real = random_real(t->rng);
    const char *text = fuzz_text(t->rng, texts);
    hid_t space = kind < 3 ? H5Screate(H5S_SCALAR) : random_space(t->rng, false);
    hid_t type = kind == 0   ? H5Tcopy(H5T_STD_I64LE)
                 : kind == 1 ? H5Tcopy(H5T_IEEE_F64LE)
                 : kind == 2 ? H5Tcopy(H5T_C_S1)
                             : random_type(t->rng);
    if (kind == 2) H5Tset_size(type, fuzz_once_in(t->rng, 2) ? H5T_VARIABLE : strlen(text) + 1);
    const hid_t attribute = H5Acreate2(t->file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) {
        if (kind == 0) H5Awrite(attribute, H5T_NATIVE_INT64, &integer);
        if (kind == 1) H5Awrite(attribute, H5T_NATIVE_DOUBLE, &real);
        if (kind == 2) H5Awrite(attribute, type, H5Tis_variable_str(type) > 0 ? (const void *)&text : text);
        H5Aclose(attribute);
    }
    H5Tclose(type);
    H5Sclose(space);
}

static void change(struct target *t)
{
    static void (*const changes[])(struct target *) = {
        change_values,    change_values, change_values,   replace_by_set,   replace_by_set, change_attribute,
        change_attribute, delete_object, replace_by_link, replace_by_group, swap_names};
    changes[fuzz_below(t->rng, sizeof changes / sizeof *changes)](t);
}

void fuzz_objects(struct fuzz_rng *rng, const char *path)
{
    static struct objects objects;
    objects.count = 0;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    if (file < 0) fuzz_stop(path, "is no HDF5 file before it is changed");
    H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, on_object, &objects);
    for (int64_t k = 1 + fuzz_below(rng, 3); k > 0 && objects.count > 0; k--)
        change(&(struct target){rng, file, objects.name[fuzz_below(rng, objects.count)], &objects});
    H5Fclose(file);
}
