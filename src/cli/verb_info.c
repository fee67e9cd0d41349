#include "cli/info.h"
#include "cli/verbs.h"
#include "dist/facts.h"
#include "io/file_kind.h"

static hg_status find_kind(const char *path, enum hg_file_kind *kind)
{
    struct hg_h5 file;
    HG_TRY(hg_file_kind_open(path, HG_FILE_HDF5, &file));
    const hg_status status = hg_file_kind_hdf5(&file, kind);
    hg_h5_close(&file);
    return status;
}

/* Fails when ranks find files of different kinds: they would call different functions. Collective. */
static hg_status compare_kinds(const struct hg_comm *comm, const char *path, enum hg_file_kind kind)
{
    struct hg_facts facts = {0};
    hg_facts_add(&facts, "kind of file", "%s", hg_file_kind_name(kind));
    const hg_status status = hg_facts_compare(comm, HG_FAILED, path, &facts);
    hg_facts_destroy(&facts);
    return status;
}

hg_status hg_verb_info(const struct hg_comm *comm, struct hg_config *config)
{
    enum hg_file_kind kind = HG_FILE_OTHER;
    if (config->cpu) return hg_info_cpu(comm, config);
    HG_TRY(hg_agree_alike(comm, find_kind(config->input, &kind)));
    HG_TRY(compare_kinds(comm, config->input, kind));
    if (kind == HG_FILE_GRAPH) return hg_info_graph(comm, config);
    if (kind == HG_FILE_CHECKPOINT || kind == HG_FILE_PARAMS) return hg_info_checkpoint(comm, config);
    return hg_file_kind_fail(config->input, kind, HG_FILE_GRAPH);
}
