#include "forecast/rates.h"

#include "io/atomic.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FORMAT "halogat-rates"
enum { VERSION = 1 };

/* The numbers of the file, by name. */
#define AT(field) offsetof(struct hg_rates, field)
#define GATHER(place, PLACE, pass, PASS)                                                                     \
    {"gather_" place "_" pass "_edge", AT(gather[PLACE][PASS].edge)},                                        \
        {"gather_" place "_" pass "_head", AT(gather[PLACE][PASS].head)},                                    \
        {"gather_" place "_" pass "_byte", AT(gather[PLACE][PASS].byte)},                                    \
    {                                                                                                        \
        "gather_" place "_" pass "_table", AT(gather[PLACE][PASS].table)                                     \
    }
static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
    GATHER("cache", HG_IN_CACHE, "forward", HG_FORWARD),
    GATHER("cache", HG_IN_CACHE, "backward", HG_BACKWARD),
    GATHER("memory", HG_IN_MEMORY, "forward", HG_FORWARD),
    GATHER("memory", HG_IN_MEMORY, "backward", HG_BACKWARD),
    GATHER("large", HG_IN_LARGE, "forward", HG_FORWARD),
    GATHER("large", HG_IN_LARGE, "backward", HG_BACKWARD),
    {"multiply_add", AT(multiply_add)},
    {"stream", AT(stream)},
    {"sum", AT(sum)},
    {"merge", AT(merge)},
    {"output", AT(output)},
    {"step", AT(step)},
    {"layer", AT(layer)},
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static double *number_of(struct hg_rates *rates, int k)
{
    return (double *)(void *)((char *)rates + numbers[k].offset);
}

struct hg_rates hg_rates_default(const char *instructions, int cores)
{
    /* half of the speed, or less, of a server's core of 2020 */
    static const struct hg_gather_rate cache = {12e-9, 2e-9, 0.06e-9, 1 << 20},
                                       memory = {20e-9, 2e-9, 0.2e-9, 32 << 20},
                                       large = {30e-9, 2e-9, 0.3e-9, 256 << 20};
    struct hg_rates rates = {.cores = cores > 0 ? cores : 1,
                             .gather = {{cache, cache}, {memory, memory}, {large, large}},
                             .multiply_add = 0.05e-9,
                             .stream = 0.2e-9,
                             .sum = 2e-9,
                             .merge = 10e-9,
                             .output = 10e-9,
                             .step = 5e-9,
                             .layer = 100e-6,
                             .within = {2e-6, 3e9, false},
                             .between = {5e-6, 5e9, false}};
    snprintf(rates.instructions, sizeof rates.instructions, "%s", instructions);
    return rates;
}

hg_status hg_rates_path(char *path, size_t bytes)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    const bool given = cache != NULL && cache[0] == '/';
    if (!given && (home == NULL || home[0] == '\0'))
        return hg_fail(HG_FAILED, "rates of the machine", "HOME is not set: name a file with --rates");
    const int n = given ? snprintf(path, bytes, "%s/halogat/rates.json", cache)
                        : snprintf(path, bytes, "%s/.cache/halogat/rates.json", home);
    return n > 0 && (size_t)n < bytes ? HG_OK
                                      : hg_fail(HG_FAILED, "rates of the machine", "the path is too long");
}

void hg_rates_processor(char name[128])
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    name[0] = '\0';
    while (file != NULL && name[0] == '\0' && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL) continue;
        snprintf(name, 128, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
    }
    if (file != NULL) fclose(file);
}

/* Reads a link; one that is absent stays as it is. */
static bool take_link(const json_t *machine, const char *name, struct hg_link_rate *link)
{
    const json_t *value = json_object_get(machine, name);
    if (value == NULL) return true;
    link->latency = json_number_value(json_object_get(value, "latency"));
    link->bandwidth = json_number_value(json_object_get(value, "bandwidth"));
    link->measured = true;
    return isfinite(link->latency) && link->latency >= 0 && isfinite(link->bandwidth) && link->bandwidth > 0;
}

static void take_text(const json_t *machine, const char *key, char *text, size_t bytes)
{
    const char *value = json_string_value(json_object_get(machine, key));
    snprintf(text, bytes, "%s", value != NULL ? value : "");
}

/* Whether the entry has all numbers, and they are of a machine. */
static bool take_machine(const json_t *machine, struct hg_rates *rates)
{
    const json_int_t cores = json_integer_value(json_object_get(machine, "cores"));
    take_text(machine, "instructions", rates->instructions, sizeof rates->instructions);
    take_text(machine, "processor", rates->processor, sizeof rates->processor);
    take_text(machine, "measured", rates->measured, sizeof rates->measured);
    for (int k = 0; k < NUMBERS; k++) {
        const json_t *value = json_object_get(machine, numbers[k].name);
        *number_of(rates, k) = json_number_value(value);
        if (!json_is_number(value) || !(json_number_value(value) >= 0)) return false;
    }
    for (int p = 0; p < HG_PASSES; p++)
        for (int place = 0; place < HG_GATHER_PLACES; place++)
            if (!(rates->gather[place][p].table > (place > 0 ? rates->gather[place - 1][p].table : 1)))
                return false;
    rates->cores = (int)cores;
    return cores >= 1 && cores <= 1 << 20 && take_link(machine, "within", &rates->within) &&
           take_link(machine, "between", &rates->between);
}

