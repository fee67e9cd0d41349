#include "train/run_token.h"

#include "train/run_owner.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Text from the environment or the system, as JSON can hold it. */
static void copy_plain(const char *text, char *to, size_t size)
{
    snprintf(to, size, "%s", text != NULL ? text : "");
    for (char *c = to; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~') *c = '?';
}

/* The batch job that this process is part of, and how often it was restarted. */
static void read_job(struct hg_run_token *owner)
{
    static const char *const variables[] = {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID"};
    const char *restart = getenv("SLURM_RESTART_COUNT");
    for (size_t k = 0; k < sizeof variables / sizeof *variables && owner->job[0] == '\0'; k++)
        copy_plain(getenv(variables[k]), owner->job, sizeof owner->job);
    owner->restart = restart != NULL ? strtoll(restart, NULL, 10) : 0;
}

struct hg_run_token hg_run_token_self(const char *id)
{
    struct hg_run_token owner = {.beats = true};
    char host[HG_TOKEN_HOST] = "";
    gethostname(host, sizeof host - 1);
    copy_plain(host, owner.host, sizeof owner.host);
    snprintf(owner.id, sizeof owner.id, "%s", id);
    hg_process_self(&owner.process);
    read_job(&owner);
    return owner;
}

int hg_run_token_write(const struct hg_run_token *owner, char text[HG_TOKEN_BYTES])
{
    const struct hg_process *process = &owner->process;
    char machine[16], boot[16];
    snprintf(machine, sizeof machine, "%08x", process->host);
    snprintf(boot, sizeof boot, "%08x", process->boot);
    json_t *json = json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:I, s:i}", "run", owner->id, "host",
                             owner->host, "pid", (json_int_t)process->pid, "started",
                             (json_int_t)process->start, "machine", machine, "boot", boot, "job", owner->job,
                             "restart", (json_int_t)owner->restart, "heartbeat", HG_RUN_OWNER_BEAT_SECONDS);
    const size_t length = json_dumpb(json, text, HG_TOKEN_BYTES - 1, 0);
    json_decref(json);
    text[length < HG_TOKEN_BYTES - 1 ? length : 0] = '\n';
    return (int)(length < HG_TOKEN_BYTES - 1 ? length + 1 : 1);
}

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text != NULL ? text : "";
}

/* Takes over what such a line says; false when it is anything else. */
static bool take_fields(const json_t *json, struct hg_run_token *owner)
{
    struct hg_process *process = &owner->process;
    copy_plain(text_of(json, "run"), owner->id, sizeof owner->id);
    copy_plain(text_of(json, "host"), owner->host, sizeof owner->host);
    copy_plain(text_of(json, "job"), owner->job, sizeof owner->job);
    process->pid = (long)json_integer_value(json_object_get(json, "pid"));
    process->start = (unsigned long long)json_integer_value(json_object_get(json, "started"));
    process->host = (uint32_t)strtoul(text_of(json, "machine"), NULL, 16);
    process->boot = (uint32_t)strtoul(text_of(json, "boot"), NULL, 16);
    owner->restart = json_integer_value(json_object_get(json, "restart"));
    owner->beats = json_object_get(json, "heartbeat") != NULL;
    const size_t digits = strspn(owner->id, "0123456789abcdef");
    return digits > 0 && owner->id[digits] == '\0' && owner->host[0] != '\0' && process->pid > 0 &&
           text_of(json, "machine")[0] != '\0' && text_of(json, "boot")[0] != '\0';
}

bool hg_run_token_parse(const char *text, struct hg_run_token *owner)
{
    json_t *json = json_loads(text, 0, NULL);
    const bool taken = json != NULL && take_fields(json, owner);
    json_decref(json);
    return taken;
}
