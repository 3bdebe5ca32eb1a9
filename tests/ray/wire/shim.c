/* Loaded into every process of a cluster (LD_PRELOAD): its connections to the loopback address go through the wire.
 *
 * connect() to 127.0.0.1:P is made to the wire's port at the address 127.(P high).(P low).NODE, from the source address 127.(pid, 24 bits).
 * So the wire reads the wanted port, the caller's node and the caller's process off its own socket, and no byte is added to the stream.
 * A raylet's unix socket is replaced by the wire's, with one line in front that says who wants which.
 * Who reads how much memory the machine has left is told what the wire's file of the node says, if there is one.
 * What the wire cannot see from there is written into a book, one line each: "process PID NODE START COMMAND" when a program begins and
 * "listens PID PORT-OR-PATH" when it listens. Everything in the wheel but glibc is linked statically, so these functions suffice. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum { kLine = 1400, kCommand = 1200 }; /* long enough for two paths of a deep folder: the program and the script */

static unsigned wire_port;
static unsigned node;
static const char* book;
static const char* relay;
static const char* memory;

static unsigned number_of(const char* name) {
  const char* text = getenv(name);
  return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

/* One write to a file in append mode: lines of several processes do not mix. */
static void note(const char* line, size_t length) {
  int kept = errno;
  int file = book ? open(book, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
  if (file >= 0) {
    ssize_t written = write(file, line, length);
    (void)written;
    close(file);
  }
  errno = kept;
}

static size_t read_file(const char* path, char* into, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = file >= 0 ? read(file, into, size - 1) : 0;
  if (file >= 0) close(file);
  if (got < 0) got = 0;
  into[got] = 0;
  return (size_t)got;
}

/* The time at which this process began, in ticks since the machine's start: with the pid it names a process for good. */
static unsigned long long start_time(void) {
  char text[1024];
  unsigned long long start = 0;
  read_file("/proc/self/stat", text, sizeof text);
  const char* after = strrchr(text, ')');
  if (after) sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &start);
  return start;
}

__attribute__((constructor)) static void begin(void) {
  char command[kCommand], line[kLine];
  wire_port = number_of("RAYMC_WIRE_PORT");
  node = number_of("RAYMC_WIRE_NODE");
  book = getenv("RAYMC_WIRE_BOOK");
  relay = getenv("RAYMC_WIRE_RELAY");
  memory = getenv("RAYMC_WIRE_MEMORY");
  if (!wire_port) return;
  size_t length = read_file("/proc/self/cmdline", command, sizeof command);
  for (size_t i = 0; i < length; ++i) {
    if (command[i] == 0 || command[i] == '\n') command[i] = ' ';
  }
  int size = snprintf(line, sizeof line, "process %d %u %llu %s\n", getpid(), node, start_time(), command);
  note(line, (size_t)size);
}

static unsigned source_address(void) { return htonl(0x7f000000u | ((unsigned)getpid() & 0xffffffu)); }
static unsigned wire_address(unsigned port) { return htonl(0x7f000000u | port << 8 | node); }

static int connect_real(int file, const struct sockaddr* to, socklen_t size) {
  static int (*real)(int, const struct sockaddr*, socklen_t);
  if (!real) real = dlsym(RTLD_NEXT, "connect");
  return real(file, to, size);
}

static int connect_v4(int file, const struct sockaddr_in* wanted) {
  struct sockaddr_in to = *wanted, from = {.sin_family = AF_INET};
  int yes = 1;
  to.sin_addr.s_addr = wire_address(ntohs(wanted->sin_port));
  to.sin_port = htons((unsigned short)wire_port);
  from.sin_addr.s_addr = source_address();
  setsockopt(file, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  bind(file, (const struct sockaddr*)&from, sizeof from);
  return connect_real(file, (const struct sockaddr*)&to, sizeof to);
}

/* gRPC opens sockets of IPv6 and names IPv4 addresses inside them. */
static int connect_v6(int file, const struct sockaddr_in6* wanted) {
  struct sockaddr_in6 to = *wanted, from = {.sin6_family = AF_INET6};
  unsigned source = source_address(), wire = wire_address(ntohs(wanted->sin6_port));
  int yes = 1;
  memcpy(to.sin6_addr.s6_addr + 12, &wire, 4);
  to.sin6_port = htons((unsigned short)wire_port);
  memcpy(&from.sin6_addr, &wanted->sin6_addr, 12);
  memcpy(from.sin6_addr.s6_addr + 12, &source, 4);
  setsockopt(file, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
  bind(file, (const struct sockaddr*)&from, sizeof from);
  return connect_real(file, (const struct sockaddr*)&to, sizeof to);
}

static int connect_unix(int file, const struct sockaddr_un* wanted) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  char line[kLine];
  strncpy(to.sun_path, relay, sizeof to.sun_path - 1);
  int status = connect_real(file, (const struct sockaddr*)&to, sizeof to);
  if (status == 0) {
    int size = snprintf(line, sizeof line, "%u %d %s\n", node, getpid(), wanted->sun_path);
    send(file, line, (size_t)size, MSG_NOSIGNAL);
  }
  return status;
}

int connect(int file, const struct sockaddr* to, socklen_t size) {
  static const unsigned char kMapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1};
  int type = 0;
  socklen_t type_size = sizeof type;
  if (!wire_port || !to || getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0 || type != SOCK_STREAM)
    return connect_real(file, to, size);
  if (to->sa_family == AF_INET) {
    const struct sockaddr_in* wanted = (const struct sockaddr_in*)to;
    if (wanted->sin_addr.s_addr == htonl(INADDR_LOOPBACK)) return connect_v4(file, wanted);
  } else if (to->sa_family == AF_INET6) {
    const struct sockaddr_in6* wanted = (const struct sockaddr_in6*)to;
    if (memcmp(&wanted->sin6_addr, kMapped, sizeof kMapped) == 0) return connect_v6(file, wanted);
  } else if (to->sa_family == AF_UNIX && relay) {
    const struct sockaddr_un* wanted = (const struct sockaddr_un*)to;
    if (strstr(wanted->sun_path, "/sockets/raylet")) return connect_unix(file, wanted);
  }
  return connect_real(file, to, size);
}

int listen(int file, int backlog) {
  static int (*real)(int, int);
  struct sockaddr_storage at;
  socklen_t size = sizeof at;
  char line[kLine];
  if (!real) real = dlsym(RTLD_NEXT, "listen");
  int status = real(file, backlog);
  if (status == 0 && wire_port && getsockname(file, (struct sockaddr*)&at, &size) == 0) {
    unsigned port = at.ss_family == AF_INET    ? ntohs(((struct sockaddr_in*)&at)->sin_port)
                    : at.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6*)&at)->sin6_port)
                                               : 0;
    int length = snprintf(line, sizeof line, "listens %d %u\n", getpid(), port);
    if (at.ss_family == AF_UNIX) length = snprintf(line, sizeof line, "listens %d %s\n", getpid(), ((struct sockaddr_un*)&at)->sun_path);
    if (port || at.ss_family == AF_UNIX) note(line, (size_t)length);
  }
  return status;
}

static const char* instead_of(const char* path) {
  return memory && path && strcmp(path, "/proc/meminfo") == 0 && access(memory, R_OK) == 0 ? memory : path;
}

FILE* fopen(const char* path, const char* mode) {
  static FILE* (*real)(const char*, const char*);
  if (!real) real = dlsym(RTLD_NEXT, "fopen");
  return real(instead_of(path), mode);
}

FILE* fopen64(const char* path, const char* mode) {
  static FILE* (*real)(const char*, const char*);
  if (!real) real = dlsym(RTLD_NEXT, "fopen64");
  return real(instead_of(path), mode);
}
