// How many threads the products of a run are spread over; OpenBLAS keeps one number for the whole process.
#pragma once

namespace layerctl::ops {

int threads();

/// Code::usage if OpenBLAS cannot run so many.
void set_threads(int count);

}  // namespace layerctl::ops
