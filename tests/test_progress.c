/* Lines about steps that take long: when they are printed, and what they say. */
#include "testing.h"

#include "base/alive.h"
#include "cli/progress.h"
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

/* Looks for `tenths` tenths of a second, as the guard does; what is printed in this time goes to text [size]. */
static void look_for(int tenths, char *text, size_t size)
{
    static const struct timespec tenth = {.tv_nsec = 100000000L};
    int ends[2];
    fflush(stdout);
    const int before = dup(STDOUT_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    for (int k = 0; k < tenths; k++) {
        nanosleep(&tenth, NULL);
        hg_progress_look();
    }
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    const ssize_t got = read(ends[0], text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    close(ends[0]);
}

static void long_steps_are_shown(void **state)
{
    char text[256];
    double rate = 0;
    int percent = 0, seconds = 0, minutes = 0;
    (void)state;
    hg_progress_steps(true);
    hg_alive_phase("reading edges", -1);
    hg_alive_total("bytes", 4000);
    hg_alive_add(600);
    hg_alive_add(400);
    look_for(15, text, sizeof text);
    assert_string_equal(text, "");
    look_for(10, text, sizeof text);
    assert_int_equal(
        sscanf(text, "reading edges: %d %%, %lf bytes/s, %d:%d left\n", &percent, &rate, &minutes, &seconds),
        4);
    assert_int_equal(percent, 25);
    assert_true(rate > 250 && rate <= 520);
    assert_int_equal(minutes, 0);
    assert_in_range(seconds, 5, 12);
    assert_string_equal(strchr(text, '\n'), "\n"); /* one line */
    hg_alive_phase("sorting edges", -1);
    look_for(24, text, sizeof text);
    assert_string_equal(text, "sorting edges: 2 s\n");
    hg_progress_steps(false);
}

static void short_and_silent_steps_are_not(void **state)
{
    char text[256];
    (void)state;
    hg_progress_steps(true);
    for (int k = 0; k < 3; k++) {
        hg_alive_phase("short", -1);
        look_for(10, text, sizeof text);
        assert_string_equal(text, "");
    }
    hg_progress_steps(false);
    look_for(25, text, sizeof text);
    assert_string_equal(text, "");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(long_steps_are_shown),
    cmocka_unit_test(short_and_silent_steps_are_not),
};

HG_TEST_MAIN(tests)
