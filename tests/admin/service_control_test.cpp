// The commands on services: fields, refusals, and when a restart is due.
#include "admin/service_control.hpp"

#include <gtest/gtest.h>

namespace postern::admin {
namespace {

class FixedServices final : public ServiceKeeper {
 public:
    std::expected<ServiceReport, std::string> report() override { return now; }
    std::expected<void, std::string> set(const ServiceChange& change) override {
        if (change.protocol == "http") return std::unexpected("no such protocol");
        last = change;
        now.services[0].enabled = change.enabled;
        return {};
    }
    std::expected<void, std::string> set_plaintext(bool allowed) override {
        now.plaintext_login_next = allowed;
        return {};
    }

    ServiceReport now{{{"imap", "*", 143, true, true}}, false, false, false};
    ServiceChange last;
};

TEST(ServiceControl, RefusesWhatItDoesNotKnow) {
    FixedServices keeper;
    EXPECT_FALSE(is_service_request("{}"));
    EXPECT_FALSE(is_service_request(R"({"command":"service"})"));
    const auto said = [&](std::string_view line) {
        EXPECT_TRUE(is_service_request(line));
        return handle_service_request(keeper, line).response;
    };
    EXPECT_EQ(said(R"({"command":"service.set","protocol":"imap"})"),
              "{\"ok\":false,\"error\":\"service.set: \\\"enabled\\\" is missing\"}\n");
    EXPECT_TRUE(said(R"({"command":"service.list","x":1})").contains("unknown field"));
    EXPECT_TRUE(
        said(R"({"command":"service.plaintext","allowed":1})").contains("must be true or false"));
    EXPECT_TRUE(said(R"({"command":"service.set","protocol":"imap","enabled":true,"port":70000})")
                    .contains("from 1 to 65535"));
    EXPECT_TRUE(said(R"({"command":"service.set","protocol":"http","enabled":true})")
                    .contains("no such protocol"));
}

TEST(ServiceControl, SaysWhenARestartIsDue) {
    FixedServices keeper;
    EXPECT_TRUE(handle_service_request(keeper, R"({"command":"service.list"})")
                    .response.contains("\"needs_restart\":false"));
    const auto off = handle_service_request(
        keeper, R"({"command":"service.set","protocol":"imap","enabled":false,"port":143})");
    EXPECT_TRUE(off.response.contains("\"needs_restart\":true")) << off.response;
    EXPECT_EQ(keeper.last.port, 143);
    EXPECT_EQ(off.restart, Restart::no);
}

TEST(ServiceControl, RestartsOnlyUnderASupervisor) {
    FixedServices keeper;
    const auto refused = handle_service_request(keeper, R"({"command":"restart"})");
    EXPECT_EQ(refused.restart, Restart::no);
    EXPECT_TRUE(refused.response.contains("nobody would start the gateway again"));
    keeper.now.can_restart = true;
    EXPECT_EQ(handle_service_request(keeper, R"({"command":"restart"})").restart, Restart::yes);
}

}  // namespace
}  // namespace postern::admin
