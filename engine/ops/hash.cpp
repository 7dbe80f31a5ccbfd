#include "engine/ops/hash.hpp"

#include <farmhash.h>
#include <highwayhash/sip_hash.h>

#include "models/dispatch.hpp"
#include "models/error.hpp"

namespace layerctl::ops {
namespace {

std::int64_t bucket(std::uint64_t hash, std::int64_t buckets) {
    return static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(buckets));
}

std::uint64_t shift_mix(std::uint64_t value) { return value ^ (value >> 47); }

std::string word(bool value) { return value ? "true" : "false"; }
template <class T>
std::string word(T value) {
    return std::to_string(value);
}

}  // namespace

std::uint64_t fingerprint64(std::string_view bytes) { return util::Fingerprint64(bytes.data(), bytes.size()); }

// The multiplier is MurmurHash's.
std::uint64_t fingerprint_cat64(std::uint64_t first, std::uint64_t second) {
    constexpr std::uint64_t multiplier = 0xC6A4A7935BD1E995;
    std::uint64_t result = first ^ multiplier;
    result ^= shift_mix(second * multiplier) * multiplier;
    result *= multiplier;
    return shift_mix(shift_mix(result) * multiplier);
}

std::uint64_t sip_hash(const SipHashKey& key, std::string_view bytes) {
    const highwayhash::SipHashState::Key halves = {key[0], key[1]};
    return highwayhash::SipHash(halves, bytes.data(), bytes.size());
}

std::int64_t hash_bucket(std::string_view bytes, std::int64_t buckets) { return bucket(fingerprint64(bytes), buckets); }

std::int64_t hash_bucket(std::string_view bytes, std::int64_t buckets, const SipHashKey& key) {
    return bucket(sip_hash(key, bytes), buckets);
}

Tensor as_strings(const Tensor& values) {
    if (values.dtype() == DType::string) return values;
    if (!is_integer(values.dtype()) && values.dtype() != DType::boolean)
        fail(Code::input, "wanted integers or strings, found ", values.dtype());
    Tensor result(DType::string, values.shape());
    std::vector<std::string>& words = result.mutable_string_values();
    with_numeric(values.dtype(), [&]<class T>(Type<T>) {
        if constexpr (std::is_integral_v<T>)
            for (std::size_t i = 0; i < words.size(); ++i) words[i] = word(values.values<T>()[i]);
    });
    return result;
}

}  // namespace layerctl::ops
