// transfer_cases.cpp - the calls that transfer bytes: the thread then serves the
// connection, and the run that the bytes went through is the connection's.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

// What _FORTIFY_SOURCE makes of calls; no header declares these.
extern "C" {
ssize_t __read_chk(int, void*, size_t, size_t);
ssize_t __recv_chk(int, void*, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, sockaddr*, socklen_t*);
}

namespace wrappers {
namespace {

constexpr off_t no_offset = -1;

/// A run that nobody owns, through which `transfer` moves one byte of a connection.
template <typename Transfer>
bool moves_a_byte(const connection& link, void* run, Transfer transfer) {
  return transfer(link.near(), run) == 1 && belongs_to(run, link.near()) && serves(link.near());
}

template <typename Receive>
bool receives(Receive receive) {
  const connection link;
  void* const run = malloc(run_bytes);
  return owner_of(run) == 0 && link.send_from(link.far()) && moves_a_byte(link, run, receive);
}

template <typename Send>
bool sends(Send send_one) {
  const connection link;
  void* const run = malloc(run_bytes);
  return owner_of(run) == 0 && moves_a_byte(link, run, send_one);
}

/// Two buffers of which only the second is a run's.
struct two_buffers {
  explicit two_buffers(void* run) : parts{{nullptr, 0}, {run, 1}} {}
  iovec parts[2];
};

struct message {
  explicit message(void* run) : buffers(run) {
    header.msg_iov = buffers.parts;
    header.msg_iovlen = 2;
  }
  two_buffers buffers;
  msghdr header{};
};

template <typename Call>
auto with_buffers(Call call) {
  return [=](int fd, void* run) { return call(fd, two_buffers(run).parts); };
}

template <typename Call>
auto with_message(Call call) {
  return [=](int fd, void* run) {
    message one(run);
    return call(fd, &one.header);
  };
}

template <typename Call>
auto with_messages(Call call) {
  return [=](int fd, void* run) {
    message one(run);
    mmsghdr many{one.header, 0};
    return call(fd, &many);
  };
}

template <typename Sendfile>
bool sends_a_file(Sendfile send_file) {
  const connection link;
  const int file = memfd_create("file", 0);
  if (ftruncate(file, 10) != 0) return false;
  return send_file(link.near(), file) == 10 && serves(link.near());
}

bool splice_holds() {
  const connection link;
  std::array<int, 2> tube{};
  if (pipe(tube.data()) != 0 || write(tube[1], "x", 1) != 1) return false;
  if (splice(tube[0], nullptr, link.near(), nullptr, 1, 0) != 1 || !serves(link.near())) {
    return false;
  }
  return splice(link.far(), nullptr, tube[1], nullptr, 1, 0) == 1 && serves(link.far());
}

using parts = const iovec*;

// clang-format off
constexpr wrapper_case cases[] = {
    {"read", [] { return receives([](int fd, void* run) { return read(fd, run, run_bytes); }); }},
    {"__read_chk", [] { return receives([](int fd, void* run) { return __read_chk(fd, run, run_bytes, run_bytes); }); }},
    {"readv", [] { return receives(with_buffers([](int fd, parts to) { return readv(fd, to, 2); })); }},
    {"preadv2", [] { return receives(with_buffers([](int fd, parts to) { return preadv2(fd, to, 2, no_offset, 0); })); }},
    {"preadv64v2", [] { return receives(with_buffers([](int fd, parts to) { return preadv64v2(fd, to, 2, no_offset, 0); })); }},
    {"recv", [] { return receives([](int fd, void* run) { return recv(fd, run, run_bytes, 0); }); }},
    {"__recv_chk", [] { return receives([](int fd, void* run) { return __recv_chk(fd, run, run_bytes, run_bytes, 0); }); }},
    {"recvfrom", [] { return receives([](int fd, void* run) { return recvfrom(fd, run, run_bytes, 0, nullptr, nullptr); }); }},
    {"__recvfrom_chk", [] { return receives([](int fd, void* run) { return __recvfrom_chk(fd, run, run_bytes, run_bytes, 0, nullptr, nullptr); }); }},
    {"recvmsg", [] { return receives(with_message([](int fd, msghdr* to) { return recvmsg(fd, to, 0); })); }},
    {"recvmmsg", [] { return receives(with_messages([](int fd, mmsghdr* to) { return recvmmsg(fd, to, 1, 0, nullptr); })); }},
    {"write", [] { return sends([](int fd, void* run) { return write(fd, run, 1); }); }},
    {"writev", [] { return sends(with_buffers([](int fd, parts from) { return writev(fd, from, 2); })); }},
    {"pwritev2", [] { return sends(with_buffers([](int fd, parts from) { return pwritev2(fd, from, 2, no_offset, 0); })); }},
    {"pwritev64v2", [] { return sends(with_buffers([](int fd, parts from) { return pwritev64v2(fd, from, 2, no_offset, 0); })); }},
    {"send", [] { return sends([](int fd, void* run) { return send(fd, run, 1, 0); }); }},
    {"sendto", [] { return sends([](int fd, void* run) { return sendto(fd, run, 1, 0, nullptr, 0); }); }},
    {"sendmsg", [] { return sends(with_message([](int fd, msghdr* from) { return sendmsg(fd, from, 0); })); }},
    {"sendmmsg", [] { return sends(with_messages([](int fd, mmsghdr* from) { return sendmmsg(fd, from, 1, 0); })); }},
    {"sendfile", [] { return sends_a_file([](int to, int from) { return sendfile(to, from, nullptr, 10); }); }},
    {"sendfile64", [] { return sends_a_file([](int to, int from) { return sendfile64(to, from, nullptr, 10); }); }},
    {"splice", splice_holds},
};
// clang-format on

}  // namespace

case_list transfer_cases() { return cases; }

}  // namespace wrappers
