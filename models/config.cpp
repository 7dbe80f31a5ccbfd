#include "models/config.hpp"

namespace layerctl {

std::string Config::text() const {
    const SourceSpan span = value_.span();
    if (source_ == nullptr || span.end <= span.begin) return to_json(value_);
    return source_->substr(span.begin, span.end - span.begin);
}

}  // namespace layerctl
