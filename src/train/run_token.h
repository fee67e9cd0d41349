/** The contents of the file `owner` of a run's folder (train/run_owner.h): which process, of which batch job, writes
 *  into the folder. */
#ifndef HG_TRAIN_RUN_TOKEN_H
#define HG_TRAIN_RUN_TOKEN_H

#include "io/process.h"
#include <stdbool.h>

enum { HG_RUN_ID_BYTES = 33, HG_TOKEN_BYTES = 1024, HG_TOKEN_HOST = 256, HG_TOKEN_JOB = 128 };

/** What the file `owner` says. */
struct hg_run_token {
    char id[HG_RUN_ID_BYTES], host[HG_TOKEN_HOST];
    struct hg_process process;
    char job[HG_TOKEN_JOB]; /**< the batch job's id; "": none */
    int64_t restart;        /**< how often the job was restarted */
    bool beats;             /**< the file is touched every HG_RUN_OWNER_BEAT_SECONDS */
    double age;             /**< seconds since it was touched, by the clock of the file system */
};

/** That of this process, for run `id`. Local. */
struct hg_run_token hg_run_token_self(const char *id);

/** Writes it as one line of JSON; returns its length. Local. */
int hg_run_token_write(const struct hg_run_token *token, char text[HG_TOKEN_BYTES]);

/** Reads such a line, also that of an older program, which has no job and no heartbeat; false when the text is
 *  anything else. Local. */
bool hg_run_token_parse(const char *text, struct hg_run_token *token);

#endif
