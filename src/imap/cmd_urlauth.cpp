// GENURLAUTH, URLFETCH and RESETKEY: URLs by which others read a message or a part of it, signed
// with a key that each mailbox has (RFC 4467). The mechanism INTERNAL is HMAC-SHA-256 over the rump
// URL. Keys are kept with the annotations of the mailbox, under a name that GETMETADATA cannot ask
// for. A URL of another user is resolved on that user's home shard; forged, expired and unknown
// ones all give NIL after the same work.
#include <algorithm>

#include "auth/authenticator.hpp"
#include "base/hex.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"
#include "imap/url_content.hpp"
#include "store/random.hpp"
#include "store/store.hpp"
#include "tls/crypto.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr const char* key_entry = "/postern/urlauth-key";
constexpr std::string_view internal_mechanism = "internal";

std::string new_key() {
    std::string key;
    for (int i = 0; i < 4; ++i) key += format_hex(store::random64(), 16);
    return key;
}

std::string token_of(std::string_view key, std::string_view rump) {
    return to_hex(crypto::hmac(crypto::Hash::sha256, key, rump));
}

// RFC 4467 §7 (GENURLAUTH): made when there is none yet.
task<Result<std::string>> key_of(store::Account* account, std::string mailbox) {
    store::Annotations known = co_await try_(account->annotations(mailbox));
    auto at = known.find(key_entry);
    if (at != known.end()) co_return at->second;
    std::string key = new_key();
    store::AnnotationChanges changes;
    changes[key_entry] = key;
    co_await try_(account->annotate(std::move(mailbox), std::move(changes)));
    co_return key;
}

bool is_me(Session& session, std::string_view user_name) {
    const auth::Account* named =
        session.server().authenticator().directory()->find_login(user_name);
    return named != nullptr && named->id == session.user().id;
}

bool is_submission_server(Session& session) {
    const auto& names = session.server().options().submission_servers;
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return is_me(session, name); });
}

// RFC 4467 §3: who may read it. A submission server has seen to whose URL it is.
bool may_fetch(Session& session, const AuthorizedUrl& url) {
    if (iequals(url.access, "anonymous") || iequals(url.access, "authuser")) return true;
    if (istarts_with(url.access, "submit+")) return is_submission_server(session);
    return istarts_with(url.access, "user+") &&
           is_me(session, std::string_view(url.access).substr(5));
}

// RFC 4467 §7: (1) to (3); every mistake is a BAD.
task<Result<std::string>> authorize(Session& session, std::string text) {
    auto url = parse_authorized_url(text);
    bool is_mine = url && url->token.empty() && is_me(session, url->user) &&
                   iequals(url->host, session.server().options().host_name);
    if (!is_mine) co_return fail_syntax("Not a URL that can be authorized");
    auto key = co_await key_of(&session.account(), url->message.mailbox);
    if (!key && key.error().kind == ErrorKind::peer_request) {
        co_return fail_syntax("No such mailbox");
    }
    if (!key) co_return Failure(key.error());
    co_return text + ":" + std::string(internal_mechanism) + ":" + token_of(*key, url->rump);
}

// What the owner's shard is asked for.
struct FetchJob {
    store::Store* store = nullptr;
    std::string directory;  // empty: there is no such user
    AuthorizedUrl url;
};

task<Result<std::string>> read_content(std::shared_ptr<store::Account> account, ImapUrl url) {
    auto mailbox = co_await try_(account->open(url.mailbox));
    UrlContent content = co_await try_(open_url_content(std::move(mailbox), std::move(url)));
    if (content.is_text) co_return std::move(content.text);
    if (content.range.size > urlfetch_bytes_max) {
        co_return fail_request(ErrorCode::too_big, "too much for URLFETCH");
    }
    std::string bytes(std::size_t(content.range.size), '\0');
    std::size_t count =
        co_await try_(engine::read_at(content.open.file.fd(), bytes, content.range.offset));
    bytes.resize(count);
    co_return bytes;
}

// RFC 4467 §6: a token is computed in any case.
task<Result<std::string>> fetch_at_home(FetchJob job) {
    std::string key = new_key();
    std::shared_ptr<store::Account> account;
    if (!job.directory.empty()) {
        auto opened = co_await job.store->open_account(job.directory);
        if (opened) account = std::move(*opened);
    }
    if (account != nullptr) {
        auto known = co_await account->annotations(job.url.message.mailbox);
        auto at = known ? known->find(key_entry) : store::Annotations::iterator();
        if (known && at != known->end()) key = at->second;
    }
    bool is_right =
        crypto::equal_constant_time(token_of(key, job.url.rump), to_lower(job.url.token));
    if (account == nullptr || !is_right) {
        co_return fail_request(ErrorCode::refused, "not authorized");
    }
    co_return co_await read_content(std::move(account), job.url.message);
}

