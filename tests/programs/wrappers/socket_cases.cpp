// socket_cases.cpp - the calls by which connections come.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/syscall.h>

#include "programs/listener.hpp"
#include "programs/wrappers/observed.hpp"
#include "programs/wrappers/wrapper_case.hpp"

namespace wrappers {
namespace {

using programs::listener;

/// The kernel gives the lowest free number: that of a connection closed behind the
/// preload library's back.
bool socket_holds() {
  const connection link;
  const connarena_t arena = connarena_of_fd(link.near());
  if (!is_open(arena) || syscall(SYS_close, link.near()) != 0) return false;
  return socket(AF_INET, SOCK_STREAM, 0) == link.near() && !is_open(arena) &&
         connarena_of_fd(link.near()) == 0;
}

bool socketpair_holds() {
  const connection link;
  return connarena_of_fd(link.near()) != 0 && connarena_of_fd(link.far()) != 0 &&
         connarena_of_fd(link.near()) != connarena_of_fd(link.far());
}

bool connect_holds() {
  listener server;
  const int link = server.reach();
  return link >= 0 && serves(link);
}

template <typename Accept>
bool accepts(Accept take) {
  listener server;
  if (server.reach() < 0) return false;
  const int link = take(server.fd());
  return link >= 0 && serves(link);
}

constexpr wrapper_case cases[] = {
    {"socket", socket_holds},
    {"socketpair", socketpair_holds},
    {"connect", connect_holds},
    {"accept", [] { return accepts([](int from) { return accept(from, nullptr, nullptr); }); }},
    {"accept4",
     [] {
       return accepts([](int from) { return accept4(from, nullptr, nullptr, SOCK_CLOEXEC); });
     }},
};

}  // namespace

case_list socket_cases() { return cases; }

}  // namespace wrappers
