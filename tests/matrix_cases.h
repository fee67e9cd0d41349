/** The cases of the reproducibility matrix: what a graph and a training may be. For every two factors, every possible
 *  pair of their values is in some case of the table. */
#ifndef HG_TESTS_MATRIX_CASES_H
#define HG_TESTS_MATRIX_CASES_H

#include "base/rng.h"
#include "testing.h"

enum { MATRIX_VALUES = 8, MATRIX_CASES = 160, MATRIX_TEXT = 1024 };

enum matrix_factor {
    M_SHAPE,
    M_HEADS,
    M_LOOPS,
    M_LAST_HEADS,
    M_WIDTH,
    M_LAYERS,
    M_TASK,
    M_EDGE_FEATURES,
    M_COLUMNS,
    M_NORMALIZE,
    M_OPTIMIZER,
    M_ACTIVATION,
    M_PARTITIONER,
    M_CELLS,
    M_DIRECTION,
    M_COPIES,
    M_PART,
    M_FEATURES,
    M_MISSING,
    M_TRAIN,
    M_DROPOUT,
    M_ATTN_DROPOUT,
    M_HALO,
    M_RESIDUAL,
    M_CONCAT,
    M_BIAS,
    MATRIX_FACTORS
};

/** The factors, with their names and values. Where the program has an enum for a factor, a value's index here is its
 *  number in the enum. */
static const struct {
    const char *name, *value[MATRIX_VALUES];
} matrix_factors[MATRIX_FACTORS] = {
    [M_SHAPE] = {"shape",
                 {"star", "path", "clique", "edgeless", "one-node", "few-nodes", "random", "skewed"}},
    [M_HEADS] = {"heads", {"1", "2", "3", "4", "5", "8", "12", "16"}},
    [M_LOOPS] = {"loops", {"added", "replaced", "own", "none"}},
    [M_LAST_HEADS] = {"last-heads", {"1", "3", "8"}},
    [M_WIDTH] = {"width", {"1", "5", "8"}},
    [M_LAYERS] = {"layers", {"1", "2", "3"}},
    [M_TASK] = {"task", {"single-label", "multi-label", "regression"}},
    [M_EDGE_FEATURES] = {"edge-features", {"0", "1", "3"}},
    [M_COLUMNS] = {"columns", {"1", "7", "40"}},
    [M_NORMALIZE] = {"normalize", {"none", "row", "standard"}},
    [M_OPTIMIZER] = {"optimizer", {"adam", "adamw", "sgd"}},
    [M_ACTIVATION] = {"activation", {"elu", "relu", "none"}},
    [M_PARTITIONER] = {"partitioner", {"metis", "cluster", "block", "random"}},
    [M_CELLS] = {"cells", {"3", "19"}},
    [M_DIRECTION] = {"direction", {"directed", "symmetric"}},
    [M_COPIES] = {"parallel-edges", {"none", "some"}},
    [M_PART] = {"part-of-hub", {"16384", "5"}},
    [M_FEATURES] = {"features", {"dense", "sparse"}},
    [M_MISSING] = {"missing-labels", {"none", "some"}},
    [M_TRAIN] = {"train", {"half", "one-node"}},
    [M_DROPOUT] = {"dropout", {"0", "0.4"}},
    [M_ATTN_DROPOUT] = {"attn-dropout", {"0", "0.3"}},
    [M_HALO] = {"halo", {"f32", "bf16"}},
    [M_RESIDUAL] = {"residual", {"no", "yes"}},
    [M_CONCAT] = {"concat", {"no", "yes"}},
    [M_BIAS] = {"bias", {"no", "yes"}},
};

/** Impossible pairs of values: a graph without edges (except self-loops) has neither a direction nor parallel edges.
 */
static const struct {
    enum matrix_factor factor;
    const char *value;
    enum matrix_factor other;
    const char *excluded;
} matrix_exclusions[] = {
    {M_SHAPE, "edgeless", M_DIRECTION, "directed"},
    {M_SHAPE, "edgeless", M_COPIES, "some"},
    {M_SHAPE, "one-node", M_DIRECTION, "directed"},
    {M_SHAPE, "one-node", M_COPIES, "some"},
};

/** A value of each factor, and the seed of graph, parameters and dropout. */
struct matrix_case {
    int value[MATRIX_FACTORS]; /**< index among the factor's values; -1: not chosen yet */
    uint64_t seed;
};

static inline int matrix_values(enum matrix_factor f)
{
    int count = 0;
    while (count < MATRIX_VALUES && matrix_factors[f].value[count] != NULL) count++;
    return count;
}

static inline const char *matrix_value(const struct matrix_case *c, enum matrix_factor f)
{
    return matrix_factors[f].value[c->value[f]];
}

static inline bool matrix_is(const struct matrix_case *c, enum matrix_factor f, const char *value)
{
    return strcmp(matrix_value(c, f), value) == 0;
}

static inline int64_t matrix_number(const struct matrix_case *c, enum matrix_factor f)
{
    return strtoll(matrix_value(c, f), NULL, 10);
}

