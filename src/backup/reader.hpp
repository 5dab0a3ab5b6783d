// Reads a target: its snapshots, and the pieces that they lead to. Whatever it gives has been
// compared with its hash. Blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/pack.hpp"
#include "backup/target.hpp"
#include "backup/tree.hpp"

namespace postern::backup {

class Reader {
 public:
    // `key` as key_file.hpp gives it. The target outlives this.
    Reader(Target& target, std::string key) : target_(target), key_(std::move(key)) {}
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    Target& target() const { return target_; }
    const std::string& key() const { return key_; }

    Outcome<std::vector<std::uint32_t>> snapshots() {
        return list_numbers(target_, snapshots_folder);
    }
    Outcome<Snapshot> read_snapshot(std::uint32_t number);
    // Which one is meant: nothing means the latest. no_backup.
    Outcome<Snapshot> find_snapshot(std::optional<std::uint32_t> number);

    Outcome<std::string> read_piece(const Ref& ref);
    // A whole content in memory; damaged when it says that it is longer.
    Outcome<std::string> read_content(const Content& content, std::size_t bytes_max);
    using Taker = std::function<Outcome<void>(std::string_view piece)>;
    Outcome<void> read_pieces(const Content& content, const Taker& taker);

    Outcome<Page> read_page(const Content& content);
    Outcome<Mailbox> read_mailbox(const Content& content);
    Outcome<Account> read_account(const Content& content);

    // What is in a pack; damaged when it has no end.
    Outcome<std::vector<Ref>> list_pack(std::uint32_t number);

 private:
    Outcome<std::string> key_of_pack(std::uint32_t number);
    template <class Node>
    Outcome<Node> read_node(const Content& content,
                            std::optional<Node> (*decode)(std::string_view));

    Target& target_;
    std::string key_;
    std::map<std::uint32_t, std::string> pack_keys_;
};

}  // namespace postern::backup
