/* Loaded before libc into one process: its wall clock goes wrong by the seconds in the first 8 bytes of DRILL_CLOCK. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static volatile int64_t *wrong_by;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("DRILL_CLOCK");
  int file = path ? open(path, O_RDONLY) : -1;
  void *memory = file >= 0 ? mmap(0, 8, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  if (memory != MAP_FAILED) wrong_by = memory;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, now);
  if (!result && wrong_by && clock == CLOCK_REALTIME) now->tv_sec += *wrong_by;
  return result;
}
