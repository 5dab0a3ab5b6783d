// Messages that are arriving; see spool.hpp.
#include "store/spool.hpp"

#include <fcntl.h>

#include <utility>

#include "engine/shard.hpp"
#include "store/background.hpp"
#include "store/facts_file.hpp"
#include "store/limits.hpp"
#include "store/test_faults.hpp"

namespace postern::store {

using engine::try_;

engine::task<void> unlink_quietly(std::string path) {
    co_await engine::discard_file(std::move(path));
}

void unlink_in_background(std::string path) {
    if (path.empty() || !engine::Shard::has_current()) return;
    engine::Shard::current().root().spawn(unlink_quietly(std::move(path)));
}

SpooledMessage& SpooledMessage::operator=(SpooledMessage&& other) noexcept {
    if (this != &other) {
        discard();
        file_ = std::exchange(other.file_, {});
    }
    return *this;
}

SpooledMessage::SpooledMessage(SpooledMessage&& other) noexcept
    : file_(std::exchange(other.file_, {})) {}

SpooledMessage SpooledMessage::adopt(std::string path, std::uint64_t size_bytes) {
    SpooledMessage message;
    message.file_.path = std::move(path);
    message.file_.size_bytes = size_bytes;
    return message;
}

SpooledMessage::~SpooledMessage() {
    discard();
}

void SpooledMessage::discard() {
    std::string path = std::exchange(file_.path, {});
    if (file_.content == nullptr) unlink_in_background(std::move(path));
}

engine::task<Result<void>> SpooledMessage::make_file() {
    const auto content = std::exchange(file_.content, nullptr);
    if (content == nullptr) co_return {};
    co_return co_await engine::create_file(file_.path, *content);
}

IncomingMessage::IncomingMessage(std::string path) : path_(std::move(path)) {}

IncomingMessage::IncomingMessage(IncomingMessage&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      file_(std::move(other.file_)),
      size_bytes_(other.size_bytes_),
      scanner_(other.scanner_),
      kept_(std::move(other.kept_)),
      facts_(std::move(other.facts_)),
      on_disk_(std::exchange(other.on_disk_, false)) {}

IncomingMessage::~IncomingMessage() {
    if (on_disk_) unlink_in_background(std::exchange(path_, {}));
}

// With what has been kept so far.
engine::task<Result<void>> IncomingMessage::open_file() {
    on_disk_ = true;
    file_ = co_await try_(engine::open_file(path_, O_WRONLY | O_CREAT | O_EXCL));
    facts_ = std::make_unique<EncodedFactsBuilder>();
    facts_->take(kept_);
    const std::string kept = std::exchange(kept_, {});
    co_return co_await engine::write_at(file_.fd(), kept, 0);
}

engine::task<Result<void>> IncomingMessage::append(std::vector<std::string_view> slices) {
    std::uint64_t more = 0;
    for (std::string_view slice : slices) more += slice.size();
    if (size_bytes_ + more > message_bytes_max + added_header_bytes_max) {
        co_return fail_request(ErrorCode::too_big, "message too big");
    }
    for (std::string_view slice : slices) scanner_.take(slice);
    if (!file_.is_open()) {
        if (size_bytes_ + more <= whole_message_bytes_max) {
            for (std::string_view slice : slices) kept_ += slice;
            size_bytes_ += more;
            co_return {};
        }
        co_await try_(open_file());
    }
    for (std::string_view slice : slices) facts_->take(slice);
    std::uint64_t offset = std::exchange(size_bytes_, size_bytes_ + more);
    co_return co_await engine::write_all_at(file_.fd(), std::move(slices), offset);
}

engine::task<Result<SpooledMessage>> IncomingMessage::finish() {
    if (!file_.is_open() && test_faults.reply_before_sync) co_await try_(open_file());
    const bool is_whole = !file_.is_open();
    if (!is_whole) {
        if (!test_faults.reply_before_sync) co_await try_(engine::sync_file(file_.fd()));
        file_.close_in_background();
    }
    SpooledMessage spooled;
    std::string facts = facts_ ? facts_->finish() : compute_encoded_facts(kept_);
    spooled.file_.facts = std::make_shared<const std::string>(std::move(facts));
    if (is_whole) spooled.file_.content = std::make_shared<const std::string>(std::move(kept_));
    std::string().swap(kept_);
    spooled.file_.size_bytes = size_bytes_;
    spooled.file_.traits = scanner_.traits();
    spooled.file_.path = std::exchange(path_, {});
    co_return spooled;
}

}  // namespace postern::store
