#include "model/budget.hpp"

#include "checker/core/assert.hpp"

namespace raymc {

std::string_view key_of(Fault fault) {
  switch (fault) {
    case Fault::kRayletCrash: return "raylet_crash";
    case Fault::kWorkerCrash: return "worker_crash";
    case Fault::kOwnerCrash: return "owner_crash";
    case Fault::kDriverCrash: return "driver_crash";
    case Fault::kGcsCrash: return "gcs_crash";
    case Fault::kRequestLost: return "request_lost";
    case Fault::kReplyLost: return "reply_lost";
    case Fault::kEarlyError: return "early_error";
    case Fault::kFalseDeath: return "false_death";
    case Fault::kRayletSigterm: return "raylet_sigterm";
    case Fault::kWorkerSigterm: return "worker_sigterm";
    case Fault::kCancel: return "cancel";
    case Fault::kSubscriberStall: return "subscriber_stall";
    case Fault::kGcsUnreachable: return "gcs_unreachable";
    case Fault::kDriverPlasma: return "driver_plasma";
  }
  MC_ASSERT(false, "every fault has a key");
}

}  // namespace raymc
