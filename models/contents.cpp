#include "models/contents.hpp"

namespace layerctl {

Fault::Kind fault_kind(Code code) {
    switch (code) {
        case Code::refused: return Fault::Kind::oversized;
        case Code::unsupported: return Fault::Kind::unsupported;
        default: return Fault::Kind::damaged;
    }
}

}  // namespace layerctl
