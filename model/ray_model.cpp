#include "model/ray_model.hpp"

#include <algorithm>
#include <utility>

#include "model/canonical.hpp"
#include "model/encode.hpp"
#include "model/gcs/gcs.hpp"
#include "model/log/book.hpp"
#include "model/log/exchange.hpp"
#include "model/network.hpp"
#include "model/normalise.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/owner/owner.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/renaming.hpp"
#include "model/row_index.hpp"
#include "model/rows.hpp"
#include "model/scheduler/view.hpp"
#include "model/strike.hpp"

namespace raymc {
namespace {

/// Offers one first binding to a list of rows and collects what is enabled.
class Collector {
 public:
  Collector(const View& view, std::vector<Action>& out) : view_(view), out_(out) {}

  void offer(const RowIndex::Rows& rows, Action base) {
    for (const Transition* row : rows) {
      base.row = row->row;
      offer(*row, base);
    }
  }

 private:
  void offer(const Transition& row, const Action& base) {
    if (row.fault && view_.s.budget[*row.fault] == 0) return;
    // While a reply is between its halves, the owner's loop takes no other event.
    if (row.component == Component::kOwner && base.owner.exists() && !loop_is_free(view_, base.owner)) return;
    if (row.component == Component::kRaylet && raylet_hangs(base)) return;
    if (row.bindings == nullptr) {
      if (row.guard == nullptr || row.guard(view_, base)) out_.push_back(base);
      return;
    }
    const std::size_t first = out_.size();
    row.bindings(view_, base, out_);
    if (row.guard == nullptr) return;
    const auto refused = std::remove_if(out_.begin() + static_cast<std::ptrdiff_t>(first), out_.end(),
                                        [&](const Action& a) { return !row.guard(view_, a); });
    out_.erase(refused, out_.end());
  }

  /// The raylet that would run the row takes no event. An owner's own connection is its local raylet's affair.
  [[nodiscard]] bool raylet_hangs(const Action& base) const {
    if (!view_.config.on(Feature::kHangs)) return false;
    if (base.node.exists()) return view_.s.raylet(base.node).hung;
    return base.owner.exists() && view_.s.raylet(view_.config.shape.owners[base.owner.value].node).hung;
  }

  const View& view_;
  std::vector<Action>& out_;
};

Action binding_of(const State& s, const Config& config, const Call& call) {
  Action base;
  base.call = call;
  base.owner = call.owner;
  base.node = call.node;
  base.worker = call.worker;
  base.lease = call.lease;
  base.task = call.task;
  base.object = call.object;
  if (call.lease.exists() && !base.node.exists()) base.node = s.lease(call.lease).node;
  if (call.worker.exists() && !base.node.exists()) base.node = config.node_of(call.worker);
  return base;
}

/// An older call of the same channel is equal: one message twice, of which an action always means the older.
bool has_equal_before(const Calls& calls, std::size_t index) {
  for (std::size_t i = index; i > 0 && channel_of(calls[i - 1]) == channel_of(calls[index]); --i) {
    if (calls[i - 1] == calls[index]) return true;
  }
  return false;
}

void collect_calls(const RowIndex& index, const View& view, Collector& collect) {
  for (std::size_t i = 0; i < view.s.calls.size(); ++i) {
    const Call& call = view.s.calls[i];
    const Action base = binding_of(view.s, view.config, call);
    const bool repeated = has_equal_before(view.s.calls, i);
    if (!repeated && !call.detached) collect.offer(index.rows(Moment::kAnyCall), base);
    if (repeated || call.stage == Stage::kResend || call.stage == Stage::kAtServer) continue;
    if (call.stage != Stage::kFailed && !deliverable(view, i)) continue;
    collect.offer(index.of_call(call), base);
  }
}

void collect_notices(const RowIndex& index, const View& view, Collector& collect) {
  for (std::uint8_t s = 0; s < kSubscribersMax; ++s) {
    const Mailbox& mailbox = news_of(view.config, view.s, s);
    if (mailbox.empty()) continue;
    const NodeId host = s < kNodesMax ? NodeId{s} : view.config.shape.owners[s - kNodesMax].node;
    if (!reaches_gcs(view.s, host)) continue;
    Action base;
    base.notice = mailbox.front();
    (s < kNodesMax ? base.node.value : base.owner.value) = s < kNodesMax ? s : static_cast<std::uint8_t>(s - kNodesMax);
    collect.offer(index.of_notice(base.notice.kind), base);
  }
}

void collect_components(const RowIndex& index, const View& view, Collector& collect) {
  Action base;
  collect.offer(index.rows(Moment::kGlobal), base);
  for (std::uint8_t t = 0; t < view.config.tasks(); ++t) {
    base = {};
    base.task = TaskId{t};
    base.owner = view.config.shape.tasks[t].owner;
    collect.offer(index.of_task(view.s.tasks[t]), base);
  }
  for (std::uint8_t o = 0; o < view.config.owners(); ++o) {
    base = {};
    base.owner = OwnerId{o};
    collect.offer(index.rows(Moment::kOwner), base);
    collect.offer(index.rows(Moment::kPoller), base);
  }
  for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
    base = {};
    base.node = NodeId{n};
    collect.offer(index.rows(Moment::kNode), base);
    collect.offer(index.rows(Moment::kPoller), base);
  }
  const std::uint8_t workers = view.config.workers();
  for (std::uint8_t w = 0; w < workers; ++w) {
    if (view.s.workers[w] == Worker{}) continue;
    base = {};
    base.worker = WorkerId{w};
    base.node = view.config.node_of(base.worker);
    base.lease = view.s.workers[w].lease;
    base.task = view.s.workers[w].task;
    collect.offer(index.of_worker(view, base.worker), base);
  }
  const std::uint8_t leases = view.config.room().leases;
  for (std::uint8_t l = 0; l < leases; ++l) {
    if (!view.s.leases[l].used) continue;
    base = {};
    base.lease = LeaseId{l};
    base.node = view.s.leases[l].node;
    collect.offer(index.rows(Moment::kLease), base);
  }
  for (std::uint8_t v = 0; view.config.objects() && v < kObjectsMax; ++v) {
    if (!view.config.has_object(ObjectId{v})) continue;
    base = {};
    base.object = ObjectId{v};
    base.owner = view.config.owner_of(base.object);
    collect.offer(index.rows(Moment::kObject), base);
  }
}

}  // namespace

