// Which ports are open and which will be: the running configuration beside the settings file
// (settings_file.hpp), for the commands on services. BLOCKING: made in the offload pool for one
// request.
#pragma once

#include "admin/service_control.hpp"
#include "app/config.hpp"

namespace postern::app {

class Services final : public admin::ServiceKeeper {
 public:
    // Both outlive it. `file`: without the settings; `running`: as the gateway was started.
    Services(const Config& file, const Config& running) : file_(file), running_(running) {}

    std::expected<admin::ServiceReport, std::string> report() override;
    std::expected<void, std::string> set(const admin::ServiceChange& change) override;
    std::expected<void, std::string> set_plaintext(bool allowed) override;

 private:
    const Config& file_;
    const Config& running_;
};

}  // namespace postern::app
