// What a gateway has on disk, made by hand for the tests of backups, and a target in memory that
// can be full, pulled out, or damaged.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "auth/database.hpp"
#include "backup/backing_up.hpp"
#include "backup/key_file.hpp"
#include "backup/restoring.hpp"
#include "base/temporary_directory.hpp"
#include "store/file_name.hpp"
#include "store/state_file.hpp"

namespace postern::backup {

constexpr const char* good_passphrase = "correct horse battery";

inline void put_file(const std::string& path, const std::string& bytes) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string get_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Path below the directory, and content.
inline std::map<std::string, std::string> all_files(const std::string& directory) {
    std::map<std::string, std::string> files;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, ignored)) {
        if (!entry.is_regular_file()) continue;
        files[entry.path().string().substr(directory.size() + 1)] = get_file(entry.path());
    }
    return files;
}

class AGateway {
 public:
    static constexpr std::uint32_t tag = 0x3f2a91c0;

    AGateway() {
        std::filesystem::create_directories(data());
        put_file(config(), "data_directory = \"" + data() + "\"\nhost_name = \"mail.test\"\n");
        put_file(data() + "/tls/key.pem", "a key\n");
        put_file(data() + "/tls/certificate.pem", "a certificate\n");
        put_file(data() + "/queue/entry", "waits\n");
        auto people = auth::Database::open(data() + "/accounts.db", auth::cheap_password_cost);
        EXPECT_TRUE(people);
        EXPECT_TRUE((*people)->add_domain("example.test", auth::DomainUse::default_domain));
        for (const char* name : {"alice@example.test", "bob@example.test"}) {
            auth::NewAccount account;
            account.address = name;
            account.password = "a long password";
            const auto added = (*people)->add_account(account);
            EXPECT_TRUE(added);
            homes_.push_back(added ? added->home : "");
        }
    }

    const std::string& root() const { return directory_.path(); }
    std::string data() const { return root() + "/data"; }
    std::string config() const { return root() + "/postern.toml"; }
    Source source() const { return {data(), {config()}, "mail.test", "0.1.0"}; }
    Place place() const { return {data(), config()}; }
    // Of alice (0) or bob (1).
    std::string mailbox(std::size_t user, const std::string& directory = "") const {
        const std::string home = homes_[user];
        const std::string account =
            data() + '/' + (home.starts_with("accounts/") ? "" : "accounts/") + home;
        return directory.empty() ? account : account + '/' + directory;
    }

    // Gives the message's path in its mailbox.
    std::string add(const std::string& mailbox, std::uint32_t uid, const std::string& text,
                    std::uint32_t flags = 0) {
        const store::FileName name{1'700'000'000, 0x1000 + uid, tag, std::uint32_t(text.size()),
                                   uid};
        const auto place = flags == 0 ? store::Place::fresh : store::Place::cur;
        const std::string path = store::format_file_path(name, place, flags);
        for (const char* part : {"cur", "new", "tmp"}) {
            std::filesystem::create_directories(mailbox + '/' + part);
        }
        put_file(mailbox + '/' + path, text);
        store::MailboxState state;
        state.uid_validity = 77;
        state.mailbox_id = std::uint64_t{tag} << 32;
        state.uid_next = uid + 1;
        state.modseq = 500;
        put_file(mailbox + "/postern.mailbox", store::format_mailbox_state(state));
        return path;
    }
    void fill() {
        for (std::uint32_t uid = 1; uid <= 30; ++uid) {
            add(mailbox(0), uid, message(uid), uid % 3);
            add(mailbox(1, ".Work"), uid, message(100 + uid));
        }
        put_file(mailbox(0) + "/subscriptions", "V\t2\n\nWork\n");
        put_file(mailbox(1, ".Work") + "/postern.acl", "an access list\n");
    }
    static std::string message(std::uint32_t number) {
        std::string text = "Subject: " + std::to_string(number) + "\r\n\r\n";
        for (int line = 0; line < 40; ++line) {
            text += std::to_string(number * 7919u * unsigned(line + 1)) + "\r\n";
        }
        return text;
    }

