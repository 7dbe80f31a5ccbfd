#include "api/onnx/builder.hpp"

namespace layerctl::onnx {

Name Builder::fresh(const std::string& wanted) {
    std::size_t& last = used_[wanted];
    if (last++ == 0) return wanted;
    return fresh(wanted + "_" + std::to_string(last - 1));
}

Name Builder::add(const std::string& op_type, const Names& inputs, Attributes attributes) {
    return add_many(op_type, inputs, 1, std::move(attributes)).front();
}

Names Builder::add_many(const std::string& op_type, const Names& inputs, std::size_t outputs, Attributes attributes) {
    NodeProto node{op_type, inputs, {}, std::move(attributes), fresh(scope_ + "/" + op_type)};
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
    for (std::size_t i = 0; i < outputs; ++i) node.outputs.push_back(fresh(node.name + ":" + std::to_string(i)));
    nodes_.push_back(node);
    return node.outputs;
}

Name Builder::constant(const std::string& name, const Tensor& tensor) {
    for (std::size_t i = 0;; ++i) {
        const std::string full = scope_ + "/" + name + (i == 0 ? "" : "_" + std::to_string(i));
        const auto [at, is_new] = constant_at_.try_emplace(full, constants_.size());
        if (!is_new) {
            if (identical(constants_[at->second].tensor, tensor)) return full;
            continue;
        }
        constants_.push_back({full, tensor});
        return full;
    }
}

Name Builder::ints(const Ints& values) {
    return constant("ints", Tensor::from({static_cast<std::int64_t>(values.size())}, values));
}

Name Builder::integer(std::int64_t value) { return constant("int", Tensor::from({}, Ints{value})); }

Name Builder::number(DType dtype, double value) {
    return constant("number", Tensor::from({}, std::vector<double>{value}).cast(dtype));
}

std::vector<NodeProto> Builder::apart(const std::function<void()>& make) {
    std::vector<NodeProto> outer;
    outer.swap(nodes_);
    make();
    outer.swap(nodes_);
    return outer;
}

}  // namespace layerctl::onnx
