// Lines of a log that are written like those of a row, at moments at which the model does nothing.
#pragma once

#include <vector>

#include "checker/conform/record.hpp"

namespace raymc {

/// Takes them out of `lines`, which stand in the order of their times.
void leave_out_what_is_not_modelled(std::vector<mc::RecordLine>& lines);

}  // namespace raymc
