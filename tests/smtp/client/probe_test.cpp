// Asking an inner server about a recipient: what its replies mean, and that sessions are kept.
#include "smtp/client/probe.hpp"

#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::smtp::client {
namespace {

using engine::task;

// inner.test to its server, the rest to its exchangers.
class InnerRouter final : public queue::Router {
 public:
    queue::Route route_of(std::string_view, std::string_view recipient) const override {
        if (recipient.ends_with("@inner.test")) return {queue::RouteKind::host, "in.test", 25};
        if (recipient.ends_with("@down.test")) return {queue::RouteKind::host, "down.test", 25};
        return {queue::RouteKind::mx, "elsewhere.test", 25};
    }
};

struct ProbeBed : Bed {
    ScriptedServer& server = add_server("", "in.test", "10.0.0.2");
    std::unique_ptr<Probe> probe;

    // Asks one after the other over one probe, which is closed then.
    std::vector<ProbeAnswer> ask(std::vector<std::string> recipients) {
        std::vector<ProbeAnswer> answers;
        services.resolver = &resolver;
        run(ask_all(this, std::move(recipients), &answers));
        return answers;
    }
    static task<void> ask_all(ProbeBed* bed, std::vector<std::string> recipients,
                              std::vector<ProbeAnswer>* answers) {
        Probe probe(bed->settings, bed->services, std::make_shared<InnerRouter>());
        for (std::string& recipient : recipients) {
            answers->push_back(co_await probe.ask(std::move(recipient)));
        }
        co_await probe.close();
    }
};

Script question(const std::string& recipient, const std::string& reply) {
    return {"C: MAIL FROM:<>", "S: 250 2.1.0 OK", "C: RCPT TO:<" + recipient + ">",
            "S: " + reply,     "C: RSET",         "S: 250 2.0.0 OK"};
}

TEST(ClientProbe, RepliesMeanWhatTheySay) {
    ProbeBed bed;
    bed.server.expect_connection(greeting() + question("a@inner.test", "250 2.1.5 OK") +
                                 question("b@inner.test", "550 5.1.1 No") +
                                 question("c@inner.test", "450 4.2.1 Later") + leaving);
    const auto answers = bed.ask({"a@inner.test", "b@inner.test", "c@inner.test"});
    EXPECT_EQ(answers[0].existence, Existence::exists);
    EXPECT_EQ(answers[1].existence, Existence::unknown);
    EXPECT_EQ(answers[1].words, "550 5.1.1 No");
    EXPECT_EQ(answers[2].existence, Existence::untold);
    EXPECT_TRUE(bed.complaints().empty());
}

TEST(ClientProbe, WhoRefusesTheSenderHasToldNothing) {
    ProbeBed bed;
    bed.server.expect_connection(greeting() + Script{"C: MAIL FROM:<>", "S: 550 5.7.1 No bounces"} +
                                 leaving);
    EXPECT_EQ(bed.ask({"a@inner.test"})[0].existence, Existence::untold);
    EXPECT_TRUE(bed.complaints().empty());
}

TEST(ClientProbe, AServerThatIsDownHasToldNothing) {
    ProbeBed bed;
    bed.resolver.add_a("down.test", "10.0.0.99");  // nobody there
    EXPECT_EQ(bed.ask({"a@down.test"})[0].existence, Existence::untold);
}

TEST(ClientProbe, WithoutAFixedHostNobodyIsAsked) {
    ProbeBed bed;
    EXPECT_EQ(bed.ask({"a@elsewhere.test"})[0].existence, Existence::exists);
    EXPECT_EQ(bed.server.connections, 0u);
}

}  // namespace
}  // namespace postern::smtp::client
