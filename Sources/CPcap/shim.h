// libpcap's API as Swift sees it. pcap.h needs the BSD integer names (u_char, u_int) that glibc hides
// unless a feature macro asks for them.
#ifndef MINEWATCH_CPCAP_SHIM_H
#define MINEWATCH_CPCAP_SHIM_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include <pcap/pcap.h>
// __fsetlocking, for the stream that libpcap reads a file through.
#include <stdio_ext.h>

#endif
