// Compression with zlib; see deflate_layer.hpp.
#include "imap/deflate_layer.hpp"

#include <algorithm>
#include <cassert>

#include "imap/limits.hpp"

namespace postern::imap {
namespace {

// Raw deflate (RFC 4978 §4: no zlib header). A small window and little memory on our side; a
// client's own window may be the largest.
constexpr int deflate_window_bits = -12;
constexpr int deflate_memory_level = 5;
constexpr int inflate_window_bits = -15;

Failure damaged() {
    return fail_gone(ErrorCode::reset, "damaged compressed data");
}

Bytef* bytes_of(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

DeflateLayer::DeflateLayer(std::unique_ptr<net::SecureLayer> inner, std::string unread)
    : inner_(std::move(inner)), kept_(std::move(unread)) {
    [[maybe_unused]] int made =
        deflateInit2(&deflate_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, deflate_window_bits,
                     deflate_memory_level, Z_DEFAULT_STRATEGY);
    assert(made == Z_OK);
    made = inflateInit2(&inflate_, inflate_window_bits);
    assert(made == Z_OK);
}

DeflateLayer::~DeflateLayer() {
    deflateEnd(&deflate_);
    inflateEnd(&inflate_);
}

void DeflateLayer::feed(std::string_view ciphertext) {
    if (inner_ != nullptr) {
        inner_->feed(ciphertext);
    } else {
        fed_ = ciphertext;
    }
}

void DeflateLayer::keep_input() {
    if (inner_ != nullptr) return inner_->keep_input();
    kept_ += fed_;
    fed_ = {};
}

// True: there is compressed input in kept_ or fed_.
Result<bool> DeflateLayer::take_input() {
    if (!kept_.empty() || !fed_.empty()) return true;
    if (inner_ == nullptr) return false;
    kept_.resize(compressed_piece_bytes);
    auto count = inner_->read(kept_);
    if (!count) {
        kept_.clear();
        return Failure(count.error());
    }
    kept_.resize(*count);
    return *count > 0;
}

Result<std::size_t> DeflateLayer::inflate_into(std::span<char> memory) {
    bool is_kept = !kept_.empty();
    std::string_view input = is_kept ? std::string_view(kept_) : fed_;
    inflate_.next_in = bytes_of(input);
    inflate_.avail_in = static_cast<uInt>(std::min<std::size_t>(input.size(), UINT32_MAX));
    inflate_.next_out = reinterpret_cast<Bytef*>(memory.data());
    inflate_.avail_out = static_cast<uInt>(memory.size());
    std::size_t offered = inflate_.avail_in;
    int result = inflate(&inflate_, Z_SYNC_FLUSH);
    std::size_t used = offered - inflate_.avail_in;
    if (is_kept) {
        kept_.erase(0, used);
        if (kept_.empty()) kept_.shrink_to_fit();
    } else {
        fed_.remove_prefix(used);
    }
    may_hold_more_ = inflate_.avail_out == 0;
    // The end of the deflate stream is no end of the connection; nothing may follow it.
    if (result != Z_OK && result != Z_BUF_ERROR) return damaged();
    return memory.size() - inflate_.avail_out;
}

Result<std::size_t> DeflateLayer::read(std::span<char> memory) {
    for (;;) {
        if (!may_hold_more_) {
            auto is_there = take_input();
            if (!is_there) return Failure(is_there.error());
            if (!*is_there) return std::size_t{0};
        }
        auto count = inflate_into(memory);
        if (!count || *count > 0) return count;
    }
}

// Hands compressed output to the inner layer as far as it takes it.
Result<void> DeflateLayer::pass_on() {
    while (inner_ != nullptr && !compressed_.empty()) {
        auto taken = inner_->write(compressed_);
        if (!taken) return Failure(taken.error());
        if (*taken == 0) return {};
        compressed_.erase(0, *taken);
    }
    if (compressed_.empty()) compressed_.shrink_to_fit();
    return {};
}

// RFC 4978 §4: "MUST flush" what the peer is to have.
Result<std::size_t> DeflateLayer::write(std::string_view plaintext) {
    if (auto passed = pass_on(); !passed) return Failure(passed.error());
    if (compressed_.size() >= compressed_piece_bytes) return std::size_t{0};
    plaintext = plaintext.substr(0, compressed_piece_bytes);
    deflate_.next_in = bytes_of(plaintext);
    deflate_.avail_in = static_cast<uInt>(plaintext.size());
    do {
        std::size_t begin = compressed_.size();
        compressed_.resize(begin + compressed_piece_bytes);
        deflate_.next_out = reinterpret_cast<Bytef*>(compressed_.data() + begin);
        deflate_.avail_out = static_cast<uInt>(compressed_piece_bytes);
        deflate(&deflate_, Z_SYNC_FLUSH);
        compressed_.resize(compressed_.size() - deflate_.avail_out);
    } while (deflate_.avail_out == 0);
    if (auto passed = pass_on(); !passed) return Failure(passed.error());
    return plaintext.size();
}

void DeflateLayer::write_close_notify() {
    if (inner_ != nullptr) inner_->write_close_notify();
}

std::string_view DeflateLayer::output() const {
    return inner_ != nullptr ? inner_->output() : std::string_view(compressed_);
}

void DeflateLayer::consume_output(std::size_t bytes) {
    if (inner_ == nullptr) {
        compressed_.erase(0, bytes);
        if (compressed_.empty()) compressed_.shrink_to_fit();
        return;
    }
    inner_->consume_output(bytes);
    // An error shows with the next write.
    if (inner_->output().empty()) pass_on();
}

std::string_view DeflateLayer::channel_binding(net::ChannelBinding kind) const {
    return inner_ != nullptr ? inner_->channel_binding(kind) : std::string_view();
}

}  // namespace postern::imap
