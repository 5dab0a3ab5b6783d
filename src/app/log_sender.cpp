// See log_sender.hpp.
#include "app/log_sender.hpp"

#include <csignal>

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace postern::app {
namespace {

// What waits must not flood the server's socket buffer, nor a router's: 32,000 a second.
constexpr unsigned log_datagrams_at_once = 64;
constexpr auto log_datagram_pause = std::chrono::milliseconds(2);

}  // namespace

void LogVoice::say_lost(const std::string& server, const std::string& problem) {
    const std::lock_guard lock(mutex_);
    if (!is_over_) log::warning("log.server_lost", {{"server", server}, {"problem", problem}});
}

void LogVoice::say_reached(const std::string& server) {
    const std::lock_guard lock(mutex_);
    if (!is_over_) log::info("log.server_reached", {{"server", server}});
}

void LogVoice::say_full(const std::string& server) {
    const std::lock_guard lock(mutex_);
    if (!is_over_) log::warning("log.server_behind", {{"server", server}, {"dropped", "from now"}});
}

void LogVoice::say_dropped(const std::string& server, std::uint64_t messages) {
    const std::lock_guard lock(mutex_);
    if (!is_over_) {
        log::warning("log.server_dropped", {{"server", server}, {"messages", messages}});
    }
}

void LogVoice::end() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
}

// What the thread does; it outlives the sender if need be.
class LogSender::Work {
 public:
    Work(std::shared_ptr<Shared> shared, LogServer server)
        : shared_(std::move(shared)),
          is_udp_(server.transport == LogTransport::udp),
          socket_(std::move(server), [this] { return is_over(); }),
          pause_(shared_->times.pause) {}

    void run() {
        while (const Message message = wait_for_message()) {
            if (auto problem = hand_over(*message)) {
                lose(*problem);
            } else {
                reach();
                take_off();
            }
        }
        socket_.close();
        const std::lock_guard lock(shared_->mutex);
        shared_->has_ended = true;
        shared_->changed.notify_all();
    }

 private:
    bool is_over() const {
        const std::lock_guard lock(shared_->mutex);
        return shared_->end_at && Clock::now() >= *shared_->end_at;
    }

    // None: it is time to end.
    Message wait_for_message() {
        std::unique_lock lock(shared_->mutex);
        shared_->changed.wait(lock, [&] { return !shared_->queue.empty() || shared_->end_at; });
        const bool is_late = shared_->end_at && Clock::now() >= *shared_->end_at;
        if (is_late || shared_->queue.empty()) return nullptr;
        return shared_->queue.front();
    }

    LogSocket::Problem hand_over(const std::string& message) {
        if (socket_.is_open() && socket_.is_stale()) socket_.close();
        if (!socket_.is_open()) {
            if (auto problem = socket_.open()) return problem;
        }
        if (auto problem = socket_.send(message)) return problem;
        if (is_udp_ && ++at_once_ % log_datagrams_at_once == 0) {
            std::this_thread::sleep_for(log_datagram_pause);
        }
        // A datagram always leaves; whether somebody takes it shows a moment later, if at all.
        if (is_udp_ && is_lost_) return socket_.refusal(int(shared_->times.refusal_wait.count()));
        return std::nullopt;
    }

    // A pause, so that a server that takes connections and closes them is not asked all the time.
    void lose(const std::string& problem) {
        if (!is_lost_) shared_->voice->say_lost(shared_->name, problem);
        is_lost_ = true;
        const bool was_steady = reached_ && Clock::now() - *reached_ > shared_->times.pause_max;
        if (is_first_ || was_steady) {
            pause_ = shared_->times.pause;
        } else {
            pause_ = std::min(pause_ * 2, shared_->times.pause_max);
        }
        is_first_ = false;
        reached_.reset();
        std::unique_lock lock(shared_->mutex);
        shared_->changed.wait_for(lock, pause_, [&] { return shared_->end_at.has_value(); });
        // At the end there is one more attempt for what waits.
        if (shared_->end_at && std::exchange(was_last_, true)) shared_->queue.clear();
    }

    void reach() {
        if (is_lost_ || is_first_) shared_->voice->say_reached(shared_->name);
        is_lost_ = is_first_ = false;
        if (!reached_) reached_ = Clock::now();
    }

    void take_off() {
        std::uint64_t dropped = 0;
        {
            const std::lock_guard lock(shared_->mutex);
            shared_->queue_bytes -= shared_->queue.front()->size();
            shared_->queue.pop_front();
            const bool has_room = shared_->queue.size() <= log_messages_queued_max / 2 &&
                                  shared_->queue_bytes <= log_bytes_queued_max / 2;
            if (has_room) dropped = std::exchange(shared_->dropped, 0);
        }
        if (dropped > 0) shared_->voice->say_dropped(shared_->name, dropped);
    }

    std::shared_ptr<Shared> shared_;
    bool is_udp_;
    LogSocket socket_;
    std::chrono::milliseconds pause_;
    unsigned at_once_ = 0;
    std::optional<Clock::time_point> reached_;  // since when messages are taken
    bool is_first_ = true;                      // nothing has been sent, and nothing has failed
    bool is_lost_ = false;
    bool was_last_ = false;
};

LogSender::LogSender(std::string name, LogServer server, std::shared_ptr<LogVoice> voice,
                     LogSenderTimes times)
    : shared_(std::make_shared<Shared>()), server_(std::move(server)) {
    shared_->name = std::move(name);
    shared_->voice = std::move(voice);
    shared_->times = times;
}

LogSender::~LogSender() {
    end();
    if (!thread_.joinable()) return;
    {
        std::unique_lock lock(shared_->mutex);
        shared_->changed.wait_until(lock, *shared_->end_at + shared_->times.end_wait / 2,
                                    [this] { return shared_->has_ended; });
        if (!shared_->has_ended) {
            thread_.detach();
            return;
        }
    }
    thread_.join();
}

void LogSender::start() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([shared = shared_, server = server_] { Work(shared, server).run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void LogSender::push(Message message) {
    bool is_full = false;
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->queue.size() >= log_messages_queued_max ||
            shared_->queue_bytes + message->size() > log_bytes_queued_max) {
            is_full = shared_->dropped++ == 0;
        } else {
            shared_->queue_bytes += message->size();
            shared_->queue.push_back(std::move(message));
            if (shared_->queue.size() == 1) shared_->changed.notify_all();
        }
    }
    if (is_full) shared_->voice->say_full(shared_->name);
}

void LogSender::end() {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->end_at) shared_->end_at = Clock::now() + shared_->times.end_wait;
    shared_->changed.notify_all();
}

}  // namespace postern::app
