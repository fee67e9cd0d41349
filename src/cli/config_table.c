#include "cli/config_table.h"

#include "graph/node_table.h"
#include "io/import/import.h"
#include <assert.h>
#include <math.h>
#include <string.h>

const char *const hg_verb_name[HG_VERBS] = {
    [HG_VERB_IMPORT] = "import",       [HG_VERB_GENERATE] = "generate", [HG_VERB_INFO] = "info",
    [HG_VERB_PARTITION] = "partition", [HG_VERB_PLAN] = "plan",         [HG_VERB_TRAIN] = "train",
    [HG_VERB_EVAL] = "eval",           [HG_VERB_PREDICT] = "predict",   [HG_VERB_EXPLAIN] = "explain",
};

const char *const hg_verb_help[HG_VERBS] = {
    [HG_VERB_IMPORT] = "convert a data set into a graph file",
    [HG_VERB_GENERATE] = "make a graph: rmat, sbm or grid",
    [HG_VERB_INFO] = "show what is in a graph file or checkpoint, and check it",
    [HG_VERB_PARTITION] = "put a graph file into cell order, good for any number of ranks",
    [HG_VERB_PLAN] = "memory, messages and time of a training on any number of ranks, without training",
    [HG_VERB_TRAIN] = "train a graph attention network on the whole graph",
    [HG_VERB_EVAL] = "metrics of every split",
    [HG_VERB_PREDICT] = "outputs for every node",
    [HG_VERB_EXPLAIN] = "attention coefficients of every edge, layer and head",
};

const char *const hg_verb_argument[HG_VERBS] = {
    [HG_VERB_IMPORT] = "SRC",         [HG_VERB_GENERATE] = "KIND",    [HG_VERB_INFO] = "FILE",
    [HG_VERB_PARTITION] = "graph.h5", [HG_VERB_PLAN] = "graph.h5",    [HG_VERB_TRAIN] = "graph.h5",
    [HG_VERB_EVAL] = "graph.h5",      [HG_VERB_PREDICT] = "graph.h5", [HG_VERB_EXPLAIN] = "graph.h5",
};

const char *const hg_verb_argument_help[HG_VERBS] = {
    [HG_VERB_IMPORT] = "data set: HDF5, .npz, or an edge list in text (.csv, .tsv, .txt; each also .gz)",
    [HG_VERB_GENERATE] = "rmat, sbm or grid",
    [HG_VERB_INFO] = "graph file or checkpoint",
    [HG_VERB_PARTITION] = "graph file",
    [HG_VERB_PLAN] = "graph file; or --nodes and --edges, of a graph that does not exist yet",
    [HG_VERB_TRAIN] = "graph file; ordered into cells in memory when it is not",
    [HG_VERB_EVAL] = "graph file",
    [HG_VERB_PREDICT] = "graph file",
    [HG_VERB_EXPLAIN] = "graph file",
};

const char *const hg_verb_example[HG_VERBS] = {
    [HG_VERB_IMPORT] =
        ("halogat import edges.csv --features x.npy --labels y.txt --undirected --split-random "
         "0.6,0.2 -o graph.h5"),
    [HG_VERB_GENERATE] = "halogat generate sbm --nodes 20000 --edges 200000 --classes 8 -o graph.h5",
    [HG_VERB_INFO] = "halogat info graph.h5 --check",
    [HG_VERB_PARTITION] = "halogat partition graph.h5 -o cells.h5 --ranks 2,4,8",
    [HG_VERB_PLAN] = "halogat plan cells.h5 -n 4,8,16 --memory-per-node 64 --ranks-per-node 2 --heads 8,1",
    [HG_VERB_TRAIN] = "mpirun -n 4 halogat train cells.h5 --out run --heads 8,1 --hidden 8 --epochs 100",
    [HG_VERB_EVAL] = "mpirun -n 4 halogat eval cells.h5 --checkpoint run",
    [HG_VERB_PREDICT] = "mpirun -n 4 halogat predict cells.h5 --checkpoint run -o pred.h5 --text pred.tsv",
    [HG_VERB_EXPLAIN] = "mpirun -n 4 halogat explain cells.h5 --checkpoint run -o alpha.h5 --nodes 0,17",
};

