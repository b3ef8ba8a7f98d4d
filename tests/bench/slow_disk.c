/* Adds a pause to every fsync and fdatasync, and counts them in a file of eight bytes per process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int (*next_fsync)(int);
static int (*next_fdatasync)(int);
static struct timespec pause_for;
static uint64_t nothing, *count = &nothing;

__attribute__((constructor)) static void begin(void) {
    const char *milliseconds = getenv("SLOW_DISK_MS"), *folder = getenv("SLOW_DISK_COUNTS");
    long ms = milliseconds ? atol(milliseconds) : 0;
    char path[4096];
    next_fsync = dlsym(RTLD_NEXT, "fsync");
    next_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    pause_for.tv_sec = ms / 1000;
    pause_for.tv_nsec = ms % 1000 * 1000000L;
    if (!folder) return;
    snprintf(path, sizeof path, "%s/%ld", folder, (long)getpid());
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, sizeof *count)) return;
    void *shared = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared != MAP_FAILED) count = shared;
    close(file);
}

static void noticed(void) {
    __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    if (pause_for.tv_sec || pause_for.tv_nsec) nanosleep(&pause_for, NULL);
}

int fsync(int file) { noticed(); return next_fsync(file); }
int fdatasync(int file) { noticed(); return next_fdatasync(file); }
