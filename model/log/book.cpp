#include "model/log/book.hpp"

#include <array>

#include "checker/core/assert.hpp"
#include "model/log/told.hpp"
#include "model/log/wire.hpp"

namespace raymc {
namespace {

constexpr std::uint8_t sort(LogSort sort) {
  return static_cast<std::uint8_t>(sort);
}

constexpr std::array<std::uint8_t, kLogIdCount> kSortOf{
    sort(LogSort::kTask),   sort(LogSort::kLease),  sort(LogSort::kNode),  sort(LogSort::kNode),
    sort(LogSort::kWorker), sort(LogSort::kObject), sort(LogSort::kOwner), mc::LogKey::kText,
    mc::LogKey::kText,      sort(LogSort::kNode),   sort(LogSort::kOwner), sort(LogSort::kWorker),
    sort(LogSort::kNode),   sort(LogSort::kOwner),  sort(LogSort::kWorker)};

mc::Side side_of(LogId id) {
  if (id >= LogId::kToNode) return mc::Side::kTo;
  return id >= LogId::kFromNode ? mc::Side::kFrom : mc::Side::kNone;
}

/// The ids that the binding gives.
LogIds ids_of(const View& view, const Action& a) {
  LogIds ids;
  ids.task = a.task;
  ids.lease = a.lease;
  ids.node = a.node;
  ids.target = a.target;
  ids.worker = a.worker;
  ids.object = a.object;
  ids.owner = a.owner;
  ids.at_node = a.node;
  ids.at_worker = a.worker;
  ids.at_owner = a.owner;
  if (!ids.at_owner.exists() && a.task.exists()) ids.at_owner = view.config.shape.tasks[a.task.value].owner;
  if (!ids.at_owner.exists() && a.lease.exists()) ids.at_owner = view.config.owner_of(view.s.lease(a.lease).key);
  if (!ids.at_owner.exists() && a.object.exists()) ids.at_owner = view.config.owner_of(a.object);
  return ids;
}

std::uint8_t place_of(const LogIds& ids, LogId id) {
  switch (id) {
    case LogId::kTask: return ids.task.value;
    case LogId::kLease: return ids.lease.value;
    case LogId::kNode: return ids.node.value;
    case LogId::kTarget: return ids.target.value;
    case LogId::kWorker: return ids.worker.value;
    case LogId::kObject: return ids.object.value;
    case LogId::kOwner: return ids.owner.value;
    default: break;  // texts, and what only messages name
  }
  return NodeId::kNoneValue;
}

/// Whose log the line is in. An owner that runs in a worker writes to that worker's.
void put_process(const View& view, LogStream stream, const LogIds& ids, mc::Emission& line) {
  switch (stream) {
    case LogStream::kOwnerProgram:
    case LogStream::kOwnerLoop:
    case LogStream::kOwnerCalls: {
      const WorkerId worker = ids.at_owner.exists() ? view.s.owner(ids.at_owner).worker : WorkerId::none();
      line.process_sort = sort(worker.exists() ? LogSort::kWorker : LogSort::kOwner);
      line.process = worker.exists() ? worker.value : ids.at_owner.value;
      return;
    }
    case LogStream::kRaylet:
      line.process_sort = sort(LogSort::kNode);
      line.process = ids.at_node.value;
      return;
    case LogStream::kWorkerLoop:
    case LogStream::kWorkerMain:
      line.process_sort = sort(LogSort::kWorker);
      line.process = ids.at_worker.value;
      return;
    case LogStream::kGcs:
    case LogStream::kWire: return;
  }
}

}  // namespace

void perform_noted(Step& step, const Transition& transition, const Action& binding) {
  step.book->perform(step, transition, binding);
}

void note_message(Step& step, const Call& call) {
  if (step.book != nullptr) step.book->sends(step.view(), call);
}

void note_message_in_vain(Step& step, const Call& call) {
  if (step.book != nullptr) step.book->sends_in_vain(step.view(), call);
}

void note_message(Step& step, const Notice& notice, NodeId raylet, OwnerId owner) {
  if (step.book != nullptr) step.book->sends(step.view(), notice, raylet, owner);
}

void note_probe(Step& step, NodeId raylet) {
  if (step.book != nullptr) step.book->probes(raylet);
}

void note_self_check(Step& step, NodeId raylet) {
  if (step.book != nullptr) step.book->tells_of_death(raylet);
}

void note_hung_write(Step& step, NodeId node) {
  if (step.book != nullptr) step.book->write_hangs(node);
}

void note_end(Step& step, NodeId raylet) {
  if (step.book != nullptr) step.book->ends(step.view(), raylet);
}

void note_end(Step& step, OwnerId owner) {
  if (step.book != nullptr) step.book->ends(step.view(), owner);
}

void note_end(Step& step, WorkerId worker) {
  if (step.book != nullptr) step.book->ends(step.view(), worker);
}

void LogBook::perform(Step& step, const Transition& transition, const Action& binding) {
  // A message that triggers a row triggers what is performed inside it as well, and is received once.
  const bool outermost = rows_.empty();
  rows_.push_back(transition.row);
  last_ = transition.row;
  if (outermost && receives(transition, binding) && !binding.call.stray) {
    note(message_of(step.view(), binding.call), mc::Passing::kReceived);
  }
  if (outermost && transition.trigger.moment == Moment::kNotice) {
    note(message_of(step.view(), binding.notice, binding.node, binding.owner), mc::Passing::kReceived);
  }
  if (transition.logs.silent()) {
    transition.effect(step, binding);
    rows_.pop_back();
    return;
  }
  const State before = step.s;
  transition.effect(step, binding);
  rows_.pop_back();
  const View earlier{config_, before};
  const View later = step.view();
  for (const LogLine& line : transition.logs.lines) {
    if (line.kind != LogKind::kNone) note(transition, line, {earlier, later, binding});
  }
}

void LogBook::note(const Transition& transition, const LogLine& line, const LogScene& scene) {
  LogIds ids = ids_of(scene.before, scene.binding);
  if (line.ids != nullptr && !line.ids(scene, ids)) return;
  const LogKindRow& kind = log_kind_table()[static_cast<std::size_t>(line.kind)];
  mc::Emission said;
  said.kind = static_cast<std::uint8_t>(line.kind);
  said.presence = kind.presence == mc::Presence::kRequired && line.optional ? mc::Presence::kOptional : kind.presence;
  said.rule = static_cast<std::uint16_t>(transition.row);
  put_process(scene.before, kind.stream, ids, said);
  for (std::uint8_t i = 0; i < kLogIdCount; ++i) {
    const LogId id{i};
    if (!kind.has(id)) continue;
    mc::LoggedName name;
    name.key = i;
    name.place = place_of(ids, id);
    if (id == LogId::kHow) name.text = ids.how;
    if (id == LogId::kCall) name.text = ids.call;
    const bool told = kSortOf[i] == mc::LogKey::kText ? !name.text.empty() : name.place != NodeId::kNoneValue;
    if (told) said.names[said.names_count++] = name;
  }
  lines_.push_back(said);
}

void LogBook::note(mc::Emission message, mc::Passing passing) {
  message.passing = passing;
  message.rule = static_cast<std::uint16_t>(rows_.empty() ? last_ : rows_.back());
  for (std::size_t i = 0; i + 1 < rows_.size() && i < mc::Emission::kOuterMax; ++i) {
    message.outer[message.outer_count++] = static_cast<std::uint16_t>(rows_[i]);
  }
  lines_.push_back(message);
}

void LogBook::sends(const View& view, const Call& call) {
  if (call.stray) return;
  // The reply that says that a cancellation found its request is left out of the network: what it does is S19.
  const bool ignored = call.rpc == Rpc::kCancelWorkerLease && call.stage == Stage::kReply && call.reply == Reply::kOk;
  if (ignored) rows_.push_back(Row::kS19);
  note(message_of(view, call), mc::Passing::kSent);
  if (ignored) rows_.pop_back();
}

void LogBook::sends_in_vain(const View& view, const Call& call) {
  rows_.push_back(Row::kN6);
  note(message_of(view, call), mc::Passing::kSent);
  rows_.pop_back();
}

void LogBook::sends(const View& view, const Notice& notice, NodeId raylet, OwnerId owner) {
  note(message_of(view, notice, raylet, owner), mc::Passing::kSent);
}

void LogBook::probes(NodeId raylet) {
  // The model has no probe that is on its way: the answer is sent and received in one step.
  note(probe_of(raylet), mc::Passing::kSent);
}

void LogBook::tells_of_death(NodeId raylet) {
  rows_.push_back(Row::kG14);
  note(self_check_of(raylet), mc::Passing::kReceived);
  rows_.pop_back();
}

void LogBook::write_hangs(NodeId node) {
  note(hung_write_of(node), mc::Passing::kSent);
}

void LogBook::ends(const View& view, NodeId raylet) {
  if (view.s.raylet(raylet).alive) note(end_of(raylet), mc::Passing::kEnded);
}

void LogBook::ends(const View& view, OwnerId owner) {
  const bool is_driver = view.config.shape.owners[owner.value].kind != OwnerKind::kTask;
  if (is_driver && view.s.owner(owner).alive) note(end_of(owner), mc::Passing::kEnded);
}

void LogBook::ends(const View& view, WorkerId worker) {
  if (view.s.worker(worker).process == ProcessState::kRunning) note(end_of(worker), mc::Passing::kEnded);
}

mc::LogVocabulary log_words() {
  mc::LogVocabulary words;
  words.sorts = {{"node", kNodesMax}, {"worker", kWorkersMax, true}, {"owner", kOwnersMax},
                 {"task", kTasksMax}, {"lease", kLeasesMax, true},   {"object", kObjectsMax}};
  for (std::uint8_t i = 0; i < kLogIdCount; ++i) {
    words.keys.push_back({name_of(LogId{i}), kSortOf[i], side_of(LogId{i})});
  }
  for (const LogKindRow& row : log_kind_table()) {
    mc::LogLineKind kind;
    kind.name = row.id;
    kind.stream = name_of(row.stream);
    kind.presence = row.presence;
    kind.ends = row.kind == LogKind::kProcessEnded || row.kind == LogKind::kStrayEnded;
    for (std::uint8_t i = 0; i < kLogIdCount && row.introduces; ++i) {
      if (!row.has(LogId{i})) continue;
      kind.introduces = i;
      break;
    }
    words.kinds.push_back(kind);
  }
  words.forms = log_forms();
  return words;
}

mc::LogVocabulary log_vocabulary(const Config& config) {
  mc::LogVocabulary words = log_words();
  words.sorts[sort(LogSort::kNode)].places = config.nodes();
  words.sorts[sort(LogSort::kWorker)].places = config.workers();
  words.sorts[sort(LogSort::kOwner)].places = config.owners();
  words.sorts[sort(LogSort::kTask)].places = config.tasks();
  return words;
}

bool may_take_long(Row row) {
  switch (row) {
    case Row::kO1:
    case Row::kR15:
    case Row::kR21:
    case Row::kR21Prestart:
    case Row::kW1:
    case Row::kW8:
    case Row::kW8Plasma:
    case Row::kW11:
    case Row::kW16Ask:
    case Row::kG3: return true;
    default: return false;
  }
}

}  // namespace raymc
