/*
 * The floor under every benchmark: how fast can libpcap alone read a capture file?
 *
 * It reads FILE the barest way there is (pcap_loop, nanosecond time stamps as Minewatch asks for), adds up the lengths so that
 * nothing is optimised away, and prints packets, bytes, CPU seconds (user and system) and nanoseconds a packet.
 * With "next" as second argument it reads by pcap_next_ex instead. With a third argument, the size in bytes of
 * stdio's buffer; the default is what libpcap gives, 4096.
 *
 *   cc -O2 -o floor Scripts/floor.c -lpcap && ./floor FILE [loop|next [BUFFER]]
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct sum {
  unsigned long long packets, bytes;
};

static void add(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes) {
  struct sum *sum = (struct sum *)user;
  (void)bytes;
  sum->packets += 1;
  sum->bytes += header->caplen;
}

static double cpu_seconds(void) {
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return use.ru_utime.tv_sec + use.ru_stime.tv_sec + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: floor FILE [loop|next [BUFFER]]\n");
    return 64;
  }
  double start = cpu_seconds();
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL) {
    perror(argv[1]);
    return 66;
  }
  if (argc > 3) {
    size_t size = strtoul(argv[3], NULL, 10);
    setvbuf(file, malloc(size), _IOFBF, size);
  }
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *capture = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
  if (capture == NULL) {
    fprintf(stderr, "%s: %s\n", argv[1], error);
    return 65;
  }

  struct sum sum = {0, 0};
  int status;
  if (argc > 2 && strcmp(argv[2], "next") == 0) {
    struct pcap_pkthdr *header;
    const u_char *bytes;
    while ((status = pcap_next_ex(capture, &header, &bytes)) == 1) add((u_char *)&sum, header, bytes);
  } else {
    status = pcap_loop(capture, -1, add, (u_char *)&sum);
  }
  if (status == PCAP_ERROR) {
    pcap_perror(capture, argv[1]);
    return 65;
  }

  double seconds = cpu_seconds() - start;
  printf("%llu packets, %llu bytes, %.3f CPU s, %.1f ns a packet\n", sum.packets, sum.bytes, seconds,
         sum.packets ? seconds * 1e9 / sum.packets : 0.0);
  return 0;
}
