// Threads as RFC 5256 §3 builds them: loops and hostile shapes first, then each step.
#include "imap/thread_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bed.hpp"

namespace postern::imap {
namespace {

struct Mail {
    std::string id;
    std::vector<std::string> references;
    std::string subject = {};  // a leading "Re " makes it a reply
    std::int64_t sent_s = -1;  // else its place
    std::int64_t arrival_s = 0;
};

ThreadTree build(ThreadAlgorithm algorithm, const std::vector<Mail>& mails) {
    ThreadTree tree(algorithm);
    std::uint32_t uid = 0;
    for (const Mail& mail : mails) {
        ThreadMessage message;
        message.uid = ++uid;
        message.sent_s = mail.sent_s < 0 ? uid : mail.sent_s;
        message.arrival_s = mail.arrival_s;
        message.is_reply_or_forward = mail.subject.starts_with("Re ");
        message.subject = mail.subject;
        if (message.is_reply_or_forward) message.subject.remove_prefix(3);
        message.id = mail.id;
        message.references = mail.references;
        EXPECT_TRUE(tree.add(message));
    }
    tree.build();
    return tree;
}

// "1(2 3(4)) d(5 6)": a root with its children, "d" for a dummy.
std::string shape(const ThreadTree& tree, std::span<const std::uint32_t> nodes) {
    std::string text;
    for (std::uint32_t node : nodes) {
        if (!text.empty()) text += ' ';
        text += tree.uid(node) == 0 ? "d" : std::to_string(tree.uid(node));
        if (!tree.children(node).empty()) text += "(" + shape(tree, tree.children(node)) + ")";
    }
    return text;
}

std::string threads(ThreadAlgorithm algorithm, const std::vector<Mail>& mails) {
    ThreadTree tree = build(algorithm, mails);
    return shape(tree, tree.roots());
}
std::string references(const std::vector<Mail>& mails) {
    return threads(ThreadAlgorithm::references, mails);
}

// Every message once, whatever the shape.
void expect_whole(const ThreadTree& tree, std::size_t count) {
    std::vector<bool> seen(count + 1);
    std::size_t messages = 0;
    std::vector<std::uint32_t> stack(tree.roots().begin(), tree.roots().end());
    while (!stack.empty()) {
        std::uint32_t node = stack.back();
        stack.pop_back();
        if (std::uint32_t uid = tree.uid(node); uid != 0) {
            EXPECT_FALSE(seen[uid]);
            seen[uid] = true;
            ++messages;
        }
        for (std::uint32_t child : tree.children(node)) stack.push_back(child);
    }
    EXPECT_EQ(messages, count);
}

TEST(ThreadTree, NoMessages) {
    for (auto algorithm :
         {ThreadAlgorithm::ordered_subject, ThreadAlgorithm::references, ThreadAlgorithm::refs}) {
        EXPECT_EQ(threads(algorithm, {}), "");
    }
}

TEST(ThreadTree, ReferenceLoops) {
    EXPECT_EQ(references({{"a", {"a"}}}), "1");
    EXPECT_EQ(references({{"a", {"b"}}, {"b", {"a"}}}), "2(1)");
    EXPECT_EQ(references({{"a", {"c"}}, {"b", {"a"}}, {"c", {"b"}}}), "3(1(2))");
    EXPECT_EQ(references({{"a", {"x", "y", "x", "a", "y"}}}), "1");
    ThreadTree tree = build(ThreadAlgorithm::references,
                            {{"a", {"b", "a", "b", "c"}}, {"b", {"c", "a"}}, {"c", {"a", "b"}}});
    expect_whole(tree, 3);
}

// Many messages, a hundred thousand in a large run: one chain, from either end and in no order; one
// that all others answer; long references that contradict each other.
TEST(ThreadTree, HostileShapes) {
    const std::size_t count = is_large_run() ? 100'000 : 10'000;
    auto name = [](std::size_t i) { return std::to_string(i) + "@x"; };
    std::vector<Mail> chain;
    for (std::size_t i = 0; i < count; ++i) {
        chain.push_back({name(i), i == 0 ? std::vector<std::string>() : std::vector{name(i - 1)}});
    }
    ThreadTree forward = build(ThreadAlgorithm::references, chain);
    EXPECT_EQ(forward.roots().size(), 1u);
    expect_whole(forward, count);
    std::reverse(chain.begin(), chain.end());
    ThreadTree backward = build(ThreadAlgorithm::refs, chain);
    EXPECT_EQ(backward.roots().size(), 1u);
    expect_whole(backward, count);
    for (std::size_t i = 0; i < count; ++i) std::swap(chain[i], chain[i * 7919 % count]);
    expect_whole(build(ThreadAlgorithm::references, chain), count);
    for (std::size_t i = 0; i < count; ++i) {
        chain[i].references = {name(i * 31 % count), name(i * 17 % count), name(i * 13 % count)};
    }
    expect_whole(build(ThreadAlgorithm::references, chain), count);
    for (Mail& mail : chain) mail.references = {name(0)};
    expect_whole(build(ThreadAlgorithm::references, chain), count);
    for (Mail& mail : chain) mail.subject = "Re same";
    expect_whole(build(ThreadAlgorithm::references, chain), count);
    expect_whole(build(ThreadAlgorithm::ordered_subject, chain), count);
}

// Step (1)
TEST(ThreadTree, Links) {
    EXPECT_EQ(references({{"a", {}}, {"b", {"a"}}, {"c", {"a", "b"}}}), "1(2(3))");
    EXPECT_EQ(references({{"c", {"a", "b"}}, {"b", {"a"}}, {"a", {}}}), "3(2(1))");
    // A truncated list does not undo what is known; the message's own does.
    EXPECT_EQ(references({{"b", {"a"}}, {"d", {"x", "b"}}, {"a", {}}}), "3(1(2))");
    EXPECT_EQ(references({{"c", {"a", "b"}}, {"b", {}}, {"a", {}}}), "2(1) 3");
    // The first of two with one ID has it.
    EXPECT_EQ(references({{"a", {}}, {"a", {}}, {"b", {"a"}}}), "1(3) 2");
    EXPECT_EQ(references({{"", {}}, {"", {}}}), "1 2");
    EXPECT_EQ(references({{"a", {}}, {"A", {"a"}}, {"c", {"A"}}}), "1(2(3))");
}

// Step (3)
TEST(ThreadTree, Dummies) {
    EXPECT_EQ(references({{"b", {"gone"}}}), "1");
    EXPECT_EQ(references({{"b", {"gone"}}, {"c", {"gone"}}}), "d(1 2)");
    EXPECT_EQ(references({{"b", {"g1", "g2", "g3"}}}), "1");
    EXPECT_EQ(references({{"b", {"g1", "g2"}}, {"c", {"g1", "g2"}}}), "d(1 2)");
    EXPECT_EQ(references({{"b", {"g1", "g2"}}, {"c", {"g1", "g3"}}}), "d(1 2)");
    EXPECT_EQ(references({{"a", {}}, {"b", {"a", "g"}}, {"c", {"a", "g"}}}), "1(2 3)");
}

// Step (4), (6): by date, a dummy by its first child.
TEST(ThreadTree, Order) {
    EXPECT_EQ(references({{"a", {}, "", 30}, {"b", {}, "", 10}, {"c", {"a"}, "", 5}}), "2 1(3)");
    EXPECT_EQ(references({{"a", {"g"}, "", 40}, {"b", {"g"}, "", 20}, {"c", {}, "", 30}}),
              "d(2 1) 3");
    EXPECT_EQ(references({{"a", {}, "", 7}, {"b", {}, "", 7}}), "1 2");
}

// Step (5)
TEST(ThreadTree, Subjects) {
    EXPECT_EQ(references({{"a", {}, "x"}, {"b", {}, "Re x"}}), "1(2)");
    EXPECT_EQ(references({{"a", {}, "Re x"}, {"b", {}, "x"}}), "2(1)");
    EXPECT_EQ(references({{"a", {}, "x"}, {"b", {}, "x"}}), "d(1 2)");
    EXPECT_EQ(references({{"a", {}, "Re x"}, {"b", {}, "Re x"}, {"c", {}, "Re x"}}), "d(1 2 3)");
    EXPECT_EQ(references({{"a", {}, "x"}, {"b", {}, "Re x"}, {"c", {}, "x"}}), "d(1(2) 3)");
    EXPECT_EQ(references({{"a", {"g"}, "x"}, {"b", {"g"}, "y"}, {"c", {}, "x"}}), "d(1 2 3)");
    EXPECT_EQ(
        references({{"a", {"g"}, "x"}, {"b", {"g"}, "x"}, {"c", {"h"}, "x"}, {"d", {"h"}, ""}}),
        "d(1 2 3 4)");
    EXPECT_EQ(references({{"a", {}, ""}, {"b", {}, ""}}), "1 2");
    EXPECT_EQ(references({{"a", {}, "x"}, {"b", {}, "y"}}), "1 2");
}

// No subjects; the thread with the latest arrival comes last.
TEST(ThreadTree, Refs) {
    EXPECT_EQ(threads(ThreadAlgorithm::refs, {{"a", {}, "x"}, {"b", {}, "Re x"}}), "1 2");
    EXPECT_EQ(threads(ThreadAlgorithm::refs,
                      {{"a", {}, "", 1, 10}, {"b", {}, "", 2, 20}, {"c", {"a"}, "", 3, 30}}),
              "2 1(3)");
}

TEST(ThreadTree, OrderedSubject) {
    EXPECT_EQ(
        threads(
            ThreadAlgorithm::ordered_subject,
            {{"a", {}, "x", 30}, {"b", {}, "y", 20}, {"c", {}, "Re x", 10}, {"d", {}, "x", 40}}),
        "3(1 4) 2");
}

}  // namespace
}  // namespace postern::imap
