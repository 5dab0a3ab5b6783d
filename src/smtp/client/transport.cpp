// Attempts; see transport.hpp.
#include "smtp/client/transport.hpp"

#include <fcntl.h>

#include <span>
#include <utility>

#include "engine/io.hpp"
#include "message/seven_bit.hpp"
#include "smtp/client/journey.hpp"
#include "smtp/client/mail_plan.hpp"
#include "smtp/client/transaction.hpp"

namespace postern::smtp::client {

using engine::task;

namespace {

// RFC 8689 §5: a report is not lost because its way back has no such server.
TlsWish wish_of(const queue::Envelope& envelope) {
    if (envelope.requires_tls) return envelope.sender.empty() ? TlsWish::usual : TlsWish::required;
    return envelope.tls_is_optional ? TlsWish::optional : TlsWish::usual;
}

class Attempt {
 public:
    Attempt(Transport* transport, queue::AttemptRequest request)
        : transport_(*transport),
          request_(std::move(request)),
          journey_({transport->settings(), transport->services(), transport->policies(),
                    transport->tls_reports(), transport->resumptions(), transport->source_health()},
                   request_.route, request_.envelope->sender, wish_of(*request_.envelope)),
          key_(journey_.pool_key()),
          wish_(wish_of(*request_.envelope)) {
        report_.recipients.resize(request_.recipients.size());
        for (std::size_t i = 0; i < request_.recipients.size(); ++i) pending_.push_back(i);
    }
    task<queue::AttemptReport> run();

 private:
    task<bool> find_session();
    task<void> pass_over_those_without_requiretls();
    task<void> ship();
    task<bool> convert();
    Shipment next_shipment() const;
    void apply(const Shipment& shipment, const TransactionResult& result);
    void describe_server();
    void settle_pending(const Trouble& trouble);
    void judge_destination();

