// Which floating dtypes a kind of file can hold so that its readers understand them.
#pragma once

#include "models/dialect.hpp"
#include "models/dtype.hpp"
#include "models/file_kind.hpp"

namespace layerctl::formats {

/// Code::unsupported, with the reason, if a file of that kind cannot hold floating weights in another dtype than the
/// variables', or not in this one.
void require_stored_dtype(FileKind kind, DType dtype, Dialect dialect);

}  // namespace layerctl::formats
