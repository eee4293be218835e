// What C can say of memory and Swift cannot.
#ifndef MINEWATCH_CMEMORY_H
#define MINEWATCH_CMEMORY_H

/// Asks for the cache line of an address that will be read soon. It waits for nothing, and no address is a fault.
static inline __attribute__((always_inline)) void minewatch_prefetch(const void *_Nonnull address) {
  __builtin_prefetch(address);
}

// Where the program's code begins and ends: linkers define both (end(3)).
extern const char __executable_start[], etext[];

static inline const void *_Nonnull minewatch_text_start(void) { return __executable_start; }
static inline const void *_Nonnull minewatch_text_end(void) { return etext; }

#endif
