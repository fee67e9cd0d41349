/** The record of a training: DIR/record.json names the run, and every file that it has written or is about to write.
 *
 *  By the record, a later training resumes the run, and one with --overwrite removes what this run wrote and nothing
 *  else. It is written after all checks have passed, before the run's first file, and again before each checkpoint.
 *  All functions are Local, for rank 0. */
#ifndef HG_TRAIN_RUN_RECORD_H
#define HG_TRAIN_RUN_RECORD_H

#include "train/run_owner.h"
#include <jansson.h>

enum { HG_INSTRUCTIONS_BYTES = 32 };

struct hg_run_record {
    char run[HG_RUN_ID_BYTES];
    int64_t runs; /**< number of runs of the series in this folder; 0: a single run */
    char instructions[HG_INSTRUCTIONS_BYTES]; /**< instruction set, on which bits depend */
    json_t *files;                            /**< array of names */
    /** array of the ids of runs that this one overwrites: some of their files may still be there */
    json_t *replaces;
};

/** An empty record; its arrays are NULL when there is no memory. */
struct hg_run_record hg_run_record_new(void);

/** Whether record->files has a name. */
bool hg_run_record_lists(const struct hg_run_record *record, const char *name);

/** Whether id `run` is the record's or one that it replaces. */
bool hg_run_record_replaces(const struct hg_run_record *record, const char *run);

/** *owns: whether the file FOLDER/NAME may be replaced by the record's run: it is listed, and by its contents of this
 *  run, or of one that this run overwrites, or damaged. */
hg_status hg_run_record_owns(const struct hg_run_record *record, const char *folder, const char *name,
                             bool *owns);

/** Reads FOLDER/record.json. *found: there is one. Fails when the file of that name was not written by a training.
 *  Destroy with hg_run_record_destroy, also when nothing was found. */
hg_status hg_run_record_read(const char *folder, struct hg_run_record *record, bool *found);

/** Writes FOLDER/record.json atomically. */
hg_status hg_run_record_write(const char *folder, const struct hg_run_record *record);

/** Adds a name to record->files unless it is there. */
hg_status hg_run_record_add(struct hg_run_record *record, const char *name);

void hg_run_record_destroy(struct hg_run_record *record);

#endif