RayModel::RayModel(Config config)
    : config_(with_implied_features(std::move(config))),
      index_(std::make_shared<const RowIndex>(config_)),
      group_(std::make_shared<const RenamingGroup>(config_)) {}

std::vector<State> RayModel::initial_states() const {
  State s;
  std::uint8_t announced = 0;
  for (std::uint8_t n = 0; n < config_.nodes(); ++n) {
    if (!config_.shape.nodes[n].joins_late) announced |= bit(n);
  }
  for (std::uint8_t n = 0; n < kNodesMax; ++n) s.raylets[n].alive = n < config_.nodes();
  for (std::uint8_t o = 0; o < kOwnersMax; ++o) s.owners[o].alive = o < config_.owners();
  for (std::uint8_t o = 0; o < config_.owners(); ++o) {
    if (config_.shape.owners[o].kind == OwnerKind::kTask) s.owners[o].alive = s.owners[o].registered = false;
  }
  for (std::uint8_t n = 0; n < config_.nodes(); ++n) {
    const NodeShape& shape = config_.shape.nodes[n];
    Raylet& raylet = s.raylets[n];
    raylet.available = static_cast<std::int8_t>(shape.cpus);
    raylet.known_nodes = shape.joins_late ? bit(n) : announced;
    raylet.job_unknown = shape.joins_late && config_.on(Feature::kJobs);
    for (std::uint8_t w = 0; w < shape.prestarted; ++w) {
      Worker& worker = s.workers[config_.first_worker(n) + w];
      worker.process = ProcessState::kRunning;
      worker.registered = true;
      worker.place = PoolPlace::kIdle;
    }
    if (shape.joins_late) {
      Call call;
      call.rpc = Rpc::kRegisterNode;
      call.node = NodeId{n};
      s.calls.push_back(call);
    } else {
      s.gcs.nodes[n] = NodeRecord::kAlive;
      s.gcs.subscribed |= bit(subscriber(NodeId{n}));
    }
  }
  for (std::uint8_t o = 0; o < config_.owners(); ++o) {
    if (s.owners[o].alive) s.gcs.subscribed |= bit(subscriber(OwnerId{o}));
    // An owner that is born with a task learns of the nodes when it subscribes.
    if (config_.on(Feature::kAffinity) && s.owners[o].alive) s.owners[o].known_nodes = announced;
  }
  place_arguments(config_, s);
  if (config_.shape.submission == Submission::kAtStart) {
    for (std::uint8_t t = 0; t < config_.tasks(); ++t) {
      const OwnerId owner = config_.shape.tasks[t].owner;
      if (config_.shape.nodes[config_.shape.owners[owner.value].node.value].joins_late) continue;
      if (!s.owner(owner).alive) continue;  // submitted when its owner is born
      s.tasks[t].status = TaskStatus::kArgs;
      s.tasks[t].place = TaskPlace::kResolver;
      s.tasks[t].retries_left = config_.shape.tasks[t].max_retries;
      refer_to_arguments(config_, s, TaskId{t});
    }
  }
  first_views(config_, s);
  for (std::uint8_t i = 0; i < kSubscribersMax && config_.on(Feature::kPubsub); ++i) {
    if (!has_bit(s.gcs.subscribed, i)) continue;
    s.polls[i].stage = PollStage::kOpen;
    s.polls[i].record = SubscriberRecord::kActive;
  }
  s.budget = config_.budget;
  normalise(config_, s);
  return {s};
}

