// The spool: where a message is while it arrives. IncomingMessage writes the bytes to one file
// under <data>/spool, a large message as it comes; deliver_to_all (store.hpp) and Mailbox::append
// hard-link it to where it belongs, so however many recipients there are, the data is written once.
// A small message stays in memory: it has a file when somebody wants one (make_file), and none when
// it goes to a single mailbox by the journal (journal.hpp). Works on any shard; an object stays on
// the shard that made it. Dropping an object unlinks its file in the background; files left by a
// crash are removed at start.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/io.hpp"
#include "engine/task.hpp"
#include "store/traits.hpp"

namespace postern::store {

class EncodedFactsBuilder;

// What is known of a message in the spool.
struct SpooledFile {
    std::string path;  // where its file is, or would be
    // All of it, while there is no file.
    std::shared_ptr<const std::string> content;
    std::uint64_t size_bytes = 0;
    // RFC 8474 §5.1: all that is delivered of it has this EMAILID, which file names carry; 0: each
    // mailbox chooses one.
    std::uint64_t email_id = 0;
    std::uint8_t traits = 0;  // traits.hpp
    // Its payload of the facts file; null when it did not come through here.
    std::shared_ptr<const std::string> facts;
};

// A whole message: durable in the spool, or in memory alone. Movable; the destructor unlinks the
// file in the background.
class SpooledMessage {
 public:
    SpooledMessage() = default;
    SpooledMessage(SpooledMessage&& other) noexcept;
    SpooledMessage& operator=(SpooledMessage&& other) noexcept;
    ~SpooledMessage();

    // Of a file of the spool that was made otherwise: a link to a message that is kept.
    static SpooledMessage adopt(std::string path, std::uint64_t size_bytes);

    const SpooledFile& file() const { return file_; }
    // Of the file that make_file has made.
    const std::string& path() const { return file_.path; }
    // Makes its file, durably, unless it has one. After an error only dropping it makes sense.
    engine::task<Result<void>> make_file();
    std::uint64_t size_bytes() const { return file_.size_bytes; }
    const std::shared_ptr<const std::string>& encoded_facts() const { return file_.facts; }
    std::uint8_t traits() const { return file_.traits; }
    std::uint64_t email_id() const { return file_.email_id; }
    void set_email_id(std::uint64_t id) { file_.email_id = id; }

 private:
    friend class IncomingMessage;
    void discard();

    SpooledFile file_;
};

// A message that is arriving. Bytes are stored as given: the caller removes dot-stuffing and gives
// CRLF line ends.
class IncomingMessage {
 public:
    // Store::begin_message makes them.
    explicit IncomingMessage(std::string path);
    IncomingMessage(IncomingMessage&& other) noexcept;
    IncomingMessage& operator=(IncomingMessage&&) noexcept = delete;
    ~IncomingMessage();

    // Appends the slices in order; they must stay valid until it returns. too_big beyond
    // message_bytes_max and added_header_bytes_max; no_space, io. After an error only dropping the
    // object makes sense.
    engine::task<Result<void>> append(std::vector<std::string_view> slices);
    std::uint64_t size_bytes() const { return size_bytes_; }

    // Makes the file durable, if there is one, and computes the facts. Errors as of append. The
    // object is spent afterwards.
    engine::task<Result<SpooledMessage>> finish();

 private:
    engine::task<Result<void>> open_file();

    std::string path_;
    engine::File file_;  // open once the message has outgrown whole_message_bytes_max
    std::uint64_t size_bytes_ = 0;
    TraitScanner scanner_;
    std::string kept_;                            // the bytes so far, until there is a file
    std::unique_ptr<EncodedFactsBuilder> facts_;  // of what is in the file
    bool on_disk_ = false;                        // something may be at path_
};

}  // namespace postern::store
