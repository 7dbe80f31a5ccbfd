#include "models/config_lister.hpp"

namespace layerctl {

ConfigKey& ConfigLister::add(const Keys& keys, ConfigKey::Use use) {
    ConfigKey& key = keys_.emplace_back();
    key.names.assign(keys.begin(), keys.end());
    key.use = use;
    return key;
}

void ConfigLister::only(const Keys& keys, const Value& value) {
    ConfigKey& key = add(keys, ConfigKey::Use::only);
    key.wanted = to_json(value);
    key.default_value = value;
}

void ConfigLister::field(const Keys& keys, bool required, FieldCodec& codec) {
    ConfigKey& key = add(keys, required ? ConfigKey::Use::required : ConfigKey::Use::optional);
    key.wanted = codec.wanted();
    if (!required) key.default_value = codec.write();
}

}  // namespace layerctl
