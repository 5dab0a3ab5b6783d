// Fixtures of tests whose transcripts all begin alike.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "bed.hpp"

namespace postern::imap {

class Begun : public testing::Test {
 protected:
    explicit Begun(std::string_view beginning, BedOptions options = {})
        : bed(std::move(options)), beginning_(beginning) {}
    void play(std::string_view steps) { bed.play(beginning_ + std::string(steps)); }
    Bed bed;

 private:
    std::string beginning_;
};

// Five messages of alice's INBOX, which is selected; 2, 4 and 5 are flagged.
class FiveSelected : public Begun {
 protected:
    explicit FiveSelected(BedOptions options = {})
        : Begun(R"(
            D: alice one
            D: alice two
            D: alice three
            D: alice four
            D: alice five
            L: alice
            C: s SELECT INBOX
            U: s OK ...
            C: f STORE 2,4:5 FLAGS.SILENT (\Flagged)
            S: f OK ...
        )",
                std::move(options)) {}
};

}  // namespace postern::imap
