/** Prints results as JSON or as text, from the same JSON value. */
#ifndef HG_CLI_SHOW_H
#define HG_CLI_SHOW_H

#include "dist/comm.h"
#include <jansson.h>

/** Text from a file, or a path, as a JSON string. Text that is not UTF-8 is escaped (hg_printable). A new reference;
 *  NULL when out of memory. Local. */
json_t *hg_show_text(const char *text, size_t length);

/** Prints the object `value` on rank 0 and releases it: as JSON with as_json, else as aligned lines, with nested
 *  objects on one line and arrays of objects as tables with a header. Other ranks pass NULL. Fails when value is NULL
 *  on rank 0, which means out of memory. Collective. */
hg_status hg_show(const struct hg_comm *comm, json_t *value, bool as_json);

#endif
