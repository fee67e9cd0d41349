/* fuzz [--kind NAME] [--seed S] [--first N] [--count N] [--report DIR] [--seconds S] [--megabytes M]
 *
 * Makes N inputs (--count) of each kind, or of one kind, and runs the program's verbs on them. A child process runs
 * the inputs and its parent watches it. It is a finding when the child ends early, takes more than S seconds for one
 * input (default 20) or more than M megabytes of memory (default 2048): its report is kept in DIR, and another child
 * continues with the next input. Faults in libhdf5's own code are counted separately. Prints a line per kind; exits
 * with 1 when there are findings. `--kind NAME --seed S --first N --count 1` repeats input N. */
#include "fuzz.h"

#include "base/mem.h"
#include "cli/crash.h"
#include "cli/environment.h"
#include "cli/verbs.h"
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096 };

/* Replaces fsync of the C library: syncing thousands of temporary files would take too long. */
int fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

uint64_t fuzz_bits(struct fuzz_rng *rng)
{
    uint64_t z = rng->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

int64_t fuzz_below(struct fuzz_rng *rng, int64_t n)
{
    return (int64_t)(fuzz_bits(rng) % (uint64_t)n);
}

bool fuzz_once_in(struct fuzz_rng *rng, int64_t n)
{
    return fuzz_below(rng, n) == 0;
}

const char *fuzz_text(struct fuzz_rng *rng, const char *const *list)
{
    int64_t count = 0;
    while (list[count] != NULL) count++;
    return list[fuzz_below(rng, count)];
}

int64_t fuzz_integer(struct fuzz_rng *rng, int64_t n)
{
    const int64_t special[] = {0,
                               1,
                               -1,
                               2,
                               n,
                               n - 1,
                               n + 1,
                               -n,
                               INT32_MAX,
                               INT32_MIN,
                               (int64_t)1 << 31,
                               (int64_t)1 << 32,
                               INT64_MAX,
                               INT64_MIN,
                               (int64_t)1 << 40};
    const int64_t k = fuzz_below(rng, 20);
    return k < (int64_t)(sizeof special / sizeof *special) ? special[k] : fuzz_below(rng, 2 * n + 2);
}

void fuzz_path(char path[FUZZ_PATH], const char *folder, const char *name)
{
    snprintf(path, FUZZ_PATH, "%.700s/%.300s", folder, name);
}

void fuzz_stop(const char *what, const char *why)
{
    fprintf(stderr, "fuzz: %s: %s\n", what, why);
    _exit(3);
}

void fuzz_read(const char *path, char **bytes, size_t *count)
{
    struct stat about;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &about) != 0) fuzz_stop(path, "cannot be read");
    *bytes = malloc((size_t)about.st_size + 1);
    if (*bytes == NULL) fuzz_stop(path, "out of memory");
    *count = fread(*bytes, 1, (size_t)about.st_size, file);
    fclose(file);
}

void fuzz_write(const char *path, const char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, count, file) != count || fclose(file) != 0)
        fuzz_stop(path, "cannot be written");
}

/* Splits a command at spaces into words, and replaces @ and % by the two folders. Returns the number of words. */
static int split(const struct fuzz *fuzz, char *line, char text[2 * LINE], char *words[FUZZ_WORDS])
{
    int count = 0;
    size_t used = 0;
    for (char *word = line, *next; word != NULL && count < FUZZ_WORDS - 1; word = next) {
        next = strchr(word, ' ');
        if (next != NULL) *next++ = '\0';
        words[count++] = text + used;
        for (; *word != '\0' && used < 2 * LINE - FUZZ_PATH; word++) {
            const char *folder = *word == '@' ? fuzz->folder : *word == '%' ? fuzz->sound : NULL;
            if (folder != NULL)
                used += (size_t)sprintf(text + used, "%s", folder);
            else
                text[used++] = *word;
        }
        text[used++] = '\0';
    }
    words[count] = NULL;
    return count;
}

static hg_status run(struct fuzz *fuzz, int count, char **words)
{
    enum hg_verb verb;
    const char *nearest = NULL;
    if (!hg_verb_parse(words[0], &verb, &nearest)) fuzz_stop(words[0], "is no verb");
    return hg_verb_run(fuzz->comm, verb, count, words);
}

void fuzz_copy(const struct fuzz *fuzz, const char *name, const char *as, char path[FUZZ_PATH])
{
    char *bytes;
    size_t count;
    fuzz_path(path, fuzz->sound, name);
    fuzz_read(path, &bytes, &count);
    fuzz_path(path, fuzz->folder, as);
    fuzz_write(path, bytes, count);
    free(bytes);
}

hg_status fuzz_imported(struct fuzz *fuzz, hg_status imported)
{
    if (imported == HG_OK && fuzz_command(fuzz, "info @/graph.h5 --check") != HG_OK)
        fuzz_stop("graph.h5", "import wrote what info refuses");
    return imported;
}

