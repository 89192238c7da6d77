// database_session.hpp - one connection to a MariaDB server, by its C client library.
//
// Threads: one at a time, any.
#pragma once

#include <mysql.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace demo {

class database_session {
 public:
  /// Fails, as every call does: the server refuses, or does not answer within 30 s.
  explicit database_session(int port);

  void run(std::string_view statement);

  /// Pre: there is a table blobs (id, body).
  void insert_blob(std::uint64_t id, std::string_view body);
  void update_blob(std::uint64_t id, std::string_view body);
  /// Fails also: another body.
  void select_blob(std::uint64_t id, std::string_view expected);

  /// The second column of the statement's one row.
  [[nodiscard]] std::uint64_t number_from(std::string_view statement);

 private:
  struct closing {
    void operator()(MYSQL* connection) const noexcept { mysql_close(connection); }
    void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
    void operator()(MYSQL_STMT* statement) const noexcept { mysql_stmt_close(statement); }
  };
  using result = std::unique_ptr<MYSQL_RES, closing>;

  [[nodiscard]] result ask(std::string_view statement);
  /// The statement's parameters are a body and an id.
  void write_blob(std::string_view statement, std::uint64_t id, std::string_view body);
  [[noreturn]] void fail();

  std::unique_ptr<MYSQL, closing> connection_;
};

}  // namespace demo
