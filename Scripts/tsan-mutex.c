/*
 * Shows the thread sanitizer the standard library's Mutex.
 *
 * On Linux, Synchronization.Mutex is one atomic word. Where it is free, the code that takes it is compiled into whoever uses it, so the
 * sanitizer sees it. Where it is not, three functions of libswiftSynchronization take it or give it back through the kernel (FUTEX_LOCK_PI),
 * and that library is not instrumented: what the mutex guards is then reported as a race. These three stand before the library's, call
 * them and say what they did. Nothing is suppressed: what is touched without the mutex is reported as ever.
 *
 * Linked into the tests by `make test-tsan`; Scripts/planted-race.sh shows both. The names are those of Swift 6.0 to 6.3 (Swift's stable
 * ABI mangling; stdlib/public/Synchronization/Mutex/LinuxImpl.swift), and `self` is passed as Swift passes it, which clang alone can do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

/* The sanitizer's own: an atomic operation on the word at `address`, as if it were in instrumented code. */
void __tsan_acquire(void *address);
void __tsan_release(void *address);

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool try_lock_slow(SELF) __asm__(TRY_LOCK);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK);

static SWIFT void (*library_lock)(uint32_t thread, SELF);
static SWIFT bool (*library_try_lock)(SELF);
static SWIFT void (*library_unlock)(SELF);

static void *find(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) {
    fprintf(stderr, "%s is not in this Swift: Scripts/tsan-mutex.c has to be adapted\n", name);
    abort();
  }
  return found;
}

/* Before main: no lock is contended as long as there is one thread. */
__attribute__((constructor)) static void find_library(void) {
  library_lock = find(LOCK);
  library_try_lock = find(TRY_LOCK);
  library_unlock = find(UNLOCK);
}

SWIFT void lock_slow(uint32_t thread, SELF) {
  library_lock(thread, self);
  __tsan_acquire(self);
}

SWIFT bool try_lock_slow(SELF) {
  bool is_taken = library_try_lock(self);
  if (is_taken) __tsan_acquire(self);
  return is_taken;
}

SWIFT void unlock_slow(SELF) {
  __tsan_release(self);
  library_unlock(self);
}