static int unfinished;

static int look_for_unfinished(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about, (void)type, (void)where;
    unfinished += strstr(path, ".partial") != NULL;
    return 0;
}

hg_status fuzz_command(struct fuzz *fuzz, const char *format, ...)
{
    char line[LINE], said[LINE], text[2 * LINE], *words[FUZZ_WORDS];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    snprintf(said, sizeof said, "%s", line);
    fprintf(stderr, "command: halogat %s\n", said);
    const hg_status status = run(fuzz, split(fuzz, line, text, words), words);
    if (status != HG_OK && hg_status_message()[0] == '\0') fuzz_stop(said, "failed without a message");
    if (status == HG_OK && hg_status_message()[0] != '\0') fuzz_stop(said, "succeeded with a message");
    if (status != HG_OK) fprintf(stderr, "  %s\n", hg_status_message());
    hg_status_clear();
    if (hg_mem_live() != 0) fuzz_stop(said, "left blocks of memory");
    unfinished = 0;
    nftw(fuzz->folder, look_for_unfinished, 8, FTW_PHYS);
    if (unfinished > 0) fuzz_stop(said, "left an unfinished file");
    return status;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about, (void)type;
    return where->level == 0 ? 0 : remove(path);
}

static void empty(const char *folder)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The command line, and the two folders. */
struct job {
    const char *kind, *report;
    int64_t seed, first, count, seconds, megabytes;
    char folder[FUZZ_PATH], sound[FUZZ_PATH];
};

static void make_folder(const char *name, char folder[FUZZ_PATH])
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, FUZZ_PATH, "%.200s/halogat-%s-XXXXXX", base != NULL ? base : "/tmp", name);
    if (mkdtemp(folder) == NULL) fuzz_stop(folder, "cannot be made");
}

/* The child process: runs the inputs from *next on. Its messages go to a log file, which is emptied before each
 * input. */
static void work(const struct job *job, const struct fuzz_kind *kind, volatile int64_t *next, const char *log)
{
    struct hg_comm comm;
    int argc = 0;
    char **argv = NULL;
    /* command lines may name files relative to the current folder */
    if (freopen("/dev/null", "w", stdout) == NULL || freopen(log, "w", stderr) == NULL ||
        chdir(job->folder) != 0)
        _exit(3);
    setvbuf(stderr, NULL, _IOLBF, 1 << 12);
    setenv("OMPI_MCA_ess_singleton_isolated", "1", 1);
    hg_mpi_begin(&argc, &argv);
    if (hg_comm_create(MPI_COMM_WORLD, &comm) != HG_OK) _exit(3);
    hg_environment_choose_blas(&comm);
    hg_crash_watch("");
    struct fuzz fuzz = {.comm = &comm, .folder = job->folder, .sound = job->sound};
    if (kind == NULL) {
        fuzz_sound(&fuzz);
        _exit(0);
    }
    for (; *next < job->first + job->count; ++*next) {
        if (ftruncate(STDERR_FILENO, 0) != 0 || lseek(STDERR_FILENO, 0, SEEK_SET) < 0) _exit(3);
        fuzz.rng.state = (uint64_t)job->seed * 0x2545f4914f6cdd1d + (uint64_t)*next;
        fuzz_bits(&fuzz.rng);
        fuzz.number = *next;
        empty(job->folder);
        kind->run(&fuzz);
    }
    _exit(0);
}

static int64_t megabytes(pid_t child)
{
    char path[64];
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)child);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) >> 10) >> 10;
}

/* Watches the child until it ends, and kills it when it exceeds a limit. Returns NULL when it has ended normally,
 * else what was wrong. */
static const char *watch(const struct job *job, pid_t child, volatile const int64_t *next)
{
    int64_t at = -1;
    time_t since = 0;
    for (;;) {
        int status;
        if (waitpid(child, &status, WNOHANG) == child) {
            if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? NULL : "ended early";
            return "ended by a signal";
        }
        if (*next != at) at = *next, since = time(NULL);
        const char *wrong = time(NULL) - since > job->seconds   ? "takes too long"
                            : megabytes(child) > job->megabytes ? "takes too much memory"
                                                                : NULL;
        if (wrong != NULL) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return wrong;
        }
        usleep(20000);
    }
}

static const char *run_child(const struct job *job, const struct fuzz_kind *kind, volatile int64_t *next,
                             const char *log)
{
    fflush(stdout);
    const pid_t child = fork();
    if (child < 0) fuzz_stop("fork", "fails");
    if (child == 0) work(job, kind, next, log);
    return watch(job, child, next);
}

/* Whether a report shows a fault of libhdf5 itself, which damaged files can cause and which cli/crash.c handles:
 * either an endless loop that cli/crash.c has ended, or a sanitizer's report whose first frame outside the sanitizer
 * and the C library is in libhdf5. */
