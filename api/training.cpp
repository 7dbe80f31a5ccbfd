// What a file says of the training of its model.
#include "api/state.hpp"
#include "formats/json/text.hpp"
#include "models/training_objects.hpp"

namespace layerctl {

std::vector<Error> Model::training_problems() const {
    const std::string& text = state_->graph->spec->metadata.training_config;
    Problems problems;
    if (!text.empty())
        problems.attempt([&] {
            in_context("training config", [&] {
                Problems inside;
                check_training_config(formats::parse_json(text).value(), inside);
                inside.throw_if_any();
            });
        });
    return problems.errors();
}

}  // namespace layerctl
