// See key_file.hpp. libargon2 stretches the passphrase; what a file asks of it is bounded.
#include "backup/key_file.hpp"

#include <argon2.h>

#include <optional>

#include "base/hex.hpp"
#include "store/checked_text.hpp"
#include "tls/crypto.hpp"
#include "tls/seal.hpp"

namespace postern::backup {
namespace {

constexpr std::string_view first_line = "postern-backup 1";
constexpr std::string_view product = "postern-backup";
const std::string no_nonce(crypto::seal_nonce_bytes, '\0');

struct KeyFile {
    KeyCost cost;
    std::string salt;
    std::string sealed_key;
};

std::optional<std::string> stretch(std::string_view passphrase, const KeyFile& file) {
    std::string key(crypto::seal_key_bytes, '\0');
    const int result = argon2id_hash_raw(file.cost.passes, file.cost.memory_kib, file.cost.lanes,
                                         passphrase.data(), passphrase.size(), file.salt.data(),
                                         file.salt.size(), key.data(), key.size());
    if (result != ARGON2_OK) return std::nullopt;
    return key;
}

std::string format_key_file(const KeyFile& file) {
    return store::with_checksum(std::string(first_line) + "\nmemory_kib " +
                                std::to_string(file.cost.memory_kib) + "\npasses " +
                                std::to_string(file.cost.passes) + "\nlanes " +
                                std::to_string(file.cost.lanes) + "\nsalt " + to_hex(file.salt) +
                                "\nkey " + to_hex(file.sealed_key) + "\n");
}

Outcome<KeyFile> parse_key_file(std::string_view text) {
    auto lines = store::checked_lines(text);
    if (!lines) return refuse(Reason::damaged, "the file postern-backup is damaged");
    const auto version = store::take_number(*lines, product, store::max32);
    if (version && *version != 1) {
        return refuse(Reason::newer, "a newer version wrote this backup");
    }
    KeyFile file;
    const auto memory = store::take_number(*lines, "memory_kib", limits::argon2_memory_kib_max);
    const auto passes = store::take_number(*lines, "passes", limits::argon2_passes_max);
    const auto lanes = store::take_number(*lines, "lanes", limits::argon2_passes_max);
    const auto salt = from_hex(store::take_value(*lines, "salt").value_or("x"));
    const auto key = from_hex(store::take_value(*lines, "key").value_or("x"));
    const bool is_whole = version && memory && passes && lanes && salt && key && lines->empty();
    if (!is_whole || salt->size() != limits::salt_bytes ||
        key->size() != crypto::seal_key_bytes + crypto::seal_tag_bytes) {
        return refuse(Reason::damaged, "the file postern-backup is damaged");
    }
    file.cost = {std::uint32_t(*memory), std::uint32_t(*passes), std::uint32_t(*lanes)};
    file.salt = *salt;
    file.sealed_key = *key;
    return file;
}

Problem no_memory() {
    return {Reason::io, "there is not memory enough to make a key of the passphrase"};
}

}  // namespace

Outcome<std::string> create_key_file(Target& target, std::string_view passphrase,
                                     const KeyCost& cost) {
    if (passphrase.size() < limits::passphrase_bytes_min) {
        return refuse(Reason::refused, "the passphrase has fewer than " +
                                           std::to_string(limits::passphrase_bytes_min) +
                                           " characters");
    }
    KeyFile file{cost, crypto::random_bytes(limits::salt_bytes), {}};
    auto wrapping = stretch(passphrase, file);
    if (!wrapping) return std::unexpected(no_memory());
    std::string key = crypto::random_bytes(crypto::seal_key_bytes);
    file.sealed_key = crypto::seal(*wrapping, no_nonce, first_line, key);
    crypto::wipe(*wrapping);
    auto written = target.write(std::string(key_file_name), format_key_file(file));
    if (!written) return std::unexpected(written.error());
    return key;
}

Outcome<std::string> open_key_file(Target& target, std::string_view passphrase) {
    const auto text = target.read(std::string(key_file_name), 0, limits::key_file_bytes_max);
    if (!text && text.error().reason == Reason::not_found) {
        return refuse(Reason::no_backup, "there is no backup in " + target.describe());
    }
    if (!text) return std::unexpected(text.error());
    const auto file = parse_key_file(*text);
    if (!file) return std::unexpected(file.error());
    auto wrapping = stretch(passphrase, *file);
    if (!wrapping) return std::unexpected(no_memory());
    auto key = crypto::open_sealed(*wrapping, no_nonce, first_line, file->sealed_key);
    crypto::wipe(*wrapping);
    if (!key) return refuse(Reason::passphrase, "the passphrase does not open this backup");
    return std::move(*key);
}

}  // namespace postern::backup
