// Mailbox after mailbox; see collect.hpp.
#include "load/collect.hpp"

#include "engine/event.hpp"
#include "load/imap_client.hpp"
#include "load/mail.hpp"
#include "load/tally.hpp"

namespace postern::bench {

using engine::task;
using engine::try_;

namespace {

constexpr unsigned patience_rounds = 15;
constexpr Duration patience_pause = seconds(1);

struct Collection {
    const Settings& settings;
    const std::string& run;
    Ledger& ledger;
};

task<Result<void>> collect_mailbox(ImapClient* client, const Collection* collection,
                                   std::uint32_t user) {
    const Users& users = collection->settings.users;
    co_await try_(client->open(user_name(users, user), users.password));
    co_await try_(client->command("EXAMINE INBOX"));
    if (client->exists() > 0) {
        const TakeLiteral take = [collection, user](std::string_view message) {
            const auto mail = recognise(message, collection->run);
            if (mail) collection->ledger.found(mail->number, user, mail->hash);
        };
        co_await try_(client->command("FETCH 1:* BODY.PEEK[]", &take));
    }
    co_await client->close();
    co_return {};
}

task<std::string> collect_once(const Peer* peer, const Collection* collection) {
    for (std::uint32_t user = 0; user < collection->settings.users.count; ++user) {
        ImapClient client(*peer);
        auto collected = co_await collect_mailbox(&client, collection, user);
        if (!collected) {
            co_return words_of_failure(client.connection().words(), collected.error());
        }
    }
    co_return std::string();
}

}  // namespace

task<std::string> collect(const Settings* settings, const Peer* peer, std::string run,
                          Ledger* ledger) {
    const Collection collection{*settings, run, *ledger};
    std::uint64_t lost_before = 0;
    for (unsigned round = 0; round < patience_rounds; ++round) {
        ledger->forget_found();
        std::string trouble = co_await collect_once(peer, &collection);
        if (!trouble.empty()) co_return trouble;
        const std::uint64_t lost = ledger->judge().lost;
        if (lost == 0 || (round > 2 && lost == lost_before)) break;
        lost_before = lost;
        co_await engine::sleep_until(net::deadline_in(patience_pause));
    }
    co_return std::string();
}

}  // namespace postern::bench
