// FetchWriter: FETCH responses of one command. Envelope and structure come from the message facts,
// so they open no message file; texts go from the file to the stream without passing through a
// string, but for HEADER.FIELDS. A message that is gone is left out. On the mailbox's home shard.
// RFC 3501 §7.4.2.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "imap/parse_fetch.hpp"
#include "imap/session.hpp"
#include "message/facts.hpp"

namespace postern::imap {

class FetchWriter {
 public:
    FetchWriter(Session& session, const std::vector<FetchItem>& items);

    // Marks those of `uids` as \Seen that are about to be read, if the items ask for it.
    engine::task<Result<void>> mark_seen(std::vector<std::uint32_t> uids);
    // One response. Fails with `gone` when the stream cannot be kept in step.
    engine::task<Result<void>> write(std::uint32_t uid);

    // Messages asked for that are no longer there.
    bool some_gone() const { return some_gone_; }

 private:
    // What is needed of one message, at hand before anything of it is sent.
    struct Message {
        std::uint32_t uid = 0;
        std::uint32_t sequence = 0;
        store::Metadata metadata;
        std::shared_ptr<const message::Facts> facts;  // or, where they suffice, the brief ones
        store::FactsBrief brief;
        store::OpenMessage open;
    };
    engine::task<Result<void>> load(Message& message);
    engine::task<Result<void>> load_facts(Message& message);
    std::string thread_id(const Message& message) const;
    void write_simple(const FetchItem& item, const Message& message, std::string& text);
    engine::task<Result<void>> write_section(const FetchItem* item, Message& message,
                                             std::string& text);
    engine::task<Result<void>> write_binary(const FetchItem* item, Message& message,
                                            std::string& text);
    engine::task<Result<void>> send_binary(const FetchItem* item, Message& message,
                                           std::uint64_t bytes);
    engine::task<Result<void>> write_binary_size(const FetchItem* item, Message& message,
                                                 std::string& text);
    engine::task<Result<void>> write_preview(Message& message, std::string& text);
    Result<void> check_binary(const message::Facts& facts) const;
    engine::task<Result<void>> write_item(const FetchItem* item, Message& message,
                                          std::string& text);
    engine::task<Result<void>> write_header_fields(const FetchItem* item, Message& message,
                                                   message::ByteRange range, std::string& text);
    void note_read(const Message& message);
    void write_newly_seen(const Message& message, std::string& text);
    const std::string& flags_text(const Message& message);
    store::View& view() { return *session_.view(); }

    Session& session_;
    const std::vector<FetchItem>& items_;
    bool needs_facts_ = false;
    bool needs_brief_facts_ = false;
    bool needs_file_ = false;
    bool marks_seen_ = false;
    bool reads_body_ = false;
    bool has_flags_ = false;
    bool has_uid_ = false;
    bool has_modseq_ = false;
    bool some_gone_ = false;
    std::vector<std::uint32_t> newly_seen_;  // ascending
    store::FactsAhead ahead_;
    std::string text_;  // the response that is being written
    // Few combinations of flags occur in a mailbox; the last ones are kept as text.
    std::vector<std::pair<store::FlagSet, std::string>> flag_texts_;
    std::string recent_text_;
};

}  // namespace postern::imap
