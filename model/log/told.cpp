#include "model/log/told.hpp"

#include <algorithm>
#include <array>

#include "model/log/kind.hpp"
#include "model/log/wire.hpp"

namespace raymc {
namespace {

using enum ToldEnds;

constexpr ToldKey kLeaseId{"lease"};
constexpr ToldKey kTaskId{"task"};
constexpr ToldKey kSubscriber{"subscriber"};
constexpr ToldKey kChannels{"channels"};
/// Some releases leave the field out.
constexpr std::array<ToldWord, ToldCall::kMax> kSuccess{{{"ok", {}}, {"unsuccessful", {}}}};

constexpr ToldCall kTold[] = {
    {.call = "RequestWorkerLease",
     .ends = kOwnerToRaylet,
     .keys = {{kLeaseId}},
     .answers = {{{"granted", "worker"}, {"redirect", "target"}, {"rejected", {}}, {"canceled", {}}}},
     .always_answers = true},
    {.call = "ReturnWorkerLease",
     .ends = kOwnerToRaylet,
     .keys = {{kLeaseId}},
     .asks = {{{"disconnect", {}}, {"exiting", {}}}}},
    {.call = "CancelWorkerLease", .ends = kOwnerToRaylet, .keys = {{kLeaseId}}, .answers = kSuccess},
    {.call = "GetWorkerFailureCause", .ends = kOwnerToRaylet, .keys = {{kLeaseId}}},
    {.call = "PushTask",
     .ends = kOwnerToWorker,
     .keys = {{kTaskId, {"attempt", false}}},
     .answers = {{{"ok", {}}, {"cancelled", {}}}},
     .always_answers = true},
    {.call = "CancelLocalTask", .ends = kOwnerToRaylet, .keys = {{kTaskId}}},
    {.call = "CancelTask", .keys = {{kTaskId}}, .answers = kSuccess},
    {.call = "Exit", .answers = kSuccess},
    {.call = "RegisterNode"},
    {.call = "UnregisterNode"},
    {.call = "DrainRaylet", .answers = kSuccess},
    {.call = "NotifyGCSRestart"},
    {.call = "RayletNotifyGCSRestart"},
    {.call = "ReportWorkerFailure"},
    {.call = "MarkJobFinished"},
    {.call = "PinObjectIDs", .keys = {{{"object", false}}}, .answers = kSuccess},
    {.call = kSelfCheckCall, .answers = {{{"alive", {}}, {"dead", {}}}}, .always_answers = true},
    {.call = kProbeCall},
    {.call = "PubsubLongPolling"},
    {.call = "PubsubCommandBatch", .keys = {{kChannels}}},
    {.call = "GcsSubscriberCommandBatch", .keys = {{kSubscriber, kChannels}}},
    {.call = "GcsSubscriberPoll", .keys = {{kSubscriber}}, .more = {{{"news", false}}}},
    {.call = kStoreCall, .keys = {{{"target"}}}},
};

constexpr std::array<ToldWord, 5> kNotices{
    {{"NodeAlive", "node"}, {"NodeDead", "node"}, {"WorkerFailed", "owner"}, {"JobStarted", {}}, {"JobFinished", {}}}};

constexpr std::uint32_t bit(LogId id) {
  return 1U << static_cast<unsigned>(id);
}

/// Of a key that a record of a run has, too; 0: it has not.
std::uint32_t bit_of(std::string_view key) {
  for (std::uint8_t i = 0; i < kLogIdCount; ++i) {
    if (name_of(LogId{i}) == key) return bit(LogId{i});
  }
  return 0;
}

/// The keys that may name one end, of which a line has one; 0 among them: it may have none.
std::vector<std::uint32_t> end_keys(ToldEnds ends, bool request, bool sender) {
  const auto pick = [sender](LogId from, LogId to) { return bit(sender ? from : to); };
  const std::uint32_t node = pick(LogId::kFromNode, LogId::kToNode);
  const std::uint32_t owner = pick(LogId::kFromOwner, LogId::kToOwner);
  const std::uint32_t worker = pick(LogId::kFromWorker, LogId::kToWorker);
  if (ends == ToldEnds::kAny) return {0, node, owner, worker};
  if (request == sender) return {owner, worker};
  return {ends == ToldEnds::kOwnerToRaylet ? node : worker};
}

void add_forms(std::vector<mc::LogForm>& forms, const mc::LogForm& form, ToldEnds ends, bool request) {
  for (const std::uint32_t from : end_keys(ends, request, true)) {
    for (const std::uint32_t to : end_keys(ends, request, false)) {
      mc::LogForm one = form;
      one.required |= from | to;
      one.allowed |= from | to;
      forms.push_back(std::move(one));
    }
  }
}

void add_call(std::vector<mc::LogForm>& forms, const ToldCall& told, LogKind kind, bool request) {
  mc::LogForm form;
  form.kind = static_cast<std::uint8_t>(kind);
  form.says = {{static_cast<std::uint8_t>(LogId::kCall), told.call}};
  form.required = bit(LogId::kCall);
  for (const ToldKey& key : told.keys) form.required |= key.always ? bit_of(key.key) : 0;
  // A kind names less than the wire tells.
  const std::uint32_t names = log_kind_table()[form.kind].names;
  form.required &= names;
  form.allowed = form.required;
  const bool tells_how = (names & bit(LogId::kHow)) != 0;
  const auto with = [&](std::span<const ToldWord> words) {
    for (const ToldWord& word : words) {
      if (word.word.empty() || !tells_how) continue;
      mc::LogForm one = form;
      one.says.emplace_back(static_cast<std::uint8_t>(LogId::kHow), word.word);
      one.required |= bit(LogId::kHow) | bit_of(word.id);
      one.allowed = one.required;
      add_forms(forms, one, told.ends, request);
    }
  };
  with(told.asks);
  if (!request) with(told.answers);
  if (request || !tells_how || !told.always_answers) add_forms(forms, form, told.ends, request);
}

void add_messages(std::vector<mc::LogForm>& forms) {
  for (const ToldCall& told : kTold) {
    const auto calls = wire_calls();
    const auto known = std::ranges::find(calls, told.call, &WireCall::name);
    if (known != calls.end()) {
      add_call(forms, told, known->is_strict(false) ? LogKind::kMessageRequest : LogKind::kStrayRequest, true);
      add_call(forms, told, known->is_strict(true) ? LogKind::kMessageReply : LogKind::kStrayReply, false);
    } else if (told.call == kSelfCheckCall) {
      add_call(forms, told, LogKind::kStrayReply, false);
    }
    // Older readers took every answer to a probe for a stray one.
    if (told.call == kProbeCall) add_call(forms, told, LogKind::kStrayReply, false);
    if (told.call == kProbeCall || told.call == kStoreCall) {
      add_call(forms, told, LogKind::kMessageReply, false);
    }
  }
  for (const ToldWord& notice : kNotices) {
    for (const std::uint32_t to : end_keys(ToldEnds::kAny, true, false)) {
      if (to == 0) continue;
      mc::LogForm form;
      form.kind = static_cast<std::uint8_t>(LogKind::kStrayNotice);
      form.says = {{static_cast<std::uint8_t>(LogId::kHow), notice.word}};
      form.required = form.allowed = bit(LogId::kHow) | bit_of(notice.id) | to;
      forms.push_back(std::move(form));
    }
  }
  for (const LogId whose : {LogId::kFromNode, LogId::kFromOwner, LogId::kFromWorker}) {
    const LogKind kind = whose == LogId::kFromWorker ? LogKind::kStrayEnded : LogKind::kProcessEnded;
    forms.push_back({static_cast<std::uint8_t>(kind), {}, bit(whose), bit(whose)});
  }
}

}  // namespace

std::span<const ToldCall> told_calls() {
  return kTold;
}

const ToldCall* told_call(std::string_view name) {
  const auto* found = std::ranges::find(kTold, name, &ToldCall::call);
  return found == std::end(kTold) ? nullptr : found;
}

std::span<const ToldWord> told_notices() {
  return kNotices;
}

std::vector<mc::LogForm> log_forms() {
  std::vector<mc::LogForm> forms;
  for (const LogKindRow& row : log_kind_table()) {
    if (row.stream == LogStream::kWire) continue;
    mc::LogForm form;
    form.kind = static_cast<std::uint8_t>(row.kind);
    form.allowed = row.names;
    form.required = row.names & ~std::uint32_t{row.lacks};
    forms.push_back(std::move(form));
  }
  add_messages(forms);
  return forms;
}

}  // namespace raymc
