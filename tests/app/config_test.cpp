// The configuration file: what is wrong with it and on which line, then what it sets.
#include "app/config.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "app/queue_times.hpp"

namespace postern::app {
namespace {

const std::string listener = "[[listener]]\nprotocol = \"imap\"\n";

// The problem of a configuration, as people see it.
std::string problem_of(const std::string& text) {
    const auto parsed = parse_config(text, "p.toml");
    return parsed ? "none" : format_problem(parsed.error());
}

TEST(Config, NamesTheLineOfBadSyntax) {
    const auto parsed = parse_config("shards = 1\n\nlog_level = \n", "p.toml");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().line, 3u);
    EXPECT_EQ(parsed.error().key, "");
    EXPECT_TRUE(problem_of("a = \"\n").starts_with("p.toml:1:"));
    EXPECT_TRUE(problem_of("shards = 1\nshards = 2\n").starts_with("p.toml:2:"));
    EXPECT_TRUE(problem_of(std::string("\0", 1)).starts_with("p.toml:1:"));
    EXPECT_TRUE(problem_of("a = \"\xff\"").starts_with("p.toml:1:"));
}

TEST(Config, NamesUnknownKeysWithTheirLine) {
    EXPECT_EQ(problem_of(listener + "prot = 1\n"), "p.toml:3:1: listener.prot: unknown key");
    EXPECT_EQ(problem_of("sharps = 1\n" + listener), "p.toml:1:1: sharps: unknown key");
    EXPECT_EQ(problem_of("\n[limits]\n  bytes = 1\n"), "p.toml:3:3: limits.bytes: unknown key");
    EXPECT_EQ(problem_of("[mystery]\nx = 1\n"), "p.toml:1:2: mystery: unknown key");
    EXPECT_EQ(problem_of("protocol = \"imap\"\n"), "p.toml:1:1: protocol: unknown key");
    EXPECT_EQ(problem_of("\"a\\u001b[2J\" = 1\n"), "p.toml:1:1: a\\x1b[2J: unknown key");
    EXPECT_EQ(problem_of("tls = 1\n"), "p.toml:1:1: tls: must be a section: write [section]");
    EXPECT_EQ(problem_of("[listener]\nport = 1\n"),
              "p.toml:1:2: listener: must be a list of sections: write [[listener]]");
}

TEST(Config, NamesBadValuesWithTheirKey) {
    const auto expect_bad = [](const std::string& text, const std::string& key) {
        const auto parsed = parse_config(text, "p.toml");
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().key, key) << format_problem(parsed.error());
        EXPECT_GT(parsed.error().line, 0u);
    };
    for (const char* bad : {"shards = -1", "shards = \"2\"", "shards = 1.0", "shards = 1025"}) {
        expect_bad(bad, "shards");
    }
    for (const char* bad : {"host_name = 1", "host_name = \"a b\"", "host_name = \"a\\u0000\""}) {
        expect_bad(bad, "host_name");
    }
    expect_bad("data_directory = \"\"", "data_directory");
    expect_bad("log_level = \"loud\"", "log_level");
    expect_bad("allow_plaintext_auth = \"yes\"", "allow_plaintext_auth");
    expect_bad("[limits]\nmessage_bytes_max = 1", "limits.message_bytes_max");
    expect_bad("[limits]\nmessage_bytes_max = 52428801", "limits.message_bytes_max");
    expect_bad("[limits]\nconnections_max = 0", "limits.connections_max");
    expect_bad("[timeouts]\nimap_s = 86401", "timeouts.imap_s");
    expect_bad("[[listener]]\nprotocol = \"http\"", "listener.protocol");
    expect_bad("[[listener]]\nport = 25", "listener.protocol");
    for (const char* bad : {"0", "65536", "\"25\"", "[25]"}) {
        expect_bad("[[listener]]\nprotocol = \"smtp\"\nport = " + std::string(bad),
                   "listener.port");
    }
    for (const char* bad : {"", "localhost", "1.2.3", "1.2.3.4:25", "[::1]", "::1%lo"}) {
        expect_bad("[[listener]]\nprotocol = \"smtp\"\naddress = \"" + std::string(bad) + "\"",
                   "listener.address");
    }
}

