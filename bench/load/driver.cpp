// Which driver a workload has; see driver.hpp.
#include "load/driver.hpp"

#include "load/imap_profiles.hpp"

namespace postern::bench {

std::vector<std::string_view> kinds_of(Workload workload) {
    switch (workload) {
        case Workload::smtp:
        case Workload::submit: return {"message"};
        case Workload::pop3: return {"session"};
        case Workload::idle: return {"notice"};
        case Workload::imap: break;
    }
    std::vector<std::string_view> names;
    for (unsigned i = 0; i < imap_operations; ++i) names.push_back(name_of(ImapOperation(i)));
    return names;
}

std::unique_ptr<Driver> make_driver(const Context& context, unsigned session) {
    switch (context.settings.workload) {
        case Workload::smtp:
        case Workload::submit: return make_smtp_driver(context, session);
        case Workload::pop3: return make_pop3_driver(context, session);
        case Workload::imap:
        case Workload::idle: break;
    }
    return make_imap_driver(context, session);
}

}  // namespace postern::bench