/** Describes a case: "shape star, heads 3, ...". */
static inline void matrix_describe(const struct matrix_case *c, char text[MATRIX_TEXT])
{
    int used = 0;
    for (int f = 0; f < MATRIX_FACTORS; f++)
        used += snprintf(text + used, MATRIX_TEXT - (size_t)used, "%s %s, ", matrix_factors[f].name,
                         matrix_value(c, (enum matrix_factor)f));
    snprintf(text + used, MATRIX_TEXT - (size_t)used, "seed %llu", (unsigned long long)c->seed);
}

/** Whether a graph can have value v of factor f together with value w of factor g. */
static inline bool matrix_possible(int f, int v, int g, int w)
{
    for (size_t k = 0; k < sizeof matrix_exclusions / sizeof *matrix_exclusions; k++) {
        const int a = (int)matrix_exclusions[k].factor, b = (int)matrix_exclusions[k].other;
        const bool straight = f == a && g == b, turned = f == b && g == a;
        const char *first = matrix_factors[a].value[straight ? v : turned ? w : 0];
        const char *second = matrix_factors[b].value[straight ? w : turned ? v : 0];
        if ((straight || turned) && strcmp(first, matrix_exclusions[k].value) == 0 &&
            strcmp(second, matrix_exclusions[k].excluded) == 0)
            return false;
    }
    return true;
}

/** Whether value v of factor f is possible together with all values chosen so far. */
static inline bool matrix_fits(const struct matrix_case *c, int f, int v)
{
    for (int g = 0; g < MATRIX_FACTORS; g++)
        if (g != f && c->value[g] >= 0 && !matrix_possible(f, v, g, c->value[g])) return false;
    return true;
}

/** The pairs of values that no case has so far; stored for (f, g) and (g, f). */
struct matrix_pairs {
    bool met[MATRIX_FACTORS][MATRIX_VALUES][MATRIX_FACTORS][MATRIX_VALUES];
};

/* Number of new pairs that value v of factor f would add to the case. */
static inline int matrix_gain(const struct matrix_pairs *pairs, const struct matrix_case *c, int f, int v)
{
    int gain = 0;
    for (int g = 0; g < MATRIX_FACTORS; g++)
        gain += g != f && c->value[g] >= 0 && !pairs->met[f][v][g][c->value[g]];
    return gain;
}

/* Chooses the remaining factors one after another: each time the value that adds most new pairs. */
static inline void matrix_complete(const struct matrix_pairs *pairs, struct matrix_case *c)
{
    for (int f = 0; f < MATRIX_FACTORS; f++) {
        const int values = matrix_values((enum matrix_factor)f);
        int best = -1, most = -1;
        for (int k = 0; c->value[f] < 0 && k < values; k++) {
            const int v = (int)((c->seed + (uint64_t)k) % (uint64_t)values);
            const int gain = matrix_fits(c, f, v) ? matrix_gain(pairs, c, f, v) : -1;
            if (gain > most) most = gain, best = v;
        }
        if (c->value[f] < 0) c->value[f] = best;
    }
}

static inline void matrix_meet(struct matrix_pairs *pairs, const struct matrix_case *c)
{
    for (int f = 0; f < MATRIX_FACTORS; f++)
        for (int g = 0; g < MATRIX_FACTORS; g++) pairs->met[f][c->value[f]][g][c->value[g]] = true;
}

/* Begins a case with a pair that no case has so far; false when there is none left. */
static inline bool matrix_begin(const struct matrix_pairs *pairs, struct matrix_case *c)
{
    for (int f = 0; f < MATRIX_FACTORS; f++) c->value[f] = -1;
    for (int f = 0; f < MATRIX_FACTORS; f++)
        for (int g = f + 1; g < MATRIX_FACTORS; g++)
            for (int v = 0; v < matrix_values((enum matrix_factor)f); v++)
                for (int w = 0; w < matrix_values((enum matrix_factor)g); w++) {
                    if (pairs->met[f][v][g][w] || !matrix_possible(f, v, g, w)) continue;
                    c->value[f] = v;
                    c->value[g] = w;
                    return true;
                }
    return false;
}

/** Makes the table of cases; returns their number. */
static inline int matrix_cases(struct matrix_case cases[MATRIX_CASES])
{
    static struct matrix_pairs pairs;
    int count = 0;
    memset(&pairs, 0, sizeof pairs);
    while (count < MATRIX_CASES && matrix_begin(&pairs, &cases[count])) {
        cases[count].seed = (uint64_t)count + 1;
        matrix_complete(&pairs, &cases[count]);
        matrix_meet(&pairs, &cases[count]);
        count++;
    }
    return count;
}

/** A random case, a function of `seed`. */
static inline struct matrix_case matrix_random(uint64_t seed)
{
    const struct hg_rng rng = {{29, 8}};
    struct matrix_case c = {.seed = seed};
    for (int f = 0; f < MATRIX_FACTORS; f++) c.value[f] = -1;
    for (int f = 0; f < MATRIX_FACTORS; f++)
        for (uint64_t k = 0; c.value[f] < 0; k++) {
            const double u = hg_rng_uniform(rng, seed, 1000 * (uint64_t)f + k);
            const int v = (int)(u * matrix_values((enum matrix_factor)f));
            if (matrix_fits(&c, f, v)) c.value[f] = v;
        }
    return c;
}

#endif
