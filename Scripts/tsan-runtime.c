/*
 * Shows the thread sanitizer what the Swift runtime puts in order: who waited for a mutex, and who let go of an object.
 *
 * The runtime's libraries are not instrumented. On Linux, Synchronization.Mutex is one atomic word: where it is free, the code that takes
 * it is compiled into whoever uses it, so the sanitizer sees it; where it is not, three functions of libswiftSynchronization take it or
 * give it back through the kernel (FUTEX_LOCK_PI). And who lets go of an object does so by a count in libswiftCore; who finds then that
 * he alone holds it may write to it, as every array does that two threads had. Both are reported as races although they are none. The
 * functions here stand before the libraries', call them and say what they did, a count as the sanitizer knows it of C++'s shared_ptr.
 * Nothing is suppressed: what is touched without a mutex, and not behind such a count, is reported as ever.
 *
 * Linked into the tests by `make test-tsan`; Scripts/planted-race.sh shows it. The names are those of Swift 6.0 to 6.3 (Swift's stable ABI;
 * stdlib/public/Synchronization/Mutex/LinuxImpl.swift, include/swift/Runtime/HeapObject.h). A mutex passes `self` as Swift does, which
 * clang alone can do; the counting functions may be called as ones that keep all registers, so these do, and expect no such thing of the
 * library's.
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
#define COUNTING __attribute__((preserve_most))

/* The sanitizer's own: an atomic operation on the word at `address`, as if it were in instrumented code. */
void __tsan_acquire(void *address);
void __tsan_release(void *address);

/* The library's function; looked up when it is first called, which may be before any constructor of ours. */
static void *find(void **known, const char *name) {
  void *found = __atomic_load_n(known, __ATOMIC_RELAXED);
  if (found != NULL) return found;
  found = dlsym(RTLD_NEXT, name);
  if (found == NULL) {
    fprintf(stderr, "%s is not in this Swift: Scripts/tsan-runtime.c has to be adapted\n", name);
    abort();
  }
  __atomic_store_n(known, found, __ATOMIC_RELAXED);
  return found;
}

#define LIBRARY(type, name)  \
  ({                         \
    static void *known;      \
    (type)find(&known, name); \
  })

/* ---- Mutexes ---- */

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool try_lock_slow(SELF) __asm__(TRY_LOCK);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK);

SWIFT void lock_slow(uint32_t thread, SELF) {
  LIBRARY(SWIFT void (*)(uint32_t, SELF), LOCK)(thread, self);
  __tsan_acquire(self);
}

SWIFT bool try_lock_slow(SELF) {
  bool is_taken = LIBRARY(SWIFT bool (*)(SELF), TRY_LOCK)(self);
  if (is_taken) __tsan_acquire(self);
  return is_taken;
}

SWIFT void unlock_slow(SELF) {
  __tsan_release(self);
  LIBRARY(SWIFT void (*)(SELF), UNLOCK)(self);
}

/* ---- References ---- */

/* Whoever lets go last destroys: that comes after all that the others did before they let go. */
static void let_go(void *object) {
  if ((intptr_t)object <= 0) return;
  __tsan_acquire(object);
  __tsan_release(object);
}

/* The object behind a reference that has tags in its upper byte and its lowest bits; NULL for a string that lies in the reference. */
static void *untagged(void *reference) {
  if ((intptr_t)reference <= 0) return NULL;
  return (void *)((uintptr_t)reference & 0x00fffffffffffff8);
}

COUNTING void swift_release(void *object) {
  let_go(object);
  LIBRARY(void (*)(void *), "swift_release")(object);
}

COUNTING void swift_release_n(void *object, uint32_t count) {
  let_go(object);
  LIBRARY(void (*)(void *, uint32_t), "swift_release_n")(object, count);
}

COUNTING void swift_bridgeObjectRelease(void *reference) {
  let_go(untagged(reference));
  LIBRARY(void (*)(void *), "swift_bridgeObjectRelease")(reference);
}

COUNTING void swift_bridgeObjectRelease_n(void *reference, uint32_t count) {
  let_go(untagged(reference));
  LIBRARY(void (*)(void *, uint32_t), "swift_bridgeObjectRelease_n")(reference, count);
}

COUNTING bool swift_isUniquelyReferenced_native(void *object) {
  bool is_unique = LIBRARY(bool (*)(void *), "swift_isUniquelyReferenced_native")(object);
  if (is_unique) __tsan_acquire(object);
  return is_unique;
}

COUNTING bool swift_isUniquelyReferenced_nonNull_native(void *object) {
  bool is_unique = LIBRARY(bool (*)(void *), "swift_isUniquelyReferenced_nonNull_native")(object);
  if (is_unique) __tsan_acquire(object);
  return is_unique;
}
