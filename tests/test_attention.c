/* Attention over edges against its naive twin: every size of a group of heads, widths with special code, rows with no
 * edges up to several chunks, parallel edges, large scores, dropout, edge features, heads that share G; whole rows, and
 * rows joined from parts; exponentials per edge, and, where scores are separable, per node.
 *
 * Scores are multiples of 1/64, so they are exact in float, and kernel and twin agree on which scores are > 0. Some
 * scores are 0, and some 2^-21, whose exponentials are the same as those of 0. */
#include "attention_graphs.h"
#include "graph/shard.h"
#include "row_types.h"

/* Allowed number of roundings: 3e-5 of the sum of absolute terms in float. A row sums up to 1,100 terms one after
 * another, so up to 550 roundings are possible; the worst measured over all cases is 115. */
enum { STEPS = 256 };

/* The options that are combined with heads and widths. drop < 0: no dropout at all; 1e-7 is rounded to a threshold of
 * 0. */
static const struct option {
    double slope, p_range, q_range, drop;
    int attr_cols;
    bool shared_g, plus, reversed;
} options[] = {
    {0.2, 4, 4, -1, 0, false, true, false},    {0.2, 4, 4, 0.6, 0, false, true, true},
    {0.2, 4, 4, -1, 3, false, true, true},     {0.25, 4, 1e4, 0.5, 0, true, true, false},
    {0.25, 1e4, 4, 0.3, 2, false, true, true}, {0, 4, 4, 0.6, 1, true, true, false},
    {1, 1e4, 1e4, 1e-7, 0, false, true, true}, {0.2, 4, 4, 0.6, 5, true, false, false},
    {0, 40, 100, 0.3, 0, false, true, true},   {0.9, 4, 40, -1, 0, true, false, false},
};
enum { OPTIONS = sizeof options / sizeof *options };

static bool separable(const struct option *o, int heads)
{
    const struct hg_heads group = {heads, 1, (hg_real)o->slope, 0};
    return o->attr_cols == 0 && o->p_range <= HG_SEPARABLE_MAX_P && hg_heads_separable(group);
}

/* One case: the naive twin, and the kernels' arguments for the same inputs. */
struct problem {
    struct pool pool;
    const struct graph *graph;
    struct naive_attention twin;
    struct hg_attention_dropout dropout;
    struct hg_attention_forward forward;
    struct hg_attention_backward backward;
    hg_real *scratch;
    int64_t target; /* numbers from one row [q | M | S | A+ | O] to the next */
};

/* A number of the row of target i: k = 0 q, 1 M, 2 S, 3 A+ or D, of head h; 4: number h of O or G. */
static hg_real *part_of(const struct problem *x, const hg_real *targets, int64_t i, int k, int64_t h)
{
    const int K = x->twin.heads;
    return (hg_real *)(uintptr_t)targets + i * x->target + (k < 4 ? k * K : hg_target_scalars(K)) + h;
}

/* Part k (see part_of) of the rows of all targets, `numbers` per row, packed. */
static hg_real *packed_part(struct problem *x, const hg_real *targets, int k, int64_t numbers)
{
    hg_real *packed = POOL_NAN(&x->pool, ROWS * numbers);
    for (int64_t n = 0; n < ROWS * numbers; n++)
        packed[n] = *part_of(x, targets, n / numbers, k, n % numbers);
    return packed;
}

/* ROWS rows of n random numbers, padded with zeros to `stride`. */
static hg_real *padded_random(struct pool *pool, int n, int stride, uint64_t salt)
{
    hg_real *x = pool_random(pool, (int64_t)ROWS * stride, 1, 0, salt);
    for (int64_t k = 0; k < (int64_t)ROWS * stride; k++) x[k] = k % stride < n ? row_rounded(x[k]) : 0;
    return x;
}

