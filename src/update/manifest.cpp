// See manifest.hpp. Malformed text gives nothing, whoever signed it.
#include "update/manifest.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/hex.hpp"
#include "tls/ed25519.hpp"
#include "update/limits.hpp"

namespace postern::update {
namespace {

constexpr std::string_view magic = "postern-update ";
constexpr std::string_view first_line = "postern-update 1\n";
constexpr std::string_view signature_mark = "\nsignature ";
constexpr std::size_t version_digits_max = 9;
constexpr std::size_t arch_bytes_max = 16;
constexpr std::size_t sha256_bytes = 32;

// Takes "name value\n" off the front; nothing when the next line is another one.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
    const std::size_t end = text.find('\n');
    if (end == text.npos || !text.starts_with(name) || text[name.size()] != ' ') {
        return std::nullopt;
    }
    const std::string_view value = text.substr(name.size() + 1, end - name.size() - 1);
    text.remove_prefix(end + 1);
    return value;
}

std::optional<Version> take_version(std::string_view& text, std::string_view name) {
    const auto value = take_line(text, name);
    return value ? parse_version(*value) : std::nullopt;
}

bool is_arch(std::string_view text) {
    return !text.empty() && text.size() <= arch_bytes_max &&
           std::ranges::all_of(text, [](char c) { return is_ascii_alnum(c); });
}

bool is_trusted(std::string_view text, std::string_view signature,
                const std::vector<std::string>& keys) {
    return std::ranges::any_of(
        keys, [&](const std::string& key) { return crypto::is_signed_by(key, text, signature); });
}

}  // namespace

std::string_view name_of(Reason reason) {
    switch (reason) {
        case Reason::not_an_update: return "not_an_update";
        case Reason::truncated: return "truncated";
        case Reason::damaged: return "damaged";
        case Reason::signature: return "signature";
        case Reason::other_architecture: return "other_architecture";
        case Reason::too_old: return "too_old";
        case Reason::too_far: return "too_far";
        case Reason::too_big: return "too_big";
        case Reason::not_now: return "not_now";
        case Reason::not_found: return "not_found";
        case Reason::no_appliance: return "no_appliance";
        case Reason::io: return "io";
    }
    return "io";
}

std::optional<Version> parse_version(std::string_view text) {
    Version version;
    for (std::size_t i = 0; i < version.parts.size(); ++i) {
        const bool is_last = i + 1 == version.parts.size();
        const std::size_t end = is_last ? text.size() : text.find('.');
        if (end == text.npos || end > version_digits_max) return std::nullopt;
        const std::string_view digits = text.substr(0, end);
        const auto number = parse_decimal32(digits);
        if (!number || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
        version.parts[i] = *number;
        text.remove_prefix(is_last ? end : end + 1);
    }
    return version;
}

std::string format_version(const Version& version) {
    return std::to_string(version.parts[0]) + "." + std::to_string(version.parts[1]) + "." +
           std::to_string(version.parts[2]);
}

std::optional<Manifest> parse_manifest(std::string_view text) {
    if (!text.starts_with(first_line)) return std::nullopt;
    text.remove_prefix(first_line.size());
    const auto version = take_version(text, "version");
    const auto arch = take_line(text, "arch");
    const auto minimum = take_version(text, "minimum-version");
    const auto size = take_line(text, "slot-bytes");
    const auto hash = take_line(text, "slot-sha256");
    if (!version || !arch || !minimum || !size || !hash || !text.empty()) return std::nullopt;
    const auto bytes = parse_decimal(*size);
    auto digest = from_hex(*hash);
    if (!is_arch(*arch) || !bytes || *bytes < limits::first_bytes || !digest ||
        digest->size() != sha256_bytes || *minimum > *version) {
        return std::nullopt;
    }
    return Manifest{*version, std::string(*arch), *minimum, *bytes, std::move(*digest)};
}

std::optional<std::vector<std::string>> parse_keys(std::string_view text) {
    std::vector<std::string> keys;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;
        auto key = base64_decode(line.substr(0, line.find(' ')));
        if (!key || key->size() != crypto::ed25519_key_bytes) return std::nullopt;
        keys.push_back(std::move(*key));
    }
    return keys;
}

Outcome<std::optional<Head>> read_head(std::string_view bytes, More more,
                                       const std::vector<std::string>& keys) {
    const std::string_view begin = bytes.substr(0, limits::head_bytes_max);
    const bool is_all = more == More::end_of_file || begin.size() == limits::head_bytes_max;
    const std::string_view compared = begin.substr(0, first_line.size());
    if (compared != first_line.substr(0, compared.size())) {
        return refuse(Reason::not_an_update, begin.starts_with(magic)
                                                 ? "the update is of a newer format"
                                                 : "this is no update file");
    }
    const std::size_t mark = begin.find(signature_mark);
    const std::size_t value = mark == begin.npos ? mark : mark + signature_mark.size();
    const std::size_t end = value == begin.npos ? value : begin.find('\n', value);
    if (end == begin.npos) {
        if (!is_all) return std::nullopt;
        if (begin.size() < limits::head_bytes_max) {
            return refuse(Reason::truncated, "the file ends before its signature");
        }
        return refuse(Reason::signature, "the update is not signed");
    }
    const std::string_view text = begin.substr(0, mark + 1);
    const auto signature = base64_decode(begin.substr(value, end - value));
    if (!signature || !is_trusted(text, *signature, keys)) {
        return refuse(Reason::signature,
                      "the update is not signed with a key that this machine trusts");
    }
    auto manifest = parse_manifest(text);
    if (!manifest) return refuse(Reason::not_an_update, "the update's manifest makes no sense");
    return Head{std::move(*manifest), end + 1};
}

Outcome<void> check_manifest(const Manifest& manifest, const RunningSystem& running,
                             std::uint64_t slot_bytes_max) {
    if (manifest.arch != running.arch) {
        return refuse(Reason::other_architecture,
                      "the update is for " + manifest.arch + ", this machine is " + running.arch);
    }
    if (manifest.version < running.minimum_version) {
        return refuse(Reason::too_old, "version " + format_version(manifest.version) +
                                           " is older than " +
                                           format_version(running.minimum_version) +
                                           ", the oldest that can read this machine's data");
    }
    if (running.version < manifest.minimum_version) {
        return refuse(Reason::too_far, "version " + format_version(manifest.version) + " wants " +
                                           format_version(manifest.minimum_version) +
                                           " to be installed first");
    }
    if (manifest.slot_bytes > slot_bytes_max) {
        return refuse(Reason::too_big, "the update has " + std::to_string(manifest.slot_bytes) +
                                           " bytes, a slot " + std::to_string(slot_bytes_max));
    }
    return {};
}

}  // namespace postern::update
