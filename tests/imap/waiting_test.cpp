// What happens to the selected mailbox reaches the client at the next moment at which it may be
// told, whatever moment it happens at: between two commands, inside any of them, between SELECT's
// answer and IDLE, while the mailbox is being opened. A session is played again and again, and each
// time the mailbox changes some steps of the simulated world later. Nothing is polled for: what an
// event does not bring to IDLE does not come. RFC 3501 §5.2, §7.3.1, RFC 2177, RFC 5465 §3.1,
// RFC 7162 §3.2.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "bed.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::uint64_t never_ever = UINT64_MAX / 2;  // steps
constexpr std::size_t kept = 5;                       // messages

enum class Happening : std::uint8_t { delivery, flag, expunge };

// One way of using a mailbox. "IDLE" stays there for long, "WAIT" says nothing for as long.
struct Way {
    const char* name;
    std::vector<std::string> commands;
    // Of the user's own, or of alice's by somebody who lives on another shard.
    enum class Whose : std::uint8_t { own, shared } whose = Whose::own;
};

const std::string fetch_all = "FETCH 1:* (UID ENVELOPE BODYSTRUCTURE)";
const Way ways[] = {
    {"Plain",
     {"SELECT INBOX", "UID FETCH 1:* (FLAGS)", fetch_all, "NOOP", "STORE 1 +FLAGS (\\Seen)",
      "SEARCH ALL", "IDLE", "NOOP"}},
    {"AtOnce", {"SELECT INBOX", "IDLE", "NOOP"}},
    {"Examined", {"EXAMINE INBOX", "UID SEARCH ALL", "CHECK", "IDLE", "IDLE"}},
    {"Condstore",
     {"SELECT INBOX (CONDSTORE)", "UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1)", "IDLE", "NOOP"}},
    {"Qresync",
     {"ENABLE QRESYNC", "SELECT INBOX (QRESYNC (1 1))", "UID FETCH 1:* (FLAGS)", "IDLE", "NOOP"}},
    {"Rev2", {"ENABLE IMAP4rev2", "SELECT INBOX", fetch_all, "IDLE", "NOOP"}},
    {"Notify",
     {"NOTIFY SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge FlagChange))", "SELECT INBOX",
      "WAIT", fetch_all, "WAIT", "NOOP"}},
    {"Selects",
     {"SELECT INBOX", "SELECT Sent", "SELECT INBOX", "UNSELECT", "SELECT INBOX", "IDLE"}},
    {"Compressed",
     {"COMPRESS DEFLATE", "SELECT INBOX", "UID FETCH 1:* (FLAGS)", fetch_all, "IDLE", "NOOP"}},
    // As Thunderbird does.
    {"Encrypted",
     {"STARTTLS", "SELECT INBOX", "UID FETCH 1:* (FLAGS)", fetch_all, "IDLE", "NOOP", "IDLE"}},
    {"Shared",
     {"SELECT Shared/alice@example.test/INBOX", "NOOP", "UID FETCH 1:* (FLAGS)", "NOOP", "IDLE",
      "NOOP"},
     Way::Whose::shared},
    {"SharedQresync",
     {"ENABLE QRESYNC", "SELECT Shared/alice@example.test/INBOX (QRESYNC (1 1))", "IDLE", "NOOP"},
     Way::Whose::shared},
};

std::ostream& operator<<(std::ostream& out, const Way& way) {
    return out << way.name;
}

