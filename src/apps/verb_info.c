#include "apps/info.h"
#include "apps/verbs.h"
#include "base/facts.h"
#include "base/mem.h"
#include "io/h5.h"
#include <string.h>

/* The root attribute `format`, newly allocated; NULL when there is none. */
static hg_status read_format(const char *path, char **format)
{
    struct hg_h5 file;
    HG_TRY(hg_h5_open(path, &file));
    const hg_status status = hg_h5_get_text(&file, "format", format);
    hg_h5_close(&file);
    return status;
}

/* Ranks that find files of different kinds would go different ways. Collective. */
static hg_status compare_formats(const struct hg_comm *comm, const char *path, const char *format)
{
    struct hg_facts facts = {0};
    if (format != NULL) hg_facts_add(&facts, "format", "%s", format);
    const hg_status status = hg_facts_compare(comm, HG_FAILED, path, &facts);
    hg_facts_destroy(&facts);
    return status;
}

static hg_status show_file(const struct hg_comm *comm, const struct hg_config *config, const char *format)
{
    if (format != NULL && strcmp(format, "halogat-graph") == 0) return hg_info_graph(comm, config);
    if (format == NULL || strcmp(format, "halogat-checkpoint") == 0) return hg_info_checkpoint(comm, config);
    return hg_fail(HG_FAILED, config->input, "format \"%.60s\" is neither a graph file nor a checkpoint",
                   format);
}

hg_status hg_verb_info(const struct hg_comm *comm, struct hg_config *config)
{
    char *format = NULL;
    if (config->cpu) return hg_info_cpu(comm, config);
    hg_status status = hg_agree_alike(comm, read_format(config->input, &format));
    if (status == HG_OK) status = compare_formats(comm, config->input, format);
    if (status == HG_OK) status = show_file(comm, config, format);
    hg_mem_free(format);
    return status;
}
