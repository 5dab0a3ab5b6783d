// The times and limits of the queue, from the configuration. Pure.
#pragma once

#include "app/config.hpp"
#include "queue/policy.hpp"

namespace postern::app {

queue::Policy queue_policy(const RetrySettings& settings);

}  // namespace postern::app