/* Whether an entry has all numbers: one of another version may lack some, and counts as not measured. */
static bool is_complete(const json_t *machine)
{
    for (int k = 0; k < NUMBERS; k++)
        if (json_object_get(machine, numbers[k].name) == NULL) return false;
    return true;
}

/* Whether an entry of the file is of this set and this processor. */
static bool is_machine(const json_t *machine, const char *instructions, const char *processor)
{
    const char *set = json_string_value(json_object_get(machine, "instructions")),
               *name = json_string_value(json_object_get(machine, "processor"));
    return set != NULL && name != NULL && strcmp(set, instructions) == 0 && strcmp(name, processor) == 0;
}

/* The file's list of machines, a borrowed reference in *file; both NULL when there is no file. */
static hg_status load(const char *path, json_t **file, json_t **machines)
{
    json_error_t error;
    struct stat about;
    *file = *machines = NULL;
    if (stat(path, &about) != 0 && errno == ENOENT) return HG_OK;
    *file = json_load_file(path, 0, &error);
    if (*file == NULL) return hg_fail(HG_FAILED, path, "%s", error.text);
    const char *format = json_string_value(json_object_get(*file, "format"));
    *machines = json_object_get(*file, "machines");
    if (format != NULL && strcmp(format, FORMAT) == 0 && json_is_array(*machines)) return HG_OK;
    json_decref(*file);
    *file = NULL;
    return hg_fail(HG_FAILED, path, "is not a file of rates");
}

hg_status hg_rates_read(const char *path, const char *instructions, int cores, struct hg_rates *rates,
                        bool *found)
{
    json_t *file, *machines, *machine;
    size_t k;
    char processor[128];
    hg_status status = HG_OK;
    *rates = hg_rates_default(instructions, cores);
    *found = false;
    HG_TRY(load(path, &file, &machines));
    hg_rates_processor(processor);
    json_array_foreach(machines, k, machine)
    {
        if (!is_machine(machine, instructions, processor) || !is_complete(machine)) continue;
        *found = take_machine(machine, rates);
        if (!*found)
            status = hg_fail(HG_FAILED, path, "has rates that are no positive numbers: measure again");
        break;
    }
    json_decref(file);
    return status;
}

static void put_link(json_t *machine, const char *name, const struct hg_link_rate *link)
{
    if (link->measured)
        json_object_set_new(machine, name,
                            json_pack("{s:f, s:f}", "latency", link->latency, "bandwidth", link->bandwidth));
}

static json_t *machine_of(const struct hg_rates *rates)
{
    struct hg_rates copy = *rates;
    json_t *machine = json_pack("{s:s, s:s, s:s, s:i}", "instructions", rates->instructions, "processor",
                                rates->processor, "measured", rates->measured, "cores", rates->cores);
    for (int k = 0; machine != NULL && k < NUMBERS; k++)
        json_object_set_new(machine, numbers[k].name, json_real(*number_of(&copy, k)));
    put_link(machine, "within", &rates->within);
    put_link(machine, "between", &rates->between);
    return machine;
}

static hg_status make_folder(const char *path)
{
    char folder[HG_PATH_BYTES];
    hg_path_folder(path, folder);
    for (char *slash = folder + 1; *slash != '\0'; slash++) {
        if (*slash != '/') continue;
        *slash = '\0';
        mkdir(folder, 0777);
        *slash = '/';
    }
    return mkdir(folder, 0777) == 0 || errno == EEXIST ? HG_OK : hg_fail_system(folder);
}

static hg_status dump(const json_t *file, const char *path)
{
    struct hg_atomic atomic;
    HG_TRY(hg_atomic_begin(path, HG_LINKS_FOLLOWED, &atomic));
    if (json_dump_file(file, atomic.temporary, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0)
        return hg_atomic_commit(&atomic);
    hg_atomic_abort(&atomic);
    return hg_fail(HG_FAILED, path, "cannot be written");
}

hg_status hg_rates_write(const char *path, const struct hg_rates *rates)
{
    json_t *file, *machines;
    HG_TRY(make_folder(path));
    HG_TRY(load(path, &file, &machines));
    if (file == NULL) {
        file = json_pack("{s:s, s:i, s:[]}", "format", FORMAT, "version", (int)VERSION, "machines");
        machines = json_object_get(file, "machines");
    }
    for (size_t k = json_array_size(machines); k-- > 0;)
        if (is_machine(json_array_get(machines, k), rates->instructions, rates->processor))
            json_array_remove(machines, k);
    json_array_append_new(machines, machine_of(rates));
    const hg_status status = dump(file, path);
    json_decref(file);
    return status;
}
