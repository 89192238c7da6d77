#include "loads/database_session.hpp"

#include <cstdlib>

#include "process/failure.hpp"

namespace demo {

database_session::database_session(int port) : connection_(mysql_init(nullptr)) {
  if (connection_ == nullptr) throw failure("no memory for a database connection");
  const unsigned seconds = 30;
  for (const mysql_option each :
       {MYSQL_OPT_CONNECT_TIMEOUT, MYSQL_OPT_READ_TIMEOUT, MYSQL_OPT_WRITE_TIMEOUT}) {
    mysql_options(connection_.get(), each, &seconds);
  }
  if (mysql_real_connect(connection_.get(), "127.0.0.1", "root", "", nullptr,
                         static_cast<unsigned>(port), nullptr, 0) == nullptr) {
    fail();
  }
}

void database_session::fail() { throw failure(mysql_error(connection_.get())); }

void database_session::run(std::string_view statement) {
  if (mysql_real_query(connection_.get(), statement.data(), statement.size()) != 0) fail();
}

database_session::result database_session::ask(std::string_view statement) {
  run(statement);
  result all(mysql_store_result(connection_.get()));
  if (all == nullptr) fail();
  if (mysql_num_rows(all.get()) != 1) throw failure("not one row: " + std::string(statement));
  return all;
}

// Prepared: a server that is sent a blob as text spends most of its time reading it.
void database_session::write_blob(std::string_view statement, std::uint64_t id,
                                  std::string_view body) {
  const std::unique_ptr<MYSQL_STMT, closing> prepared(mysql_stmt_init(connection_.get()));
  if (prepared == nullptr) throw failure("no memory for a statement");
  unsigned long body_bytes = body.size();
  MYSQL_BIND parameters[2] = {};
  parameters[0].buffer_type = MYSQL_TYPE_LONG_BLOB;
  parameters[0].buffer = const_cast<char*>(body.data());
  parameters[0].length = &body_bytes;
  parameters[1].buffer_type = MYSQL_TYPE_LONGLONG;
  parameters[1].buffer = &id;
  parameters[1].is_unsigned = true;
  if (mysql_stmt_prepare(prepared.get(), statement.data(), statement.size()) != 0 ||
      mysql_stmt_bind_param(prepared.get(), parameters) || mysql_stmt_execute(prepared.get()) != 0)
    throw failure(mysql_stmt_error(prepared.get()));
}

void database_session::insert_blob(std::uint64_t id, std::string_view body) {
  write_blob("INSERT INTO demo.blobs (body, id) VALUES (?, ?)", id, body);
}

void database_session::update_blob(std::uint64_t id, std::string_view body) {
  write_blob("UPDATE demo.blobs SET body = ? WHERE id = ?", id, body);
}

void database_session::select_blob(std::uint64_t id, std::string_view expected) {
  const result all = ask("SELECT body FROM demo.blobs WHERE id=" + std::to_string(id));
  const MYSQL_ROW row = mysql_fetch_row(all.get());
  const unsigned long* const lengths = mysql_fetch_lengths(all.get());
  if (std::string_view(row[0], lengths[0]) != expected) {
    throw failure("a wrong byte in blob " + std::to_string(id));
  }
}

std::uint64_t database_session::number_from(std::string_view statement) {
  const result all = ask(statement);
  return std::strtoull(mysql_fetch_row(all.get())[1], nullptr, 10);
}

}  // namespace demo