static void twin_create(struct problem *x, const struct option *o, int K, int F)
{
    struct pool *pool = &x->pool;
    const struct graph *g = x->graph;
    const int64_t n = ROWS * K, E = g->edges * K, C = o->attr_cols;
    const int stride = (int)hg_row_stride(K * F);
    const int first_head =
        2 * HG_LANES - K; /* the last group that fits into the second block of random bits */
    x->twin = (struct naive_attention){.heads = K,
                                       .first_head = first_head,
                                       .width = F,
                                       .stride = stride,
                                       .attr_cols = o->attr_cols,
                                       .slope = (double)(hg_real)o->slope,
                                       .rows = ROWS,
                                       .edges = g->edges,
                                       .source = g->source,
                                       .target = g->target,
                                       .g_cols = o->shared_g ? F : K * F};
    struct naive_attention *a = &x->twin;
    a->z = padded_random(pool, K * F, stride, 1);
    hg_real *p = pool_random(pool, n, o->p_range, 1 / 64.0, 2);
    for (int64_t k = 0; k < n && o->p_range <= 4; k += 2) p[k] += (hg_real)0x1p-21;
    a->p = p;
    a->q = pool_random(pool, n, o->q_range, 1 / 64.0, 3);
    hg_real *g_rows = pool_random(pool, (int64_t)ROWS * a->g_cols, 1, 0, 4);
    row_round(g_rows, (int64_t)ROWS * a->g_cols);
    a->g = g_rows;
    a->attr = C > 0 ? pool_random(pool, g->edges * C, 2, 1 / 8.0, 5) : NULL;
    a->attr_vector = C > 0 ? pool_random(pool, C * K, 1, 1 / 8.0, 6) : NULL;
    double **edges[] = {&a->score, &a->alpha, &a->keep};
    for (int k = 0; k < 3; k++) *edges[k] = pool_new(pool, E, sizeof(double), 0);
    struct naive **scalars[] = {&a->max, &a->inv_sum, &a->d, &a->a_plus, &a->dp, &a->dq};
    for (int k = 0; k < 6; k++) *scalars[k] = POOL_SUMS(pool, n);
    struct naive **wide[] = {&a->o, &a->o_plus, &a->dz};
    for (int k = 0; k < 3; k++) *wide[k] = POOL_SUMS(pool, ROWS * stride);
    a->du = POOL_SUMS(pool, n * C);
    const struct hg_rng stream = hg_rng_stream(5, HG_RNG_ATTENTION_DROPOUT, K, F);
    naive_masks(a, g->imported, fmax(o->drop, 0), stream);
    hg_attention_dropout_init(&x->dropout, fmax(o->drop, 0), first_head + K, stream);
    naive_forward(a);
    naive_backward(a);
}

/* Outputs filled with NaN, for all rows; q is given. */
static void forward_outputs(struct problem *x, bool plus, struct hg_attention_forward *args)
{
    const int K = args->heads.count;
    args->targets = POOL_NAN(&x->pool, ROWS * x->target);
    for (int64_t k = 0; k < (int64_t)ROWS * K; k++) args->targets[k / K * x->target + k % K] = x->twin.q[k];
    args->o_plus = plus ? POOL_NAN(&x->pool, ROWS * (int64_t)x->twin.stride) : NULL;
}

static void backward_outputs(struct problem *x, struct hg_attention_backward *args)
{
    const int64_t n = (int64_t)ROWS * args->heads.count;
    args->dp = POOL_NAN(&x->pool, n);
    args->dz = POOL_NAN(&x->pool, ROWS * (int64_t)x->twin.stride);
    args->du = args->out.attr != NULL ? POOL_NAN(&x->pool, n * args->out.attr_cols) : NULL;
}

/* Sets the arguments for separated scores: exponentials of nodes. */
static void separate(struct problem *x)
{
    const int K = x->twin.heads;
    const double slope = x->twin.slope;
    hg_real *exp_p = POOL_NAN(&x->pool, ROWS * 2 * K);
    for (int64_t k = 0; k < (int64_t)ROWS * K; k++) {
        const double p = (double)x->twin.p[k];
        exp_p[k / K * 2 * K + k % K] = (hg_real)exp((1 - slope) * p);
        exp_p[k / K * 2 * K + K + k % K] = (hg_real)exp(slope * p);
    }
    x->forward.exp_p = exp_p;
    x->backward.separated = true;
}

