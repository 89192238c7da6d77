// nginx_settings.hpp - a configuration file of nginx's, for a test that runs it in its folder.
#pragma once

#include <string>

#include "programs/loopback.hpp"

namespace programs {

/// Four workers, each of whose connections keeps a request's body in memory.
[[nodiscard]] inline std::string nginx_settings(const scratch_folder& in, port_number port) {
  return "worker_processes 4; daemon off; pid " + in.file("pid") + "; error_log " +
         in.file("errors") + ";\nevents {}\nhttp { access_log off; client_body_temp_path " +
         in.file("bodies") + "; proxy_temp_path " + in.file("proxied") + "; fastcgi_temp_path " +
         in.file("fast") + "; uwsgi_temp_path " + in.file("uwsgi") + "; scgi_temp_path " +
         in.file("scgi") +
         ";\nclient_body_buffer_size 1m;\nserver { listen 127.0.0.1:" + std::to_string(port) +
         "; location / { proxy_pass http://127.0.0.1:1; } } }\n";
}

}  // namespace programs
