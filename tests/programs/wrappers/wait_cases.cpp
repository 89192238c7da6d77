// wait_cases.cpp - the calls that wait for any of several connections: meanwhile,
// and until it transfers bytes again, the thread serves none; what it closed ends.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

// What _FORTIFY_SOURCE makes of calls; no header declares these.
extern "C" {
int __poll_chk(pollfd*, nfds_t, int, size_t);
int __ppoll_chk(pollfd*, nfds_t, const timespec*, const sigset_t*, size_t);
}

namespace wrappers {
namespace {

constexpr timespec no_time{0, 0};

/// `wait(fd)` waits for bytes that are there.
template <typename Wait>
bool ends_the_service(Wait wait) {
  const connection link;
  const closed_connection closed;
  if (!link.send_from(link.near()) || !serves(link.near()) || !closed.is_draining()) return false;
  return wait(link.far()) == 1 && served() == 0 && closed.has_ended();
}

template <typename Poll>
bool polls(Poll poll_one) {
  return ends_the_service([=](int fd) {
    pollfd watched{fd, POLLIN, 0};
    return poll_one(&watched);
  });
}

template <typename Wait>
bool waits_with_epoll(Wait wait) {
  return ends_the_service([=](int fd) {
    const int epoll = epoll_create1(0);
    epoll_event event{EPOLLIN, {}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) return -1;
    return wait(epoll, &event);
  });
}

template <typename Select>
bool selects(Select select_one) {
  return ends_the_service([=](int fd) {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(fd, &readable);
    return select_one(fd + 1, &readable);
  });
}

// clang-format off
constexpr wrapper_case cases[] = {
    {"epoll_wait", [] { return waits_with_epoll([](int fd, epoll_event* event) { return epoll_wait(fd, event, 1, 0); }); }},
    {"epoll_pwait", [] { return waits_with_epoll([](int fd, epoll_event* event) { return epoll_pwait(fd, event, 1, 0, nullptr); }); }},
    {"epoll_pwait2", [] { return waits_with_epoll([](int fd, epoll_event* event) { return epoll_pwait2(fd, event, 1, &no_time, nullptr); }); }},
    {"poll", [] { return polls([](pollfd* one) { return poll(one, 1, 0); }); }},
    {"ppoll", [] { return polls([](pollfd* one) { return ppoll(one, 1, &no_time, nullptr); }); }},
    {"__poll_chk", [] { return polls([](pollfd* one) { return __poll_chk(one, 1, 0, sizeof *one); }); }},
    {"__ppoll_chk", [] { return polls([](pollfd* one) { return __ppoll_chk(one, 1, &no_time, nullptr, sizeof *one); }); }},
    {"select", [] { return selects([](int count, fd_set* readable) { timeval none{}; return select(count, readable, nullptr, nullptr, &none); }); }},
    {"pselect", [] { return selects([](int count, fd_set* readable) { return pselect(count, readable, nullptr, nullptr, &no_time, nullptr); }); }},
};
// clang-format on

}  // namespace

case_list wait_cases() { return cases; }

}  // namespace wrappers
