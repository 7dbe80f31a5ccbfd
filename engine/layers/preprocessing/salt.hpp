// `salt`: the key of the hash, one integer for both halves or two.
#pragma once

#include "engine/ops/hash.hpp"
#include "models/config_io.hpp"

namespace layerctl {

struct Salt {
    std::int64_t first = 0, second = 0;

    ops::SipHashKey key() const { return {static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(second)}; }
};

template <>
struct ConfigField<Salt> {
    static std::string wanted(const Salt&) { return "an integer or a list of 2 integers"; }
    static bool read(const Value& value, Salt& out, Dialect dialect) {
        std::vector<std::int64_t> halves(2);
        if (!ConfigField<PerAxis>::read(value, per_axis(halves, 2), dialect)) return false;
        out = {halves[0], halves[1]};
        return true;
    }
    static Value write(const Salt& salt) { return Value::array({salt.first, salt.second}); }
};

/// The bucket of `text` in [0, buckets), by SipHash if there is a salt and by FarmHash if there is none.
inline std::int64_t salted_bucket(std::string_view text, std::int64_t buckets, const std::optional<Salt>& salt) {
    return salt ? ops::hash_bucket(text, buckets, salt->key()) : ops::hash_bucket(text, buckets);
}

}  // namespace layerctl
