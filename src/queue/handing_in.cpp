// See handing_in.hpp.
#include "queue/handing_in.hpp"

#include <string>
#include <utility>
#include <vector>

#include "engine/io.hpp"

namespace postern::queue {

using engine::task;
using engine::try_;

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

}  // namespace

task<Result<void>> copy_content(int fd, std::uint64_t offset, store::IncomingMessage* to) {
    std::string chunk(chunk_bytes, '\0');
    for (;;) {
        const std::size_t count = co_await try_(engine::read_at(fd, chunk, offset));
        std::vector<std::string_view> slices{std::string_view(chunk).substr(0, count)};
        if (count > 0) co_await try_(to->append(std::move(slices)));
        if (count < chunk.size()) co_return {};
        offset += count;
    }
}

void add_destinations(Submission& submission, const auth::Recipient& found, Recipient model) {
    for (const auth::Account* account : found.accounts) {
        submission.targets.push_back({std::string(auth::mail_directory(*account))});
    }
    for (const std::string& address : found.remote_addresses) {
        model.address = address;
        submission.envelope.recipients.push_back(model);
    }
}

}  // namespace postern::queue