enum {
    IMPORT = 1 << HG_VERB_IMPORT,
    GENERATE = 1 << HG_VERB_GENERATE,
    INFO = 1 << HG_VERB_INFO,
    PARTITION = 1 << HG_VERB_PARTITION,
    PLAN = 1 << HG_VERB_PLAN,
    TRAIN = 1 << HG_VERB_TRAIN,
    EVAL = 1 << HG_VERB_EVAL,
    PREDICT = 1 << HG_VERB_PREDICT,
    EXPLAIN = 1 << HG_VERB_EXPLAIN,
    TRAINED = EVAL | PREDICT | EXPLAIN,
    PLANNED = PLAN | TRAIN, /* options of train: plan has them all */
};

static const char *const recipe_names[] = {"gat-cora"};
static const char *const all_splits[] = {"all"};
static const char *const seed_of_run[] = {"seed"};

#define AT(field) .offset = offsetof(struct hg_config, field)
#define AMONG(names) .choices = (names), .num_choices = (int)(sizeof(names) / sizeof *(names))
#define NAMED(names, count) .choices = (names), .num_choices = (count)
#define AT_LEAST(low) .range = {(low), HUGE_VAL, false, true}
#define ABOVE(low) .range = {(low), HUGE_VAL, true, true}
#define WITHIN(low, high) .range = {(low), (high), false, false}
#define PROBABILITY .range = {0, 1, false, true}
#define FLAG .type = HG_OPTION_FLAG, .fallback = "false"
#define SWITCH_ON .type = HG_OPTION_SWITCH, .fallback = "true"
#define SWITCH_OFF .type = HG_OPTION_SWITCH, .fallback = "false"
#define INT .type = HG_OPTION_INT
#define REAL .type = HG_OPTION_REAL
#define TEXT .type = HG_OPTION_TEXT
#define CHOICE .type = HG_OPTION_CHOICE
#define LIST .type = HG_OPTION_LIST
#define READS .file = HG_FILE_READ, .unit = "FILE"
#define READS_FIRST .file = HG_FILE_READ_FIRST, .unit = "FILE"
#define WRITES .file = HG_FILE_WRITTEN, .unit = "FILE"
#define WRITES_FOLDER .file = HG_FOLDER_WRITTEN, .unit = "DIR"
#define KEPT .verbs = PLANNED, .reach = HG_IN_CHECKPOINTS

