// THREAD and UID THREAD. RFC 5256 §3 (THREAD=ORDEREDSUBJECT, THREAD=REFERENCES), §4 (the response);
// THREAD=REFS as in draft-ietf-morg-inthread. Envelopes come from the message facts: no message
// file is opened.
#include "engine/io.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/parse_sort.hpp"
#include "imap/search_scan.hpp"
#include "imap/session.hpp"
#include "imap/sort_keys.hpp"
#include "imap/thread_tree.hpp"
#include "message/base_subject.hpp"
#include "message/charset.hpp"
#include "message/message_id.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::size_t thread_piece_bytes = 4 * 1024;

// RFC 5256 §3 (REFERENCES): References, or else the first ID of In-Reply-To.
std::vector<std::string> references_of(const message::Envelope& envelope) {
    std::vector<std::string> ids = message::parse_message_ids(envelope.references.value_or(""));
    if (!ids.empty()) return ids;
    ids = message::parse_message_ids(envelope.in_reply_to.value_or(""));
    if (ids.size() > 1) ids.resize(1);
    return ids;
}

bool add_to_tree(ThreadTree& tree, ThreadAlgorithm algorithm, const store::Metadata& metadata,
                 const message::Facts& facts) {
    const message::Envelope& envelope = facts.structure.envelopes.front();
    ThreadMessage entry;
    entry.uid = metadata.uid;
    entry.sent_s = sent_time(facts, metadata);
    entry.arrival_s = metadata.internal_date_s;
    message::BaseSubject subject = message::base_subject(envelope.subject.value_or(""));
    std::string key = message::collation_key(subject.text);
    entry.subject = key;
    entry.is_reply_or_forward = subject.is_reply_or_forward;
    if (algorithm == ThreadAlgorithm::ordered_subject) return tree.add(entry);
    std::vector<std::string> references = references_of(envelope);
    std::vector<std::string> ids = message::parse_message_ids(envelope.message_id.value_or(""));
    entry.references = references;
    if (!ids.empty()) entry.id = ids.front();
    return tree.add(entry);
}

task<Result<void>> grow(ThreadTree* tree, ThreadAlgorithm algorithm, store::Mailbox* mailbox,
                        const std::vector<std::uint32_t>* uids) {
    Pace pace;
    for (std::uint32_t uid : *uids) {
        if (pace.is_due()) co_await try_(Pace::pause());
        auto facts = co_await mailbox->facts(uid);
        if (!facts && facts.error().code == ErrorCode::not_found) continue;
        if (!facts) co_return Failure(facts.error());
        auto metadata = mailbox->find(uid);
        if (!metadata) continue;
        if (!add_to_tree(*tree, algorithm, *metadata, **facts)) {
            co_return fail_request(ErrorCode::limit, "references");
        }
    }
    if (uids->size() <= sort_inline_messages_max) {
        tree->build();
    } else {
        // The pool works on what the caller's frame holds still until it is done.
        auto work = [tree] { tree->build(); };
        co_await engine::offload(work);
    }
    co_return {};
}

// Writes one tree without recursion: threads may be as deep as the mailbox is large.
class ThreadWalk {
 public:
    ThreadWalk(const ThreadTree& tree, const store::View& view, bool is_uid)
        : tree_(tree), view_(view), is_uid_(is_uid), level_(1, Siblings{tree.roots()}) {}

    // Appends a little more; false at the end.
    bool next(std::string& text) {
        if (level_.empty()) return false;
        Siblings& siblings = level_.back();
        if (siblings.at == siblings.nodes.size()) {
            level_.pop_back();
            if (!level_.empty()) text += ')';
            return true;
        }
        text += '(';
        write_chain(siblings.nodes[siblings.at++], text);
        return true;
    }

 private:
    struct Siblings {
        std::span<const std::uint32_t> nodes;
        std::size_t at = 0;
    };

    // thread-members = nz-number *(SP nz-number) [SP thread-nested]; its ")" comes when the nested
    // ones are done.
    void write_chain(std::uint32_t node, std::string& text) {
        bool is_first = true;
        for (;;) {
            if (std::uint32_t uid = tree_.uid(node); uid != 0) {
                if (!is_first) text += ' ';
                is_first = false;
                text += std::to_string(is_uid_ ? uid : view_.sequence_of(uid).value_or(0));
            }
            auto children = tree_.children(node);
            if (children.size() != 1) {
                if (!children.empty() && !is_first) text += ' ';
                level_.push_back({children});
                return;
            }
            node = children.front();
        }
    }

    const ThreadTree& tree_;
    const store::View& view_;
    bool is_uid_;
    std::vector<Siblings> level_;
};

// RFC 5256 §4: thread-data = "THREAD" [SP 1*thread-list]
task<Result<void>> write_threads(Session& session, const ThreadTree* tree, bool is_uid) {
    ThreadWalk walk(*tree, *session.view(), is_uid);
    std::string text = tree->roots().empty() ? "* THREAD" : "* THREAD ";
    while (walk.next(text)) {
        if (text.size() < thread_piece_bytes) continue;
        session.stream().write(text);
        text.clear();
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    session.stream().write(text + "\r\n");
    co_return {};
}

}  // namespace

// thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
task<Result<Reply>> handle_thread(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    ThreadAlgorithm algorithm = parse_thread_algorithm(in);
    in.space();
    Result<SearchProgram> program = parse_search_criteria(in);
    if (!program) co_return search_refusal(program.error());
    if (needs_uids(session, *program)) co_return uid_required();
    if (program->has_modseq) session.become_condstore_aware();
    SearchMatcher matcher(*program, *session.view());
    Progress progress(session, command.tag, session.view()->size());
    SearchScan scan;
    scan.messages_max = session.command_messages_max();
    Matches found = co_await try_(find_matches(&matcher, session.view(), scan, &progress));
    if (found.lowest_searched != 0) co_return over_message_limit(scan.messages_max);
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    ThreadTree tree(algorithm);
    co_await try_(grow(&tree, algorithm, mailbox.get(), &found.uids));
    bool is_uid = (command.row->flags & by_uid) != 0;
    co_await try_(write_threads(session, &tree, is_uid));
    co_return ok();
}

}  // namespace postern::imap
