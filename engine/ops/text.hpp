// The string operations of TensorFlow that text layers are made of. Texts are bytes; what they mean is UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace layerctl::ops {

using Words = std::vector<std::string>;

/// `tf.strings.lower` without an encoding: the letters A to Z, no others.
std::string lower(std::string text);

/// The text without ASCII's punctuation.
std::string strip_punctuation(std::string text);

/// `tf.strings.split`: what stands between runs of ASCII whitespace.
Words split_whitespace(std::string_view text);

/// What becomes of the code points that Unicode calls noncharacters (U+FFFF …): TensorFlow 2.15 replaces them, 2.20
/// keeps them.
enum class Noncharacters { replaced, kept };

/// `tf.strings.unicode_split`: the characters of UTF-8 text. Each ill-formed sequence (the longest beginning of a
/// character, else one byte) becomes U+FFFD.
Words split_characters(std::string_view text, Noncharacters noncharacters);

/// `tf.strings.ngrams` of one sequence: all windows of the first width, joined by spaces, then those of the next.
/// Widths are positive.
Words ngrams(const Words& words, const std::vector<std::int64_t>& widths);

}  // namespace layerctl::ops
