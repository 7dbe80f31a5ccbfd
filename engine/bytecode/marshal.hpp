// Python's marshal format: bytes → objects. Nothing but data comes out of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/bytecode/refusal.hpp"

namespace layerctl::bytecode {

/// Which fields a code object has in the bytes: named after the first Python that wrote them so.
enum class Layout { python2_7, python3_5, python3_8, python3_11 };

struct CodeObject;

struct Object {
    enum class Kind { none, boolean, integer, number, ellipsis, bytes, text, tuple, list, set, slice, code, other };

    Kind kind = Kind::none;
    bool boolean = false;
    std::int64_t integer = 0;
    double number = 0;
    std::string text = {};                                  // UTF-8; of `bytes` as they are; of `other` what it is
    std::vector<std::shared_ptr<const Object>> items = {};  // tuple, list, set; start, stop and step of a slice
    std::shared_ptr<const CodeObject> code = {};
    std::size_t depth = 1;
};
using ObjectPtr = std::shared_ptr<const Object>;

/// The one object that `bytes` hold. Sizes are checked against the bytes left before anything is allocated; anything
/// else than one whole object is a Misfit.
ObjectPtr read_marshal(std::string_view bytes, Layout layout);

}  // namespace layerctl::bytecode
