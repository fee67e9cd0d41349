/** Results as JSON or as text for people: one value, two renderings. */
#ifndef HG_CLI_SHOW_H
#define HG_CLI_SHOW_H

#include "dist/comm.h"
#include <jansson.h>

/** Text of a file or path as a JSON string, whatever its bytes: as it is when it is UTF-8, else with what is not escaped (hg_printable).
 *  A new reference, NULL when out of memory. Local. */
json_t *hg_show_text(const char *text, size_t length);

/** Prints `value` (an object) on rank 0 and takes it over: as JSON when as_json, else as aligned lines (objects of plain
 *  values on one line, arrays of objects as tables with a header). Other ranks pass NULL. Fails on rank 0 when value is NULL: out of
 *  memory. Collective. */
hg_status hg_show(const struct hg_comm *comm, json_t *value, bool as_json);

#endif