/* In the order of --help. The ranges are small enough that products of widths fit an int. */
const struct hg_option hg_options[] = {
    {"out", NULL, 'o', TEXT, AT(out), WRITES, .verbs = IMPORT | GENERATE | PARTITION | PREDICT | EXPLAIN,
     .required = IMPORT | GENERATE | PARTITION | PREDICT | EXPLAIN,
     .help = "file to write; an old one is replaced"},
    {"out", NULL, 'o', TEXT, AT(train.out), WRITES_FOLDER, .verbs = PLANNED, .required = TRAIN,
     .reach = HG_IN_FILES, .help = "folder of the run: metrics, summary, checkpoints"},
    {"checkpoint", NULL, 0, TEXT, AT(checkpoint), READS, .verbs = TRAINED, .required = TRAINED,
     .help = "trained parameters: a checkpoint, or the folder of a run, whose best.h5 is taken"},
    {"per-class", NULL, 0, FLAG, AT(per_class), .verbs = EVAL,
     .help = "also precision, recall and F1 of each class, and which classes are taken for which"},
    {"text", NULL, 0, TEXT, AT(text), WRITES, .verbs = PREDICT,
     .help = "also a line of text per node: name, prediction, probability, separated by tabs"},

    {"format", NULL, 0, TEXT, AT(format), NAMED(hg_importer_name, HG_IMPORTERS), .verbs = IMPORT,
     .help = "format of SRC; told from the file when not given"},
    {"undirected", NULL, 0, FLAG, AT(undirected), .verbs = IMPORT,
     .help = "add the reverse of every edge and merge duplicates"},
    {"keep-parallel", NULL, 0, FLAG, AT(keep_parallel), .verbs = IMPORT,
     .help = "with --undirected: do not merge duplicates"},
    {"keep-double", NULL, 0, FLAG, AT(keep_double), .verbs = IMPORT,
     .help = "store features that are float64 as float64; training rounds them after --normalize-features"},
    {"task", NULL, 0, TEXT, AT(task), NAMED(hg_task_name, HG_TASKS), .verbs = IMPORT,
     .help = "what is learnt; told from the labels when not given"},
    {"nodes", NULL, 0, INT, AT(num_nodes), .fallback = "0", AT_LEAST(0), .unit = "NODES", .verbs = IMPORT,
     .help = "text: number of nodes; 0: as many as edges, features and labels need"},
    {"features", NULL, 0, TEXT, AT(features), READS, .verbs = IMPORT,
     .help = "text: node features, MatrixMarket (.mtx, .mtx.gz) or .npy"},
    {"labels", NULL, 0, TEXT, AT(labels), READS, .verbs = IMPORT,
     .help = "text: a class per line, or one 0/1 column per label; empty or -1: none"},
    {"targets", NULL, 0, TEXT, AT(targets), READS, .verbs = IMPORT,
     .help = "text: numbers to predict, a line per node; nan: none"},
    {"train-mask", NULL, 0, TEXT, AT(train_mask), READS, .verbs = IMPORT,
     .help = "text: training nodes, 0/1 per node or ids, one a line"},
    {"val-mask", NULL, 0, TEXT, AT(val_mask), READS, .verbs = IMPORT, .help = "text: validation nodes"},
    {"test-mask", NULL, 0, TEXT, AT(test_mask), READS, .verbs = IMPORT, .help = "text: test nodes"},
    {"names", NULL, 0, TEXT, AT(names), READS, .verbs = IMPORT,
     .help = "names of the nodes, one a line, or integers in an .npy"},
    {"class-names", NULL, 0, TEXT, AT(class_names), READS, .verbs = IMPORT,
     .help = "names of the classes, labels or targets, one a line"},
    {"columns", NULL, 0, TEXT, AT(columns), .unit = "KEY=NAME,...", .verbs = IMPORT,
     .help = "text: columns of tables where their names do not tell, as source=A,target=B; also feature, id, "
             "label, "
             "mask, name"},

    {"nodes", NULL, 0, INT, AT(generated_nodes), .fallback = "1000", AT_LEAST(1), .unit = "NODES",
     .verbs = GENERATE, .help = "number of nodes"},
    {"edges", NULL, 0, INT, AT(num_edges), .fallback = "10000", AT_LEAST(0), .unit = "EDGES",
     .verbs = GENERATE | PLAN,
     .help = "stored directed edges. generate: within 1 % (rmat), expected (sbm), unused (grid)"},
    {"features", NULL, 0, INT, AT(num_features), .fallback = "16", WITHIN(1, 1 << 24), .unit = "NUMBERS",
     .verbs = GENERATE | PLAN, .help = "features of each node"},
    {"classes", NULL, 0, INT, AT(num_classes), .fallback = "4", WITHIN(1, 1 << 24), .unit = "CLASSES",
     .verbs = GENERATE | PLAN, .help = "classes of the nodes"},
    {"split-random", NULL, 0, .type = HG_OPTION_SHARES, AT(train.data.split_train),
     .range = {0, 1, true, false}, .unit = "TRAIN,VAL", .verbs = IMPORT | GENERATE | PLANNED,
     .reach = HG_IN_CHECKPOINTS,
     .help = "random split by shares of the labelled nodes; the rest is test. train: in place of the file's "
             "masks"},
    {"split-seed", NULL, 0, INT, AT(train.data.split_seed), .fallback = "seed", AT_LEAST(0),
     AMONG(seed_of_run), .unit = "SEED", KEPT,
     .help = "seed of --split-random, the same for all --runs; seed: that of --seed"},

    {"check", NULL, 0, FLAG, AT(check), .verbs = INFO, .help = "check the whole file, contents included"},
    {"cpu", NULL, 0, FLAG, AT(cpu), .verbs = INFO,
     .help = "without FILE: instruction sets of the program and the processor, and the one in use"},
    {"ranks", NULL, 0, LIST, AT(ranks), .fallback = "2,4,8", WITHIN(1, 1 << 20), .unit = "LIST",
     .verbs = PARTITION, .help = "numbers of ranks to show cut, halo and balance for"},
    {"ranks", NULL, 'n', LIST, AT(planned_ranks), WITHIN(1, 1 << 20), .unit = "LIST", .verbs = PLAN,
     .help = "numbers of ranks to plan for; 1, 2, 4, ... when not given"},
    {"ranks-per-node", NULL, 0, INT, AT(ranks_per_node), .fallback = "0", WITHIN(0, 1 << 16), .unit = "RANKS",
     .verbs = PLAN, .help = "ranks on each node; 0: one for each core, at most"},
    {"memory-per-node", NULL, 0, REAL, AT(memory_per_node), .fallback = "0", AT_LEAST(0), .unit = "GB",
     .verbs = PLAN, .help = "memory of a node in GB (10^9 bytes); 0: do not say what fits"},
    {"cores", NULL, 0, INT, AT(cores), .fallback = "0", WITHIN(0, 1 << 20), .unit = "CORES", .verbs = PLAN,
     .help = "cores of a node; 0: those of the machine that was measured"},
    {"nodes", NULL, 0, INT, AT(planned_nodes), .fallback = "0", AT_LEAST(0), .unit = "NODES", .verbs = PLAN,
     .help = "instead of graph.h5, with --edges, --features and --classes: number of nodes"},
    {"directed", NULL, 0, FLAG, AT(directed), .verbs = PLAN,
     .help = "without graph.h5: edges have no reverse, and need twice the memory"},
    {"degrees", NULL, 0, CHOICE, AT(assumed.degrees), .fallback = "power-law",
     NAMED(hg_degree_model_name, HG_DEGREE_MODELS), .verbs = PLAN,
     .help = "model of the degrees, for estimates"},
    {"cut", NULL, 0, REAL, AT(assumed.cut), .fallback = "0", WITHIN(0, 1), .unit = "SHARE", .verbs = PLAN,
     .help = "for estimates: share of the edges that lead to other ranks; 0: as if owners were random"},
    {"labelled", NULL, 0, REAL, AT(assumed.labelled), .fallback = "1", .range = {0, 1, true, false},
     .unit = "SHARE", .verbs = PLAN, .help = "for estimates: share of the nodes that are trained on"},
    {"estimate", NULL, 0, FLAG, AT(estimate), .verbs = PLAN,
     .help = "do not read the edges: quick, and needs no memory, but halo rows are estimated"},
    {"measure", NULL, 0, FLAG, AT(measure), .verbs = PLAN,
     .help = "first measure this machine and keep its rates; under mpirun also its messages"},
    {"rates", NULL, 0, TEXT, AT(rates), READS, .verbs = PLAN,
     .help = "file of the rates of the machine; $XDG_CACHE_HOME/halogat/rates.json when not given"},
    {"latency", NULL, 0, REAL, AT(latency), .fallback = "0", AT_LEAST(0), .unit = "MICROSECONDS",
     .verbs = PLAN, .help = "of a message between nodes; 0: as measured"},
    {"bandwidth", NULL, 0, REAL, AT(bandwidth), .fallback = "0", AT_LEAST(0), .unit = "GB/S", .verbs = PLAN,
     .help = "of a node's network; 0: as measured"},
    {"compare-metis", NULL, 0, FLAG, AT(compare_metis), .verbs = PARTITION,
     .help = "also the halo of METIS's partition of the whole graph, without cells; slow: METIS once more "
             "per number of ranks"},
    {"estimate", NULL, 0, FLAG, AT(estimate_sharing), .verbs = PARTITION,
     .help =
         "also the bytes that would travel with one copy of a row per node, and with partial sums; for at "
         "most 4096 ranks"},
    {"ranks-per-node", NULL, 0, INT, AT(sharing_ranks), .fallback = "2", WITHIN(1, 1 << 20), .unit = "RANKS",
     .verbs = PARTITION, .help = "--estimate: ranks on each node of the machine"},
    {"row-bytes", NULL, 0, LIST, AT(row_bytes), .fallback = "256", WITHIN(1, 1 << 30), .unit = "ROW,SUM",
     .verbs = PARTITION,
     .help = "--estimate: bytes of a row and of a partial sum, when it differs; for K heads of F float32: "
             "4 K F and 4 K (F + 3)"},

    {"config", NULL, 0, TEXT, AT(config), READS_FIRST, .verbs = PLANNED,
     .help = "YAML file of options, with _ for -, or the folder or summary.json of a run, whose options are "
             "taken; the command line wins"},
    {"recipe", NULL, 0, TEXT, AT(recipe), AMONG(recipe_names), .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "published settings of a data set; --config and the command line win"},

    {"model", NULL, 0, CHOICE, AT(train.model.conv), .fallback = "gat", NAMED(hg_conv_name, HG_CONVS), KEPT,
     .help = "kind of layers"},
    {"heads", NULL, 0, LIST, AT(train.model.heads), .fallback = "4,1", WITHIN(1, 256), .unit = "LIST", KEPT,
     .help = "attention heads, one entry per layer: also the depth"},
    {"hidden", NULL, 0, LIST, AT(train.model.hidden), .fallback = "32", WITHIN(1, 16384), .unit = "LIST",
     KEPT, .help = "features per head of the hidden layers, one value or one per hidden layer"},
    {"concat", NULL, 0, SWITCH_ON, AT(train.model.concat), KEPT,
     .help = "hidden layers: concatenate the heads, or average them; the last layer averages"},
    {"dropout", "feat-drop", 0, REAL, AT(train.model.dropout), .fallback = "0", PROBABILITY,
     .unit = "PROBABILITY", KEPT, .help = "dropout of each layer's input"},
    {"attn-dropout", "attn-drop", 0, REAL, AT(train.model.attn_dropout), .fallback = "0", PROBABILITY,
     .unit = "PROBABILITY", KEPT, .help = "dropout of attention coefficients"},
    {"negative-slope", NULL, 0, REAL, AT(train.model.negative_slope), .fallback = "0.2", AT_LEAST(0),
     .unit = "SLOPE", KEPT, .help = "slope of LeakyReLU below zero"},
    {"activation", NULL, 0, CHOICE, AT(train.model.activation), .fallback = "elu",
     NAMED(hg_activation_name, HG_ACTIVATIONS), KEPT, .help = "after each hidden layer"},
    {"residual", NULL, 0, SWITCH_OFF, AT(train.model.residual), KEPT,
     .help = "add a linear map of each layer's input to its output"},
    {"bias", NULL, 0, SWITCH_ON, AT(train.model.bias), KEPT, .help = "bias of each layer"},
    {"self-loops", NULL, 0, SWITCH_ON, AT(train.data.self_loops), KEPT,
     .help = "in the model, one self-loop per node in place of existing ones"},
    {"edge-features", NULL, 0, SWITCH_ON, AT(train.data.edge_features), KEPT,
     .help = "use the edge features of the file"},
    {"normalize-features", NULL, 0, CHOICE, AT(train.data.normalize_features), .fallback = "none",
     NAMED(hg_normalize_name, HG_NORMALIZE_KINDS), KEPT,
     .help = "scale node features: rows to absolute sum 1, or columns to mean 0 and deviation 1 (of training "
             "nodes)"},
    {"standardize-targets", NULL, 0, SWITCH_OFF, AT(train.data.standardize_targets), KEPT,
     .help = "regression: train on targets of mean 0 and deviation 1"},

    {"optimizer", NULL, 0, CHOICE, AT(train.optim.kind), .fallback = "adam",
     NAMED(hg_optimizer_name, HG_OPTIMIZERS), KEPT, .help = "how parameters step"},
    {"lr", NULL, 0, REAL, AT(train.optim.lr), .fallback = "0.005", ABOVE(0), .unit = "RATE", KEPT,
     .help = "learning rate"},
    {"weight-decay", NULL, 0, REAL, AT(train.optim.weight_decay), .fallback = "0", AT_LEAST(0),
     .unit = "RATE", KEPT, .help = "L2 added to the gradient (adam, sgd), or decoupled (adamw)"},
    {"epochs", NULL, 0, INT, AT(train.epochs), .fallback = "200", WITHIN(0, 1 << 30), .unit = "EPOCHS", KEPT,
     .help = "training epochs; 0: only write the initial parameters", .changes = true},
    {"patience", NULL, 0, INT, AT(train.patience), .fallback = "0", WITHIN(0, 1 << 30), .unit = "EVALUATIONS",
     KEPT, .help = "stop after so many evaluations without improvement; 0: never", .changes = true},
    {"monitor", NULL, 0, CHOICE, AT(train.monitor), .fallback = "val_metric",
     NAMED(hg_monitor_name, HG_MONITORS), KEPT,
     .help = "what improves; both: stop when neither did; of equal metrics the smaller loss is better"},
    {"metric", NULL, 0, CHOICE, AT(train.metric), .fallback = "auto", NAMED(hg_metric_name, HG_METRICS), KEPT,
     .help = "metric of the splits; auto: accuracy, micro_f1 or rmse by task"},
    {"eval-every", NULL, 0, INT, AT(train.eval_every), .fallback = "1", WITHIN(1, 1 << 30), .unit = "EPOCHS",
     KEPT, .help = "epochs between evaluations; the last epoch is always evaluated", .changes = true},
    {"split", NULL, 0, INT, AT(train.data.split), .fallback = "0", AT_LEAST(0), AMONG(all_splits),
     .unit = "COLUMN", .verbs = PLANNED | EVAL, .reach = HG_IN_CHECKPOINTS,
     .help = "column of the split masks, or all, one after the other"},
    {"seed", NULL, 0, INT, AT(train.seed), .fallback = "0", AT_LEAST(0), .unit = "SEED",
     .verbs = IMPORT | GENERATE | PARTITION | PLANNED, .reach = HG_IN_CHECKPOINTS,
     .help = "seed of all that is random"},
    {"runs", NULL, 0, INT, AT(train.runs), .fallback = "1", WITHIN(1, 1 << 20), .unit = "RUNS",
     .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "runs with seeds from --seed on, in DIR/run-K; mean and deviation at the end"},
    {"init", NULL, 0, TEXT, AT(train.init), READS_FIRST, .verbs = PLANNED, .reach = HG_IN_FILES,
     .help =
         "initial parameters: a checkpoint, HDF5 with only /params, or the folder of a run (its best.h5)"},
    {"overwrite", NULL, 0, FLAG, AT(train.overwrite), .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "replace the run that --out holds"},
    {"resume", NULL, 0, FLAG, AT(train.resume), .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "continue the run in --out from its newest checkpoint; start it when there is none"},
    {"checkpoint-every", NULL, 0, INT, AT(train.checkpoint_every), .fallback = "0", WITHIN(0, 1 << 30),
     .unit = "EPOCHS", .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "epochs between checkpoints; 0: by time only"},
    {"checkpoint-minutes", NULL, 0, REAL, AT(train.checkpoint_minutes), .fallback = "10", AT_LEAST(0),
     .unit = "MINUTES", .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "minutes between checkpoints, and between writes of best.h5; 0: not by time"},
    {"keep", NULL, 0, INT, AT(train.keep), .fallback = "2", WITHIN(1, 1 << 30), .unit = "CHECKPOINTS",
     .verbs = PLANNED, .reach = HG_IN_FILES, .help = "how many checkpoints stay, the newest ones"},
    {"stop-within", NULL, 0, REAL, AT(train.stop_within), .fallback = "25", AT_LEAST(0), .unit = "SECONDS",
     .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "time to write a checkpoint after a signal to stop; with longer epochs one follows each epoch"},
    {"stall-minutes", NULL, 0, REAL, AT(train.stall_minutes), .fallback = "10", AT_LEAST(0),
     .unit = "MINUTES", .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "end the job when a rank makes no progress for so long; 0: never"},
    {"max-minutes", NULL, 0, REAL, AT(train.max_minutes), .fallback = "0", AT_LEAST(0), .unit = "MINUTES",
     .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "stop with a checkpoint, as at a signal, after so many minutes; 0: never"},
    {"memory-check", NULL, 0, SWITCH_ON, AT(memory_check), .verbs = PLANNED, .reach = HG_IN_FILES,
     .help = "refuse at once to train what cannot fit in the memory of this machine"},

    {"nodes", NULL, 0, LIST, AT(nodes), AT_LEAST(0), .unit = "LIST", .verbs = EXPLAIN,
     .help = "targets to explain, by imported id; all when not given"},
    {"cells", NULL, 0, INT, AT(train.data.cells), .fallback = "0", AT_LEAST(0), .unit = "CELLS",
     .verbs = PARTITION | PLANNED | TRAINED, .reach = HG_IN_CHECKPOINTS,
     .help = "number of cells to cut the graph into; 0: by its size"},
    {"partitioner", NULL, 0, CHOICE, AT(train.data.partitioner),
     .path_offset = offsetof(struct hg_config, train.data.parts), .file = HG_FILE_READ, .fallback = "auto",
     NAMED(hg_partitioner_name, HG_PARTITIONERS), .verbs = PARTITION | PLANNED | TRAINED,
     .reach = HG_IN_CHECKPOINTS, .changes = true,
     .help = "how cells are cut; auto: by metis, from 20 million edges by cluster, which works on all ranks; "
             "file: each line of PARTS is the number of a node's part"},
    {"halo-dtype", NULL, 0, CHOICE, AT(train.model.halo_dtype), .fallback = "f32",
     NAMED(hg_halo_dtype_name, HG_HALO_DTYPES), KEPT,
     .help = "how rows that edges gather and ranks exchange are kept; bf16: half the bytes, less exact"},
    {"threads", NULL, 0, INT, AT(train.threads), .fallback = "0", WITHIN(0, 4096), .unit = "THREADS",
     .verbs = IMPORT | PLANNED | TRAINED, .reach = HG_IN_FILES,
     .help = "threads per rank; 0: OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK, else the rank's share of its "
             "cores"},
    {"json", NULL, 0, FLAG, AT(json), .verbs = INFO | PARTITION | PLANNED | EVAL, .reach = HG_IN_FILES,
     .help = "print JSON"},
    {"quiet", NULL, 0, FLAG, AT(quiet), .verbs = IMPORT | GENERATE | PARTITION | PLANNED | TRAINED,
     .reach = HG_IN_FILES, .help = "print nothing but failures"},
};

