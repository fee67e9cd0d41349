/** Writes the small files of a run's folder. */
#ifndef HG_TRAIN_RUN_TEXT_H
#define HG_TRAIN_RUN_TEXT_H

#include "base/status.h"
#include <jansson.h>

/** Writes FOLDER/NAME atomically: a JSON value, or the text `line` when value is NULL, and a line feed. A symbolic link
 *  of that name is replaced. Local, for rank 0. */
hg_status hg_run_text_write(const char *folder, const char *name, const json_t *value, const char *line);

#endif
