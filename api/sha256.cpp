// SHA-256 of tensors, through OpenSSL's libcrypto.
#include <openssl/evp.h>

#include <bit>
#include <memory>

#include "api/inspect.hpp"

namespace layerctl {
namespace {

static_assert(std::endian::native == std::endian::little);

class Digest {
public:
    Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        wanted(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    }

    void add(const void* bytes, std::size_t count) { wanted(EVP_DigestUpdate(context_.get(), bytes, count) == 1); }

    std::string hexadecimal() {
        constexpr std::string_view digits = "0123456789abcdef";
        unsigned char bytes[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        wanted(EVP_DigestFinal_ex(context_.get(), bytes, &size) == 1);
        std::string text;
        for (unsigned i = 0; i < size; ++i) (text += digits[bytes[i] >> 4U]) += digits[bytes[i] & 0xfU];
        return text;
    }

private:
    static void wanted(bool done) {
        if (!done) fail(Code::internal, "libcrypto computes no SHA-256");
    }

    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string sha256(const Tensor& tensor) {
    Digest digest;
    if (tensor.dtype() != DType::string) digest.add(tensor.data(), tensor.byte_size());
    else
        for (const std::string& value : tensor.string_values()) digest.add(value.c_str(), value.size() + 1);
    return digest.hexadecimal();
}

}  // namespace layerctl
