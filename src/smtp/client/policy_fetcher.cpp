// libcurl on a thread of its own, by its multi interface; see policy_fetcher.hpp. The thread owns
// every handle; it waits for the network and for the desk at once.
#include "smtp/client/policy_fetcher.hpp"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

#include "base/ascii.hpp"
#include "engine/errand.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {

using engine::Errand;
using engine::task;

namespace {

constexpr long fetch_timeout_s = 60;  // RFC 8461 §3.3
constexpr int poll_timeout_ms = 1'000;

struct Fetch final : Errand {
    std::string host;  // "mta-sts.example.org"
    std::vector<std::string> addresses;
    std::string body;
    Error error;
    bool is_good = false;
    CURL* handle = nullptr;
    curl_slist* resolve = nullptr;
};

// RFC 8461 §3.2: whatever its parameters are.
bool is_plain_text(std::string_view type) {
    return iequals(trim_wsp(type.substr(0, type.find(';'))), "text/plain");
}

std::size_t receive(char* data, std::size_t size, std::size_t count, void* fetch) {
    std::string& body = static_cast<Fetch*>(fetch)->body;
    if (body.size() + size * count > policy_bytes_max) return 0;
    body.append(data, size * count);
    return size * count;
}

class CurlFetcher final : public PolicyFetcher {
 public:
    explicit CurlFetcher(const CurlOptions& options)
        : options_(options), desk_(options.shard_count) {
        // Signals are for shard 0's signalfd.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        thread_ = std::thread([this] { work(); });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    ~CurlFetcher() override {
        ending_.store(true);
        desk_.wake();
        thread_.join();
    }

    task<Result<std::string>> fetch(std::string domain, std::vector<std::string> addresses,
                                    MonotonicTime deadline) override {
        auto errand = std::make_unique<Fetch>();
        errand->host = "mta-sts." + domain;
        errand->addresses = std::move(addresses);
        auto back = co_await desk_.run(std::move(errand), deadline);
        if (!back) co_return Failure(back.error());
        auto& done = static_cast<Fetch&>(**back);
        if (!done.is_good) co_return Failure(done.error);
        co_return std::move(done.body);
    }

 private:
    void work();
    void wait();
    void perform();
    void begin(Fetch* fetch);
    void set_options(Fetch* fetch);
    void finish(Fetch* fetch, CURLcode result);
    void give_back(Fetch* fetch);

    CurlOptions options_;
    engine::ErrandDesk desk_;
    CURLM* multi_ = nullptr;  // made with the first fetch: most daemons never need the library
    std::vector<Fetch*> running_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

void CurlFetcher::set_options(Fetch* fetch) {
    CURL* handle = fetch->handle;
    const std::string port = std::to_string(options_.port);
    const std::string url = "https://" + fetch->host + (options_.port == 443 ? "" : ":" + port) +
                            "/.well-known/mta-sts.txt";
    std::string entry = fetch->host + ":" + port + ":";
    for (std::size_t i = 0; i < fetch->addresses.size(); ++i) {
        entry += (i > 0 ? "," : "") + fetch->addresses[i];
    }
    fetch->resolve = curl_slist_append(nullptr, entry.c_str());
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_RESOLVE, fetch->resolve);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, fetch_timeout_s);
    curl_easy_setopt(handle, CURLOPT_MAXFILESIZE, long(policy_bytes_max));
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, fetch);
    if (!options_.authorities_file.empty()) {
        curl_easy_setopt(handle, CURLOPT_CAINFO, options_.authorities_file.c_str());
    }
}

void CurlFetcher::begin(Fetch* fetch) {
    if (multi_ == nullptr) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        multi_ = curl_multi_init();
    }
    fetch->handle = curl_easy_init();
    if (multi_ == nullptr || fetch->handle == nullptr) {
        fetch->error = {ErrorKind::internal, ErrorCode::exhausted, 0, "no memory to fetch with"};
        desk_.give_back(fetch);
        return;
    }
    set_options(fetch);
    running_.push_back(fetch);
    curl_multi_add_handle(multi_, fetch->handle);
}

void CurlFetcher::finish(Fetch* fetch, CURLcode result) {
    long status = 0;
    const char* type = nullptr;
    curl_easy_getinfo(fetch->handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(fetch->handle, CURLINFO_CONTENT_TYPE, &type);
    const bool is_text = type != nullptr && is_plain_text(type);
    fetch->is_good = result == CURLE_OK && status == 200 && is_text;
    // The library's words are static.
    const char* what = result != CURLE_OK ? curl_easy_strerror(result)
                       : status != 200    ? "the policy's server says no"
                                          : "the policy is no plain text";
    fetch->error = {ErrorKind::gone,
                    result == CURLE_OPERATION_TIMEDOUT ? ErrorCode::timed_out : ErrorCode::refused,
                    0, what};
    give_back(fetch);
}

void CurlFetcher::give_back(Fetch* fetch) {
    curl_multi_remove_handle(multi_, fetch->handle);
    curl_easy_cleanup(fetch->handle);
    curl_slist_free_all(fetch->resolve);
    std::erase(running_, fetch);
    desk_.give_back(fetch);
}

void CurlFetcher::wait() {
    if (multi_ == nullptr) {
        pollfd wake{desk_.wake_fd(), POLLIN, 0};
        poll(&wake, 1, -1);
    } else {
        curl_waitfd wake{desk_.wake_fd(), CURL_WAIT_POLLIN, 0};
        curl_multi_poll(multi_, &wake, 1, poll_timeout_ms, nullptr);
    }
}

void CurlFetcher::perform() {
    int still_running = 0, left = 0;
    curl_multi_perform(multi_, &still_running);
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        Fetch* fetch = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &fetch);
        finish(fetch, message->data.result);
    }
}

void CurlFetcher::work() {
    while (!ending_.load()) {
        wait();
        engine::ErrandList fresh = desk_.take();
        while (Errand* errand = fresh.pop()) begin(static_cast<Fetch*>(errand));
        for (std::size_t i = running_.size(); i-- > 0;) {
            if (running_[i]->is_abandoned()) give_back(running_[i]);
        }
        if (multi_ != nullptr) perform();
    }
    if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

}  // namespace

std::unique_ptr<PolicyFetcher> make_curl_fetcher(const CurlOptions& options) {
    return std::make_unique<CurlFetcher>(options);
}

}  // namespace postern::smtp::client
