// ConfigLister: what a layer would take, from the same list of fields that reads and writes its config.
#pragma once

#include "models/config_io.hpp"

namespace layerctl {

/// One key of a config.
struct ConfigKey {
    enum class Use {
        required,
        optional,
        only,     // supported at its default alone
        ignored,  // cannot change a result of inference
    };

    std::vector<std::string> names;  // newest first
    Use use = Use::optional;
    std::string wanted;    // "an integer"; empty if ignored
    Value default_value;   // of optional and only
};

class ConfigLister final : public ConfigIo {
public:
    explicit ConfigLister(Dialect dialect) : scope_(dialect) {}

    ConfigScope scope() const override { return scope_; }
    void ignored(const Keys& keys) override { add(keys, ConfigKey::Use::ignored); }
    void only(const Keys& keys, const Value& value) override;

    /// In the order the layer names them.
    const std::vector<ConfigKey>& keys() const noexcept { return keys_; }

protected:
    void field(const Keys& keys, bool required, FieldCodec& codec) override;

private:
    ConfigKey& add(const Keys& keys, ConfigKey::Use use);

    ConfigScope scope_;
    std::vector<ConfigKey> keys_;
};

}  // namespace layerctl
