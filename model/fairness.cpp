// Who is treated fairly (ADR-0009): each event that an event loop has before it, be it a message, a notice, a timer or
// a thread of user code. What the loop then chooses (a node, a worker to keep) is up to it: choices of one event are
// one component, so that a scheduler is never forced to a lucky pick.
#include "model/message.hpp"
#include "model/ray_model.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::uint32_t kMessages = 1U << 9U;
static_assert(kRowCount <= kMessages, "the number of a message must lie above every row's");
constexpr std::uint32_t kNotices = kMessages + kRpcCount;

bool handles_a_message(const Transition& row) {
  switch (row.trigger.moment) {
    case Moment::kRequest:
    case Moment::kReply:
    case Moment::kError:
    case Moment::kAnswer: return true;
    default: return false;
  }
}

template <char Prefix>
void append(std::uint32_t& number, Id<Prefix> id) {
  number = number << 4U | id.value;
}

}  // namespace

std::uint32_t RayModel::component(const Action& action) const {
  const Transition& row = transition_of(action.row);
  std::uint32_t number = static_cast<std::uint32_t>(action.row);
  if (row.trigger.moment == Moment::kNotice) {
    // One mailbox is read from its front: whatever notice is there is the event.
    number = kNotices;
    append(number, action.owner);
    append(number, action.owner.exists() ? NodeId::none() : action.node);
    return number << 14U;
  }
  if (handles_a_message(row)) {
    const Call& call = action.call;
    number = kMessages + static_cast<std::uint32_t>(call.rpc);
    // At most two of worker, lease, task and object tell calls of one kind between two processes apart.
    append(number, call.owner);
    append(number, call.node);
    append(number, call.lease);
    append(number, call.worker);
    number = number << 3U | (call.task.exists() ? call.task.value : 7U);
    number = number << 3U | (call.object.exists() ? call.object.value : 7U);
    return number;
  }
  append(number, action.owner);
  append(number, action.node);
  append(number, action.lease);
  append(number, action.worker);
  number = number << 3U | (action.task.exists() ? action.task.value : 7U);
  return number << 3U | (action.object.exists() ? action.object.value : 7U);
}

}  // namespace raymc