TEST(Config, NamesBadOutboundValuesWithTheirKey) {
    const auto key_of = [](const std::string& text) {
        const auto parsed = parse_config(text + "\n" + listener, "p.toml");
        return parsed ? std::string("none") : parsed.error().key;
    };
    for (const char* bad : {"\"192.0.2.53\"", "[53]", "[\"dns.test\"]", "[\"192.0.2.53@0\"]"}) {
        EXPECT_EQ(key_of("[dns]\nservers = " + std::string(bad)), "dns.servers") << bad;
    }
    for (const char* bad : {"[\"lan\"]", "[\"=192.0.2.53\"]", "[\"lan=ns.lan\"]"}) {
        EXPECT_EQ(key_of("[dns]\nprivate_zones = " + std::string(bad)), "dns.private_zones") << bad;
    }
    EXPECT_EQ(key_of("[outbound]\nsource_ipv4 = \"::1\""), "outbound.source_ipv4");
    EXPECT_EQ(key_of("[outbound]\nfamilies = \"none\""), "outbound.families");
    EXPECT_EQ(key_of("[[route]]\ndomain = \"a.test\""), "route.host");
    EXPECT_EQ(key_of("[[route]]\nhost = \"a b\""), "route.host");
    EXPECT_EQ(key_of("[[route]]\nhost = \"a\"\ntls = \"perhaps\""), "route.tls");
    EXPECT_EQ(key_of("[[route]]\nhost = \"a\"\ntls = \"never\"\nuser_name = \"u\""), "route.tls");
    EXPECT_EQ(key_of("[route]\nhost = \"a\""), "route");
    EXPECT_EQ(key_of("[[route]]\nhost = \"a\"\nsource_ipv6 = \"10.0.0.1\""), "route.source_ipv6");
    for (const char* list : {"block_lists", "domain_block_lists"}) {
        for (const char* wrong :
             {"\"zone.test\"", "[\"zone\"]", "[\"z.test=x\"]", "[\"z.test:&0\"]"}) {
            EXPECT_EQ(key_of("[defence]\n" + std::string(list) + " = " + wrong),
                      "defence." + std::string(list))
                << wrong;
        }
    }
    EXPECT_EQ(key_of("[[destination]]\nsource_ipv4 = \"10.0.0.1\""), "destination.domain");
    EXPECT_EQ(key_of("[[destination]]\ndomain = \"\""), "destination.domain");
    EXPECT_EQ(key_of("[[destination]]\ndomain = \"a.test\"\nsource_ipv4 = \"::1\""),
              "destination.source_ipv4");
    EXPECT_EQ(key_of("[[destination]]\ndomain = \"a.test\"\nattempts_per_minute_max = -1"),
              "destination.attempts_per_minute_max");
    EXPECT_EQ(key_of("[[destination]]\ndomain = \"a.test\"\nhelo_name = \"a b\""),
              "destination.helo_name");
    EXPECT_EQ(key_of("[destination]\ndomain = \"a.test\""), "destination");
}

TEST(Config, SetsRoutes) {
    const auto parsed = parse_config(
        "[dns]\nprivate_zones = [\"a.test=127.0.0.1@5353\"]\n"
        "[[route]]\ndomain = \"inner.test\"\nprotocol = \"lmtp\"\nhost = \"192.0.2.9\"\nport = 24\n"
        "[[route]]\nhost = \"relay.test\"\nport = 465\ntls = \"verify\"\nimplicit_tls = true\n" +
            listener,
        "p.toml");
    ASSERT_TRUE(parsed) << format_problem(parsed.error());
    EXPECT_EQ(parsed->dns.private_zones.size(), 1u);
    ASSERT_EQ(parsed->routes.size(), 2u);
    EXPECT_EQ(parsed->routes[0].protocol, RouteProtocol::lmtp);
    EXPECT_EQ(parsed->routes[0].host, "192.0.2.9");
    EXPECT_EQ(parsed->routes[0].tls, RouteTls::may);
    EXPECT_EQ(parsed->routes[1].domain, "*");
    EXPECT_EQ(parsed->routes[1].tls, RouteTls::verify);
    EXPECT_TRUE(parsed->routes[1].implicit_tls);
}

