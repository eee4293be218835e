// What the C compiler has an instruction for and Swift has no word.
#ifndef MINEWATCH_CMEMORY_H
#define MINEWATCH_CMEMORY_H

/// Asks for the cache line of an address that will be read soon. It waits for nothing, and no address is a fault.
static inline __attribute__((always_inline)) void minewatch_prefetch(const void *_Nonnull address) {
  __builtin_prefetch(address);
}

#endif
