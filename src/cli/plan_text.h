/** Prints plans: as JSON (docs/formats.md), or as a table with advice in words and the lines of a job script. */
#ifndef HG_CLI_PLAN_TEXT_H
#define HG_CLI_PLAN_TEXT_H

#include "cli/config.h"
#include "forecast/forecast.h"

struct hg_plan_shown {
    const struct hg_config *config;
    const struct hg_outline *outline;
    const struct hg_rates *rates;
    bool measured; /**< the rates are of this machine */
    const struct hg_forecast *forecast;
    int count;
};

/** Fails when out of memory. Local. */
hg_status hg_plan_print_json(const struct hg_plan_shown *shown);
void hg_plan_print_text(const struct hg_plan_shown *shown);

#endif