TEST(Config, AddressesToSendFrom) {
    const auto problem_at = [](const std::string& text) {
        const auto parsed = parse_config(text + "\n" + listener, "p.toml");
        return parsed ? std::string("none") : format_problem(parsed.error()).substr(0, 30);
    };
    const std::string section = "[outbound]\n\nsource_ipv4 = ";
    for (const char* wrong : {"1", "\"::1\"", "[\"192.0.2.1\", \"x\"]", "[\"192.0.2.1=\"]",
                              "[\"\"]", "[\"192.0.2.1=a b\"]", "[[\"192.0.2.1\"]]"}) {
        EXPECT_EQ(problem_at(section + wrong), "p.toml:3:1: outbound.source_ip") << wrong;
    }
    EXPECT_EQ(problem_at("[[sender]]\nsource_ipv4 = []"), "p.toml:1:1: sender.sender: is ");
    EXPECT_EQ(problem_at("[sender]\nsender = \"a\""), "p.toml:1:2: sender: must be a ");
    EXPECT_EQ(problem_at("[[sender]]\nsender = \"a\"\nport = 1"), "p.toml:3:1: sender.port: unkno");
    EXPECT_EQ(problem_at("[[destination]]\ndomain = \"a\"\ntls = \"may\"").substr(0, 27),
              "p.toml:3:1: destination.tls");
    const auto parsed = parse_config(
        "[outbound]\nsource_ipv4 = \"\"\nsource_ipv6 = [\"2001:db8::1=out.test\"]\n"
        "[[sender]]\nsender = \"shop.test\"\nsource_ipv4 = [\"192.0.2.1\", \"192.0.2.2\"]\n"
        "[[destination]]\ndomain = \"far.test\"\ntls = \"dane\"\n" +
            listener,
        "p.toml");
    ASSERT_TRUE(parsed) << format_problem(parsed.error());
    EXPECT_TRUE(parsed->outbound.source_ipv4.empty());
    EXPECT_EQ(parsed->outbound.source_ipv6, SourceAddresses{"2001:db8::1=out.test"});
    EXPECT_EQ(parsed->senders.at(0).hop.source_ipv4, (SourceAddresses{"192.0.2.1", "192.0.2.2"}));
    EXPECT_EQ(parsed->destinations.at(0).tls, DestinationTls::dane);
}

TEST(Config, SetsWhatHoldsAtSingleHops) {
    const auto parsed = parse_config(
        "[[route]]\nhost = \"relay.test\"\nattempts_at_once_max = 2\n"
        "[[destination]]\ndomain = \"*.far.test\"\nattempts_at_once_max = 3\n"
        "attempts_per_minute_max = 4\nsource_ipv4 = \"192.0.2.5\"\nsource_ipv6 = \"2001:db8::5\"\n"
        "helo_name = \"out5.here.test\"\n" +
            listener,
        "p.toml");
    ASSERT_TRUE(parsed) << format_problem(parsed.error());
    EXPECT_EQ(parsed->routes.at(0).hop.attempts_at_once_max, 2u);
    EXPECT_EQ(parsed->routes[0].hop.attempts_per_minute_max, 0u);
    const DestinationSettings& far = parsed->destinations.at(0);
    EXPECT_EQ(far.domain, "*.far.test");
    EXPECT_EQ(far.hop.attempts_at_once_max, 3u);
    EXPECT_EQ(far.hop.attempts_per_minute_max, 4u);
    EXPECT_EQ(far.hop.source_ipv4, SourceAddresses{"192.0.2.5"});
    EXPECT_EQ(far.hop.source_ipv6, SourceAddresses{"2001:db8::5"});
    EXPECT_EQ(far.hop.helo_name, "out5.here.test");
}

TEST(Config, SetsTheQueuesTimesByClass) {
    const queue::Policy usual;
    const auto preset = parse_config(listener, "file");
    ASSERT_TRUE(preset);
    for (const auto kind :
         {queue::EntryClass::normal, queue::EntryClass::bounce, queue::EntryClass::priority}) {
        const queue::RetryPolicy policy = queue_policy(preset->queue).of(kind);
        EXPECT_EQ(policy.first_retry_s, usual.of(kind).first_retry_s);
        EXPECT_EQ(policy.retry_max_s, usual.of(kind).retry_max_s);
        EXPECT_EQ(policy.lifetime_s, usual.of(kind).lifetime_s);
        EXPECT_EQ(policy.delay_notice_s, usual.of(kind).delay_notice_s);
    }
    const auto parsed = parse_config(
        "[queue]\nfirst_retry_s = 30\nbounce_first_retry_s = 70\nbounce_retry_max_s = 80\n"
        "bounce_lifetime_s = 90\npriority_retry_max_s = 60\npriority_lifetime_s = 600\n"
        "priority_delay_notice_s = 0\nattempts_at_once_max = 3\nattempts_per_minute_max = 7\n" +
            listener,
        "file");
    ASSERT_TRUE(parsed) << format_problem(parsed.error());
    const queue::Policy policy = queue_policy(parsed->queue);
    EXPECT_EQ(policy.normal.first_retry_s, 30);
    EXPECT_EQ(policy.bounce.first_retry_s, 70);
    EXPECT_EQ(policy.bounce.retry_max_s, 80);
    EXPECT_EQ(policy.bounce.lifetime_s, 90);
    EXPECT_EQ(policy.priority.first_retry_s, 30) << "never slower than the rest";
    EXPECT_EQ(policy.priority.retry_max_s, 60);
    EXPECT_EQ(policy.priority.lifetime_s, 600);
    EXPECT_EQ(policy.priority.delay_notice_s, 0);
    EXPECT_EQ(policy.concurrency_first, 3u);
    EXPECT_EQ(policy.concurrency_max, 3u);
    EXPECT_EQ(policy.starts_per_minute_max, 7u);
}

