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

std::string database_session::quoted(std::string_view body) {
  constexpr std::string_view opening = "_binary'";
  std::string text(opening);
  text.resize(opening.size() + 2 * body.size() + 1);
  const unsigned long length = mysql_real_escape_string(
      connection_.get(), text.data() + opening.size(), body.data(), body.size());
  text.resize(opening.size() + length);
  return text + "'";
}

void database_session::insert_blob(std::uint64_t id, std::string_view body) {
  run("INSERT INTO demo.blobs VALUES (" + std::to_string(id) + "," + quoted(body) + ")");
}

void database_session::update_blob(std::uint64_t id, std::string_view body) {
  run("UPDATE demo.blobs SET body=" + quoted(body) + " WHERE id=" + std::to_string(id));
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
