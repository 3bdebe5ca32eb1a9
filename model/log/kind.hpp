// The kinds of lines in the debug logs of Ray that tell of a row: which process writes them and which ids they name.
// The texts by which they are recognised stand in one table for each release (specs/ray_logs).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "checker/core/emission.hpp"

namespace raymc {

enum class LogKind : std::uint8_t {
  kNone,
  // the owner: its program's thread, then its event loop
  kSubmit,
  kResolved,
  kResolutionFailed,
  kRequest,
  kGranted,
  kRedirected,
  kRejected,
  kCanceled,
  kLocalRayletDead,
  kRequestFailed,
  kPush,
  kAnswered,
  kAskCause,
  kReturn,
  kCancelRequest,
  kCause,
  kCauseUnknown,
  kComplete,
  kRetry,
  kNotRun,
  kFailed,
  kOwnerNodeAlive,
  kOwnerNodeDead,
  kRayletUnavailable,
  kCallFailed,
  kRecover,
  kPinCopy,
  kReconstruct,
  kCannotRecover,
  kCancelTask,
  kCancelAnswered,
  kCancelAgain,
  kArgumentMissing,
  kNodesFetched,
  kNotices,
  kPolled,
  kResubmit,
  kRecovered,
  kReturnFailed,
  // the raylet
  kRefused,
  kAlready,
  kQueue,
  kLocal,
  kSpill,
  kInfeasible,
  kStart,
  kAnnounced,
  kNoRoom,
  kHitCap,
  kKilledForMemory,
  kLookedAt,
  kGrant,
  kPoppedForCancelled,
  kCancelQueued,
  kReturned,
  kDisconnect,
  kBlocked,
  kUnblocked,
  kCauseAsked,
  kOwnerDead,
  kOwnerGone,
  kNodeDead,
  kOwnDeath,
  kToldDead,
  kUnregistered,
  kSigterm,
  kDrainAsked,
  kDrained,
  kJobFinishedHere,
  kGcsRestarted,
  kAskExit,
  kExitRequestFailed,
  kStartGivenUp,
  kEscalated,
  kArgumentsReady,
  kSpillTried,
  kFeasible,
  kPinned,
  kSpilled,
  kNodeAdded,
  kRegisteredHere,
  kNoticesHere,
  kWorkerRemoved,
  kWorkerStays,
  // the worker: its event loop and the thread that runs tasks
  kAccept,
  kExecute,
  kDone,
  kExitAsked,
  kExitIgnored,
  kExitBegins,
  kRayletGone,
  kCancelRunning,
  kCancelQueuedTask,
  kStopsTasks,
  kLeaves,
  // the GCS
  kNodeRegistered,
  kProbeFailed,
  kNodeFailed,
  kUnregister,
  kUnregisterDead,
  kOwnerFailed,
  kJobFinished,
  kDrainNode,
  kDrainAccepted,
  kSubscriberErased,
  kRayletErased,  // the same line, of a raylet
  kGcsLoads,
  kGcsOpens,
  // no lines: what a wire between the processes sees
  kMessageRequest,
  kMessageReply,
  kProcessEnded,
  kStrayRequest,
  kStrayReply,
  kStrayEnded,
  kStrayNotice,
};
inline constexpr std::uint8_t kLogKindCount = static_cast<std::uint8_t>(LogKind::kStrayNotice) + 1;

/// The thread that writes a kind of line.
enum class LogStream : std::uint8_t {
  kOwnerProgram,  ///< the owner's program: the thread that submits
  kOwnerLoop,
  kOwnerCalls,  ///< whichever thread sends a call that Ray's own fault injection strikes
  kRaylet,
  kWorkerLoop,
  kWorkerMain,  ///< the thread that runs tasks
  kGcs,
  kWire,  ///< none: messages, and ends of processes (model/log/wire.hpp)
};

/// What a line names.
enum class LogId : std::uint8_t {
  kTask,
  kLease,
  kNode,
  kTarget,  ///< the node that a request is sent to instead
  kWorker,
  kObject,
  kOwner,
  kHow,
  kCall,
  // who sends a message, and to whom it goes; the GCS has no id
  kFromNode,
  kFromOwner,
  kFromWorker,
  kToNode,
  kToOwner,
  kToWorker,
};
inline constexpr std::uint8_t kLogIdCount = static_cast<std::uint8_t>(LogId::kToWorker) + 1;

/// One row of the table of kinds.
struct LogKindRow {
  LogKind kind;
  std::string_view id;  ///< "granted"
  LogStream stream;
  std::uint16_t names;      ///< bit per LogId that the line names; of a message: that some message names
  bool introduces = false;  ///< the first id that it names is new with it
  mc::Presence presence = mc::Presence::kRequired;
  std::uint16_t lacks = 0;  ///< of these: what some of Ray's texts, or records of older readers, do not say
  [[nodiscard]] bool has(LogId id_kind) const { return ((names >> static_cast<unsigned>(id_kind)) & 1U) != 0; }
};

/// All kinds, in the order of the enumeration.
[[nodiscard]] std::span<const LogKindRow> log_kind_table();

/// A stream's name, as far as it does not name the process: "worker.main".
[[nodiscard]] std::string_view name_of(LogStream stream);

/// The key of an id in a record: "lease".
[[nodiscard]] std::string_view name_of(LogId id);

}  // namespace raymc
