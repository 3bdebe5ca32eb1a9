#include "checker/conform/matching.hpp"

#include <algorithm>

namespace mc {
namespace {

/// The event's value of a key; none: it has none.
std::uint16_t value_of(const Event& event, std::uint8_t key) {
  for (const Event::Name& name : event.names) {
    if (name.key == key) return name.id;
  }
  return Event::kNoId;
}

/// The stream's part after the dot: "io" of "worker.io". What has no dot has one thread only.
std::string_view thread_of(std::string_view role) {
  const std::size_t dot = role.find('.');
  return dot == std::string_view::npos ? role : role.substr(dot + 1);
}

constexpr std::uint16_t kNoStream = 0xFFFF;

}  // namespace

Reading first_reading(const CompiledRecord& record, const LogVocabulary& words, const Bindings& known) {
  Reading reading;
  reading.next.assign(record.streams.size(), 0);
  reading.fates.assign(record.messages.size(), Fate::kUnsent);
  for (std::size_t sort = 0; sort < words.sorts.size(); ++sort) {
    reading.places.emplace_back(words.sorts[sort].places, Event::kNoId);
    if (sort >= known.size()) continue;
    const std::size_t count = std::min(known[sort].size(), reading.places[sort].size());
    std::copy_n(known[sort].begin(), count, reading.places[sort].begin());
  }
  return reading;
}

void add_rules(const Emission& message, std::vector<std::uint16_t>& rules) {
  rules.push_back(message.rule);
  rules.insert(rules.end(), message.outer.begin(), message.outer.begin() + message.outer_count);
}

Matcher::Matcher(const CompiledRecord& record, const LogVocabulary& words, std::optional<std::int64_t> slack,
                 std::string_view unordered)
    : record_(record), words_(words), slack_(slack) {
  for (const LogLineKind& kind : words.kinds) {
    const std::string_view thread = thread_of(kind.stream);
    if (std::find(roles_.begin(), roles_.end(), thread) == roles_.end()) roles_.push_back(thread);
  }
  streams_.resize(roles_.size());
  for (auto& by_sort : streams_) by_sort.resize(words.sorts.size() + 1);
  for (std::size_t s = 0; s < record.streams.size(); ++s) {
    const EventStream& stream = record.streams[s];
    const std::string_view thread = thread_of(stream.role);
    unordered_.push_back(thread == unordered);
    const auto role = static_cast<std::size_t>(std::find(roles_.begin(), roles_.end(), thread) - roles_.begin());
    if (role == roles_.size()) continue;
    const std::size_t sort = stream.sort == LogKey::kText ? words.sorts.size() : stream.sort;
    const std::size_t process = stream.sort == LogKey::kText ? 0 : stream.process;
    auto& places = streams_[role][sort];
    if (places.size() <= process) places.resize(process + 1, kNoStream);
    places[process] = static_cast<std::uint16_t>(s);
  }
}

std::optional<std::uint16_t> Matcher::stream_of(const Emission& line, const Reading& reading) const {
  const std::string_view thread = thread_of(words_.kinds[line.kind].stream);
  const auto role = static_cast<std::size_t>(std::find(roles_.begin(), roles_.end(), thread) - roles_.begin());
  std::size_t sort = words_.sorts.size();
  std::size_t process = 0;
  if (line.process_sort != LogKey::kText) {
    sort = line.process_sort;
    const auto& places = reading.places[sort];
    if (line.process >= places.size() || places[line.process] == Event::kNoId) return std::nullopt;
    process = places[line.process];
  }
  const auto& streams = streams_[role][sort];
  if (process >= streams.size() || streams[process] == kNoStream) return std::nullopt;
  return streams[process];
}

bool Matcher::fits(const Emission& line, const Event& event, Bindings& places) const {
  if (line.kind != event.kind || event.again) return false;
  const std::uint8_t introduces = words_.kinds[line.kind].introduces;
  for (std::size_t i = 0; i < line.names_count; ++i) {
    const LoggedName& name = line.names[i];
    const std::uint16_t real = value_of(event, name.key);
    if (real == Event::kNoId) continue;
    const std::uint8_t sort = words_.keys[name.key].sort;
    if (sort == LogKey::kText) {
      if (record_.texts[real] != name.text) return false;
      continue;
    }
    std::vector<std::uint16_t>& row = places[sort];
    if (name.key == introduces) {
      row[name.place] = real;
    } else if (row[name.place] == Event::kNoId) {
      if (std::find(row.begin(), row.end(), real) != row.end()) return false;
      row[name.place] = real;
    } else if (row[name.place] != real) {
      return false;
    }
  }
  return true;
}

bool Matcher::fits(const Emission& line, const Message& message, Bindings& places) const {
  // A log may leave out what a line names. A message that names a thing which the step does not is another one.
  for (const Event::Name& name : message.event.names) {
    const auto names = [&name](const LoggedName& told) { return told.key == name.key; };
    const auto* end = line.names.begin() + line.names_count;
    if (words_.keys[name.key].sort != LogKey::kText && std::find_if(line.names.begin(), end, names) == end)
      return false;
  }
  Bindings known = places;
  if (!fits(line, message.event, known)) return false;
  places = std::move(known);
  return true;
}

/// What is sent takes the first message that it may be, if one was seen: which of two messages that say the same it is
/// makes no difference. What is received has to have been seen, and be received after everything that the wire saw
/// before it was sent. False: it is not possible.
bool Matcher::pass(const Emission& line, Match& found, std::int64_t& latest) const {
  if (!record_.wired || line.presence == Presence::kAmbient) return true;
  const bool receives = line.passing == Passing::kReceived;
  Reading& reading = found.reading;
  for (std::size_t m = receives ? 0 : reading.sent; m < record_.messages.size(); ++m) {
    const Message& message = record_.messages[m];
    if (receives && m > reading.sent) return false;
    if (reading.fates[m] != (receives ? Fate::kSent : Fate::kUnsent) || (receives && message.lost)) continue;
    if (!fits(line, message, reading.places)) continue;
    reading.fates[m] = receives ? Fate::kReceived : Fate::kSent;
    const std::int64_t t = receives ? message.at : message.event.t;
    found.first = found.events.empty() ? t : std::min(found.first, t);
    if (receives) latest = std::max(latest, t);
    if (!receives) ++reading.read;
    while (reading.sent < reading.fates.size() && reading.fates[reading.sent] != Fate::kUnsent) ++reading.sent;
    found.events.push_back(&message.event);
    add_rules(line, found.by_message);
    return true;
  }
  return !receives;
}

bool Matcher::in_time(const Reading& reading, std::int64_t latest) const {
  if (!slack_) return true;
  for (std::size_t s = 0; s < record_.streams.size(); ++s) {
    const std::vector<Event>& events = record_.streams[s].events;
    if (unordered_[s] || reading.next[s] >= events.size()) continue;
    if (events[reading.next[s]].t + *slack_ < latest) return false;
  }
  // It was sent before it was seen.
  const bool all_sent = reading.sent >= record_.messages.size();
  return all_sent || record_.messages[reading.sent].event.t + *slack_ >= latest;
}

std::optional<Match> Matcher::match(const std::vector<Emission>& lines, const Reading& reading,
                                    std::uint32_t optional) const {
  struct Due {
    std::uint16_t stream;
    const Emission* line;
  };
  std::vector<Due> due;
  unsigned number = 0;
  for (const Emission& line : lines) {
    if (line.presence == Presence::kAmbient || line.passing != Passing::kLine) continue;
    if (line.presence == Presence::kOptional && ((optional >> number++) & 1U) == 0) continue;
    const std::optional<std::uint16_t> stream = stream_of(line, reading);
    if (!stream) return std::nullopt;
    due.push_back({*stream, &line});
  }
  Match found;
  found.reading = reading;
  std::int64_t latest = 0;
  while (!due.empty()) {
    // The next event of the first line's stream is that of one of the lines of this stream.
    const std::uint16_t s = due.front().stream;
    const std::vector<Event>& events = record_.streams[s].events;
    const std::uint32_t next = found.reading.next[s];
    if (next >= events.size()) return std::nullopt;
    const Event& event = events[next];
    const auto reader = std::find_if(due.begin(), due.end(), [&](const Due& one) {
      if (one.stream != s) return false;
      Bindings places = found.reading.places;
      if (!fits(*one.line, event, places)) return false;
      found.reading.places = std::move(places);
      return true;
    });
    if (reader == due.end()) return std::nullopt;
    found.first = found.events.empty() ? event.t : std::min(found.first, event.t);
    if (!unordered_[s]) latest = std::max(latest, event.t);
    found.events.push_back(&event);
    found.rules.push_back(reader->line->rule);
    ++found.reading.next[s];
    ++found.reading.read;
    due.erase(reader);
  }
  for (const Emission& line : lines) {
    if (line.passing != Passing::kLine && !pass(line, found, latest)) return std::nullopt;
  }
  if (!found.events.empty() && latest > 0 && !in_time(found.reading, latest)) return std::nullopt;
  return found;
}

std::string Matcher::misfit(const Emission& line, const Reading& reading) const {
  if (line.passing != Passing::kLine) return "no such message may arrive there";
  const std::optional<std::uint16_t> stream = stream_of(line, reading);
  if (!stream) return "its process has no log here";
  const EventStream& log = record_.streams[*stream];
  if (reading.next[*stream] >= log.events.size()) return log.name + " has no more lines";
  const Event& event = log.events[reading.next[*stream]];
  if (event.kind != line.kind) {
    return "next in " + log.name + " is \"" + std::string(words_.kinds[event.kind].name) + "\"";
  }
  if (event.again) return "what the line introduces was introduced before";
  for (std::size_t i = 0; i < line.names_count; ++i) {
    const LoggedName& name = line.names[i];
    const std::uint16_t real = value_of(event, name.key);
    if (real == Event::kNoId) continue;
    const LogKey& key = words_.keys[name.key];
    std::string here;
    if (key.sort == LogKey::kText) {
      if (record_.texts[real] == name.text) continue;
      return std::string(key.name) + " would be " + std::string(name.text) + ", the line says " + record_.texts[real];
    }
    const std::uint16_t bound = reading.places[key.sort][name.place];
    if (bound == real || bound == Event::kNoId || name.key == words_.kinds[line.kind].introduces) continue;
    return std::string(key.name) + " would be " + record_.ids[key.sort][bound] + ", the line says " +
           record_.ids[key.sort][real];
  }
  return "an older line of another process is not read yet";
}

}  // namespace mc