void RayModel::enabled(const State& state, std::vector<Action>& actions) const {
  const View view{config_, state};
  Collector collect(view, actions);
  collect_calls(*index_, view, collect);
  collect_notices(*index_, view, collect);
  collect_components(*index_, view, collect);
}

State RayModel::apply(const State& state, const Action& action) const {
  mc::RuleSet fired;
  return apply(state, action, fired);
}

State RayModel::apply(const State& state, const Action& action, mc::RuleSet& fired) const {
  return apply(state, action, fired, nullptr);
}

State RayModel::apply_logged(const State& state, const Action& action, mc::RuleSet& fired,
                             std::vector<mc::Emission>& lines) const {
  LogBook book(config_, lines);
  return apply(state, action, fired, &book);
}

State RayModel::apply(const State& state, const Action& action, mc::RuleSet& fired, LogBook* book) const {
  const Transition& row = transition_of(action.row);
  if (row.origin == Origin::kEnvironment) note_strikes({config_, state}, action, fired);
  State next = state;
  Step step(config_, next, fired);
  step.book = book;
  if (row.trigger.moment == Moment::kNotice) perform(step, transition_of(Row::kG12), action);
  perform(step, row, action);
  if (step.aborting_owner.exists()) owner_exits(step, step.aborting_owner);
  if (step.aborting_raylet.exists()) raylet_dies(step, step.aborting_raylet);
  if (step.aborting_gcs) gcs_dies(step);
  normalise(config_, next);
  return next;
}

void RayModel::encode(const State& state, mc::ByteSink& out) const {
  raymc::encode(config_, state, out);
}

State RayModel::decode(mc::ByteSource& in) const {
  return raymc::decode(config_, in);
}

std::uint32_t RayModel::renamings() const {
  return group_->size();
}

State RayModel::renamed(const State& state, std::uint32_t number) const {
  Packed packed;
  encode_renamed(config_, state, (*group_)[number], packed);
  mc::ByteSource source(packed.view());
  return decode(source);
}

Action RayModel::renamed(const Action& action, std::uint32_t number) const {
  return (*group_)[number].of(action);
}

std::uint32_t RayModel::canonicalize(const State& state, mc::ByteSink& out) const {
  if (group_->size() > 1) return raymc::canonicalize(config_, *group_, state, out);
  encode(state, out);
  return 1;
}

mc::LogVocabulary RayModel::log_vocabulary() const {
  return raymc::log_vocabulary(config_);
}

std::vector<std::string_view> RayModel::rules_that_write(std::uint8_t kind) const {
  std::vector<std::string_view> ids;
  for (const Transition* row : all_transitions()) {
    const auto writes = [kind](const LogLine& line) { return static_cast<std::uint8_t>(line.kind) == kind; };
    if (std::any_of(row->logs.lines.begin(), row->logs.lines.end(), writes)) ids.push_back(row->id);
  }
  return ids;
}

bool RayModel::may_take_long(const State& /*state*/, const Action& action) const {
  return is_environment(action) || raymc::may_take_long(action.row);
}

bool RayModel::interchangeable(const State& state, std::uint8_t sort, std::uint8_t a, std::uint8_t b) const {
  return raymc::interchangeable(config_, state, LogSort{sort}, a, b);
}

bool RayModel::is_environment(const Action& action) const {
  return transition_of(action.row).origin == Origin::kEnvironment;
}

std::vector<std::string_view> RayModel::rules() const {
  std::vector<std::string_view> ids;
  const auto add = [&](Row row, std::string_view id) {
    ids.push_back(can_fire(config_, transition_of(row)) ? id : "");
  };
  for (const Transition* row : all_transitions()) add(row->row, row->id);
  for (const Strike& strike : all_strikes()) add(strike.row, strike.id);
  return ids;
}

}  // namespace raymc