static void problem_create(struct problem *x, const struct option *o, int K, int F)
{
    const struct hg_row_layout layout = row_layout(K, F, F % 3 * HG_LANES);
    *x = (struct problem){.graph = &graphs[o->reversed], .target = layout.target};
    twin_create(x, o, K, F);
    const struct naive_attention *a = &x->twin;
    const struct graph *g = x->graph;
    const struct hg_heads heads = {K, F, (hg_real)o->slope, x->twin.first_head};
    const struct hg_attention_dropout *dropout = o->drop < 0 ? NULL : &x->dropout;
    const hg_real *z = rows_stored(&x->pool, a->z, ROWS, a->stride, layout.z);
    x->scratch = POOL_NAN(&x->pool, HG_ATTENTION_SCRATCH);
    x->forward = (struct hg_attention_forward){
        .heads = heads,
        .layout = layout,
        .dropout = dropout,
        .z = z,
        .p = a->p,
        .in = {g->in_ptr, g->source, g->imported, g->imported, a->attr, a->attr_vector, a->attr_cols}};
    forward_outputs(x, o->plus, &x->forward);
    hg_real *attr = NULL; /* in the order of out-edges */
    const int64_t C = a->attr_cols;
    if (C > 0) attr = POOL_NAN(&x->pool, g->edges * C);
    for (int64_t k = 0; k < g->edges * C; k++) attr[k] = a->attr[g->out_edge[k / C] * C + k % C];
    x->backward = (struct hg_attention_backward){
        .heads = heads,
        .layout = layout,
        .dropout = dropout,
        .z = z,
        .p = a->p,
        .shared_g = o->shared_g,
        .out = {g->out_ptr, g->out_target, g->imported, g->imported, attr, a->attr_vector, a->attr_cols}};
    backward_outputs(x, &x->backward);
}

/* All rows, in a mixed order. */
static void all_rows(hg_lid rows[ROWS])
{
    for (hg_lid k = 0; k < ROWS; k++) rows[k] = (k * 7 + 3) % ROWS;
}

/* Replaces q, M and S of a target and head by u, v and q. */
static void separate_target(struct problem *x, hg_real *rows, hg_lid i, int h)
{
    hg_real *number[3];
    for (int k = 0; k < 3; k++) number[k] = part_of(x, rows, i, k, h);
    const hg_real q = *number[0];
    const double max = (double)*number[1], inv_sum = (double)*number[2];
    *number[0] = (hg_real)(exp((double)q - max) * inv_sum);
    *number[1] = (hg_real)(exp(x->twin.slope * (double)q - max) * inv_sum);
    *number[2] = q;
}

/* Rows [q | M | S | D | G], or [u | v | q | D | G]: M and S from the kernel, D_i = <G_i, O_i> by the identity of
 * docs/mathematics.md. */
static hg_real *target_rows(struct problem *x)
{
    const struct naive_attention *a = &x->twin;
    const int K = a->heads, F = a->width, cols = a->g_cols;
    hg_real *rows = POOL_NAN(&x->pool, ROWS * x->target);
    memcpy(rows, x->forward.targets, (size_t)(ROWS * x->target) * sizeof *rows);
    for (hg_lid i = 0; i < ROWS; i++) {
        const hg_real *g = a->g + i * cols, *o = part_of(x, x->forward.targets, i, 4, 0);
        for (int h = 0; h < K; h++) {
            double d = 0;
            for (int f = 0; f < F; f++) d += (double)g[cols == F ? f : f * K + h] * (double)o[f * K + h];
            *part_of(x, rows, i, 3, h) = (hg_real)d;
            if (x->backward.separated) separate_target(x, rows, i, h);
        }
        kernels->rows_store[row_type](hg_mat_packed((hg_real *)(uintptr_t)g, 1, cols),
                                      part_of(x, rows, i, 4, 0), 0);
    }
    return rows;
}

/* Checks M and S. With separated scores M is not the maximum but a number near it, and S makes up for the difference.
 */
static void check_softmax(struct problem *x)
{
    const struct naive_attention *a = &x->twin;
    const struct hg_attention_forward *got = &x->forward;
    const int64_t n = (int64_t)ROWS * a->heads;
    const hg_real *max = packed_part(x, got->targets, 1, a->heads);
    hg_real *inv_sum = packed_part(x, got->targets, 2, a->heads);
    for (int64_t k = 0; k < n; k++) {
        if (a->inv_sum[k].value == 0) continue;
        if (got->exp_p != NULL)
            inv_sum[k] = (hg_real)((double)inv_sum[k] * exp(a->max[k].value - (double)max[k]));
        else
            assert_near("M", max + k, a->max + k, 1, 1);
    }
    assert_near("S", inv_sum, a->inv_sum, n, STEPS);
}

