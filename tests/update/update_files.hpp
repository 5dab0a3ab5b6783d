// Update files for tests, signed with a key of the test's own.
#pragma once

#include <string>
#include <string_view>

#include "update/reader.hpp"

namespace postern::update {

// What a seed of 32 bytes makes.
std::string public_key_of(std::string_view seed);
std::string sign_with(std::string_view seed, std::string_view text);

inline const std::string seed_of_tests(32, 's');
inline const std::string other_seed(32, 'o');

// A slot of that many bytes, different for each letter.
std::string slot_content(std::size_t bytes, char letter);

struct FileParts {
    std::string version = "0.2.0";
    std::string arch = "amd64";
    std::string minimum = "0.1.0";
    std::string slot = slot_content(10'000, 'n');
    std::string seed = seed_of_tests;
};
std::string manifest_text(const FileParts& parts);
std::string make_file(const FileParts& parts);
// A file of a given manifest.
std::string sign_file(const std::string& manifest, const std::string& slot,
                      const std::string& seed = seed_of_tests);

// Version 0.1.5 for amd64, nothing before 0.1.0, slots of 20,000 bytes, the key of the tests.
Trust trust_of_tests();

}  // namespace postern::update