// Nothing: NIL, whatever the reason.
task<Result<std::optional<std::string>>> fetch_url(Session& session, std::string text) {
    std::optional<std::string> nothing;
    auto url = parse_authorized_url(text);
    if (!url || !iequals(url->mechanism, internal_mechanism)) co_return nothing;
    if (!iequals(url->host, session.server().options().host_name)) co_return nothing;
    std::int64_t now = engine::Shard::current().kernel().wall_now().unix_seconds();
    if (url->expires_s && *url->expires_s <= now) co_return nothing;
    if (!may_fetch(session, *url)) co_return nothing;
    FetchJob job;
    job.store = &session.server().store();
    job.url = std::move(*url);
    const auth::Account* owner =
        session.server().authenticator().directory()->find_login(job.url.user);
    if (owner != nullptr) job.directory = auth::mail_directory(*owner);
    unsigned home = job.directory.empty() ? engine::Shard::current().id()
                                          : job.store->home_shard_of(job.directory);
    auto fetched = co_await engine::call_on(home, [&job] { return fetch_at_home(job); });
    if (!fetched && fetched.error().kind == ErrorKind::gone) co_return Failure(fetched.error());
    if (!fetched) co_return nothing;
    std::optional<std::string> content = std::move(*fetched);
    co_return content;
}

}  // namespace

// genurlauth = "GENURLAUTH" 1*(SP url-rump SP mechanism)
task<Result<Reply>> handle_genurlauth(Session& session, Command& command) {
    Decoder in = command.arguments();
    std::vector<std::string> urls;
    do {
        in.space();
        urls.push_back(in.astring());
        in.space();
        std::string mechanism = in.astring();
        if (in.ok() && !iequals(mechanism, internal_mechanism)) in.fail("Unknown mechanism");
        if (urls.size() > urls_max) in.fail("Too many URLs");
    } while (in.at(' '));
    co_await try_(in.finish());
    std::string line = "GENURLAUTH";
    for (auto& url : urls) {
        std::string authorized = co_await try_(authorize(session, std::move(url)));
        line += ' ' + message::format_string(authorized);
    }
    session.out().line(line);
    co_return ok();
}

// urlfetch = "URLFETCH" 1*(SP url-full)
task<Result<Reply>> handle_urlfetch(Session& session, Command& command) {
    Decoder in = command.arguments();
    std::vector<std::string> urls;
    do {
        in.space();
        urls.push_back(in.astring());
        if (urls.size() > urls_max) in.fail("Too many URLs");
    } while (in.at(' '));
    co_await try_(in.finish());
    for (const auto& url : urls) {
        auto content = co_await try_(fetch_url(session, url));
        std::string line = "URLFETCH " + message::format_string(url) + " ";
        if (!content) {
            line += "NIL";
        } else {
            line += "{" + std::to_string(content->size()) + "}\r\n" + *content;
        }
        session.out().line(line);
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return ok();
}

// resetkey = "RESETKEY" [SP mailbox *(SP mechanism)]
task<Result<Reply>> handle_resetkey(Session& session, Command& command) {
    Decoder in = command.arguments();
    std::optional<std::string> mailbox;
    if (in.take(' ')) mailbox = in.mailbox();
    while (in.take(' ')) {
        if (!iequals(in.astring(), internal_mechanism)) in.fail("Unknown mechanism");
    }
    co_await try_(in.finish());
    if (mailbox) {
        store::AnnotationChanges changes;
        changes[key_entry] = new_key();
        co_await try_(session.account().annotate(std::move(*mailbox), std::move(changes)));
        co_return ok(Code{std::string(code::url_mechanisms)}, "Key made anew");
    }
    std::vector<store::MailboxInfo> mailboxes = co_await try_(session.account().list());
    for (const auto& info : mailboxes) {
        if (!info.selectable) continue;
        store::AnnotationChanges changes;
        changes[key_entry] = std::nullopt;
        co_await try_(session.account().annotate(info.name, std::move(changes)));
    }
    co_return ok("All keys removed");
}

}  // namespace postern::imap
