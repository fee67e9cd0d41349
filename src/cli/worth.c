#include "cli/worth.h"

#include "cli/machine.h"
#include "cli/results.h"
#include "forecast/forecast.h"
#include <math.h>

/* Forecasts for one rank and the listed numbers, ascending. */
struct worth {
    struct hg_rates rates;
    bool measured;
    struct hg_outline outline;
    struct hg_forecast forecast[HG_MAX_LIST + 1];
    int count;
};

static hg_status add(const struct hg_forecast_of *of, int ranks, struct worth *w)
{
    if (w->count > 0 && ranks <= w->forecast[w->count - 1].placement.ranks) return HG_OK;
    HG_TRY(hg_forecast_make(of, ranks, &w->forecast[w->count]));
    w->count++;
    return HG_OK;
}

static hg_status estimate(const struct hg_graph_info *info, const struct hg_cells *cells,
                          const struct hg_int_list *ranks, struct worth *w)
{
    const struct hg_train_options options = hg_train_options_default();
    const struct hg_outline_assumed assumed = {.labelled = 1};
    const struct hg_forecast_of of = {&w->outline, &options, &w->rates, 1, 0};
    struct hg_comm alone;
    HG_TRY(hg_comm_alone(&alone));
    hg_status status = hg_machine_rates(&alone, NULL, &w->rates, &w->measured);
    if (status == HG_OK) {
        hg_outline_of_cells(&alone, info, cells, &options.data, &assumed, &w->outline);
        status = add(&of, 1, w);
    }
    for (int k = 0; status == HG_OK && k < ranks->count; k++) status = add(&of, (int)ranks->value[k], w);
    hg_comm_destroy(&alone);
    return status;
}

static double speed(const struct worth *w, int k)
{
    return w->forecast[0].seconds / fmax(w->forecast[k].seconds, 1e-12);
}

/* The share of an epoch that is messages, and halo rows per own row. */
static void print_reason(const struct worth *w, int k)
{
    const struct hg_forecast *f = &w->forecast[k];
    hg_print("on %d it would be %.2g times as fast as on 1, with %.2g rows received per own row, and "
             "%.0f %% of an epoch would be messages",
             f->placement.ranks, speed(w, k),
             (double)f->halo_rows / fmax((double)w->outline.info.num_nodes, 1),
             100 * f->slowest.messages / fmax(f->seconds, 1e-12));
}

static void print(const struct worth *w)
{
    const struct hg_advice advice = hg_forecast_advise(w->forecast, w->count, 0);
    const int ranks = w->forecast[advice.largest].placement.ranks;
    if (ranks == 1)
        hg_print("\nMore than 1 rank is not worth it: ");
    else
        hg_print("\nUp to %d ranks are worth it, %.2g times as fast as 1%s", ranks, speed(w, advice.largest),
                 advice.largest + 1 < w->count ? "; " : "");
    if (advice.largest + 1 < w->count) print_reason(w, advice.largest + 1);
    hg_print(".\nThese are estimates for the default model, one rank on a node of %d cores, on %s; "
             "halogat plan makes them for any.\n",
             w->rates.cores, w->measured ? "machines like this one" : "assumed machines");
}

void hg_worth_print(const struct hg_graph_info *info, const struct hg_cells *cells,
                    const struct hg_int_list *ranks)
{
    struct worth w = {.count = 0};
    if (info->num_features == 0 || cells->count == 0) return;
    if (estimate(info, cells, ranks, &w) == HG_OK && w.count > 1) print(&w);
    hg_status_clear();
}
