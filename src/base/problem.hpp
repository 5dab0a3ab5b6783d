// Why something was refused or failed, with words for people: unlike Error it carries data
// (numbers, file names). The reason is an enum of the folder that refuses, with an io among its
// values.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace postern {

template <class Reason>
struct ProblemFor {
    Reason reason = Reason::io;
    std::string words;  // one sentence without a full stop; untrusted text in it is escaped
};

template <class Reason>
std::unexpected<ProblemFor<Reason>> refuse(Reason reason, std::string words) {
    return std::unexpected(ProblemFor<Reason>{reason, std::move(words)});
}

}  // namespace postern
