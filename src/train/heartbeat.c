#include "train/heartbeat.h"

#include "base/mem.h"
#include "base/requests.h"
#include "train/run_owner.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

struct hg_heartbeat {
    const char *folder, *id;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ending;
    bool ends;
};

/* Waits for a beat's time; true when the thread must end. The lock is held. */
static bool wait_for_beat(struct hg_heartbeat *beat)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += HG_RUN_OWNER_BEAT_SECONDS;
    while (!beat->ends && pthread_cond_timedwait(&beat->ending, &beat->lock, &until) == 0) {
    }
    return beat->ends;
}

static void *work(void *context)
{
    struct hg_heartbeat *beat = context;
    pthread_setname_np(pthread_self(), "heartbeat");
    pthread_mutex_lock(&beat->lock);
    while (!wait_for_beat(beat))
        if (!hg_run_owner_beat(beat->folder, beat->id))
            hg_request(HG_REQUEST_LEAVE, "its folder belongs to another training");
    pthread_mutex_unlock(&beat->lock);
    return NULL;
}

/* Its clock is one that nobody sets. */
static void start_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* Starts the thread with all signals blocked, so that those of the process go to the others. */
static int start_thread(struct hg_heartbeat *beat)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&beat->thread, NULL, work, beat);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

hg_status hg_heartbeat_begin(const char *folder, const char *id, struct hg_heartbeat **beat)
{
    struct hg_heartbeat *new = NULL;
    HG_TRY(HG_NEW(new, 1));
    new->folder = folder;
    new->id = id;
    pthread_mutex_init(&new->lock, NULL);
    start_condition(&new->ending);
    const int failed = start_thread(new);
    if (failed != 0) {
        HG_FREE(new);
        return hg_fail(HG_FAILED, "thread of the heartbeat", "%s", strerror(failed));
    }
    *beat = new;
    return HG_OK;
}

void hg_heartbeat_end(struct hg_heartbeat *beat)
{
    if (beat == NULL) return;
    pthread_mutex_lock(&beat->lock);
    beat->ends = true;
    pthread_cond_signal(&beat->ending);
    pthread_mutex_unlock(&beat->lock);
    pthread_join(beat->thread, NULL);
    pthread_cond_destroy(&beat->ending);
    pthread_mutex_destroy(&beat->lock);
    HG_FREE(beat);
}
