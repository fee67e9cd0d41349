/** Fits rates to measured times. */
#ifndef HG_FORECAST_FIT_H
#define HG_FORECAST_FIT_H

enum { HG_FIT_TERMS = 3, HG_FIT_SAMPLES = 64 };

/** Times of several pieces of work, each the sum of amount_k rate_k. */
struct hg_fit {
    int terms, samples;
    double amount[HG_FIT_SAMPLES][HG_FIT_TERMS];
    double seconds[HG_FIT_SAMPLES];
};

/** Adds a sample; one without time is left out. Local. */
void hg_fit_add(struct hg_fit *fit, const double amount[HG_FIT_TERMS], double seconds);

/** rate [terms] >= 0: the rates with the least sum of squares of the relative differences. Local. */
void hg_fit_solve(const struct hg_fit *fit, double rate[HG_FIT_TERMS]);

#endif
