// How many threads runs take, for the whole process.
#pragma once

#include "engine/ops/threads.hpp"

namespace layerctl {

using ops::set_threads;
using ops::threads;

}  // namespace layerctl
