// See remote_log.hpp.
#include "app/remote_log.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace postern::app {

RemoteLog::RemoteLog(std::string host_name, const std::vector<std::string>& servers,
                     LogSenderTimes times)
    : host_name_(std::move(host_name)),
      process_id_(std::to_string(getpid())),
      times_(times),
      voice_(std::make_shared<LogVoice>()) {
    set_servers(servers);
}

RemoteLog::~RemoteLog() {
    for (const auto& sender : senders_) sender->end();  // all of them at once
}

void RemoteLog::start() {
    const std::lock_guard lock(mutex_);
    has_started_ = true;
    for (const auto& sender : senders_) sender->start();
}

void RemoteLog::set_servers(const std::vector<std::string>& servers) {
    Senders old;
    {
        const std::lock_guard lock(mutex_);
        Senders fresh;
        for (const std::string& name : servers) {
            if (auto sender = find_or_make(name)) fresh.push_back(std::move(sender));
        }
        old = std::exchange(senders_, std::move(fresh));
        for (const auto& sender : old) {
            if (std::find(senders_.begin(), senders_.end(), sender) == senders_.end())
                sender->end();
        }
    }
    old.clear();  // those that go end here, outside of the lock
}

std::shared_ptr<LogSender> RemoteLog::find_or_make(const std::string& name) {
    for (const auto& sender : senders_) {
        if (sender->name() == name) return sender;
    }
    auto server = parse_log_server(name);
    if (!server) return nullptr;
    auto sender = std::make_shared<LogSender>(name, std::move(*server), voice_, times_);
    if (has_started_) sender->start();
    return sender;
}

bool RemoteLog::has_servers() const {
    const std::lock_guard lock(mutex_);
    return !senders_.empty();
}

void RemoteLog::push(log::Level level, std::int64_t unix_ms, std::string_view line) {
    if (!has_servers()) return;
    push({mail_priority(level), unix_ms, host_name_, "posternd", process_id_, line});
}

void RemoteLog::push_kernel(const KernelRecord& record, std::int64_t unix_ms) {
    push({record.priority, unix_ms, host_name_, "kernel", {}, record.text});
}

void RemoteLog::push(const SyslogMessage& message) {
    const auto text = std::make_shared<const std::string>(format_syslog(message));
    // Under the lock, so that no sender ends on this thread.
    const std::lock_guard lock(mutex_);
    for (const auto& sender : senders_) sender->push(text);
}

}  // namespace postern::app
