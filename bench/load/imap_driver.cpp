// Reads mail by IMAP: each operation one command on the INBOX, or a whole session, as the profile
// says. Fails as ImapClient does. RFC 3501 §6.
#include <algorithm>

#include "load/driver.hpp"
#include "load/imap_client.hpp"
#include "load/imap_profiles.hpp"

namespace postern::bench {
namespace {

using engine::task;
using engine::try_;

constexpr std::uint64_t page_messages = 50;

class ImapDriver final : public Driver {
 public:
    ImapDriver(const Context& context, unsigned session)
        : context_(context),
          client_(context.peer),
          session_(session),
          chance_(session + 1),
          profile_(*find_imap_profile(context.settings.profile)),
          is_always_new_(profile_.size() == 1 &&
                         profile_.front().operation == ImapOperation::session) {}

    task<Result<void>> open() override;
    task<Result<Done>> operate() override;
    task<void> close() override { co_await client_.close(); }
    void drop() override { client_.connection().drop(); }
    const std::string& words() const override { return client_.connection().words(); }

 private:
    using Step = task<Result<ImapAnswer>> (ImapDriver::*)();
    std::uint64_t next_message(std::uint64_t turn) const;
    task<Result<void>> begin();
    task<Result<ImapAnswer>> one_session();
    task<Result<ImapAnswer>> noop();
    task<Result<ImapAnswer>> status();
    task<Result<ImapAnswer>> select();
    task<Result<ImapAnswer>> store();
    task<Result<ImapAnswer>> page();
    task<Result<ImapAnswer>> envelopes();
    task<Result<ImapAnswer>> body();
    task<Result<ImapAnswer>> bodies();
    task<Result<ImapAnswer>> search();
    task<Result<ImapAnswer>> append();

    const Context& context_;
    ImapClient client_;
    unsigned session_;
    Chance chance_;
    ImapProfile profile_;
    bool is_always_new_;
    std::uint64_t stores_ = 0;
    std::uint64_t bodies_ = 0;
    std::uint64_t appended_ = 0;
};

task<Result<void>> ImapDriver::open() {
    if (!is_always_new_) co_await try_(begin());
    co_return {};
}

task<Result<void>> ImapDriver::begin() {
    const Users& users = context_.settings.users;
    co_await try_(client_.open(user_name(users, session_ % users.count), users.password));
    co_await try_(select());
    co_return {};
}

task<Result<Done>> ImapDriver::operate() {
    // In the order of ImapOperation.
    static constexpr Step steps[imap_operations] = {
        &ImapDriver::one_session, &ImapDriver::noop,   &ImapDriver::status,    &ImapDriver::select,
        &ImapDriver::store,       &ImapDriver::page,   &ImapDriver::envelopes, &ImapDriver::body,
        &ImapDriver::bodies,      &ImapDriver::search, &ImapDriver::append,
    };
    const ImapOperation operation = choose(profile_, chance_.next());
    if (operation != ImapOperation::session && !client_.connection().is_open()) {
        co_await try_(begin());
    }
    const auto answer = co_await try_((this->*steps[unsigned(operation)])());
    Done done;
    done.kind = unsigned(operation);
    done.items = std::max<std::uint64_t>(1, answer.fetched);
    done.bytes = answer.literal_bytes;
    co_return done;
}

// Messages in turn, each session beginning elsewhere.
std::uint64_t ImapDriver::next_message(std::uint64_t turn) const {
    return client_.exists() == 0 ? 1 : (session_ * 7919 + turn) % client_.exists() + 1;
}

task<Result<ImapAnswer>> ImapDriver::one_session() {
    if (client_.connection().is_open()) co_await client_.close();
    co_await try_(begin());
    co_await client_.close();
    co_return ImapAnswer{};
}

task<Result<ImapAnswer>> ImapDriver::noop() {
    co_return co_await client_.command("NOOP");
}
task<Result<ImapAnswer>> ImapDriver::status() {
    co_return co_await client_.command("STATUS INBOX (MESSAGES UNSEEN UIDNEXT)");
}
task<Result<ImapAnswer>> ImapDriver::select() {
    co_return co_await client_.command("SELECT INBOX");
}

task<Result<ImapAnswer>> ImapDriver::store() {
    const std::uint64_t message = next_message(stores_ / 2);
    const std::string_view change = stores_++ % 2 == 0 ? " +" : " -";
    std::string command = "STORE " + std::to_string(message);
    command += change;
    command += "FLAGS (\\Flagged)";
    co_return co_await client_.command(command);
}

task<Result<ImapAnswer>> ImapDriver::page() {
    const std::uint64_t last = client_.exists();
    const std::uint64_t first = last > page_messages ? last - page_messages + 1 : 1;
    const std::string command = "FETCH " + std::to_string(first) +
                                ":* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)";
    co_return co_await client_.command(command);
}

task<Result<ImapAnswer>> ImapDriver::envelopes() {
    co_return co_await client_.command("FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE)");
}

task<Result<ImapAnswer>> ImapDriver::body() {
    const std::string command = "FETCH " + std::to_string(next_message(bodies_++)) + " BODY.PEEK[]";
    co_return co_await client_.command(command);
}

task<Result<ImapAnswer>> ImapDriver::bodies() {
    co_return co_await client_.command("FETCH 1:* BODY.PEEK[]");
}

task<Result<ImapAnswer>> ImapDriver::search() {
    const std::string command = "SEARCH TEXT \"" + context_.settings.search_for + "\"";
    co_return co_await client_.command(command);
}

task<Result<ImapAnswer>> ImapDriver::append() {
    const Users& users = context_.settings.users;
    const std::uint64_t number = appended_++ * context_.settings.sessions + session_;
    const Mail mail = context_.mail.make(number, "load@elsewhere.invalid",
                                         user_name(users, session_ % users.count), chance_.next());
    const std::string text = mail.header + mail.body->text;
    const std::string command = "APPEND INBOX {" + std::to_string(text.size()) + "}";
    co_await try_(client_.command_with_literal(command, text));
    ImapAnswer answer;
    answer.literal_bytes = text.size();
    co_return answer;
}

}  // namespace

std::unique_ptr<Driver> make_imap_driver(const Context& context, unsigned session) {
    return std::make_unique<ImapDriver>(context, session);
}

}  // namespace postern::bench
