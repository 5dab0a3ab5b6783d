// Which driver a workload has; see driver.hpp.
#include "load/driver.hpp"

#include "load/imap_profiles.hpp"

namespace postern::bench {

namespace {

std::vector<std::string> kinds_of_one(Workload workload) {
    switch (workload) {
        case Workload::smtp:
        case Workload::submit: return {"message"};
        case Workload::pop3: return {"session"};
        case Workload::idle: return {"notice"};
        case Workload::imap:
        case Workload::mixed: break;
    }
    std::vector<std::string> names;
    for (unsigned i = 0; i < imap_operations; ++i) names.emplace_back(name_of(ImapOperation(i)));
    return names;
}

}  // namespace

std::vector<std::string> kinds_of(const Settings& settings) {
    if (settings.workload != Workload::mixed) return kinds_of_one(settings.workload);
    std::vector<std::string> names;
    for (const MixPart& part : settings.parts) {
        std::string title(name_of(part.workload));
        if (!part.profile.empty()) title += "/" + part.profile;
        for (const std::string& kind : kinds_of_one(part.workload)) {
            names.push_back(title + " " + kind);
        }
    }
    return names;
}

std::unique_ptr<Driver> make_driver(const Context& context, unsigned session) {
    switch (context.settings.workload) {
        case Workload::smtp:
        case Workload::submit: return make_smtp_driver(context, session);
        case Workload::pop3: return make_pop3_driver(context, session);
        case Workload::imap:
        case Workload::idle:
        case Workload::mixed: break;  // a mix consists of others
    }
    return make_imap_driver(context, session);
}

}  // namespace postern::bench
