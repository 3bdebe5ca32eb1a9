// Cuts the record of a long session where nothing is under way, so that each piece fits into the model.
#pragma once

#include <vector>

#include "checker/conform/record.hpp"

namespace raymc {

/// The record in pieces of as many tasks as the model holds, each with the facts of its own: the nodes that are alive
/// when it begins, the workers that are idle then, the tasks in it. One piece, the record itself, if it fits or cannot
/// be cut. A cut is made only where no task, request or start of a worker is under way, and no death is being noticed.
[[nodiscard]] std::vector<mc::RecordFile> pieces_of(const mc::RecordFile& record);

}  // namespace raymc
