// Event, Sleep and Mutex; see event.hpp.
#include "engine/event.hpp"

#include "engine/shard.hpp"

namespace postern::engine {

void Event::set() {
    is_set_ = true;
    if (waiter_ != nullptr) waiter_->wake();
}

bool Event::Wait::start() {
    if (event_->is_set_) {
        event_->is_set_ = false;
        return false;
    }
    bool refused = is_cancelled() && when_ != WhenDraining::settles;
    if (refused || (is_draining() && when_ == WhenDraining::ends)) {
        set_failed({ErrorKind::gone, ErrorCode::cancelled, 0, "wait cancelled"});
        return false;
    }
    assert(event_->waiter_ == nullptr);
    event_->waiter_ = this;
    if (expiry != never) {
        fire = [](Timer& timer) {
            static_cast<Wait&>(timer).end(ErrorCode::timed_out, "deadline passed");
        };
        Shard::current().timers().arm(*this, expiry);
    }
    return true;
}

void Event::Wait::end(ErrorCode code, const char* what) {
    if (!is_waiting()) return;
    set_failed({ErrorKind::gone, code, 0, what});
    event_->waiter_ = nullptr;
    disarm();
    complete();
}

void Event::Wait::wake() {
    event_->is_set_ = false;
    event_->waiter_ = nullptr;
    disarm();
    complete();
}

bool Sleep::start() {
    if (is_cancelled() || is_draining()) {
        set_failed({ErrorKind::gone, ErrorCode::cancelled, 0, "sleep cancelled"});
        return false;
    }
    fire = [](Timer& timer) { static_cast<Sleep&>(timer).complete(); };
    Shard::current().timers().arm(*this, expiry);
    return true;
}

void Sleep::cancel() {
    if (!is_waiting()) return;
    disarm();
    set_failed({ErrorKind::gone, ErrorCode::cancelled, 0, "sleep cancelled"});
    complete();
}

bool Mutex::Lock::start() {
    if (!mutex_->held_) {
        mutex_->held_ = true;
        return false;
    }
    (mutex_->last_ != nullptr ? mutex_->last_->next_ : mutex_->first_) = this;
    mutex_->last_ = this;
    return true;
}

// Hands the mutex to the next in line without letting it go.
void Mutex::release() {
    assert(held_);
    Lock* next = first_;
    if (next == nullptr) {
        held_ = false;
        return;
    }
    first_ = next->next_;
    if (first_ == nullptr) last_ = nullptr;
    next->complete();
}

}  // namespace postern::engine