static void check_forward(struct problem *x)
{
    const struct naive_attention *a = &x->twin;
    const struct hg_attention_forward *got = &x->forward;
    const int64_t n = (int64_t)ROWS * a->heads, E = a->edges * a->heads;
    check_softmax(x);
    assert_near("O", packed_part(x, got->targets, 4, a->stride), a->o, ROWS * (int64_t)a->stride, STEPS);
    if (got->o_plus != NULL) {
        assert_near("O+", got->o_plus, a->o_plus, ROWS * (int64_t)a->stride, STEPS);
        assert_near("A+", packed_part(x, got->targets, 3, a->heads), a->a_plus, n, STEPS);
    }
    hg_real *alpha = POOL_NAN(&x->pool, E), *part = POOL_NAN(&x->pool, E);
    struct naive *want = POOL_SUMS(&x->pool, E);
    for (int64_t k = 0; k < E; k++) naive_add(&want[k], a->alpha[k]);
    kernels->attention_alpha(got, 0, ROWS, alpha, a->heads);
    assert_near("alpha", alpha, want, E, STEPS);
    const int64_t begin = x->graph->in_ptr[5] * a->heads, end = x->graph->in_ptr[11] * a->heads;
    kernels->attention_alpha(got, 5, 11, part, a->heads);
    assert_memory_equal(part, alpha + begin, (size_t)(end - begin) * sizeof *part);
}

/* Checks dq_i = (1 - lambda) (<G_i, O+_i> - D_i A+_i), which needs no pass over edges. */
static void check_dq(const struct problem *x)
{
    const struct naive_attention *a = &x->twin;
    const int K = a->heads, F = a->width;
    for (int64_t k = 0; k < (int64_t)ROWS * K && x->forward.o_plus != NULL; k++) {
        const int64_t i = k / K, h = k % K;
        const hg_real *g = a->g + i * a->g_cols;
        double dot = 0;
        for (int f = 0; f < F; f++)
            dot += (double)g[a->g_cols == F ? f : f * K + h] *
                   (double)x->forward.o_plus[i * a->stride + f * K + h];
        const double d = (double)*part_of(x, x->backward.targets, i, 3, h);
        const double a_plus = (double)*part_of(x, x->forward.targets, i, 3, h);
        const hg_real dq = (hg_real)((1 - a->slope) * (dot - d * a_plus));
        assert_near("dq", &dq, &a->dq[k], 1, STEPS);
    }
}

static void check_backward(struct problem *x)
{
    const struct naive_attention *a = &x->twin;
    const int64_t n = (int64_t)ROWS * a->heads;
    assert_near("dp", x->backward.dp, a->dp, n, STEPS);
    assert_near("dZ", x->backward.dz, a->dz, ROWS * (int64_t)a->stride, STEPS);
    if (a->attr_cols > 0) assert_near("dU", x->backward.du, a->du, n * a->attr_cols, STEPS);
    check_dq(x);
}

/* Asserts that row i, of `cols` numbers, has the same bits in both arrays. */
static void same_row(const hg_real *got, const hg_real *want, hg_lid i, int64_t cols)
{
    if (got != NULL) assert_memory_equal(got + i * cols, want + i * cols, (size_t)cols * sizeof *got);
}

static void same_target(const struct problem *x, const hg_real *got, hg_lid i)
{
    const int scalars = x->twin.heads * (x->forward.o_plus != NULL ? 4 : 3);
    assert_memory_equal(got + i * x->target, x->forward.targets + i * x->target,
                        (size_t)scalars * sizeof *got);
    assert_memory_equal(part_of(x, got, i, 4, 0), part_of(x, x->forward.targets, i, 4, 0),
                        (size_t)x->twin.stride * sizeof *got);
}

/* A row that is computed alone has the same bits as in any list of rows. */
static void check_rows_alone(struct problem *x)
{
    struct hg_attention_forward forward = x->forward;
    struct hg_attention_backward backward = x->backward;
    const int K = x->twin.heads, wide = x->twin.stride;
    forward_outputs(x, x->forward.o_plus != NULL, &forward);
    backward_outputs(x, &backward);
    for (hg_lid i = 0; i < SPECIAL; i++) {
        row_kernels(forward.heads.count)->attention_forward(&forward, &i, 1, x->scratch);
        row_kernels(backward.heads.count)->attention_backward(&backward, &i, 1, x->scratch);
        same_target(x, forward.targets, i);
        same_row(forward.o_plus, x->forward.o_plus, i, wide);
        same_row(backward.dp, x->backward.dp, i, K);
        same_row(backward.dz, x->backward.dz, i, wide);
        same_row(backward.du, x->backward.du, i, (int64_t)K * x->twin.attr_cols);
    }
}

