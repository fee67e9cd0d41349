#include "forecast/fit.h"

#include <math.h>
#include <string.h>

void hg_fit_add(struct hg_fit *fit, const double amount[HG_FIT_TERMS], double seconds)
{
    if (fit->samples == HG_FIT_SAMPLES || !(seconds > 0)) return;
    memcpy(fit->amount[fit->samples], amount, sizeof fit->amount[0]);
    fit->seconds[fit->samples++] = seconds;
}

/* The rate of term k that is best while the others stay: the minimum of a parabola, or 0. */
static double best_rate(const struct hg_fit *fit, const double rate[HG_FIT_TERMS], int k)
{
    double above = 0, below = 0;
    for (int i = 0; i < fit->samples; i++) {
        double rest = 1;
        for (int j = 0; j < fit->terms; j++)
            if (j != k) rest -= rate[j] * fit->amount[i][j] / fit->seconds[i];
        const double weight = fit->amount[i][k] / fit->seconds[i];
        above += rest * weight;
        below += weight * weight;
    }
    return below > 0 ? fmax(above / below, 0) : 0;
}

void hg_fit_solve(const struct hg_fit *fit, double rate[HG_FIT_TERMS])
{
    enum { ROUNDS = 20000 };
    for (int k = 0; k < HG_FIT_TERMS; k++) rate[k] = 0;
    for (int round = 0; round < ROUNDS; round++)
        for (int k = 0; k < fit->terms; k++) rate[k] = best_rate(fit, rate, k);
}