const int hg_num_options = (int)(sizeof hg_options / sizeof *hg_options);
static_assert(sizeof hg_options / sizeof *hg_options <= HG_MAX_OPTIONS,
              "struct hg_config keeps a level per option");

/* choices are read and written as int (config_value.c, config_write.c) */
#define IS_INT(type) (sizeof(type) == sizeof(int))
static_assert(IS_INT(enum hg_partitioner) && IS_INT(enum hg_normalize) && IS_INT(enum hg_conv_kind) &&
                  IS_INT(enum hg_activation) && IS_INT(enum hg_halo_dtype) && IS_INT(enum hg_optimizer) &&
                  IS_INT(enum hg_monitor) && IS_INT(enum hg_metric) && IS_INT(enum hg_degree_model),
              "the enums of choices are as long as an int");

/* Velickovic et al. 2018, section 3.3: two layers, 8 heads of 8 features, then one head per class. */
const struct hg_recipe_value hg_recipe_values[] = {
    {"gat-cora", "heads", "8,1"},
    {"gat-cora", "hidden", "8"},
    {"gat-cora", "dropout", "0.6"},
    {"gat-cora", "attn-dropout", "0.6"},
    {"gat-cora", "lr", "0.005"},
    {"gat-cora", "weight-decay", "5e-4"},
    {"gat-cora", "normalize-features", "row"},
};
const int hg_num_recipe_values = (int)(sizeof hg_recipe_values / sizeof *hg_recipe_values);