static void check_way(const struct option *o, int K, int F, bool separated)
{
    struct problem x;
    hg_lid rows[ROWS];
    all_rows(rows);
    problem_create(&x, o, K, F);
    if (separated) separate(&x);
    row_kernels(x.forward.heads.count)->attention_forward(&x.forward, rows, ROWS, x.scratch);
    check_forward(&x);
    x.backward.targets = target_rows(&x);
    row_kernels(x.backward.heads.count)->attention_backward(&x.backward, rows, ROWS, x.scratch);
    check_backward(&x);
    check_rows_alone(&x);
    pool_free(&x.pool);
}

static void check_case(const struct option *o, int K, int F)
{
    check_way(o, K, F, false);
    if (separable(o, K)) check_way(o, K, F, true);
}

/* Rows with more edges than this are split into parts. A part of 20 edges is one batch, one of 300 several. */
static const hg_eid part_edges[] = {20, 300};

static void split_hubs(const struct hg_edge_view *edges, hg_eid limit, struct hg_hubs *hubs)
{
    const struct hg_adjacency adjacency = {.indptr = (hg_eid *)(uintptr_t)edges->indptr,
                                           .indices = (hg_lid *)(uintptr_t)edges->indices};
    assert_ok(hg_hubs_create(&adjacency, ROWS, limit, hubs));
    assert_true(limit > part_edges[0] || (hubs->count > 1 && hubs->parts > hubs->count));
    assert_int_equal(hubs->interior_parts, hubs->parts);
}

/* Lists the rows that are not hubs; returns their number. */
static hg_lid other_rows(const struct hg_edge_view *edges, hg_eid limit, hg_lid rows[ROWS])
{
    hg_lid count = 0;
    for (hg_lid i = 0; i < ROWS; i++)
        if (edges->indptr[i + 1] - edges->indptr[i] <= limit) rows[count++] = i;
    return count;
}

/* A view whose row 0 has the edges of a part of a hub. */
static struct hg_edge_view part_view(struct hg_edge_view edges, const struct hg_hub_part *part)
{
    edges.indptr = part->bounds;
    edges.row_imported += part->row;
    return edges;
}

static void forward_in_parts(struct problem *x, hg_eid limit)
{
    const int K = x->twin.heads;
    struct hg_hubs hubs;
    hg_lid rows[ROWS];
    split_hubs(&x->forward.in, limit, &hubs);
    row_kernels(x->forward.heads.count)
        ->attention_forward(&x->forward, rows, other_rows(&x->forward.in, limit, rows), x->scratch);
    for (hg_lid n = 0; n < hubs.count; n++) {
        struct hg_attention_forward parts = x->forward;
        struct pool pool = {0};
        const hg_lid count = hubs.first[n + 1] - hubs.first[n], hub = hubs.part[hubs.first[n]].row;
        parts.targets = POOL_NAN(&pool, count * x->target);
        parts.o_plus = parts.o_plus != NULL ? POOL_NAN(&pool, count * x->twin.stride) : NULL;
        for (hg_lid k = 0; k < count; k++) {
            struct hg_attention_forward part = parts;
            part.in = part_view(part.in, &hubs.part[hubs.first[n] + k]);
            part.targets += k * x->target;
            part.o_plus = part.o_plus != NULL ? part.o_plus + k * x->twin.stride : NULL;
            memcpy(part.targets, x->twin.q + hub * K, (size_t)K * sizeof(hg_real));
            row_kernels(part.heads.count)->attention_forward(&part, &(hg_lid){0}, 1, x->scratch);
        }
        kernels->attention_join_forward(&parts, count, &x->forward, hub);
        pool_free(&pool);
    }
    hg_hubs_destroy(&hubs);
}

