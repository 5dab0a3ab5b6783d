// postern-fetch URL FILE BYTES_MAX: downloads an update by http or https. A program of its own, so
// that libcurl and the score of libraries behind it are loaded when something is fetched and not by
// every start of the postern command. source.cpp starts it and reads what it says.
//
// Standard output: a line "DONE TOTAL" in bytes now and then and at the end, TOTAL 0: the server
// does not say; or a line of words, why it failed. Exit status: fetch_status.hpp. The server's name
// is checked against its certificate for https. FILE is made anew.
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/ascii.hpp"
#include "update/fetch_status.hpp"
#include "update/limits.hpp"

namespace postern::update {
namespace {

struct Transfer {
    CURL* handle = nullptr;
    int file = -1;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_max = 0;
    std::uint64_t bytes_said = 0;
    bool is_full = false;  // the disk
};

std::size_t receive_piece(char* data, std::size_t size, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    const std::size_t bytes = size * count;
    if (transfer.bytes + bytes > transfer.bytes_max) return 0;
    for (std::size_t done = 0; done < bytes;) {
        const ssize_t n = write(transfer.file, data + done, bytes - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            transfer.is_full = true;
            return 0;
        }
        done += std::size_t(n);
    }
    transfer.bytes += bytes;
    return bytes;
}

void say_progress(Transfer& transfer, curl_off_t total) {
    transfer.bytes_said = transfer.bytes;
    std::printf("%llu %lld\n", static_cast<unsigned long long>(transfer.bytes),
                static_cast<long long>(total));
    std::fflush(stdout);
}

// libcurl calls it often; the signature is libcurl's.
int note_progress(void* context, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(context);
    if (transfer.bytes - transfer.bytes_said >= limits::progress_bytes) {
        say_progress(transfer, total);
    }
    return 0;
}

FetchStatus fail(const std::string& words) {
    std::printf("%s\n", words.c_str());
    return FetchStatus::failed;
}

void set_options(Transfer& transfer, const char* url) {
    CURL* handle = transfer.handle;
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, limits::connect_timeout_s);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, limits::slowest_bytes_per_s);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, limits::slowest_for_s);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &receive_piece);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &note_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
}

FetchStatus fetch(const char* url, const char* path, std::uint64_t bytes_max) {
    Transfer transfer;
    transfer.bytes_max = bytes_max;
    transfer.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    transfer.handle = curl_easy_init();
    if (transfer.file < 0 || transfer.handle == nullptr) {
        return fail(std::string(path) + ": " + std::strerror(errno));
    }
    set_options(transfer, url);
    const CURLcode result = curl_easy_perform(transfer.handle);
    if (result == CURLE_OK) say_progress(transfer, curl_off_t(transfer.bytes));
    curl_easy_cleanup(transfer.handle);
    const bool is_closed = close(transfer.file) == 0;
    if (result == CURLE_OK && is_closed) return FetchStatus::done;
    if (transfer.is_full || !is_closed) return FetchStatus::no_room;
    if (result == CURLE_WRITE_ERROR) return FetchStatus::too_big;
    return fail(curl_easy_strerror(result));
}

int run(int count, char** words) {
    const auto bytes_max = count == 4 ? parse_decimal(words[3]) : std::nullopt;
    if (!bytes_max) return int(fail("postern-fetch wants URL FILE BYTES_MAX"));
    return int(fetch(words[1], words[2], *bytes_max));
}

}  // namespace
}  // namespace postern::update

int main(int count, char** words) {
    return postern::update::run(count, words);
}