// DEFLATE both ways, as COMPRESS has it.
class Squeezer {
 public:
    Squeezer() {
        EXPECT_EQ(deflateInit2(&out_, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
        EXPECT_EQ(inflateInit2(&in_, -15), Z_OK);
    }
    Squeezer(const Squeezer&) = delete;
    Squeezer& operator=(const Squeezer&) = delete;
    ~Squeezer() {
        deflateEnd(&out_);
        inflateEnd(&in_);
    }
    std::string squeeze(std::string text) {
        return run(out_, std::move(text), [](z_stream* at) { return deflate(at, Z_SYNC_FLUSH); });
    }
    std::string stretch(std::string bytes) {
        return run(in_, std::move(bytes), [](z_stream* at) { return inflate(at, Z_SYNC_FLUSH); });
    }

 private:
    static std::string run(z_stream& stream, std::string in, int (*step)(z_stream*)) {
        std::string out;
        char piece[4096];
        stream.next_in = reinterpret_cast<Bytef*>(in.data());
        stream.avail_in = uInt(in.size());
        do {
            stream.next_out = reinterpret_cast<Bytef*>(piece);
            stream.avail_out = sizeof(piece);
            step(&stream);
            out.append(piece, sizeof(piece) - stream.avail_out);
        } while (stream.avail_out == 0);
        return out;
    }
    z_stream out_{};
    z_stream in_{};
};

// What the client and those who change the mailbox know.
struct Story {
    Happening happening = Happening::delivery;
    std::uint32_t messages = 0;  // before it
    bool has_begun = false;
    bool has_happened = false;      // and whoever did it was told so
    bool is_known = false;          // to the client
    std::uint64_t idles_since = 0;  // a step of the world
    MonotonicTime idles_since_time;
    bool has_ended = false;
    std::string said;  // by both, since the login

    bool waits_long(MonotonicTime now) const {
        return idles_since != 0 && now > idles_since_time + minutes(1);
    }
};

class Watcher {
 public:
    Watcher(Story* story, sim::World* world) : story_(story), world_(world) {}

    task<Result<void>> use(const Way* way, std::string user) {
        whose_ = way->whose;
        client_ = co_await try_(Bed::connect());
        client_.start_reading();
        co_await try_(next_line());
        bool is_logged_in = false;
        for (const std::string& text : way->commands) {
            if (!is_logged_in && text != "STARTTLS") {
                co_await try_(command("LOGIN " + user + " secret"));
                is_logged_in = true;
            }
            if (text == "WAIT") {
                co_await try_(listen());
            } else if (text == "IDLE") {
                co_await try_(idle());
            } else {
                co_await try_(command(text));
            }
            if (text == "COMPRESS DEFLATE") squeezer_ = std::make_unique<Squeezer>();
        }
        co_return co_await command("LOGOUT");
    }

 private:
    task<Result<void>> send(std::string line) {
        story_->said += "C: " + line + "\n";
        line += "\r\n";
        if (squeezer_) line = squeezer_->squeeze(std::move(line));
        co_return co_await client_.send(std::move(line), net::deadline_in(minutes(1)));
    }

    task<Result<std::string>> next_line(Duration patience = minutes(2)) {
        std::size_t end = 0;
        while ((end = text_.find("\r\n")) == std::string::npos) {
            std::string some = co_await try_(client_.read_some(net::deadline_in(patience)));
            text_ += squeezer_ ? squeezer_->stretch(std::move(some)) : some;
        }
        std::string line = text_.substr(0, end);
        text_.erase(0, end + 2);
        story_->said += "S: " + line + "\n";
        note(line);
        co_return line;
    }

    void note(const std::string& line) {
        const std::string count = std::to_string(story_->messages);
        switch (story_->happening) {
            case Happening::delivery:
                if (line == "* " + std::to_string(story_->messages + 1) + " EXISTS") know();
                break;
            case Happening::flag:
                if (line.find("FLAGS (") != line.npos && line.find("\\Flagged") != line.npos &&
                    line.find("FETCH") != line.npos) {
                    know();
                }
                break;
            case Happening::expunge:
                if (line == "* " + std::to_string(story_->messages - 1) + " EXISTS" ||
                    line.ends_with(" EXPUNGE") ||
                    (line.starts_with("* VANISHED ") && line.find("EARLIER") == line.npos)) {
                    know();
                }
                break;
        }
    }
    void know() { story_->is_known = true; }

    // May this command's answer hold it back, or is the client to be told by the end of it?
    bool tells(std::string_view text) const {
        if (!is_selected_) return false;
        // News from another shard are on their way for a while; NOOP asks for them.
        if (whose_ == Way::Whose::shared && text != "NOOP") return false;
        if (story_->happening != Happening::expunge) return true;
        for (std::string_view holding : {"FETCH ", "STORE ", "SEARCH "}) {
            if (text.starts_with(holding)) return false;
        }
        return true;
    }

    task<Result<void>> command(std::string text) {
        const std::string tag = "t" + std::to_string(++tags_);
        // What was so before the mailbox was selected shows in what SELECT says, or is asked for.
        const bool selects = text.starts_with("SELECT") || text.starts_with("EXAMINE");
        const bool selects_inbox = selects && text.find("INBOX") != text.npos;
        if (selects || text == "UNSELECT") is_selected_ = selects_inbox;
        const bool must_tell = story_->has_happened && tells(text) && text != "LOGOUT";
        co_await try_(send(tag + ' ' + text));
        for (;;) {
            std::string line = co_await try_(next_line());
            if (!line.starts_with(tag)) continue;
            const bool is_gone = line.starts_with(tag + " NO [EXPUNGEISSUED] ");
            EXPECT_TRUE(line.starts_with(tag + " OK ") || is_gone) << line;
            break;
        }
        // Flags of before it are no news.
        const bool is_old = story_->happening == Happening::flag && story_->has_begun;
        if (selects_inbox && is_old) know();
        EXPECT_TRUE(story_->is_known || !must_tell) << text << " did not tell\n" << story_->said;
        co_return {};
    }

    task<Result<void>> idle() {
        const std::string tag = "i" + std::to_string(++tags_);
        co_await try_(send(tag + " IDLE"));
        std::string line = co_await try_(next_line());
        while (!line.starts_with("+ ")) line = co_await try_(next_line());
        co_await try_(listen());
        co_await try_(send("DONE"));
        while (!line.starts_with(tag)) line = co_await try_(next_line());
        co_return {};
    }

    // Until it is known, or for so long that it must be.
    task<Result<void>> listen() {
        if (story_->idles_since == 0) {
            story_->idles_since = world_->steps();
            story_->idles_since_time = world_->now();
        }
        const MonotonicTime end = net::deadline_in(minutes(10));
        while (!story_->is_known && net::deadline_in({}) < end) {
            auto line = co_await next_line(end - net::deadline_in({}));
            if (!line && line.error().code != ErrorCode::timed_out) co_return Failure(line.error());
        }
        EXPECT_TRUE(story_->is_known || !story_->has_happened) << "waited in vain\n"
                                                               << story_->said;
        co_return {};
    }

    Story* story_;
    sim::World* world_;
    sim::Client client_;
    std::unique_ptr<Squeezer> squeezer_;
    std::string text_;
    unsigned tags_ = 0;
    Way::Whose whose_ = Way::Whose::own;
    bool is_selected_ = false;
};

task<void> use_inbox(const Way* way, std::string user, Story* story, sim::World* world) {
    Watcher watcher(story, world);
    auto used = co_await watcher.use(way, std::move(user));
    EXPECT_TRUE(used) << used.error().what << '\n' << story->said;
    story->has_ended = true;
}

task<Result<std::shared_ptr<store::Mailbox>>> open_inbox(store::Store* store) {
    auto account = co_await try_(store->open_account("example.test/alice"));
    co_return co_await account->open("INBOX");
}

// Before a session: five messages at most, none flagged.
task<void> tidy_inbox(store::Store* store, std::uint32_t* messages) {
    auto inbox = co_await open_inbox(store);
    auto uids = (*inbox)->uids();
    std::vector<std::uint32_t> rest(uids.begin() + std::ptrdiff_t(std::min(uids.size(), kept)),
                                    uids.end());
    auto removed = co_await (*inbox)->remove(std::move(rest));
    auto set = co_await (*inbox)->set_flags(std::move(uids), store::FlagChange::replace,
                                            store::FlagSet{}, nullptr);
    EXPECT_TRUE(removed && set);
    *messages = std::uint32_t((*inbox)->uids().size());
}

// As another session would.
task<void> change_inbox(store::Store* store, Happening happening) {
    auto inbox = co_await open_inbox(store);
    std::vector<std::uint32_t> last(1, (*inbox)->uids().back());
    if (happening == Happening::expunge) {
        auto removed = co_await (*inbox)->remove(std::move(last));
        EXPECT_TRUE(removed);
    } else {
        store::FlagSet flagged{store::flag::flagged, 0};
        auto set =
            co_await (*inbox)->set_flags(std::move(last), store::FlagChange::add, flagged, nullptr);
        EXPECT_TRUE(set);
    }
}

class ToldInTime : public testing::TestWithParam<Way> {
 protected:
    static BedOptions options() {
        BedOptions options;
        options.shards = 2;
        options.with_tls = true;
        options.server.idle_refresh_interval = minutes(25);
        options.plan.file.slow = options.plan.network.slow = options.plan.message.slow = 0;
        return options;
    }

    // The mailbox changes so many steps after the beginning.
    void play(Happening happening, std::uint64_t steps) {
        story = Story{};
        while (true) {
            bed.run(bed.home_of("alice"), tidy_inbox(&bed.store(), &story.messages));
            if (story.messages == kept) break;
            bed.deliver("alice", simple_message("before"));
        }
        story.happening = happening;
        const std::uint64_t begin = bed.world().steps();
        const MonotonicTime patience = bed.world().now() + minutes(60);
        bed.clients().spawn(0, use_inbox(&GetParam(), user, &story, &bed.world()));
        auto is_time = [&] { return bed.world().steps() >= begin + steps || story.has_ended; };
        // Nothing moves any more once the client waits: then it is time as well.
        while (!is_time() && (steps == never_ever || !story.waits_long(bed.world().now()))) {
            bed.world().run_until(is_time, bed.world().now() + seconds(1));
        }
        idles_at = story.idles_since - begin;
        if (story.has_ended) return;
        story.has_begun = true;
        if (happening == Happening::delivery) {
            bed.deliver("alice", simple_message("new"));
        } else {
            bed.run(bed.home_of("alice"), change_inbox(&bed.store(), happening));
        }
        story.has_happened = true;
        EXPECT_TRUE(bed.world().run_until([&] { return story.has_ended; }, patience));
        EXPECT_TRUE(story.is_known) << story.said;
    }

    // At each step until the client waits, and a few more; once with a mailbox that others have
    // open, once with one that must be read first.
    void play_all(Happening happening) {
        for (bool is_open : {true, false}) {
            if (!is_open) bed.restart();
            play(happening, never_ever);  // to see how long it is
            const std::uint64_t length = idles_at;
            ASSERT_GT(length, 40u);
            const unsigned rarely = GetParam().whose == Way::Whose::shared ? 3 : 1;
            const unsigned stride = (is_open ? 2 : 3) * rarely;
            for (std::uint64_t steps = 0; steps < length + 20 && !HasFailure(); steps += stride) {
                if (!is_open) bed.restart();
                play(happening, steps);
            }
        }
    }

    void SetUp() override {
        if (GetParam().whose == Way::Whose::own) return;
        user = bed.home_of("bob") != bed.home_of("alice") ? "bob" : "carol";
        ASSERT_NE(bed.home_of(user), bed.home_of("alice"));
        bed.play("L: alice\nC: a SETACL INBOX " + user + " lrswite\nS: a OK ...\n");
    }

    Bed bed{options()};
    std::string user = "alice";
    Story story;
    std::uint64_t idles_at = 0;
};

TEST_P(ToldInTime, ADelivery) {
    play_all(Happening::delivery);
}

TEST_P(ToldInTime, AFlag) {
    play_all(Happening::flag);
}

TEST_P(ToldInTime, AnExpunge) {
    play_all(Happening::expunge);
}

INSTANTIATE_TEST_SUITE_P(Ways, ToldInTime, testing::ValuesIn(ways),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace postern::imap
