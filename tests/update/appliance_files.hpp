// The files by which an appliance is known, in a directory of the test's own: slots are files.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "base/base64.hpp"
#include "base/temporary_directory.hpp"
#include "update/appliance.hpp"
#include "update/update_files.hpp"

namespace postern::update {

inline void write_file(const std::string& path, const std::string& bytes) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

class ApplianceFiles {
 public:
    ApplianceFiles() {
        write_file(root() + "/run/appliance/boot",
                   "slot=a disk=vda device=/dev/vda3\n"
                   "other_device=" +
                       slot_b() + "\n");
        write_file(root() + "/run/appliance/healthy", "");
        write_file(root() + "/usr/lib/postern/release",
                   "VERSION=0.1.5\nARCH=amd64\nKERNEL=6\nEPOCH=1\nMINIMUM=0.1.0\n");
        write_file(root() + "/usr/lib/postern/update-keys",
                   base64_encode(public_key_of(seed_of_tests)) + " tests\n");
        set_block("cur=a\nleft=3\nother_ok=1\nrolled=0\n");
        write_file(root() + "/data/state/x", "");
        write_file(root() + "/sys/class/block/vda", "");
        write_file(slot_b(), slot_content(20'000, 'b'));
    }
    const std::string& root() const { return directory_.path(); }
    std::string slot_b() const { return root() + "/dev/vda4"; }
    std::string update_path() const { return root() + "/postern.update"; }
    void set_block(std::string text) {
        text.insert(0, "# GRUB Environment Block\n");
        text.resize(1'024, '#');
        write_file(root() + "/esp/postern/grubenv", text);
    }
    std::string block() const { return read_small_file(root() + "/esp/postern/grubenv").value(); }
    std::string slot() const { return read_small_file(slot_b()).value(); }
    Places places() const {
        return {root() + "/run/appliance", root() + "/usr/lib/postern",
                root() + "/esp/postern/grubenv", root() + "/data/state",
                root() + "/sys/class/block"};
    }

 private:
    TemporaryDirectory directory_;
};

}  // namespace postern::update
