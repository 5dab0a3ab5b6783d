// From the wire to the spool; see intake.hpp.
#include "smtp/intake.hpp"

#include <cassert>
#include <utility>

#include "base/ascii.hpp"

namespace postern::smtp {

using engine::task;

Intake::Intake(store::IncomingMessage incoming, TraceFields trace, MissingFields missing,
               const Limits& limits, Framing framing)
    : limits_(&limits),
      incoming_(std::move(incoming)),
      missing_(std::move(missing)),
      framing_(framing),
      return_path_bytes_(trace.return_path.size()),
      pending_(std::move(trace.return_path)) {
    pending_ += trace.received;
    if (!missing_.date.empty()) header_.keep_addresses();
}

void Intake::add_missing_fields() {
    in_header_ = false;
    if (!header_.has_date()) added_ += missing_.date;
    if (!header_.has_message_id()) added_ += missing_.message_id;
    if (!header_.has_from()) added_ += missing_.from;
    has_8bit_header_ |= has_8bit(added_);
}

// While the header section lasts: one slice takes the place of all.
void Intake::complete_addresses() {
    completed_.clear();
    for (const std::string_view slice : slices_) missing_.addresses->feed(slice, completed_);
    if (ended()) missing_.addresses->finish(completed_);
    slices_.assign(1, completed_);
}

// Looks at new slices while the header section lasts; where it ends, added_ goes in between.
void Intake::watch_header() {
    for (std::size_t i = 0; in_header_ && i < slices_.size(); ++i) {
        const auto end = header_.feed(slices_[i]);
        has_8bit_header_ |= has_8bit(slices_[i].substr(0, end.value_or(slices_[i].size())));
        if (!end) continue;
        add_missing_fields();
        const std::string_view slice = slices_[i];
        slices_[i] = slice.substr(0, *end);
        const auto next = slices_.begin() + std::ptrdiff_t(i) + 1;
        slices_.insert(next, {std::string_view(added_), slice.substr(*end)});
    }
    if (in_header_ && ended()) {
        add_missing_fields();
        slices_.push_back(added_);
    }
}

// Wherever the byte is; watch_header() says whether one is in the header section.
void Intake::watch_8bit() {
    for (std::size_t i = 0; !has_8bit_ && i < slices_.size(); ++i) {
        has_8bit_ = has_8bit(slices_[i]);
    }
}

queue::MessageFacts Intake::facts() const {
    queue::MessageFacts facts;
    facts.content_offset = return_path_bytes_;
    facts.has_8bit = has_8bit_;
    facts.has_utf8_header = has_8bit_header_;
    return facts;
}

std::uint64_t Intake::content_bytes() const {
    return framing_ == Framing::dots ? scanner_.content_bytes() : lines_.bytes();
}

std::string_view Intake::message_id() const {
    return header_.has_message_id() ? header_.message_id() : missing_.message_id;
}

task<std::size_t> Intake::take(std::string_view bytes) {
    slices_.clear();
    std::size_t taken = bytes.size();
    if (framing_ == Framing::dots) {
        taken = scanner_.scan(bytes, slices_);
    } else {
        take_chunk(bytes);
    }
    wire_bytes_ += taken;
    co_await pass_on();
    co_return taken;
}

// RFC 3030 §2: the bytes count, whatever they are.
void Intake::take_chunk(std::string_view bytes) {
    if (framing_ == Framing::binary) {
        rewritten_.clear();
        rewriter_.feed(bytes, rewritten_);
        bytes = rewritten_;
    }
    if (bytes.empty()) return;
    lines_.feed(bytes);
    slices_.push_back(bytes);
}

task<void> Intake::end() {
    slices_.clear();
    rewritten_.clear();
    if (framing_ == Framing::binary) rewriter_.finish(rewritten_);
    lines_.feed(rewritten_);
    if (!lines_.at_line_start()) {
        rewritten_ += "\r\n";
        lines_.feed("\r\n");
    }
    if (!rewritten_.empty()) slices_.push_back(rewritten_);
    ended_ = true;
    co_await pass_on();
}

// What slices_ hold is looked at and stored.
task<void> Intake::pass_on() {
    if (in_header_ && missing_.addresses) complete_addresses();
    if (in_header_) watch_header();
    watch_8bit();
    if (incoming_ && judge()) incoming_.reset();
    if (incoming_) co_await store_slices();
}

// Small pieces wait for others; a message that is here as a whole is written at once.
task<void> Intake::store_slices() {
    std::size_t bytes = pending_.size();
    for (std::string_view slice : slices_) bytes += slice.size();
    if (!ended() && bytes <= pending_bytes_max) {
        for (std::string_view slice : slices_) pending_ += slice;
        co_return;
    }
    slices_.insert(slices_.begin(), pending_);
    std::vector<std::string_view> slices = std::move(slices_);
    auto stored = co_await incoming_->append(std::move(slices));
    pending_ = {};
    if (!stored) {
        store_error_ = stored.error();
        incoming_.reset();
    }
}

bool Intake::is_hopeless() const {
    return wire_bytes_ > limits_->message_bytes_max + limits_->drain_bytes_max;
}

// What can be said of the bytes so far.
std::optional<Reply> Intake::judge() const {
    if (content_bytes() > limits_->message_bytes_max) {
        return Reply{Code::too_big, status::too_big, "Message exceeds the size limit"};
    }
    if (header_.header_bytes() > limits_->header_bytes_max) {
        return Reply{Code::too_big, status::too_big, "Header section exceeds its size limit"};
    }
    if (scanner_.has_bare_cr_or_lf() || lines_.has_bare_cr_or_lf()) {
        return Reply{Code::refused, status::bare_cr_or_lf, "Bare CR or LF in the message"};
    }
    if (scanner_.has_nul() || lines_.has_nul()) {
        return Reply{Code::refused, status::bad_media, "NUL in the message"};
    }
    if (rewriter_.failed()) {
        return Reply{Code::failed, status::bad_media, "MIME structure out of bounds"};
    }
    if (header_.received_fields() > limits_->received_fields_max) {
        return Reply{Code::failed, status::loop, "Too many hops, this message is looping"};
    }
    return std::nullopt;
}

std::optional<Reply> Intake::refusal() const {
    if (store_error_) return reply_to_failure(*store_error_);
    return judge();
}

task<Result<store::SpooledMessage>> Intake::finish() {
    assert(ended() && incoming_);
    co_return co_await incoming_->finish();
}

}  // namespace postern::smtp
