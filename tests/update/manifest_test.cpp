// Versions, manifests, keys and the head of a file: malformed forms first.
#include "update/manifest.hpp"

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "update/limits.hpp"
#include "update/update_files.hpp"

namespace postern::update {
namespace {

TEST(Version, RefusesOtherForms) {
    for (const char* wrong : {"", ".", "..", "1", "1.2", "1.2.3.4", "1.2.", ".1.2", "1..2",
                              "01.2.3", "1.02.3", "1.2.03", "-1.2.3", "1.2.3 ", " 1.2.3", "1.2.x",
                              "1234567890.0.0", "0.0.4294967296", "1.2.3\n"}) {
        EXPECT_FALSE(parse_version(wrong)) << wrong;
    }
}

TEST(Version, ComparesAsNumbers) {
    EXPECT_EQ(format_version(*parse_version("0.10.999999999")), "0.10.999999999");
    EXPECT_LT(*parse_version("0.9.9"), *parse_version("0.10.0"));
    EXPECT_LT(*parse_version("0.10.0"), *parse_version("1.0.0"));
    EXPECT_EQ(*parse_version("1.2.3"), *parse_version("1.2.3"));
}

TEST(Manifest, RefusesWhatIsNotExactlyIt) {
    const std::string good = manifest_text({});
    ASSERT_TRUE(parse_manifest(good));
    const std::size_t arch = good.find("amd64");
    for (std::size_t i = 0; i < good.size(); ++i) {
        EXPECT_FALSE(parse_manifest(good.substr(0, i))) << i;
        if (i >= arch && i < arch + 5) continue;  // another name, not another form
        EXPECT_FALSE(parse_manifest(good.substr(0, i) + good.substr(i + 1))) << i;
    }
    EXPECT_FALSE(parse_manifest(good + "\n"));
    EXPECT_FALSE(parse_manifest("\n" + good));
    EXPECT_FALSE(parse_manifest(good + "colour blue\n"));
    EXPECT_FALSE(parse_manifest(manifest_text({.version = "1.0"})));
    EXPECT_FALSE(parse_manifest(manifest_text({.arch = ""})));
    EXPECT_FALSE(parse_manifest(manifest_text({.arch = "amd 64"})));
    EXPECT_FALSE(parse_manifest(manifest_text({.arch = std::string(17, 'a')})));
    EXPECT_FALSE(parse_manifest(manifest_text({.version = "0.2.0", .minimum = "0.2.1"})));
    EXPECT_FALSE(parse_manifest(manifest_text({.slot = std::string(4'095, 'x')})));
}

TEST(Manifest, SaysWhatItSays) {
    const auto manifest = parse_manifest(manifest_text({.slot = std::string(4'096, 'x')}));
    ASSERT_TRUE(manifest);
    EXPECT_EQ(format_version(manifest->version), "0.2.0");
    EXPECT_EQ(manifest->arch, "amd64");
    EXPECT_EQ(format_version(manifest->minimum_version), "0.1.0");
    EXPECT_EQ(manifest->slot_bytes, 4'096u);
    EXPECT_EQ(to_hex(manifest->slot_sha256).size(), 64u);
}

TEST(Keys, AWrongLineSpoilsAll) {
    const std::string good = base64_encode(public_key_of(seed_of_tests));
    for (const std::string& wrong :
         {std::string("x"), good + "x", good.substr(1), std::string(" ") + good,
          base64_encode(std::string(31, 'k')), base64_encode(std::string(33, 'k'))}) {
        EXPECT_FALSE(parse_keys(good + "\n" + wrong + "\n")) << wrong;
    }
}

TEST(Keys, OneALine) {
    const std::string first = base64_encode(public_key_of(seed_of_tests));
    const std::string second = base64_encode(public_key_of(other_seed));
    const auto keys = parse_keys("# whose\n\n" + first + " the next one\n" + second);
    ASSERT_TRUE(keys);
    ASSERT_EQ(keys->size(), 2u);
    EXPECT_EQ((*keys)[0], public_key_of(seed_of_tests));
    EXPECT_EQ((*keys)[1], public_key_of(other_seed));
    EXPECT_TRUE(parse_keys("")->empty());
}

Reason reason_of(std::string_view file, const std::vector<std::string>& keys) {
    const auto head = read_head(file, More::end_of_file, keys);
    return head ? Reason::io : head.error().reason;
}

TEST(Head, SaysWhyItIsRefused) {
    const std::vector<std::string> keys = trust_of_tests().keys;
    const std::string large(limits::head_bytes_max, 'x');
    EXPECT_EQ(reason_of("", keys), Reason::truncated);
    EXPECT_EQ(reason_of(large, keys), Reason::not_an_update);
    EXPECT_EQ(reason_of("postern-update 2\n", keys), Reason::not_an_update);
    EXPECT_EQ(reason_of(manifest_text({}) + large, keys), Reason::signature);
    EXPECT_EQ(reason_of(manifest_text({}) + "signature \n" + large, keys), Reason::signature);
    EXPECT_EQ(reason_of(make_file({.seed = other_seed}), keys), Reason::signature);
    EXPECT_EQ(reason_of(make_file({}), {}), Reason::signature);
    EXPECT_EQ(reason_of(sign_file("postern-update 1\nnonsense\n", ""), keys),
              Reason::not_an_update);
}

TEST(Head, AnyOfTheKeysWillDo) {
    const std::vector<std::string> keys = {public_key_of(other_seed), public_key_of(seed_of_tests)};
    const std::string file = make_file({});
    const auto head = read_head(file, More::may_come, keys);
    ASSERT_TRUE(head && *head);
    EXPECT_EQ(file.substr((*head)->bytes), FileParts{}.slot);
}

TEST(CheckManifest, RefusesWhatThisMachineMustNotTake) {
    const Trust trust = trust_of_tests();
    const auto reason = [&](const FileParts& parts) {
        const auto checked = check_manifest(*parse_manifest(manifest_text(parts)), trust.running,
                                            trust.slot_bytes_max);
        return checked ? Reason::io : checked.error().reason;
    };
    EXPECT_EQ(reason({.arch = "arm64"}), Reason::other_architecture);
    EXPECT_EQ(reason({.version = "0.0.9", .minimum = "0.0.1"}), Reason::too_old);
    EXPECT_EQ(reason({.version = "0.3.0", .minimum = "0.1.6"}), Reason::too_far);
    EXPECT_EQ(reason({.slot = std::string(20'001, 'x')}), Reason::too_big);
    EXPECT_EQ(reason({.slot = std::string(20'000, 'x')}), Reason::io);
    EXPECT_EQ(reason({.version = "0.1.0", .minimum = "0.0.1"}), Reason::io);  // back, not too far
    EXPECT_EQ(reason({.version = "0.3.0", .minimum = "0.1.5"}), Reason::io);
}

}  // namespace
}  // namespace postern::update