    Transport& transport_;
    queue::AttemptRequest request_;
    Journey journey_;
    std::string key_;  // of connections
    TlsWish wish_;
    queue::AttemptReport report_;
    std::vector<std::size_t> pending_;  // positions in the request's recipients
    engine::File file_;
    std::string converted_;
    std::unique_ptr<Session> session_;
    bool session_was_kept_ = false;
    bool was_served_ = false;
    bool is_throttled_ = false;
    std::optional<Trouble> trouble_;  // of the last transaction that left somebody open
};

task<queue::AttemptReport> Attempt::run() {
    if (request_.message == nullptr) {
        auto file = co_await engine::open_file(request_.message_path, O_RDONLY);
        if (!file) {
            settle_pending(deferred("4.3.0", "the message's file cannot be opened"));
            co_return std::move(report_);
        }
        file_ = std::move(*file);
    }
    while (!pending_.empty()) {
        if (session_ == nullptr) {
            const bool found = co_await find_session();
            if (!found) break;
        }
        co_await ship();
    }
    judge_destination();
    if (session_ != nullptr) {
        const Settings& settings = transport_.settings();
        const std::uint32_t most = session_->capabilities().messages_max;
        const bool is_spent = session_->messages >= settings.limits.messages_per_connection_max ||
                              (most != 0 && session_->messages >= most) ||
                              wish_ == TlsWish::optional;  // not for mail that keeps to policies
        session_->keep_resumption();
        transport_.pool().put(key_, std::move(session_),
                              is_spent ? Duration{} : settings.limits.idle_timeout);
    }
    co_return std::move(report_);
}

task<bool> Attempt::find_session() {
    const Verified verified = wish_ == TlsWish::required ? Verified::required : Verified::no_matter;
    session_ = transport_.pool().take(key_, verified);
    session_was_kept_ = session_ != nullptr;
    if (session_ == nullptr) session_ = co_await journey_.next();
    if (wish_ == TlsWish::required) co_await pass_over_those_without_requiretls();
    if (session_ != nullptr) {
        describe_server();
        co_return true;
    }
    // What the last host said about this message counts more than one that could not be reached.
    Trouble trouble = trouble_ ? *trouble_ : journey_.trouble();
    if (wish_ == TlsWish::required && trouble.status == "4.7.5") {
        trouble = failed("5.7.10", trouble.explanation);
    }
    settle_pending(trouble);
    co_return false;
}

// RFC 8689 §4.2.1: each host is asked; when none serves, the sender is told.
task<void> Attempt::pass_over_those_without_requiretls() {
    while (session_ != nullptr) {
        const bool is_verified = session_->tls().is_verified;
        if (is_verified && session_->capabilities().require_tls) co_return;
        describe_server();
        trouble_ = is_verified ? failed("5.7.30", "the server does not know REQUIRETLS")
                               : failed("5.7.10", "the server cannot be verified (REQUIRETLS)");
        co_await session_->quit();
        session_ = co_await journey_.next();
        session_was_kept_ = false;
    }
}

void Attempt::describe_server() {
    was_served_ = true;
    report_.remote_host = session_->host();
    report_.remote_address = session_->address();
    report_.tls = session_->tls().description;
    report_.remote_supports_dsn = session_->capabilities().dsn;
    report_.remote_supports_deliver_by = session_->capabilities().deliver_by;
}

Shipment Attempt::next_shipment() const {
    std::size_t most = transport_.settings().limits.recipients_per_transaction_max;
    const std::size_t theirs = session_->capabilities().recipients_max;
    if (theirs != 0) most = std::min(most, theirs);
    Shipment shipment;
    shipment.envelope = request_.envelope;
    for (std::size_t i = 0; i < pending_.size() && i < most; ++i) {
        shipment.recipients.push_back(request_.recipients[pending_[i]]);
    }
    shipment.file = file_.fd();
    shipment.offset = request_.envelope->facts.content_offset;
    shipment.size_bytes = request_.envelope->facts.size_bytes;
    if (request_.message != nullptr) shipment.bytes = request_.content();
    if (!converted_.empty()) shipment.converted = &converted_;
    return shipment;
}

// One transaction.
task<void> Attempt::ship() {
    const Shipment shipment = next_shipment();
    TransactionResult result = co_await transact(session_.get(), &shipment);
    if (result.needs_conversion) {
        const bool is_converted = co_await convert();
        // RFC 6531 §3.5: what could not be was a header within it.
        if (!is_converted && request_.envelope->is_smtputf8 && !session_->capabilities().smtputf8) {
            settle_pending(no_utf8_header());
        }
        if (!is_converted) settle_pending(failed("5.6.3", "the message cannot be converted"));
        co_return;
    }
    apply(shipment, result);
}

// RFC 6152 §3, RFC 3030 §3. On the offload pool: it is seldom, and takes the message's size of
// time.
task<bool> Attempt::convert() {
    const queue::MessageFacts& facts = request_.envelope->facts;
    std::string bytes;
    if (request_.message != nullptr) {
        bytes = request_.content();
    } else {
        bytes.resize(facts.size_bytes);
        std::span<char> memory(bytes.data(), bytes.size());
        auto got = co_await engine::read_at(file_.fd(), memory, facts.content_offset);
        if (!got || *got < bytes.size()) co_return false;
    }
    auto work = [&bytes] { return message::to_seven_bit(bytes); };
    auto converted = co_await engine::try_offload(work);
    if (!converted || !*converted) co_return false;
    converted_ = std::move(**converted);
    co_return true;
}

void Attempt::apply(const Shipment& shipment, const TransactionResult& result) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < shipment.recipients.size(); ++i) {
        if (result.reports[i]) {
            report_.recipients[pending_[i]] = *result.reports[i];
        } else {
            open.push_back(pending_[i]);
        }
    }
    const bool settled_some = open.size() < shipment.recipients.size();
    open.insert(open.end(), pending_.begin() + std::ptrdiff_t(shipment.recipients.size()),
                pending_.end());
    pending_ = std::move(open);
    is_throttled_ = is_throttled_ || result.is_throttled;
    if (result.trouble) trouble_ = result.trouble;
    const bool is_cancelled = result.trouble && result.trouble->outcome == queue::Outcome::untried;
    if (is_cancelled) {
        session_.reset();
        settle_pending(*result.trouble);
        return;
    }
    if (session_->is_broken) {
        // A kept session that had died in the meantime says nothing about the destination.
        if (session_was_kept_ && result.server_said_nothing) trouble_.reset();
        session_.reset();
    } else if (!settled_some) {
        settle_pending(deferred("4.5.3", "the server takes no recipient"));
    }
}

void Attempt::settle_pending(const Trouble& trouble) {
    for (std::size_t position : pending_) report_.recipients[position] = trouble;
    pending_.clear();
}

void Attempt::judge_destination() {
    using queue::DestinationVerdict;
    report_.destination = DestinationVerdict::reachable;
    if (is_throttled_) report_.destination = DestinationVerdict::throttled;
    if (was_served_) return;
    report_.destination =
        journey_.is_refused() ? DestinationVerdict::throttled : DestinationVerdict::unreachable;
}

}  // namespace

Transport::Transport(const Settings& settings, Services services)
    : settings_(settings),
      services_(services),
      tls_reports_(settings.tls_report_directory),
      policies_(settings.policy_directory, *services.resolver, services.fetcher, tls_reports_) {}

task<void> Transport::close() {
    co_await pool_.close();
    co_await policies_.close();
    co_await tls_reports_.close();
}

task<queue::AttemptReport> Transport::attempt(queue::AttemptRequest request) {
    Attempt attempt(this, std::move(request));
    co_return co_await attempt.run();
}

}  // namespace postern::smtp::client
