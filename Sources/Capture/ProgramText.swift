import CMemory
import Glibc

/// The program's own code in memory.
package enum ProgramText {
  /// Lets go of the code that has run so far: what is still needed comes back by itself, from the page cache, sixteen pages at a time.
  ///
  /// To read a policy runs much of the program once, and its code would be resident for as long as the daemon is.
  package static func release() {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let start = unsafe UnsafeMutableRawPointer(mutating: minewatch_text_start())
    // Data may begin in the page where code ends.
    let size = unsafe (minewatch_text_end() - UnsafeRawPointer(start)) / page * page
    // A wish: where it is not granted, nothing is lost but room.
    _ = unsafe madvise(start, size, MADV_DONTNEED)
  }
}