static bool in_libhdf5(const char *report)
{
    if (strstr(report, ": reading it does not end: ") != NULL) return true;
    const char *frame = strstr(report, "ERROR: AddressSanitizer");
    while (frame != NULL && (frame = strstr(frame + 1, "    #")) != NULL) {
        const size_t length = strcspn(frame + 1, "\n");
        /* the C library's frames name its file or, where its symbols are known, its source */
        if (memmem(frame, length, "libsanitizer", 12) != NULL ||
            memmem(frame, length, "libc.so", 7) != NULL || memmem(frame, length, "../sysdeps/", 11) != NULL)
            continue;
        return memmem(frame, length, "libhdf5", 7) != NULL;
    }
    return false;
}

/* Copies the log of an input to the file `kept`. Returns whether it shows a fault of libhdf5. */
static bool keep_report(const char *log, const char *kept)
{
    char *bytes;
    size_t count;
    fuzz_read(log, &bytes, &count);
    fuzz_write(kept, bytes, count);
    bytes[count] = '\0';
    const bool theirs = in_libhdf5(bytes);
    free(bytes);
    return theirs;
}

static int64_t run_kind(const struct job *job, const struct fuzz_kind *kind, volatile int64_t *next)
{
    int64_t findings = 0, libhdf5 = 0;
    char log[FUZZ_PATH], kept[FUZZ_PATH];
    const time_t start = time(NULL);
    fuzz_path(log, job->sound, "log");
    for (*next = job->first; *next < job->first + job->count; ++*next) {
        const char *wrong = run_child(job, kind, next, log);
        if (wrong == NULL) break;
        snprintf(kept, sizeof kept, "%.700s/%s-%lld.txt", job->report, kind->name, (long long)*next);
        const bool theirs = keep_report(log, kept);
        printf("  input %lld %s%s: %s\n", (long long)*next, wrong, theirs ? " in libhdf5" : "", kept);
        libhdf5 += theirs;
        findings += !theirs;
    }
    printf("%-20s %8lld inputs %6lld findings %6lld in libhdf5 %6lld s  %s\n", kind->name,
           (long long)job->count, (long long)findings, (long long)libhdf5, (long long)(time(NULL) - start),
           kind->what);
    return findings;
}

static int64_t number(const char *text)
{
    char *end;
    const int64_t value = strtoll(text, &end, 10);
    if (*end != '\0' || value < 0) fuzz_stop(text, "is no number");
    return value;
}

static bool read_option(struct job *job, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **text; /* the option's text, or NULL when it has a number */
        int64_t *number;
    } options[] = {{"--kind", &job->kind, NULL},          {"--report", &job->report, NULL},
                   {"--seed", NULL, &job->seed},          {"--first", NULL, &job->first},
                   {"--count", NULL, &job->count},        {"--seconds", NULL, &job->seconds},
                   {"--megabytes", NULL, &job->megabytes}};
    for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
        if (strcmp(name, options[k].name) != 0) continue;
        if (options[k].text != NULL)
            *options[k].text = value;
        else
            *options[k].number = number(value);
        return true;
    }
    return false;
}

static struct job read_arguments(int argc, char **argv)
{
    struct job job = {.report = ".", .seed = 1, .count = 100, .seconds = 20, .megabytes = 2048};
    for (int k = 1; k < argc; k += 2) {
        const char *name = argv[k], *value = argv[k + 1];
        if (value == NULL) fuzz_stop(name, "needs a value");
        if (!read_option(&job, name, value)) fuzz_stop(name, "is no option");
    }
    return job;
}

int main(int argc, char **argv)
{
    static const struct fuzz_kind *const lists[] = {fuzz_graphs, fuzz_arrays, fuzz_texts, fuzz_words,
                                                    fuzz_planted};
    struct job job = read_arguments(argc, argv);
    int64_t findings = 0, inputs = 0;
    volatile int64_t *next =
        mmap(NULL, sizeof *next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char log[FUZZ_PATH];
    if (next == MAP_FAILED) fuzz_stop("mmap", "fails");
    make_folder("fuzz", job.folder);
    make_folder("fuzz-sound", job.sound);
    fuzz_path(log, job.report, "sound.txt");
    if (run_child(&job, NULL, next, log) != NULL) fuzz_stop(log, "the sound files could not be made");
    unlink(log);
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (const struct fuzz_kind *kind = lists[l]; kind->name != NULL; kind++) {
            if (job.kind != NULL ? strcmp(job.kind, kind->name) != 0 : lists[l] == fuzz_planted) continue;
            findings += run_kind(&job, kind, next);
            inputs += job.count;
        }
    printf("%lld inputs, %lld findings\n", (long long)inputs, (long long)findings);
    if (job.count > 1) empty(job.folder), empty(job.sound), rmdir(job.folder), rmdir(job.sound);
    return findings > 0 || inputs == 0;
}
