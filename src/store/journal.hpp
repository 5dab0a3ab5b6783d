// Journal: how a small message becomes durable with one flush of the disk. Its bytes and the name
// that it gets go to a file that is there already, in one write with those of all who wait for the
// same, and one fdatasync makes them certain; then the message's own file is made, and nobody waits
// until that has reached the disk. After a crash replay_journals() makes again what is not there.
//
// Two files a shard, <data>/journal/<shard>-a and -b, of a fixed size. When one is full the other
// is begun, and the first is free again when sync_file_system has made certain all that it stands
// for and its row has lost its beginning, durably (a checkpoint). A record is live until then.
// Whoever takes a live message away, or links its file elsewhere, must see to two things before it
// says so: settle(), after which all that has been recorded is durable where it lies; and cancel(),
// without which a crash brings it back.
//
// A failed flush of the file system leaves in doubt what has reached the disk: then all that is
// live is written once more, from the journal, before anything is believed again.
//
// Of one shard, and only where sync_file_system is known to work; elsewhere, and for what is larger
// than half a file, takes() says no.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/event.hpp"
#include "engine/io.hpp"
#include "store/journal_records.hpp"

namespace postern::store {

class Journal {
 public:
    // A message, or a pair, that has been recorded.
    struct Entry {
        std::uint64_t sequence = 0;
        std::uint64_t generation = 0;  // which use of a file it is in
    };

    // `prefix`: the path of its files, up to the '-'. Their directory exists.
    void use(std::string data_directory, std::string prefix, std::size_t file_bytes);

    // The first time it says no, and makes the files in the background.
    bool takes(std::size_t content_bytes);
    // Durable when it returns. `path`: of the message, "<data>/<mailbox directory>/new/…". The
    // caller makes the file and calls placed(), whether it could or not. After an error nothing is
    // known: the same file with the same content may be made otherwise.
    engine::task<Result<Entry>> record(std::string path, std::string_view content);
    // The same for a pair: what need not be made at once must find room on the disk later.
    bool takes_pair(std::size_t content_bytes);
    // The same of two files, both "<data>/…", which are something only together, for who keeps
    // something else than messages: they may be made long after, or not at all. placed() is to be
    // called when they are made, or when nobody wants them any more.
    engine::task<Result<Entry>> record_pair(std::string beside_path, std::string_view beside,
                                            std::string path, std::string_view content);
    void placed(const Entry& entry);
    // `tell` is called when everything of that generation is to be placed soon. Who cannot says so
    // by delay(): then nobody waits for room until it is done.
    void on_wanted(std::function<void(std::uint64_t generation)> tell) { tell_ = std::move(tell); }
    void delay();
    bool is_live(const Entry& entry) const { return entry.generation >= oldest_live_; }
    // Durable when it returns: these messages are not brought back.
    engine::task<Result<void>> cancel(std::vector<std::uint64_t> sequences);
    // Everything that is in its place, and its entry, is durable when it returns. Who asks while a
    // flush is under way waits for the next one, with all others who do.
    engine::task<Result<void>> settle();
    // At the end, when nothing is on its way any more: leaves nothing to bring back.
    engine::task<void> close();

 private:
    enum class State : std::uint8_t { unused, preparing, ready, unusable, closed };
    // Something to be written. Lives in the frame of whoever waits for it.
    struct Waiting {
        JournalKind kind = JournalKind::message;
        std::string head;
        std::string_view content;
        std::string header;  // of the record
        Entry entry;
        bool is_done = false;
        Result<void> outcome;

        std::size_t payload_bytes() const { return head.size() + content.size(); }
    };

    std::string path(unsigned which) const;
    std::string_view below(std::string_view path) const;
    void look_for_room();
    engine::task<void> prepare();
    engine::task<Result<void>> open_files();
    engine::task<Result<void>> append(Waiting* item);
    engine::task<void> gather();
    void expect_again(const std::vector<Waiting*>& group, Duration took);
    engine::task<Result<void>> write_group();
    engine::task<Result<void>> begin_next_file();
    std::vector<Waiting*> take_group();
    engine::task<Result<void>> write_durably(const std::vector<Waiting*>* group);
    void begin_checkpoint(std::uint64_t generation);
    engine::task<void> checkpoint(std::uint64_t generation);
    engine::task<Result<void>> rewrite();
    unsigned& placing(std::uint64_t generation) { return placing_[generation % 2]; }

    std::string data_directory_;
    std::string prefix_;
    std::size_t file_bytes_ = 0;
    State state_ = State::unused;
    std::array<engine::File, 2> files_;
    std::uint64_t generation_ = 0;   // in the file of its parity
    std::uint64_t oldest_live_ = 0;  // generations before it are settled
    std::uint64_t epoch_ = 0;
    std::uint64_t sequence_ = 0;  // the last one given
    std::size_t end_ = 0;         // of the rows in the current file
    bool is_damaged_ = false;     // a write to the current file has failed
    bool is_doubtful_ = false;    // a flush of the file system has failed
    bool is_checkpointing_ = false;
    bool has_room_ = false;    // on the disk, when the current generation began
    bool is_delayed_ = false;  // somebody cannot place what is to be checkpointed
    std::function<void(std::uint64_t)> tell_;
    std::uint64_t flushes_begun_ = 0;    // of the file system, as settle() counts them
    std::uint64_t last_good_flush_ = 0;  // its number
    std::array<unsigned, 2> placing_{};  // recorded and not yet placed
    std::deque<Waiting*> waiting_;
    std::size_t gather_count_ = 0;  // who may come until then, and those who wait already
    MonotonicTime gather_until_;
    std::vector<std::uint64_t> void_;  // sequences of failed groups, to be cancelled
    engine::Mutex append_mutex_;
    engine::Mutex settle_mutex_;
    engine::Event gathered_;
    engine::Event placed_;  // for the checkpoint
    engine::Event freed_;   // for who wants the next file
    engine::Event ended_;   // of the checkpoint, for close()
};

enum class Replay : std::uint8_t {
    all,      // after a crash: what is not there is made
    present,  // what is there is written once more, what is not has been taken away meanwhile
};
// Leaves nothing to bring back in that journal file, durably.
engine::task<Result<void>> forget_records(int fd);
// Brings back what these files have recorded and not cancelled. What has been written is not yet
// durable. Files that are not there are skipped. Gives the paths of what has been written, and puts
// `files` in the order in which they are to be forgotten: a row may cancel what is in one before.
engine::task<Result<std::vector<std::string>>> replay_journal(std::string data_directory,
                                                              std::vector<std::string>* files,
                                                              Replay how);
// At start, before anything else: does that for all files in <data>/journal, makes it durable, and
// leaves nothing in them; those of shards that are no more go away.
engine::task<Result<void>> replay_journals(std::string data_directory, unsigned shard_count);

}  // namespace postern::store
