// RemoteLog: the log's lines, and the kernel's, as syslog messages (RFC 5424) to a few servers,
// each with a sender of its own (log_sender.hpp): a slow one delays neither the others nor the
// log's file, and no shard comes here: lines arrive from the LogWriter's thread. Made before there
// are lines; the senders' threads begin with start(), which comes after the process has given up
// its power, so that they have no more than the shards.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/log_sender.hpp"
#include "app/syslog_message.hpp"
#include "base/log.hpp"

namespace postern::app {

class RemoteLog {
 public:
    // `servers` as in the configuration; what parse_log_server does not take is left out.
    RemoteLog(std::string host_name, const std::vector<std::string>& servers,
              LogSenderTimes times = {});
    ~RemoteLog();  // waits a moment for what waits
    RemoteLog(const RemoteLog&) = delete;
    RemoteLog& operator=(const RemoteLog&) = delete;

    void start();
    // Those that stay keep what waits for them. Blocks for a moment when there is one that goes.
    void set_servers(const std::vector<std::string>& servers);
    bool has_servers() const;

    void push(log::Level level, std::int64_t unix_ms, std::string_view line);
    void push_kernel(const KernelRecord& record, std::int64_t unix_ms);
    // Nothing of what becomes of the servers is said in the log any more.
    void end_voice() { voice_->end(); }

 private:
    using Senders = std::vector<std::shared_ptr<LogSender>>;
    void push(const SyslogMessage& message);
    std::shared_ptr<LogSender> find_or_make(const std::string& name);

    std::string host_name_;
    std::string process_id_;
    LogSenderTimes times_;
    std::shared_ptr<LogVoice> voice_;
    mutable std::mutex mutex_;
    Senders senders_;
    bool has_started_ = false;
};

}  // namespace postern::app
