// The words for the values of the model's enumerations, as traces show them.
#pragma once

#include <string>

#include "model/state.hpp"

namespace raymc {

[[nodiscard]] std::string word(Rpc rpc);
[[nodiscard]] std::string word(Stage stage);
[[nodiscard]] std::string word(Reply reply);
[[nodiscard]] std::string word(TaskStatus status);
[[nodiscard]] std::string word(TaskPlace place);
[[nodiscard]] std::string word(OwnerLease lease);
[[nodiscard]] std::string word(LeaseStage stage);
[[nodiscard]] std::string word(ProcessState process);
[[nodiscard]] std::string word(PoolPlace place);
[[nodiscard]] std::string word(Get get);
[[nodiscard]] std::string word(Execution execution);
[[nodiscard]] std::string word(NodeRecord record);
[[nodiscard]] std::string word(Drain drain);
[[nodiscard]] std::string word(Stream stream);
[[nodiscard]] std::string word(FailureCause cause);
std::string word(Value value);
[[nodiscard]] std::string word(PollStage stage);
[[nodiscard]] std::string word(SubscriberRecord record);
[[nodiscard]] std::string word(RayCheck check);

}  // namespace raymc