static void backward_in_parts(struct problem *x, hg_eid limit)
{
    const int K = x->twin.heads, stride = x->twin.stride;
    struct hg_hubs hubs;
    hg_lid rows[ROWS];
    split_hubs(&x->backward.out, limit, &hubs);
    row_kernels(x->backward.heads.count)
        ->attention_backward(&x->backward, rows, other_rows(&x->backward.out, limit, rows), x->scratch);
    for (hg_lid n = 0; n < hubs.count; n++) {
        struct hg_attention_backward parts = x->backward;
        struct pool pool = {0};
        const hg_lid count = hubs.first[n + 1] - hubs.first[n], hub = hubs.part[hubs.first[n]].row;
        parts.dz = POOL_NAN(&pool, count * stride);
        parts.dp = POOL_NAN(&pool, count * K);
        parts.du = parts.du != NULL ? POOL_NAN(&pool, count * K * x->twin.attr_cols) : NULL;
        for (hg_lid k = 0; k < count; k++) {
            struct hg_attention_backward part = parts;
            part.out = part_view(part.out, &hubs.part[hubs.first[n] + k]);
            part.z += hub * part.layout.z;
            part.p += hub * K;
            part.dz += k * stride;
            part.dp += k * K;
            part.du = part.du != NULL ? part.du + k * K * x->twin.attr_cols : NULL;
            row_kernels(part.heads.count)->attention_backward(&part, &(hg_lid){0}, 1, x->scratch);
        }
        kernels->attention_join_backward(&parts, count, &x->backward, hub);
        pool_free(&pool);
    }
    hg_hubs_destroy(&hubs);
}

static void check_parts(const struct option *o, int K, int F, hg_eid limit, bool separated)
{
    struct problem x;
    problem_create(&x, o, K, F);
    if (separated) separate(&x);
    forward_in_parts(&x, limit);
    check_forward(&x);
    x.backward.targets = target_rows(&x);
    backward_in_parts(&x, limit);
    check_backward(&x);
    pool_free(&x.pool);
}

/* Every size of a group with every width, each with some of the options, chosen so that every size is tested with every
 * option. */
static void test_shapes(void **state)
{
    (void)state;
    static const int heads[] = {1, 2, 4, 8}, widths[] = {1, 3, 7, 8, 13, 64, 130};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
            for (size_t round = 0; round < 4; round++)
                check_case(&options[(k + 3 * w + 5 * round) % OPTIONS], heads[k], widths[w]);
}

static void test_parts(void **state)
{
    (void)state;
    static const int heads[] = {1, 2, 4, 8}, widths[] = {1, 7, 8, 13};
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++)
        for (int o = 0; o < OPTIONS; o++)
            for (int separated = 0; separated <= separable(&options[o], heads[k]); separated++)
                check_parts(&options[o], heads[k], widths[(k + (size_t)o) % 4],
                            part_edges[(k + (size_t)o) / 4 % 2], separated);
}

/* Eight heads, which have loops of their own, with every option. */
static void test_options(void **state)
{
    (void)state;
    for (int o = 0; o < OPTIONS; o++) check_case(&options[o], 8, 8);
}

/* A NaN in one source reaches all its targets, also through dropped edges, and no other row: first with whole rows,
 * then with rows joined from parts. */
static void test_nan(void **state)
{
    (void)state;
    for (int round = 0; round < 4; round++) {
        struct problem x;
        hg_lid rows[ROWS];
        bool reached[ROWS] = {false};
        const hg_lid bad = 7;
        all_rows(rows);
        problem_create(&x, &options[round % 2], 8, 8);
        hg_real *p = POOL_NAN(&x.pool, ROWS * 8);
        memcpy(p, x.twin.p, ROWS * 8 * sizeof *p);
        p[bad * 8 + 3] = (hg_real)NAN;
        x.forward.p = p;
        for (int64_t e = 0; e < x.graph->edges; e++)
            if (x.graph->source[e] == bad) reached[x.graph->target[e]] = true;
        if (round < 2)
            row_kernels(x.forward.heads.count)->attention_forward(&x.forward, rows, ROWS, x.scratch);
        else
            forward_in_parts(&x, part_edges[0]);
        for (hg_lid i = 0; i < ROWS; i++)
            for (int k = 0; k < 64; k++)
                assert_true(isnan(*part_of(&x, x.forward.targets, i, 4, k)) == (reached[i] && k % 8 == 3));
        pool_free(&x.pool);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_shapes, make_graphs),
    cmocka_unit_test_setup(test_options, make_graphs),
    cmocka_unit_test_setup(test_parts, make_graphs),
    cmocka_unit_test_setup(test_nan, make_graphs),
};

HG_ROW_TEST_MAIN(tests)