 private:
    TemporaryDirectory directory_;
    std::vector<std::string> homes_;
};

class MemoryTarget final : public Target {
 public:
    std::map<std::string, std::string> files;
    std::optional<std::size_t> writes_left;  // then the target is gone or full
    std::optional<std::size_t> removes_left;
    Reason reason_then = Reason::io;
    std::uint64_t bytes_written = 0;

    std::string describe() const override { return "memory"; }
    Outcome<std::vector<std::string>> list(const std::string& folder) override {
        std::vector<std::string> names;
        for (const auto& [name, bytes] : files) {
            if (name.starts_with(folder + "/")) names.push_back(name.substr(folder.size() + 1));
        }
        return names;
    }
    Outcome<std::string> read(const std::string& name, std::uint64_t offset,
                              std::size_t bytes_max) override {
        const auto found = files.find(name);
        if (found == files.end()) return refuse(Reason::not_found, name);
        if (offset > found->second.size()) return std::string();
        return found->second.substr(offset, bytes_max);
    }
    Outcome<std::string> read_end(const std::string& name, std::size_t bytes) override {
        const auto found = files.find(name);
        if (found == files.end()) return refuse(Reason::not_found, name);
        return found->second.substr(found->second.size() - std::min(bytes, found->second.size()));
    }
    Outcome<void> write(const std::string& name, std::string_view bytes) override {
        if (writes_left && *writes_left == 0) return refuse(reason_then, "no target any more");
        if (writes_left) --*writes_left;
        if (!files.emplace(name, bytes).second) return refuse(Reason::refused, name);
        bytes_written += bytes.size();
        return {};
    }
    Outcome<void> remove(const std::string& name) override {
        if (removes_left && *removes_left == 0) return refuse(reason_then, "no target any more");
        if (removes_left) --*removes_left;
        files.erase(name);
        return {};
    }
};

// A gateway with mail, and a target with a key.
class BackupTest : public testing::Test {
 protected:
    BackupTest() {
        gateway_.fill();
        const auto key = create_key_file(target_, good_passphrase, cheap_key_cost);
        EXPECT_TRUE(key);
        key_ = key.value_or(std::string(32, 'x'));
    }
    Outcome<BackedUp> back_up_now(Extent extent = Extent::changes) {
        Reader reader(target_, key_);
        return back_up(gateway_.source(), reader, extent, {});
    }
    // Restores the latest into a machine of its own; what is in its data directory then.
    Outcome<std::map<std::string, std::string>> restored() {
        TemporaryDirectory fresh;
        const Place place{fresh / "data", fresh / "postern.toml"};
        std::filesystem::create_directories(place.data_directory);
        Reader reader(target_, key_);
        const auto snapshot = reader.find_snapshot(std::nullopt);
        if (!snapshot) return std::unexpected(snapshot.error());
        auto done = stage_restore(reader, *snapshot, place, Settings::kept, {});
        if (done) done = finish_restore(place.data_directory);
        if (!done) return std::unexpected(done.error());
        return all_files(place.data_directory);
    }
    // Of the messages that a restore brings back; the gateway's are the same.
    static std::map<std::string, std::string> mail_of(
        const std::map<std::string, std::string>& files) {
        std::map<std::string, std::string> mail;
        for (const auto& [path, bytes] : files) {
            if (!path.starts_with("accounts/")) continue;
            if (path.contains("/cur/") || path.contains("/new/")) mail[path] = bytes;
        }
        return mail;
    }
    std::map<std::string, std::string> mail_now() { return mail_of(all_files(gateway_.data())); }

    AGateway gateway_;
    MemoryTarget target_;
    std::string key_;
};

}  // namespace postern::backup