TEST(Config, SetsWhatTheSmtpServerDoes) {
    const auto parsed = parse_config(
        "[smtp]\ncomplete_addresses = \"all\"\nsubaddress_separator = \"-\"\nproxies = "
        "[\"10.0.0.0/8\", \"::1\"]\n"
        "[[listener]]\nprotocol = \"lmtp\"\naddress = \"/run/lmtp\"\nproxy_protocol = true\n",
        "file");
    ASSERT_TRUE(parsed) << format_problem(parsed.error());
    EXPECT_EQ(parsed->smtp.subaddress_separator, "-");
    EXPECT_EQ(parsed->smtp.complete_addresses, smtp::Completion::all);
    EXPECT_EQ(parsed->smtp.proxies.size(), 2u);
    EXPECT_EQ(parsed->listeners[0].protocol, ListenerProtocol::lmtp);
    EXPECT_TRUE(parsed->listeners[0].proxy_protocol);
    for (const char* bad : {"subaddress_separator = \"ab\"", "subaddress_separator = \"a\"",
                            "complete_addresses = \"none\"", "complete_addresses = true",
                            "proxies = [\"10.0.0.1/8\"]", "xclient = \"::1\"", "xclient = [1]"}) {
        EXPECT_FALSE(parse_config("[smtp]\n" + std::string(bad) + "\n", "file")) << bad;
    }
}

TEST(Config, NamesWhatOnlyTheWholeFileTells) {
    EXPECT_EQ(problem_of(""), "p.toml: listener: there is none, so no port would be open");
    EXPECT_EQ(problem_of("\n[tls]\ncertificate = \"a.pem\"\n" + listener),
              "p.toml:2:1: tls: certificate and private_key must be given together");
    EXPECT_EQ(problem_of(listener + listener),
              "p.toml:3:1: listener.port: another listener has the same address and port");
    EXPECT_EQ(problem_of(listener + "port = 144\n" + listener), "none");
}

