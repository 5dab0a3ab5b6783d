// Two passes over the segments; see search.hpp.
#include "timeline/search.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/log.hpp"
#include "timeline/index.hpp"
#include "timeline/keys.hpp"
#include "timeline/segment.hpp"

namespace postern::timeline {
namespace {

// False: nothing earlier of this segment is wanted.
using Visit = std::function<bool(Event event)>;

enum class Order : std::uint8_t { earliest_first, latest_first };

// One segment and those of its events that have one of the keys.
class SegmentSearch {
 public:
    SegmentSearch(const Segment& segment, const std::vector<std::string>& keys, Order order,
                  Files& files)
        : path_(segment.path), keys_(keys), order_(order), files_(files) {}

    void run(const Visit& visit) {
        Index index(index_path(path_), files_);
        auto offsets = look_up(index);
        const std::uint64_t covered = offsets ? index.covered() : 0;
        if (offsets) damaged_ += index.damaged();
        if (!offsets) offsets.emplace();
        if (order_ == Order::earliest_first) {
            if (visit_at(*offsets, visit)) visit_rest(covered, visit);
        } else {
            std::ranges::reverse(*offsets);
            if (visit_rest(covered, visit)) visit_at(*offsets, visit);
        }
    }
    std::uint64_t damaged() const { return damaged_; }

 private:
    bool is_wanted(const Event& event) const {
        const std::vector<std::string> has = keys_of(event);
        return std::ranges::any_of(has, [&](const std::string& key) {
            return std::ranges::find(keys_, key) != keys_.end();
        });
    }

    // Ascending, each once; nothing: there is no index, or a damaged one.
    std::optional<std::vector<std::uint32_t>> look_up(Index& index) const {
        std::vector<std::uint32_t> offsets;
        if (!index.is_good()) return std::nullopt;
        for (const std::string& key : keys_) {
            const auto found = index.find(hash_of(key));
            if (!found) return std::nullopt;
            offsets.insert(offsets.end(), found->begin(), found->end());
        }
        std::ranges::sort(offsets);
        const auto repeated = std::ranges::unique(offsets);
        offsets.erase(repeated.begin(), repeated.end());
        return offsets;
    }

    // What no index covers. False: that was enough.
    bool visit_rest(std::uint64_t offset, const Visit& visit) {
        const auto bytes = read_segment(path_, offset, files_);
        if (!bytes) {
            ++damaged_;
            return true;
        }
        RecordReader reader(*bytes);
        std::vector<Event> found;
        while (const auto record = reader.next()) {
            auto event = parse_payload(record->payload);
            if (event && is_wanted(*event)) found.push_back(std::move(*event));
        }
        damaged_ += reader.damaged();
        if (order_ == Order::latest_first) std::ranges::reverse(found);
        return std::ranges::all_of(found, [&](Event& event) { return visit(std::move(event)); });
    }

    bool visit_at(const std::vector<std::uint32_t>& offsets, const Visit& visit) {
        if (offsets.empty()) return true;
        const auto file = files_.open(path_);
        if (!file) {
            ++damaged_;
            return true;
        }
        std::string memory(record_header_bytes + record_bytes_max, '\0');
        for (std::uint32_t offset : offsets) {
            const std::size_t count = (*file)->read_at(memory, offset);
            const auto payload = take_record(std::string_view(memory).substr(0, count));
            auto event = payload ? parse_payload(*payload) : std::nullopt;
            if (!event) {
                ++damaged_;
            } else if (is_wanted(*event) && !visit(std::move(*event))) {
                return false;
            }
        }
        return true;
    }

    const std::string& path_;
    const std::vector<std::string>& keys_;
    Order order_;
    Files& files_;
    std::uint64_t damaged_ = 0;
};

// The messages that were found so far, so many of the latest.
class Latest {
 public:
    explicit Latest(std::size_t max) : max_(max) {}

    // False: as many are known, and all of them later.
    bool note(std::uint64_t id, WallTime time) {
        const auto known = times_.find(id);
        if (known == times_.end()) {
            if (times_.size() == max_ && time <= by_time_.begin()->first) return false;
            times_[id] = time;
            by_time_.emplace(time, id);
        } else if (known->second < time) {
            by_time_.erase({known->second, id});
            known->second = time;
            by_time_.emplace(time, id);
        }
        if (times_.size() > max_) {
            times_.erase(by_time_.begin()->second);
            by_time_.erase(by_time_.begin());
        }
        return true;
    }
    const std::set<std::pair<WallTime, std::uint64_t>>& by_time() const { return by_time_; }

 private:
    std::size_t max_;
    std::unordered_map<std::uint64_t, WallTime> times_;
    std::set<std::pair<WallTime, std::uint64_t>> by_time_;
};

class Search {
 public:
    Search(const std::string& directory, const Query& query, Files& files)
        : query_(query), files_(files), segments_(list_segments(directory, files)) {}

    Page run() {
        find_messages();
        gather_events();
        for (Timeline& timeline : page_.timelines) tidy(timeline);
        return std::move(page_);
    }

 private:
    void find_messages() {
        const std::vector<std::string> keys = keys_of_query(query_.text, query_.id);
        Latest latest(std::max<std::size_t>(1, query_.messages_max) + 1);
        const std::uint32_t first_day = day_of(query_.since);
        for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
            if (segment->name.day < first_day) break;
            SegmentSearch search(*segment, keys, Order::latest_first, files_);
            search.run([&](const Event& event) {
                if (event.time >= query_.before) return true;
                return event.time >= query_.since && latest.note(event.ids.message, event.time);
            });
        }
        const auto& found = latest.by_time();
        for (auto at = found.rbegin(); at != found.rend(); ++at) {
            if (page_.timelines.size() == query_.messages_max) {
                page_.more_before = last_time_;
                break;
            }
            page_.timelines.push_back({at->second, {}, 0});
            last_time_ = at->first;
        }
    }

    void gather_events() {
        std::vector<std::string> keys;
        std::unordered_map<std::uint64_t, Timeline*> wanted;
        for (Timeline& timeline : page_.timelines) {
            keys.push_back(id_key(timeline.id));
            wanted[timeline.id] = &timeline;
        }
        std::size_t bytes = 0;
        for (const Segment& segment : segments_) {
            SegmentSearch search(segment, keys, Order::earliest_first, files_);
            search.run([&](Event event) {
                const auto at = wanted.find(event.ids.message);
                if (at != wanted.end()) take(*at->second, std::move(event), bytes);
                return true;
            });
            page_.damaged += search.damaged();
        }
    }

    static void take(Timeline& timeline, Event event, std::size_t& bytes) {
        for (const auto& [tag, value] : event.fields) bytes += value.size() + sizeof(Event);
        if (timeline.events.size() == events_listed_max || bytes > page_bytes_max) {
            ++timeline.events_left_out;
        } else {
            timeline.events.push_back(std::move(event));
        }
    }

    // In order, and of each reader the first time only: a restart forgets who has read before.
    static void tidy(Timeline& timeline) {
        std::ranges::stable_sort(timeline.events, {}, &Event::time);
        std::set<std::string> readers;
        std::erase_if(timeline.events, [&](const Event& event) {
            return event.kind == Kind::read &&
                   !readers.insert(std::string(event.value(Tag::user))).second;
        });
    }

    const Query& query_;
    Files& files_;
    std::vector<Segment> segments_;
    WallTime last_time_;
    Page page_;
};

}  // namespace

Page search(const std::string& directory, const Query& query, Files& files) {
    return Search(directory, query, files).run();
}

}  // namespace postern::timeline
