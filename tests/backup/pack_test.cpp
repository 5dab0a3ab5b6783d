// Packs: every changed byte is noticed, nothing can be moved, and pieces come back as they were.
#include "backup/pack.hpp"

#include <gtest/gtest.h>

#include "backup/a_gateway.hpp"

namespace postern::backup {
namespace {

const std::string target_key(32, 'k');

struct Packed {
    MemoryTarget target;
    std::vector<Ref> refs;
};

void fill_pack(Packed& packed, const std::vector<std::string>& pieces, std::uint32_t number = 5) {
    PackBuilder builder(target_key, number);
    for (const std::string& piece : pieces) {
        packed.refs.push_back(builder.add(piece, crypto::sha256(piece)));
    }
    packed.target.files[pack_name(number)] = builder.finish();
}

TEST(BackupPack, EveryChangedByteIsNoticed) {
    Packed packed;
    fill_pack(packed, {std::string(200, 'a'), "b"});
    const std::string good = packed.target.files[pack_name(5)];
    for (std::size_t i = 0; i < good.size(); ++i) {
        packed.target.files[pack_name(5)][i] ^= 0x10;
        Reader reader(packed.target, target_key);
        const bool all_well = reader.read_piece(packed.refs[0]).has_value() &&
                              reader.read_piece(packed.refs[1]).has_value() &&
                              reader.list_pack(5).has_value();
        EXPECT_FALSE(all_well) << i;
        packed.target.files[pack_name(5)] = good;
    }
}

TEST(BackupPack, ATruncatedOneIsDamaged) {
    Packed packed;
    fill_pack(packed, {std::string(200, 'a'), "b"});
    const std::string good = packed.target.files[pack_name(5)];
    for (std::size_t i = 0; i < good.size(); ++i) {
        packed.target.files[pack_name(5)] = good.substr(0, i);
        Reader reader(packed.target, target_key);
        const auto list = reader.list_pack(5);
        ASSERT_FALSE(list) << i;
        EXPECT_EQ(list.error().reason, Reason::damaged);
    }
}

TEST(BackupPack, NothingCanBeMoved) {
    Packed packed;
    fill_pack(packed, {"one", "two"});
    // To another file.
    packed.target.files[pack_name(6)] = packed.target.files[pack_name(5)];
    Ref ref = packed.refs[0];
    ref.pack = 6;
    Reader reader(packed.target, target_key);
    EXPECT_FALSE(reader.read_piece(ref));
    // To another place in it.
    ref = packed.refs[0];
    ref.offset = packed.refs[1].offset;
    EXPECT_FALSE(reader.read_piece(ref));
    // From a target with another key.
    Reader stranger(packed.target, std::string(32, 'x'));
    EXPECT_FALSE(stranger.read_piece(packed.refs[0]));
}

TEST(BackupPack, PiecesThatExpandToSomethingElseAreRefused) {
    const std::string packed = compress_piece(std::string(1'000, 'a'));
    EXPECT_LT(packed.size(), 100u);
    EXPECT_EQ(expand_piece(packed, 1'000), std::string(1'000, 'a'));
    EXPECT_FALSE(expand_piece(packed, 999));
    EXPECT_FALSE(expand_piece(packed, 1'001));
    EXPECT_FALSE(expand_piece(packed.substr(0, packed.size() - 1), 1'000));
    EXPECT_FALSE(expand_piece("", 0));
    EXPECT_FALSE(expand_piece("\x07xyz", 3));
    EXPECT_FALSE(expand_piece(std::string("\0xyz", 4), 2));
    EXPECT_FALSE(expand_piece(packed, limits::piece_bytes_max + 1));
}

TEST(BackupPack, WhatWasPackedComesBack) {
    Packed packed;
    const std::vector<std::string> pieces = {crypto::random_bytes(limits::piece_bytes_max),
                                             std::string(5'000, 'z'), "", "x"};
    fill_pack(packed, pieces);
    Reader reader(packed.target, target_key);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        EXPECT_EQ(reader.read_piece(packed.refs[i]), pieces[i]) << i;
    }
    EXPECT_EQ(reader.list_pack(5), packed.refs);
}

}  // namespace
}  // namespace postern::backup