TEST(Config, SetsWhatIsGivenAndKeepsTheRest) {
    const auto parsed = parse_config(
        "host_name = \"mail.example.test\"\nshards = 3\nlog_level = \"warning\"\n"
        "allow_plaintext_auth = true\nuser = \"postern\"\n"
        "[limits]\nmessage_bytes_max = 65536\n"
        "[tls]\ncertificate = \"c.pem\"\nprivate_key = \"k.pem\"\n"
        "[imap]\nmessages_per_command_max = 5000\nsubmission_servers = [\"s@a.test\"]\n"
        "literal_plus = false\n[timeouts]\npop3_s = 7\n[pop3]\nlogin_delay_s = 900\n"
        "[[listener]]\nprotocol = \"imaps\"\naddress = \"::1\"\nport = 2993\n"
        "[[listener]]\nprotocol = \"submission\"\n",
        "p.toml");
    ASSERT_TRUE(parsed) << format_problem(parsed.error());
    EXPECT_EQ(parsed->host_name, "mail.example.test");
    EXPECT_EQ(parsed->shards, 3u);
    EXPECT_EQ(parsed->log_level, log::Level::warning);
    EXPECT_TRUE(parsed->allow_plaintext_auth);
    EXPECT_EQ(parsed->user, "postern");
    EXPECT_EQ(parsed->limits.message_bytes_max, 65'536u);
    EXPECT_EQ(parsed->limits.connections_max, Limits{}.connections_max);
    EXPECT_EQ(parsed->tls.private_key, "k.pem");
    EXPECT_EQ(parsed->timeouts.pop3_s, 7u);
    EXPECT_EQ(parsed->imap.messages_per_command_max, 5'000u);
    EXPECT_EQ(parsed->imap.submission_servers, std::vector<std::string>{"s@a.test"});
    EXPECT_FALSE(parsed->imap.literal_plus);
    EXPECT_EQ(parsed->pop3.login_delay_s, 900u);
    EXPECT_EQ(parsed->timeouts.imap_s, Timeouts{}.imap_s);
    ASSERT_EQ(parsed->listeners.size(), 2u);
    EXPECT_EQ(parsed->listeners[0].protocol, ListenerProtocol::imaps);
    EXPECT_EQ(parsed->listeners[0].address, "::1");
    EXPECT_EQ(parsed->listeners[0].port, 2993);
    EXPECT_EQ(parsed->listeners[1].address, "*");
    EXPECT_EQ(parsed->listeners[1].port, 587);
}

TEST(Config, TheDefaultTextParsesToTheDefaults) {
    const auto parsed = parse_config(default_config_text(), "default");
    ASSERT_TRUE(parsed) << format_problem(parsed.error()) << default_config_text();
    const Config fresh;
    EXPECT_EQ(parsed->host_name, fresh.host_name);
    EXPECT_EQ(parsed->data_directory, fresh.data_directory);
    EXPECT_EQ(parsed->control_socket, fresh.control_socket);
    EXPECT_EQ(parsed->user, fresh.user);
    EXPECT_EQ(parsed->shards, fresh.shards);
    EXPECT_EQ(parsed->log_level, fresh.log_level);
    EXPECT_EQ(parsed->allow_plaintext_auth, fresh.allow_plaintext_auth);
    EXPECT_EQ(parsed->tls.certificate, fresh.tls.certificate);
    EXPECT_EQ(parsed->limits.message_bytes_max, fresh.limits.message_bytes_max);
    EXPECT_EQ(parsed->limits.connections_max, fresh.limits.connections_max);
    EXPECT_EQ(parsed->limits.connections_per_address_max, fresh.limits.connections_per_address_max);
    EXPECT_EQ(parsed->timeouts.smtp_s, fresh.timeouts.smtp_s);
    EXPECT_EQ(parsed->timeouts.submission_s, fresh.timeouts.submission_s);
    EXPECT_EQ(parsed->timeouts.imap_s, fresh.timeouts.imap_s);
    EXPECT_EQ(parsed->timeouts.pop3_s, fresh.timeouts.pop3_s);
    EXPECT_EQ(parsed->timeouts.login_s, fresh.timeouts.login_s);
    EXPECT_EQ(parsed->pop3.login_delay_s, fresh.pop3.login_delay_s);
    ASSERT_EQ(parsed->listeners.size(), 7u);
    for (const Listener& one : parsed->listeners) {
        EXPECT_EQ(one.port, standard_port(one.protocol)) << name_of(one.protocol);
    }
}

TEST(Config, LogServersAreNamedWithTransportAndPort) {
    EXPECT_EQ(problem_of("[log]\nservers = \"udp:a:514\"\n"),
              "p.toml:2:1: log.servers: must be a list: [\"udp:loghost.example.org:514\", "
              "\"tcp:[2001:db8::1]:601\"]");
    for (const char* bad : {"[\"a:514\"]", "[\"udp:a\"]", "[\"tls:a:1\"]", "[1]",
                            "[\"tcp:2001:db8::1:601\"]", "[\"udp:a:514\", \"udp:b\"]"}) {
        EXPECT_TRUE(problem_of("\n[log]\n\nservers = " + std::string(bad))
                        .starts_with("p.toml:4:1: log.servers: must be a list"))
            << bad;
    }
    const std::string four = R"("udp:a:1", "udp:a:2", "tcp:a:2", "tcp:[::1]:2")";
    const auto config =
        parse_config("[log]\nservers = [" + four + "]\nkernel = true\n" + listener, "p.toml");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->logging.servers.size(), 4u);
    EXPECT_TRUE(config->logging.kernel);
    EXPECT_EQ(problem_of("[log]\nservers = [" + four + ", \"udp:a:5\"]\n"),
              "p.toml:2:1: log.servers: must be four at most");
    EXPECT_EQ(problem_of("[log]\nservers = [\"udp:a:1\", \"udp:a:1\"]\n"),
              "p.toml:2:1: log.servers: must not name a server twice");
    EXPECT_EQ(problem_of("[log]\nkernel = 1\n"), "p.toml:2:1: log.kernel: must be true or false");
}

TEST(Config, TheDefaultTextExplainsEveryKey) {
    std::istringstream lines(default_config_text());
    std::string previous;
    std::size_t explained = 0;
    for (std::string line; std::getline(lines, line); previous = line) {
        EXPECT_LE(line.size(), 100u) << line;
        if (line.contains(" = ") && previous.starts_with("# ")) ++explained;
    }
    EXPECT_EQ(explained, config_keys().size());
    for (const ConfigKey& key : config_keys()) {
        EXPECT_GT(key.comment.size(), 20u) << key.name;
        const bool is_example =
            key.section == "route" || key.section == "destination" || key.section == "sender";
        const std::string mark = is_example ? "\n#" : "\n";
        EXPECT_TRUE(default_config_text().contains(mark + std::string(key.name) + " = "))
            << key.name;
    }
}

}  // namespace
}  // namespace postern::app
