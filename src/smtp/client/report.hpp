// Reports: what became of a recipient or of an attempt, in the queue's terms, from replies and from
// troubles of our own. Pure. RFC 3463 (status codes).
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "queue/transport.hpp"
#include "smtp/client/remote_reply.hpp"

namespace postern::smtp::client {

// Why something did not work: the report that everybody concerned gets.
using Trouble = queue::RecipientReport;

// Ours: "4.4.1", in words for people.
Trouble deferred(std::string_view status, std::string explanation);
Trouble failed(std::string_view status, std::string explanation);
Trouble untried(std::string explanation);

// A reply's: 2yz delivered, 5yz failed, anything else deferred.
Trouble report_reply(const RemoteReply& reply);
// The same, told as the answer to something: "in answer to MAIL".
Trouble report_reply(const RemoteReply& reply, std::string_view command);

// A connection that broke, as `while_doing` says: "connecting", "waiting for the greeting".
Trouble report_error(const Error& error, std::string_view while_doing);

}  // namespace postern::smtp::client