const struct hg_option_hint hg_option_hints[] = {
    {"learning-rate", "lr"},
    {"l2", "weight-decay"},
    {"hidden-channels", "hidden"},
    {"hidden-size", "hidden"},
    {"num-heads", "heads"},
    {"output", "out"},
    {"num-epochs", "epochs"},
    {"early-stopping", "patience"},
    {"slope", "negative-slope"},
    {"num-nodes", "nodes"},
    {"num-edges", "edges"},
    {"attention-dropout", "attn-dropout"},
    {"feature-dropout", "dropout"},
    {"num-threads", "threads"},
    {"num-workers", "threads"},
    {"random-split", "split-random"},
    {"load", "init"},
    {"resume-from", "resume"},
    {"continue", "resume"},
    {"checkpoint-interval", "checkpoint-every"},
    {"save-every", "checkpoint-every"},
    {"time-limit", "max-minutes"},
    {"force", "overwrite"},
};
const int hg_num_option_hints = (int)(sizeof hg_option_hints / sizeof *hg_option_hints);

const struct hg_option_advice hg_option_advice[] = {
    {"ranks", "mpirun -n P starts P ranks"},
    {"num-ranks", "mpirun -n P starts P ranks"},
    {"np", "mpirun -n P starts P ranks"},
    {"device", "it computes on CPUs"},
    {"gpu", "it computes on CPUs"},
    {"cuda", "it computes on CPUs"},
    {"layers", "the entries of --heads are the layers, as in --heads 8,8,1"},
    {"num-layers", "the entries of --heads are the layers, as in --heads 8,8,1"},
    {"batch-size", "it trains on the whole graph at once"},
};
const int hg_num_option_advice = (int)(sizeof hg_option_advice / sizeof *hg_option_advice);
