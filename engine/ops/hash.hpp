// The hash functions by which TensorFlow puts strings and integers into buckets.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/tensor.hpp"

namespace layerctl::ops {

/// FarmHash's Fingerprint64 of the bytes: `tf.fingerprint`, and what the hashes without a key rest on.
std::uint64_t fingerprint64(std::string_view bytes);

/// A fingerprint of two in their order, as crossed features chain them.
std::uint64_t fingerprint_cat64(std::uint64_t first, std::uint64_t second);

/// The key TensorFlow's crosses start from unless they are given another.
inline constexpr std::uint64_t default_cross_key = 0xDECAFCAFFE;

/// The two halves of a SipHash key: `salt`.
using SipHashKey = std::array<std::uint64_t, 2>;

/// SipHash-2-4 of the bytes.
std::uint64_t sip_hash(const SipHashKey& key, std::string_view bytes);

/// `tf.strings.to_hash_bucket_fast` and `to_hash_bucket_strong`: a bucket in [0, buckets); `buckets` is positive.
std::int64_t hash_bucket(std::string_view bytes, std::int64_t buckets);
std::int64_t hash_bucket(std::string_view bytes, std::int64_t buckets, const SipHashKey& key);

/// `tf.as_string` of integers and booleans: decimal digits, "true" and "false". Strings stay as they are; other dtypes
/// are Code::input.
Tensor as_strings(const Tensor& values);

}  // namespace layerctl::ops
