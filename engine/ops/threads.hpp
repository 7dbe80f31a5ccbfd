// How many threads the products of a run are spread over: one number for the whole process, as OpenBLAS has it.
#pragma once

namespace layerctl::ops {

/// As set; at first the physical cores that the process may use.
int threads();

/// Code::usage if it is not between 1 and 1,024. OpenBLAS takes as many of them as it can.
void set_threads(int count);

}  // namespace layerctl::ops
